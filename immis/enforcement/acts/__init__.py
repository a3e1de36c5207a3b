"""What a post may do on its desk: decide tasks, carry cases on, order that somebody is stopped."""

from immis.enforcement.acts import appeals, cases, charges, found, hearings, stops, tasks

__all__ = ["appeals", "cases", "charges", "found", "hearings", "stops", "tasks"]
