"""What a post may do on its desk: decide tasks, carry cases on, order that somebody is stopped."""

from immis.enforcement.acts import cases, charges, stops, tasks

__all__ = ["cases", "charges", "stops", "tasks"]
