"""What left a ghat on one day by its weighbridge, by its e-challans and by the trips of its trucks (E-158)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import ChangeState, Consequence, Finding, OpenTask, rule, trigger
from immis.rules.policy import PolicyBook

_KG = 1000


@dataclass(frozen=True)
class DayFacts:
    """A ghat on a day, in kilograms: what its weighbridge weighed, what e-challans say, which of these set out."""

    ghat: str
    day: date
    bridge_kg: int
    challan_kg: int
    trip_kg: int


def apart_percent(*kg: int) -> int:
    """How far the least of some weights lies below the most of them; nought where there are none."""
    most = max(kg)
    return round(100 * (most - min(kg)) / most) if most > 0 else 0


@rule("WB-27", on="weighbridge.balance")
def parted(facts: DayFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Weighbridge, e-challans and trips of a day say one thing.

    Clause: review of 13.01.2026, point ii; tender 42(xxix). Our reading: within the percent of WB-27. Who may settle a
    doubt: AD (HQ).
    """
    terms = policy.value("WB-27", at)
    kg = (facts.bridge_kg, facts.challan_kg, facts.trip_kg)
    percent, most = apart_percent(*kg), int(terms["percent"])
    if percent <= most or max(kg) < int(terms["least_t"]) * _KG:
        return None
    tonnes = {name: round(value / _KG, 1) for name, value in zip(("bridge_t", "challan_t", "trip_t"), kg, strict=True)}
    named = {"ghat": facts.ghat, "day": f"{facts.day:%d.%m.%Y}"}
    return Finding("WB-27", {**named, **tonnes, "percent": percent, "most": most})


@dataclass(frozen=True)
class PartedFacts:
    """A settlement whose day parted, or whose next day agrees."""

    lease: str
    district: str
    ghat: Mapping[str, str]
    day: date
    bridge_t: float = 0
    challan_t: float = 0
    trip_t: float = 0
    percent: int = 0


@trigger("TRG-265", on="weighbridge.balance_parted")
def ask_why_it_parted(facts: PartedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: within the days of TRG-265. Who may settle a doubt: AD (HQ)."""
    due_in = timedelta(days=int(policy.value("TRG-265", at)))
    return [OpenTask("district", "lease", facts.lease, due_in, facts={**vars(facts), "day": f"{facts.day:%d.%m.%Y}"})]


@trigger("TRG-266", on="weighbridge.balance_agreed")
def agrees_again(facts: PartedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Clause: tender 42(xxix). Our reading: a later day that agrees ends the task. Who may settle a doubt: AD (HQ)."""
    policy.at("TRG-266", at)
    return [ChangeState("task", f"lease:{facts.lease}", "done", {"by": "TRG-266", "of": "TRG-265"})]
