"""What settlements tell, by the part of their life."""

from immis.leases.events import calendar, fences, life, path

__all__ = ["calendar", "fences", "life", "path"]
