"""Ways over the road file that the department drops into its data folder: no server, no network.

The file (``roads.osm.pbf``) and each search over its graph are worked on in a child of their own with limits.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from immis.adapters.reading.apart import Limits, ReadingRefused, read_apart
from immis.adapters.roads.port import Pair, RoadsUnreachable, Truck, Way

ROAD_FILE = "roads.osm.pbf"
_GRAPHS = "roads"


class EmbeddedRoads:
    """The roads of one data folder; ``build`` and ``search`` bound the two children."""

    def __init__(self, folder: Path, *, build: Limits, search: Limits):
        self._folder, self._build, self._search = folder, build, search

    def stamp(self) -> str:
        """Size and time of the road file, for a file is given whole."""
        try:
            seen = (self._folder / ROAD_FILE).stat()
        except OSError:
            raise RoadsUnreachable(f"no {ROAD_FILE}") from None
        return hashlib.sha256(f"{seen.st_size} {seen.st_mtime_ns}".encode()).hexdigest()[:16]

    def has_file(self) -> bool:
        """Whether the department has dropped in a road file."""
        return (self._folder / ROAD_FILE).exists()

    def ready(self) -> bool:
        """Whether the graph of the file that lies there now has been built."""
        return self._graph().exists()

    def take_in(self) -> None:
        """Build the graph of the road file, and let those of earlier ones go. Raises RoadsUnreachable."""
        graph = self._graph()
        graph.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = graph.with_suffix(f".{os.getpid()}.half")
        try:
            read_apart("road_file", str(self._folder / ROAD_FILE), str(half), limits=self._build)
            half.replace(graph)
        except (ReadingRefused, OSError) as fault:
            raise RoadsUnreachable(f"{ROAD_FILE}: {getattr(fault, 'reason', fault)}") from fault
        except Exception as fault:  # what the reader of the file says of it
            raise RoadsUnreachable(f"{ROAD_FILE}: {type(fault).__name__}") from fault
        finally:
            half.unlink(missing_ok=True)
        for other in graph.parent.glob("*.npz"):
            if other != graph:
                other.unlink(missing_ok=True)

    def ways(self, pairs: Sequence[Pair], truck: Truck) -> list[Way | None]:
        if not self.ready():
            raise RoadsUnreachable("the road file has not been read yet")
        values = [[*pair.start, *pair.end] for pair in pairs]
        of = {**asdict(truck), "kmh": dict(truck.kmh), "keeps_off": list(truck.keeps_off)}
        try:
            ways: list[Way | None] = read_apart("road_ways", str(self._graph()), values, of, limits=self._search)
        except ReadingRefused as fault:
            raise RoadsUnreachable(f"the search ended: {fault.reason}") from fault
        return ways

    def _graph(self) -> Path:
        return self._folder / _GRAPHS / f"{self.stamp()}.npz"
