"""The way of a truck over a graph of roads; called in a child of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

import numpy as np
import rustworkx as rx

from immis.adapters.roads.build import BITS, CLASSES, EARTH_M
from immis.adapters.roads.polyline import encoded
from immis.adapters.roads.port import Pair, Place, Truck, Way

_M_A_DEGREE = EARTH_M * np.pi / 180
_NEAR_EDGES = 4  # to how many roads near a place its way may lead
_OFF_ROAD_KMH = 5.0


@dataclass(frozen=True)
class _Near:
    """Where a place meets a road: which edge, how far along it, how far the place lies from it."""

    edge: int
    along_m: float
    away_m: float


@dataclass
class _Net:
    """The roads that a truck may take, as a directed graph whose edges are numbers of pieces.

    A piece is (edge, from metre, to metre) in the direction of driving.
    """

    data: Any
    open: Any
    kmh: Any
    pieces: list[tuple[int, float, float]] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    graph: Any = None

    def draw(self) -> None:
        """Build the graph of all open edges in the directions that are allowed."""
        self.graph = rx.PyDiGraph()
        self.graph.add_nodes_from([None] * int(self.data["junctions"]))
        u, v, metres = (self.data[name].tolist() for name in ("u", "v", "metres"))
        direction = self.data["direction"].tolist()
        arcs = []
        for edge in np.flatnonzero(self.open).tolist():
            if direction[edge] >= 0:
                arcs.append((u[edge], v[edge], self._piece(edge, 0.0, metres[edge])))
            if direction[edge] <= 0:
                arcs.append((v[edge], u[edge], self._piece(edge, metres[edge], 0.0)))
        self.graph.add_edges_from(arcs)

    def _piece(self, edge: int, start: float, end: float, off_m: float = 0.0) -> int:
        self.pieces.append((edge, start, end))
        self.hours.append(abs(end - start) / 1000 / self.kmh[edge] + off_m / 1000 / _OFF_ROAD_KMH)
        return len(self.pieces) - 1

    def join(self, near: _Near, node: int, *, leaves: bool) -> None:
        """Let a place reach a road, or be reached from it, in the directions of the road."""
        edge, direction = near.edge, int(self.data["direction"][near.edge])
        whole = float(self.data["metres"][edge])
        ends = ((int(self.data["v"][edge]), whole, 1), (int(self.data["u"][edge]), 0.0, -1))
        for junction, at_m, ahead in ends:
            drives = ahead if leaves else -ahead
            if direction and direction != drives:
                continue
            if leaves:
                self.graph.add_edge(node, junction, self._piece(edge, near.along_m, at_m, near.away_m))
            else:
                self.graph.add_edge(junction, node, self._piece(edge, at_m, near.along_m, near.away_m))

    def join_within(self, first: _Near, last: _Near, nodes: tuple[int, int]) -> None:
        """Both places meet the same road: straight along it, where its direction allows."""
        direction = int(self.data["direction"][first.edge])
        if direction * (last.along_m - first.along_m) >= 0:
            piece = self._piece(first.edge, first.along_m, last.along_m, first.away_m + last.away_m)
            self.graph.add_edge(*nodes, piece)


def ways_of_values(path: str, pairs: list[list[float]], truck: dict[str, Any]) -> list[Way | None]:
    """As ``ways``, of plain values: each pair as (lat, lon, lat, lon)."""
    of = {**truck, "keeps_off": tuple(truck["keeps_off"])}
    return ways(path, [Pair((lat, lon), (to_lat, to_lon)) for lat, lon, to_lat, to_lon in pairs], Truck(**of))


def ways(path: str, pairs: Sequence[Pair], truck: Truck) -> list[Way | None]:
    """The way of each pair over the graph in a file; None where no road leads that the truck may take."""
    with np.load(path) as kept:
        data = {name: kept[name] for name in kept.files}
    net = _net(data, truck)
    return [_way(net, pair, truck) for pair in pairs]


def _net(data: dict[str, Any], truck: Truck) -> _Net:
    speeds = np.array([truck.kmh.get(name, 0.0) for name in CLASSES])
    kmh = speeds[data["class"]]
    barred = BITS["hgv_no"] | BITS["access_no"] | sum(BITS[name] for name in truck.keeps_off)
    too_weak = (data["tonnes"] > 0) & (data["tonnes"] < truck.gross_t)
    net = _Net(data, (kmh > 0) & ~too_weak & ((data["bits"] & barred) == 0), kmh.tolist())
    net.draw()
    return net


def _way(net: _Net, pair: Pair, truck: Truck) -> Way | None:
    starts, ends = (_near(net, place, truck.reach_m) for place in (pair.start, pair.end))
    if not starts or not ends:
        return None
    start, end = net.graph.add_node(None), net.graph.add_node(None)
    for near in starts:
        net.join(near, start, leaves=True)
    for near in ends:
        net.join(near, end, leaves=False)
    for first in starts:
        for last in ends:
            if first.edge == last.edge:
                net.join_within(first, last, (start, end))
    paths = rx.dijkstra_shortest_paths(net.graph, start, target=end, weight_fn=net.hours.__getitem__)
    driven = _driven(net, list(paths[end])) if end in paths else []
    net.graph.remove_nodes_from([start, end])
    if not driven:
        return None
    return _told(net, pair, driven)


def _driven(net: _Net, nodes: list[int]) -> list[int]:
    """The pieces of a path: the quickest where several join two junctions."""
    steps = zip(nodes, nodes[1:], strict=False)
    return [min(net.graph.get_all_edge_data(a, b), key=net.hours.__getitem__) for a, b in steps]


def _told(net: _Net, pair: Pair, driven: list[int]) -> Way:
    line = [pair.start]
    for piece in driven:
        line += _drawn(net.data, *net.pieces[piece])
    line.append(pair.end)
    on_road = sum(abs(net.pieces[piece][2] - net.pieces[piece][1]) for piece in driven)
    off_road = _flat_m(line[0], line[1]) + _flat_m(line[-2], line[-1])
    hours = sum(net.hours[piece] for piece in driven)
    return Way(round(on_road + off_road), max(1, round(hours * 60)), encoded(_without_doubles(line)))


def _flat_m(a: Place, b: Place) -> float:
    east = (b[1] - a[1]) * cos(radians(a[0]))
    return float(np.hypot(b[0] - a[0], east) * _M_A_DEGREE)


def _without_doubles(line: list[Place]) -> list[Place]:
    return [place for place, before in zip(line, [None, *line], strict=False) if place != before]


def _drawn(data: dict[str, Any], edge: int, start_m: float, end_m: float) -> list[Place]:
    """The line of an edge from one metre to another."""
    inside = slice(int(data["first"][edge]), int(data["last"][edge]) + 1)
    along = data["along"][inside] - data["along"][inside.start]
    low, high = sorted((start_m, end_m))
    marks = np.unique(np.concatenate([[low], along[(along > low) & (along < high)], [high]]))
    lats = np.interp(marks, along, data["lats"][inside])
    lons = np.interp(marks, along, data["lons"][inside])
    line = [(float(lat), float(lon)) for lat, lon in zip(lats, lons, strict=True)]
    return line if end_m >= start_m else line[::-1]


def _near(net: _Net, place: Place, reach_m: int) -> list[_Near]:
    """The open roads nearest to a place within reach, each at the point where it comes nearest."""
    segments, edges = _segments(net, place, reach_m)
    if not len(segments):
        return []
    data, squeeze = net.data, cos(radians(place[0]))
    x, y = (data["lons"] - place[1]) * squeeze * _M_A_DEGREE, (data["lats"] - place[0]) * _M_A_DEGREE
    ax, ay = x[segments], y[segments]
    dx, dy = x[segments + 1] - ax, y[segments + 1] - ay
    length2 = np.maximum(dx * dx + dy * dy, 1e-9)
    share = np.clip(-(ax * dx + ay * dy) / length2, 0.0, 1.0)
    away = np.hypot(ax + share * dx, ay + share * dy)
    nearest: dict[int, _Near] = {}
    for row in np.argsort(away, kind="stable").tolist():
        if away[row] > reach_m or len(nearest) == _NEAR_EDGES:
            break
        at, edge = int(segments[row]), int(edges[row])
        start = data["along"][at] + share[row] * (data["along"][at + 1] - data["along"][at])
        nearest.setdefault(edge, _Near(edge, float(start - data["along"][data["first"][edge]]), float(away[row])))
    return list(nearest.values())


def _segments(net: _Net, place: Place, reach_m: int) -> tuple[Any, Any]:
    """Pieces between two neighbouring places of open roads that come into a box round a place, and their edges."""
    data, lat_off = net.data, reach_m / _M_A_DEGREE
    lon_off = lat_off / cos(radians(place[0]))
    lats, lons = data["lats"], data["lons"]
    low_lat, high_lat = np.minimum(lats[:-1], lats[1:]), np.maximum(lats[:-1], lats[1:])
    low_lon, high_lon = np.minimum(lons[:-1], lons[1:]), np.maximum(lons[:-1], lons[1:])
    inside = (low_lat <= place[0] + lat_off) & (high_lat >= place[0] - lat_off)
    inside &= (low_lon <= place[1] + lon_off) & (high_lon >= place[1] - lon_off)
    segments = np.flatnonzero(inside)
    edges = np.searchsorted(data["first"], segments, side="right") - 1
    real = (edges >= 0) & (segments < data["last"][np.maximum(edges, 0)]) & net.open[np.maximum(edges, 0)]
    return segments[real], edges[real]
