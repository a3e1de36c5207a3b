"""Vehicles and drivers as their papers show them: class, weights, engine and trolley, whose they are (E-150)."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

ON = "vehicle.register"


@dataclass(frozen=True)
class RegistrationFacts:
    """A vehicle about to be registered or changed; weights are kilograms, None where the certificate was not seen.

    ``trolley`` is the mark that was typed for a trolley, ``trolley_kind`` what stands in the register under it
    (empty: nothing), ``other_engine`` the engine with which it stands. ``is_foreign``: the record is another party's
    or district's than that of who enters it.
    """

    registration: str
    kind: str = "truck"
    vehicle_class: str = ""
    unladen_kg: int | None = None
    gross_kg: int | None = None
    combination_kg: int | None = None
    capacity_m3: Decimal | None = None
    wheels: int = 10
    axles: int | None = None
    body: str = ""
    trolley: str = ""
    trolley_kind: str = ""
    other_engine: str = ""
    is_foreign: bool = False


def class_mark(text: str) -> str:
    """A class of VAHAN as it is compared: services write it with other signs, blanks and capitals."""
    return re.sub(r"[^A-Z]", "", text.upper())


def classes_of(kind: str, *, policy: PolicyBook, at: datetime) -> tuple[str, ...]:
    """The classes in which a vehicle of a kind may be registered."""
    return tuple(policy.value("REG-24", at).get(kind, ()))


@rule("REG-24", on=ON)
def class_carries_nothing(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Sand goes in registered commercial vehicles (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: of the goods classes of VAHAN; a class that is not known yet is left open.
    The AD (HQ) may settle a doubt.
    """
    allowed = classes_of(facts.kind, policy=policy, at=at)
    if not facts.vehicle_class or class_mark(facts.vehicle_class) in {class_mark(word) for word in allowed}:
        return None
    payload = {"registration": facts.registration, "vehicle_class": facts.vehicle_class, "allowed": list(allowed)}
    return Finding("REG-24", payload)


@rule("REG-25", on=ON)
def weights_impossible(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Weights as the certificate has them: empty below gross, gross below the ceilings of any vehicle.

    Clause: S.O. 3467(E) of 16.07.2018. Our reading: the certificate counts first, the notification is the ceiling.
    The Transport Department settles a doubt.
    """
    most = policy.value("REG-25", at)
    gross = facts.gross_kg or 0
    weights = {"unladen_kg": facts.unladen_kg, "gross_kg": gross}
    if facts.unladen_kg and gross and facts.unladen_kg >= gross:
        because = policy.words("REG-25", "empty", **weights)
    elif gross > int(most["rigid_kg"]) and class_mark(facts.vehicle_class) != class_mark("Articulated Vehicle"):
        because = policy.words("REG-25", "rigid", gross_kg=gross, most_kg=most["rigid_kg"])
    elif max(gross, facts.combination_kg or 0) > int(most["combined_kg"]):
        heavy = max(gross, facts.combination_kg or 0)
        because = policy.words("REG-25", "combined", gross_kg=heavy, most_kg=most["combined_kg"])
    else:
        return None
    return Finding("REG-25", {"registration": facts.registration, "because": because})


@rule("REG-26", on=ON)
def pair_unfit(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Engine and trolley of a tractor are both registered, and stand as a pair (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: a trolley is a vehicle of its own and stands with one engine at a time. The
    AD (HQ) may settle a doubt.
    """
    policy.at("REG-26", at)
    if not facts.trolley:
        return None
    if facts.kind != "tractor":
        why = "no_tractor"
    elif not facts.trolley_kind:
        why = "unknown"
    elif facts.trolley_kind != "trolley":
        why = "no_trolley"
    elif facts.other_engine:
        why = "taken"
    else:
        return None
    words = policy.words("REG-26", why, trolley=facts.trolley, engine=facts.other_engine)
    return Finding("REG-26", {"registration": facts.registration, "because": words})


@rule("REG-27", on=ON)
def stands_for_another(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What stands in the register for somebody is changed by its own office alone (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: typing a mark takes no vehicle over. The AD (HQ) may settle a doubt.
    """
    policy.at("REG-27", at)
    return Finding("REG-27", {"number": facts.registration}) if facts.is_foreign else None
