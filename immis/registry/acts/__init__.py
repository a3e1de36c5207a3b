"""What a post may do to the things of the registry."""

from immis.registry.acts import accounts, data_requests, drivers, fences, ghats, places, rivers, vehicles
from immis.registry.people import acts as people

__all__ = ["accounts", "data_requests", "drivers", "fences", "ghats", "people", "places", "rivers", "vehicles"]
