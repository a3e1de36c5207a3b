"""What the office asks of a routing engine: the way of a truck from one place to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Place = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84."""


class RoadsUnreachable(Exception):
    """No engine answered, or there is no road file: ask again later; nothing is known of the way."""


@dataclass(frozen=True)
class Pair:
    """From where to where."""

    start: Place
    end: Place


@dataclass(frozen=True)
class Truck:
    """For what a way is sought.

    ``kmh`` gives the speed by class of road (a class that is not named is not used); ``gross_t`` is what bridges and
    roads must bear; ``keeps_off`` names kinds of road that are barred to it (``embankment``); ``reach_m`` is how far
    a place may lie from the next road.
    """

    kmh: Mapping[str, float]
    gross_t: float
    keeps_off: tuple[str, ...] = ()
    reach_m: int = 5000


@dataclass(frozen=True)
class Way:
    """A way by road: its length, how long it takes, and its line as a polyline of six digits."""

    metres: int
    minutes: int
    line: str


class Roads(Protocol):
    """A routing engine."""

    def stamp(self) -> str:
        """What it reckons by: another text when its roads changed. Raises RoadsUnreachable where it has none."""

    def ways(self, pairs: Sequence[Pair], truck: Truck) -> list[Way | None]:
        """The way of each pair, None where no road leads. Raises RoadsUnreachable."""
