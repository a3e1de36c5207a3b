"""The routing engines by the name that the settings give them."""

from immis.adapters.roads.over_http import Osrm, Valhalla

#: Over HTTP, each made from its address; ``embedded`` is made from the data folder.
OVER_HTTP = {"valhalla": Valhalla, "osrm": Osrm}
EMBEDDED = "embedded"


def known(name: str) -> str:
    """The name again. Raises ValueError for an engine that there is not."""
    if name not in (EMBEDDED, *OVER_HTTP):
        raise ValueError(f"there is no routing engine {name!r}; there are {', '.join((EMBEDDED, *OVER_HTTP))}")
    return name
