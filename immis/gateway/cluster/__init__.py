"""Bigger than one machine: gateways that write to NATS JetStream, and workers that each follow one partition of it.

A device belongs to one partition, by its IMEI. Gateways keep what arrives in local
segments (the spool) and publish them in order; a partition's host copies its stream
into a raw log of its own, from which the usual worker works. So everything behind the
raw log is the same as on one machine, and every hand-over is exactly once:

- spool → stream: a message's id names the place in the spool that it ends at; after any
  doubt the stream is asked for the last one it has, and publishing goes on behind it;
- stream → raw log: each message is logged behind a mark that bears its sequence number.
"""
