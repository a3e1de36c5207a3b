"""Small road files, drawn by hand, to search ways over."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium

#: A ring of main road round a square of ten kilometres, with a bad short cut, a one-way street and an embankment.
PLACES = {1: (25.0, 86.0), 2: (25.0, 86.1), 3: (25.1, 86.1), 4: (25.1, 86.0), 5: (25.05, 86.05), 8: (25.2, 86.2),
          9: (25.21, 86.2)}  # fmt: skip
ROADS = (
    ([1, 2, 3], {"highway": "primary"}),
    ([1, 5, 3], {"highway": "tertiary", "maxweight": "10 t"}),
    ([1, 4], {"highway": "tertiary", "oneway": "yes"}),
    ([4, 3], {"highway": "tertiary", "embankment": "yes"}),
    ([8, 9], {"highway": "tertiary"}),
    ([2, 4], {"highway": "footway"}),
)


def write_roads(
    path: Path,
    places: Mapping[int, tuple[float, float]] = PLACES,
    roads: Sequence[tuple[list[int], dict[str, str]]] = ROADS,
) -> Path:
    """A road file in OpenStreetMap's own form."""
    path.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(path))
    for number, (lat, lon) in places.items():
        writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
    for number, (nodes, tags) in enumerate(roads, 1):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
    writer.close()
    return path
