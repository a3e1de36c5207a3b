"""What settlements tell, by the part of their life."""

from immis.leases.events import calendar, life, path

__all__ = ["calendar", "life", "path"]
