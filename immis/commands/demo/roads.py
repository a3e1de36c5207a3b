"""The roads of the season: a small road file drawn by hand, dropped into the data folder as a department does.

One main road along the Ganga, one south to Kharagpur, and a track from every ghat to the next of them.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from pathlib import Path

import osmium

from immis.commands.demo.fleet import Point
from immis.rules.land.geometry import distance_m

ALONG_THE_GANGA: tuple[Point, ...] = (
    (25.2510, 86.2330), (25.2850, 86.3000), (25.3250, 86.3700), (25.3560, 86.4320), (25.3708, 86.4734),
    (25.3450, 86.4870), (25.3130, 86.4880), (25.2980, 86.5300), (25.2840, 86.5660), (25.2710, 86.6400),
    (25.2580, 86.6900), (25.2450, 86.7380),
)  # fmt: skip
TO_KHARAGPUR: tuple[Point, ...] = ((25.2840, 86.5660), (25.2000, 86.5700), (25.1220, 86.5560))
_STEP_M = 800.0


def write(path: Path, ghats: Iterable[Point]) -> None:
    """Write the road file: main roads, and a track from each ghat (its middle) to the nearest place on them."""
    half = path.with_name(f"half-{path.name}")
    half.unlink(missing_ok=True)
    draft = _Draft(osmium.SimpleWriter(str(half)))
    main = draft.road(_fine(ALONG_THE_GANGA), {"highway": "trunk", "ref": "NH 80"})
    main |= draft.road(_fine(TO_KHARAGPUR), {"highway": "secondary"})
    for ghat in ghats:
        near = min(main, key=lambda place: distance_m(*ghat, *place))
        draft.road([ghat, near], {"highway": "track"})
    draft.end()
    half.replace(path)


class _Draft:
    """Places and roads as they are numbered; the file wants all places before the roads."""

    def __init__(self, writer: "osmium.SimpleWriter"):
        self._writer = writer
        self._numbers: dict[Point, int] = {}
        self._roads: list[tuple[list[int], dict[str, str]]] = []

    def road(self, line: list[Point], tags: dict[str, str]) -> set[Point]:
        """Draw a road; answers its places."""
        self._roads.append(([self._numbers.setdefault(place, len(self._numbers) + 1) for place in line], tags))
        return set(line)

    def end(self) -> None:
        """Write everything and close the file."""
        for (lat, lon), number in self._numbers.items():
            self._writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat)))
        for number, (nodes, tags) in enumerate(self._roads, 1):
            self._writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))
        self._writer.close()


def _fine(line: Iterable[Point]) -> list[Point]:
    """The same line with a place at least every few hundred metres, for tracks to join."""
    places: list[Point] = []
    for a, b in pairwise(line):
        parts = max(1, ceil(distance_m(*a, *b) / _STEP_M))
        places += [(a[0] + (b[0] - a[0]) * n / parts, a[1] + (b[1] - a[1]) * n / parts) for n in range(parts)]
    return [*places, b]
