"""May this e-challan be issued, and for how long is it valid: the rules at the moment of issue."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from immis.rules.calendar import add_months, india_day, start_of
from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import distance_to_polygon_m
from immis.rules.movement.issue_facts import IssueFacts, Stop
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

ON = "challan.issue"


@dataclass(frozen=True)
class CancelFacts:
    """An e-challan that somebody wants to cancel or amend: whether it is in force now, whether its vehicle has left.

    ``scanned``: it was checked on the road. ``outside``: its device was last seen off the ghat.
    """

    challan: str
    in_force: bool
    left: bool
    scanned: bool = False
    outside: bool = False


@rule("CH-01", on=ON)
def hold_stands(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point vii; tender clause 24(ii): e-challans stop while an instalment is unpaid.

    Our reading: every standing hold on lease, vehicle or party that stops challans refuses.
    Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-01", at, district=facts.district)
    standing = sorted((hold for hold in facts.holds if hold.since <= at), key=lambda hold: hold.since)
    if not standing:
        return None
    first = standing[0]
    body = {
        "subject": first.subject_id,
        "hold_code": first.rule_code,
        "hold_cites": first.cites,
        "since": first.since,
        "holds": [_stop_facts(hold) for hold in standing],
    }
    return Finding("CH-01", body)


def _stop_facts(hold: Stop) -> dict[str, Any]:
    return {
        "code": hold.rule_code,
        "subject_kind": hold.subject_kind,
        "subject": hold.subject_id,
        "since": hold.since,
        "cites": hold.cites,
        "lifts_when": hold.lifts_when,
        "facts": dict(hold.facts),
    }


@rule("CH-02", on=ON)
def vehicle_unfit(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 42(xxi), 42(xxviii), 34(kha): sand goes only in registered commercial vehicles.

    Our reading: registration with the department must be running on the day of issue; a tractor has its trolley
    registered with it, and a trolley alone carries nothing.
    Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-02", at, district=facts.district)
    why = _vehicle_defect(facts, india_day(at))
    if why is None:
        return None
    words = policy.words("CH-02", why, until=facts.registered_until)
    return Finding("CH-02", {"vehicle": facts.vehicle, "why_en": words["en"], "why_hi": words["hi"], "why": why})


def _vehicle_defect(facts: IssueFacts, today: date) -> str | None:
    if not facts.registered:
        return "unregistered"
    if not facts.active:
        return "inactive"
    if not facts.commercial:
        return "not_commercial"
    if facts.registered_until and facts.registered_until < today:
        return "expired"
    if facts.kind == "trolley":
        return "no_engine"
    if facts.kind == "tractor" and not facts.trolley:
        return "no_trolley"
    return None


@rule("CH-03", on=ON)
def device_not_live(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxviii): e-challan only for vehicles whose tracking is shared with the portal.

    Our reading: the last position is at most so many minutes old, by the device's clock; a clock that far
    ahead proves nothing either. Who may settle a doubt: Director of Mines.
    """
    limit = int(policy.value("CH-03", at, district=facts.district))
    base = {"vehicle": facts.vehicle, "imei": facts.imei, "limit_minutes": limit}
    if not facts.imei:
        return Finding("CH-03", {**base, "why": "no_device", **_why(policy, "no_device")})
    if facts.fix is None:
        return Finding("CH-03", {**base, "why": "no_fix", **_why(policy, "no_fix")})
    age = at - facts.fix.at
    if abs(age) <= timedelta(minutes=limit):
        return None
    minutes = int(age.total_seconds() // 60)
    why = _why(policy, "old_fix" if minutes >= 0 else "clock_ahead", minutes=minutes)
    return Finding("CH-03", {**base, "why": "old_fix", **why, "fix_at": facts.fix.at, "age_minutes": minutes})


def _why(policy: PolicyBook, key: str, **facts: Any) -> dict[str, str]:
    words = policy.words("CH-03", key, **facts)
    return {"why_en": words["en"], "why_hi": words["hi"]}


@rule("CH-04", on=ON)
def away_from_ghat(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point x; instruction in force since 01.05.2024: the vehicle stands at the source.

    Our reading: within a small distance of the ghat's border, for errors of GPS. Without a position
    CH-03 refuses. Who may settle a doubt: Director of Mines.
    """
    limit = int(policy.value("CH-04", at, district=facts.district))
    if facts.fix is None:
        return None
    away_m = distance_to_polygon_m(facts.corners, facts.fix.lat, facts.fix.lon)
    if away_m <= limit:
        return None
    return Finding(
        "CH-04",
        {
            "vehicle": facts.vehicle,
            "block": facts.block,
            "distance_m": round(away_m),
            "limit_m": limit,
            "lat": facts.fix.lat,
            "lon": facts.fix.lon,
            "fix_at": facts.fix.at,
        },
    )


@rule("CH-05", on=ON)
def beyond_capacity(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(xxi): a vehicle carries what it is registered for.

    Our reading: the quantity on the challan is more than nothing and at most the registered capacity in m³.
    Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-05", at, district=facts.district)
    if not facts.registered or 0 < facts.quantity_m3 <= facts.capacity_m3:
        return None
    body = {"vehicle": facts.vehicle, "quantity_m3": facts.quantity_m3, "capacity_m3": facts.capacity_m3}
    return Finding("CH-05", body)


@rule("CH-06", on=ON)
def already_live(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): the driver carries the original of one e-challan.

    Our reading: no second challan while one of the vehicle is neither completed, expired nor made invalid.
    Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-06", at, district=facts.district)
    if not facts.live_challan:
        return None
    body = {"vehicle": facts.vehicle, "challan": facts.live_challan, "valid_until": facts.live_until}
    return Finding("CH-06", {**body, "fit_from": facts.live_until})


@rule("CH-07", on=ON)
def monsoon_closure(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xiii): no mining from the river bed in July, August and September, or as in the EC.

    Our reading: where the environmental clearance names months, only those count; months are India's.
    Who may settle a doubt: SEIAA and the Collector.
    """
    months = policy.value("CH-07", at, district=facts.district, block=facts.block)
    closed = sorted(facts.ec_months if facts.ec_months is not None else months)
    if india_day(at).month not in closed:
        return None
    names = texts("months")
    return Finding(
        "CH-07",
        {
            "block": facts.block,
            "months": list(closed),
            "months_en": ", ".join(names[str(month)]["en"] for month in closed),
            "months_hi": ", ".join(names[str(month)]["hi"] for month in closed),
            "by_clearance": facts.ec_months is not None,
            "fit_from": _open_again(closed, at),
        },
    )


def _open_again(closed: list[int], at: datetime) -> datetime | None:
    """The first instant of the next month that is not closed; None where all are."""
    first = india_day(at).replace(day=1)
    months = (add_months(first, count) for count in range(1, 12))
    return next((start_of(day) for day in months if day.month not in closed), None)


@rule("CH-08", on=ON)
def beyond_permitted(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 21 iv: the permitted quantity is the least of mining plan, EC and consents.

    Our reading: counted by the running year of the settlement; invalid and cancelled challans do not count.
    Who may settle a doubt: Collector.
    """
    policy.at("CH-08", at, district=facts.district)
    if facts.permitted_m3 is None or facts.issued_m3 + facts.quantity_m3 <= facts.permitted_m3:
        return None
    return Finding(
        "CH-08",
        {
            "quantity_m3": facts.quantity_m3,
            "permitted_m3": facts.permitted_m3,
            "left_m3": max(facts.permitted_m3 - facts.issued_m3, Decimal(0)),
        },
    )


@rule("CH-09", on=ON)
def driver_unnamed(facts: IssueFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(ii): the e-challan is issued to the driver of the vehicle.

    Our reading: the driver's name stands on it. Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-09", at, district=facts.district)
    return None if facts.driver_name.strip() else Finding("CH-09", {"vehicle": facts.vehicle})


def not_at_the_ghat(facts: CancelFacts) -> str | None:
    """Why what an e-challan says may no longer be changed; None before exit, fence crossing or first scan."""
    if not facts.in_force:
        return "over"
    if facts.left:
        return "left"
    if facts.scanned:
        return "scanned"
    return "outside" if facts.outside else None


@rule("CH-14", on="challan.cancel")
def not_taken_back(facts: CancelFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An e-challan is cancelled only while it is in force and its vehicle has not left the ghat (E-128).

    Clause: tender 42(ii). Our reading: what is on the road is not taken back. The Director of Mines may settle a
    doubt.
    """
    policy.at("CH-14", at)
    defect = not_at_the_ghat(facts)
    if defect is None:
        return None
    why = policy.words("CH-14", defect)
    return Finding("CH-14", {"challan": facts.challan, "why_en": why["en"], "why_hi": why["hi"]})
