"""How a weighbridge comes to be approved, and whether it may weigh for an e-challan (A-06, A-07, A-10)."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.calendar import add_months, india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.land.earth import in_india
from immis.rules.land.geometry import distance_m
from immis.rules.policy import PolicyBook

Place = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True)
class ApplicationFacts:
    """A weighbridge as its owner describes it."""

    bridge: str
    place: Place
    capacity_kg: int
    division_kg: int
    stamped_on: date


@dataclass(frozen=True)
class VisitFacts:
    """Where the weighbridge was applied for, and where the officer stood."""

    bridge: str
    place: Place
    visited: Place


@dataclass(frozen=True)
class StandingFacts:
    """A weighbridge on a day: the act that is asked for (empty: none), its state, and what it has.

    ``fenced``: a fence that stands today holds it; ``stamp_until`` is the last day of its stamp (None: it has none).
    """

    bridge: str
    act: str
    state: str
    fenced: bool = False
    visited: bool = False
    stamp_until: date | None = None


def stamp_end(stamped_on: date, *, policy: PolicyBook, at: datetime) -> date:
    """The last day on which a stamp of legal metrology holds (WB-03)."""
    return add_months(stamped_on, int(policy.value("WB-03", at)))


@rule("WB-01", on="weighbridge.apply")
def unfit_scale(facts: ApplicationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weighbridge stands in this country and carries what road weighbridges carry (E-158).

    Clause: review of 13.01.2026, point iv. Our reading: the figures are ours. Who may settle a doubt: Controller of
    Legal Metrology.
    """
    limits = policy.value("WB-01", at)
    lat, lon = facts.place
    if not in_india(lat, lon):
        why = "outside"
    elif not int(limits["least_kg"]) <= facts.capacity_kg <= int(limits["most_kg"]):
        why = "capacity"
    elif not 0 < facts.division_kg <= int(limits["most_division_kg"]):
        why = "division"
    elif facts.stamped_on > india_day(at):
        why = "later"
    else:
        return None
    because = policy.words("WB-01", why, lat=lat, lon=lon, **limits)
    return Finding("WB-01", {"bridge": facts.bridge, "because": because})


@rule("WB-02", on="weighbridge.visit")
def visit_elsewhere(facts: VisitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The officer stood where the weighbridge was applied for (A-07).

    Clause: review of 13.01.2026, point ii. Our reading: within the metres of WB-02. Who may settle a doubt: AD (HQ).
    """
    most_m = policy.value("WB-02", at)
    metres = round(distance_m(*facts.place, *facts.visited))
    if metres <= most_m:
        return None
    return Finding("WB-02", {"bridge": facts.bridge, "distance_m": metres, "most_m": most_m})


@rule("WB-04", on="weighbridge.weigh")
def may_not_weigh(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A bridge without approval, fence or living stamp does not weigh for an e-challan (A-06).

    Clause: review of 13.01.2026, point ii: installation without geofence is not accepted. Our reading: the same holds
    for an ended stamp. Who may settle a doubt: AD (HQ).
    """
    policy.at("WB-04", at)
    if facts.state != "approved":
        why = "state"
    elif not facts.fenced:
        why = "fence"
    elif facts.stamp_until is None or facts.stamp_until < india_day(at):
        why = "stamp"
    else:
        return None
    until = f"{facts.stamp_until:%d.%m.%Y}" if facts.stamp_until else "—"
    return Finding("WB-04", {"bridge": facts.bridge, "why": why, "because": policy.words("WB-04", why, until=until)})


@rule("WB-05", on="weighbridge.change")
def not_in_this_state(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The steps of an installation in their order: apply, visit, fence, approve, pair (A-10).

    Clause: review of 13.01.2026, points ii and iv. Our reading: one approving act, by the district. Who may settle a
    doubt: AD (HQ).
    """
    if facts.state in policy.value("WB-05", at)[facts.act]:
        return None
    words = policy.words("WB-05", facts.state)
    return Finding("WB-05", {"bridge": facts.bridge, "state_en": words["en"], "state_hi": words["hi"]})


@rule("WB-06", on="weighbridge.approve")
def lacks(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weighbridge is approved once it was visited, fenced and stamped (A-06, A-10).

    Clause: review of 13.01.2026, point ii. Our reading: all three before the one approving act. Who may settle a
    doubt: AD (HQ).
    """
    policy.at("WB-06", at)
    stamped = facts.stamp_until is not None and facts.stamp_until >= india_day(at)
    missing = [name for name, has in (("visit", facts.visited), ("fence", facts.fenced), ("stamp", stamped)) if not has]
    if not missing:
        return None
    words = [policy.words("WB-06", name) for name in missing]
    named = {f"lacks_{lang}": ", ".join(row[lang] for row in words) for lang in ("en", "hi")}
    return Finding("WB-06", {"bridge": facts.bridge, **named})
