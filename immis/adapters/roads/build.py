"""Reading a road file (OpenStreetMap's form, PBF or XML) into a graph of junctions; called in a child of its own."""

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium

#: Classes of road by the number that the graph keeps of each.
CLASSES = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "service",
    "track", "road",
)  # fmt: skip
#: What a road may be, by the bit that the graph keeps of it.
BITS = {"embankment": 1, "hgv_no": 2, "access_no": 4, "bridge": 8, "unpaved": 16}
EARTH_M = 6_371_008.8
_FORBIDDEN = ("no", "private", "agricultural", "forestry", "delivery")
_UNPAVED = ("unpaved", "ground", "dirt", "earth", "sand", "mud", "grass")


class NoRoads(Exception):
    """The file holds no road."""


@dataclass(frozen=True)
class Built:
    """What was read of a road file."""

    junctions: int
    edges: int
    km: int


class _Rows:
    """The roads of a file as they come: their places in one line, and what is marks of each road."""

    def __init__(self) -> None:
        self.ids, self.lats, self.lons = array("q"), array("d"), array("d")
        self.starts, self.classes, self.ways = array("q"), array("b"), array("b")
        self.tonnes, self.bits = array("f"), array("b")

    def take(self, way: Any) -> None:
        """Keep one road, unless it is of another kind, or of one place only."""
        name = way.tags.get("highway", "").removesuffix("_link")
        nodes = [node for node in way.nodes if node.location.valid()]
        if name not in CLASSES or len(nodes) < 2:
            return
        self.starts.append(len(self.ids))
        self.classes.append(CLASSES.index(name))
        self.ways.append(_direction(way.tags))
        self.tonnes.append(_tonnes(way.tags.get("maxweight", "")))
        self.bits.append(_bits(way.tags))
        for node in nodes:
            self.ids.append(node.ref)
            self.lats.append(node.location.lat)
            self.lons.append(node.location.lon)


def _direction(tags: Any) -> int:
    oneway = tags.get("oneway", "")
    if oneway == "-1":
        return -1
    return int(oneway in ("yes", "true", "1") or tags.get("junction", "") == "roundabout")


def _tonnes(text: str) -> float:
    """The weight that a sign allows in tonnes; 0 where there is no sign that can be read."""
    try:
        return max(0.0, float(text.lower().removesuffix("t").strip()))
    except ValueError:
        return 0.0


def _bits(tags: Any) -> int:
    marks = {
        "embankment": tags.get("embankment", "no") not in ("no", ""),
        "hgv_no": tags.get("hgv", "") in _FORBIDDEN,
        "access_no": tags.get("motor_vehicle", tags.get("access", "")) in _FORBIDDEN,
        "bridge": tags.get("bridge", "no") not in ("no", ""),
        "unpaved": tags.get("surface", "") in _UNPAVED,
    }
    return sum(BITS[name] for name, so in marks.items() if so)


def build(source: str, target: str) -> Built:
    """Read a road file and write its graph. Raises NoRoads, or what the reader says of a file that is none."""
    rows = _Rows()
    for way in osmium.FileProcessor(source, osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if way.is_way():
            rows.take(way)
    if not rows.starts:
        raise NoRoads(Path(source).name)
    graph = _graph(rows)
    with Path(target).open("wb") as out:
        np.savez(out, **graph)
    return Built(int(graph["junctions"]), len(graph["first"]), round(float(graph["metres"].sum()) / 1000))


def _graph(rows: _Rows) -> dict[str, Any]:
    """Roads cut at their junctions: an edge runs from place ``first`` to ``last`` of the one line of places."""
    lats, lons = np.frombuffer(rows.lats), np.frombuffer(rows.lons)
    starts = np.frombuffer(rows.starts, dtype=np.int64)
    ends = np.append(starts[1:], len(lats)) - 1
    _ids, node, seen = np.unique(np.frombuffer(rows.ids, dtype=np.int64), return_inverse=True, return_counts=True)
    cut = seen[node] > 1
    cut[starts] = cut[ends] = True
    places = np.flatnonzero(cut)
    road = np.searchsorted(starts, places, side="right") - 1
    same = road[:-1] == road[1:]
    first, last, road = places[:-1][same], places[1:][same], road[:-1][same]
    _names, numbered = np.unique(node[np.concatenate([first, last])], return_inverse=True)
    along = along_m(lats, lons)
    return {
        "lats": lats, "lons": lons, "along": along, "first": first, "last": last,
        "u": numbered[: len(first)], "v": numbered[len(first):], "junctions": np.int64(numbered.max() + 1),
        "metres": along[last] - along[first],
        "class": np.frombuffer(rows.classes, dtype=np.int8)[road],
        "direction": np.frombuffer(rows.ways, dtype=np.int8)[road],
        "tonnes": np.frombuffer(rows.tonnes, dtype=np.float32)[road],
        "bits": np.frombuffer(rows.bits, dtype=np.int8)[road],
    }  # fmt: skip


def along_m(lats: Any, lons: Any) -> Any:
    """Metres from the first place to each, along the line of all."""
    lat, lon = np.radians(lats), np.radians(lons)
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return np.concatenate([[0.0], np.cumsum(2 * EARTH_M * np.arcsin(np.sqrt(half)))])
