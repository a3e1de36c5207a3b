"""How far an e-challan goes and for how long it is valid: distance classes and destinations."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from immis.rules.calendar import india_day, start_of
from immis.rules.catalogue import Finding, rule
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import NotInForce, PolicyBook

#: Where hours of no entry leave no hour to drive, nobody waits longer than this for one.
_LONGEST = timedelta(days=7)


@rule("CH-10", on=ON)
def too_far(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): validity follows the GPS distance from source to destination.

    Our reading: beyond the last distance class no validity is fixed, so no challan is issued.
    Who may settle a doubt: Director of Mines.
    """
    classes = _classes(policy, at, facts.district)
    if facts.distance_km <= classes[-1]["up_to_km"]:
        return None
    return Finding("CH-10", {"distance_km": facts.distance_km, "limit_km": classes[-1]["up_to_km"]})


@rule("CH-15", on=ON)
def no_destination(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): an e-challan carries sand from the source to a destination.

    Our reading: only a place registered as a destination is one; a check post or a weighbridge lies on the way.
    Who may settle a doubt: Director of Mines.
    """
    kinds = policy.value("CH-15", at, district=facts.district)
    if facts.place_kind in kinds:
        return None
    return Finding("CH-15", {"place": facts.place, "place_kind": facts.place_kind, "kinds": list(kinds)})


def _classes(policy: PolicyBook, at: datetime, district: str) -> list[dict[str, int]]:
    return sorted(policy.value("CH-10", at, district=district), key=lambda row: row["up_to_km"])


def validity(
    *, distance_km: Decimal, kind: str = "truck", district: str, policy: PolicyBook, at: datetime
) -> timedelta:
    """How long a challan over this road distance is valid for a kind of vehicle that loads now (E-159).

    As its distance class says (CH-10), never shorter than its way takes, with the hours of no entry on it (CH-43).
    Raises LookupError beyond the last distance class and NotInForce before the first value.
    """
    classes = _classes(policy, at, district)
    by_class = next((row["minutes"] for row in classes if distance_km <= row["up_to_km"]), None)
    if by_class is None:
        raise LookupError(f"{distance_km} km lies beyond the distance classes of CH-10")
    try:
        terms = policy.value("CH-43", at, district=district)
    except NotInForce:
        return timedelta(minutes=by_class)
    drive_min = terms["margin_min"] + distance_km * 60 / Decimal(str(terms[f"{_mover(kind)}_kmh"]))
    wanted = timedelta(minutes=max(by_class, _up_to_quarter(drive_min)))
    windows = [row for row in terms["no_entry"] if kind in row["kinds"]]
    return min(with_no_entry(at, wanted, windows), timedelta(minutes=terms["most_min"]))


def _mover(kind: str) -> str:
    return "tractor" if kind == "tractor" else "truck"


def _up_to_quarter(minutes: Decimal) -> int:
    return int((minutes / 15).to_integral_value(ROUND_CEILING)) * 15


def with_no_entry(at: datetime, wanted: timedelta, windows: Sequence[Mapping[str, str]]) -> timedelta:
    """A time of driving from an instant on, with the hours of no entry (``from``, ``to``, India) that fall into it."""
    now, left, last = at, wanted, at + _LONGEST
    for begins, ends in sorted(_shut(at, windows)):
        if begins - now >= left or now >= last:
            break
        left -= max(begins - now, timedelta(0))
        now = max(now, ends)
    return min(now + left, last) - at


def _shut(at: datetime, windows: Sequence[Mapping[str, str]]) -> Iterator[tuple[datetime, datetime]]:
    """The spans of no entry from the evening before an instant on, of which an end may be past midnight."""
    midnight = start_of(india_day(at))
    for day in range(-1, _LONGEST.days + 1):
        for row in windows:
            begins, ends = (midnight + timedelta(days=day) + _since_midnight(row[name]) for name in ("from", "to"))
            yield begins, ends if ends > begins else ends + timedelta(days=1)


def _since_midnight(hour: str) -> timedelta:
    hours, minutes = hour.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def road_distance_km(*, straight_m: float, policy: PolicyBook, at: datetime) -> Decimal:
    """Road distance reckoned from the straight line, in kilometres to a tenth (CH-11)."""
    factor = Decimal(str(policy.value("CH-11", at)))
    return (Decimal(str(straight_m)) / 1000 * factor).quantize(Decimal("0.1"))
