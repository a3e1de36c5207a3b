"""What a post may do to the things of the registry."""

from immis.registry.acts import accounts, drivers, fences, ghats, places, rivers, vehicles
from immis.registry.people import acts as people
from immis.registry.people import office_acts as people_offices
from immis.registry.people import request_acts as requests

__all__ = [
    "accounts",
    "drivers",
    "fences",
    "ghats",
    "people",
    "people_offices",
    "places",
    "requests",
    "rivers",
    "vehicles",
]
