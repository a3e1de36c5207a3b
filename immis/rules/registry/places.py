"""Drivers and places as they are entered: the number of a licence, where a place lies."""

import re
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import in_india
from immis.rules.policy import PolicyBook

#: Kinds of place that sand goes to: in the State, in another one.
DESTINATIONS = ("destination", "outside")
#: The standing in SARATHI of a licence that may drive.
LICENCE_ACTIVE = "ACTIVE"
_LICENCE = re.compile(r"[A-Z]{2}[A-Z0-9]{8,16}")


@dataclass(frozen=True)
class DriverFacts:
    """A driver about to be entered; ``is_foreign``: he stands in the register for another party or district.

    ``looked_as`` is the standing of his licence when SARATHI filled the record (empty: it never did); ``is_party``
    says that no office enters him, ``sets_going`` and ``alters`` what of that record is about to change.
    """

    licence_no: str
    is_foreign: bool = False
    looked_as: str = ""
    is_party: bool = False
    sets_going: bool = False
    alters: bool = False


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


@rule("REG-39", on="driver.enter")
def licence_of_sarathi(facts: DriverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What SARATHI filled of a licence no party changes by hand, least of all that it is stopped (42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: classes, end and a stop are SARATHI's, until it is asked again or an office
    that has seen the paper writes otherwise. The AD (HQ) may settle a doubt.
    """
    policy.at("REG-39", at)
    if not (facts.is_party and facts.looked_as):
        return None
    if facts.sets_going and facts.looked_as != LICENCE_ACTIVE:
        why = "stopped"
    elif facts.alters:
        why = "filled"
    else:
        return None
    words = policy.words("REG-39", why, status=facts.looked_as)
    return Finding("REG-39", {"number": facts.licence_no, "because": words, "why": why})


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
