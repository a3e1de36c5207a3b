"""Passes of an outage: the gate's installed page, its line to the office, quotas, the public page of outages."""
