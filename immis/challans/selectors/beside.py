"""Passes beside the e-challans of this State, checked in the same box: a higher room says how one is found.

The answers are ``CheckAnswer``; None where the room knows no such pass.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.challans.signed.facts import PassFacts


@dataclass(frozen=True)
class Beside:
    """How a room answers the check of its passes: by a signed pass, a number, a vehicle's mark; and which are void."""

    by_pass: Callable[[PassFacts, str, datetime], Any]
    by_number: Callable[[str, str, datetime], Any]
    by_vehicle: Callable[[str, str, datetime], Any]
    cancelled: Callable[[datetime], Iterable[bytes]]


ROOMS: dict[str, Beside] = {}


def pass_beside(facts: PassFacts, asked: str, at: datetime) -> Any:
    """The answer to a signed pass that is no e-challan."""
    return next((row for room in ROOMS.values() if (row := room.by_pass(facts, asked, at))), None)


def number_beside(number: str, asked: str, at: datetime) -> Any:
    """The answer to a number that no e-challan has."""
    return next((row for room in ROOMS.values() if (row := room.by_number(number, asked, at))), None)


def vehicle_beside(mark: str, asked: str, at: datetime) -> Any:
    """The answer to a vehicle that has no e-challan in force: another pass of it that is."""
    return next((row for room in ROOMS.values() if (row := room.by_vehicle(mark, asked, at))), None)


def cancelled_beside(at: datetime) -> set[bytes]:
    """Ids of passes that other rooms withdrew while their time still runs."""
    return {pass_id for room in ROOMS.values() for pass_id in room.cancelled(at)}
