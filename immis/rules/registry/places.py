"""Drivers and places as they are entered: the number of a licence, where a place lies."""

import re
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import in_india
from immis.rules.policy import PolicyBook

#: Kinds of place that sand goes to: in the State, in another one.
DESTINATIONS = ("destination", "outside")
_LICENCE = re.compile(r"[A-Z]{2}[A-Z0-9]{8,16}")


@dataclass(frozen=True)
class DriverFacts:
    """A driver about to be entered; ``is_foreign``: he stands in the register for another party or district."""

    licence_no: str
    is_foreign: bool = False


@dataclass(frozen=True)
class PlaceFacts:
    """A place about to be entered: its name, degrees, and the circle round it that counts as being there."""

    place: str
    lat: float
    lon: float
    radius_m: int


@rule("REG-28", on="driver.enter")
def no_licence(facts: DriverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A driver of a registered vehicle has a licence (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: he is known by its number. The Transport Department settles a doubt.
    """
    policy.at("REG-28", at)
    if _LICENCE.fullmatch(facts.licence_no):
        return None
    return Finding("REG-28", {"licence_no": facts.licence_no[:30] or "—"})


@rule("REG-30", on="driver.enter")
def driver_of_another(facts: DriverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A driver who stands in the register for somebody is changed by his own office alone.

    Clause: tender 42(xxi). Our reading: typing a number takes no driver over. The AD (HQ) may settle a doubt.
    """
    policy.at("REG-30", at)
    return Finding("REG-30", {"number": facts.licence_no}) if facts.is_foreign else None


@rule("REG-29", on="place.enter")
def place_nowhere(facts: PlaceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A destination is a place of this country with a circle that a fix can meet.

    Clause: a safeguard of this system. Our reading: latitude and longitude are exchanged easily. The AD (HQ) may
    settle a doubt.
    """
    limits = policy.value("REG-29", at)
    if not in_india(facts.lat, facts.lon):
        because = policy.words("REG-29", "outside", lat=facts.lat, lon=facts.lon)
    elif not int(limits["least_m"]) <= facts.radius_m <= int(limits["most_m"]):
        because = policy.words("REG-29", "radius", least_m=limits["least_m"], most_m=limits["most_m"])
    else:
        return None
    return Finding("REG-29", {"place": facts.place or "—", "because": because})
