"""A pass of an outage becomes an e-challan of the register, with the number and the pass that are on the paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from immis.challans import selectors
from immis.challans.events import ChallanIssued
from immis.challans.facts import event_facts, issue_facts, middle_of, way_to
from immis.challans.loads import Load
from immis.challans.models import Challan
from immis.challans.offline.events import TakenOffline
from immis.challans.offline.pack import is_waived
from immis.challans.offline.weighing import Weighed
from immis.challans.services.states import invalidate_challan, set_state
from immis.challans.services.trips import tell_not_started
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.services import emit, log_action, record_decision
from immis.registry.selectors import Vehicle, device_of
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.movement.challans import ON
from immis.rules.policy import LANGUAGES, NotInForce, book

#: Asked at taking in by rules of their own (CH-85), or of what only the instant of issue knows.
_OTHERWISE = ("CH-06", "CH-35")


def _load(row: Weighed) -> Load:
    assert row.says is not None and row.vehicle is not None and row.place is not None
    return Load(
        lease=row.lease, vehicle=row.vehicle, place=row.place, quantity_m3=row.says.quantity_m3,
        driver_name=row.line.driver, driver_phone=row.line.phone, licence_no=row.line.licence,
    )  # fmt: skip


def against_rules(row: Weighed, *, at: datetime) -> list[Finding]:
    """What the rules of issue say of the load at the instant of the pass, by what the office knows now."""
    assert row.says is not None
    facts = issue_facts(_load(row), vehicle=row.vehicle, live=None, at=row.says.issued_at)
    findings = find(ON, facts, policy=book(), at=row.says.issued_at)
    return [finding for finding in findings if finding.code not in _OTHERWISE and not is_waived(finding, at)]


def put_in(row: Weighed, codes: Sequence[str], *, by: Actor, at: datetime, decided: bool = False) -> Challan:
    """Keep the e-challan as issued at the instant on its paper, with its events; what its time makes of it follows.

    ``decided``: an officer takes it in later, so that another trip of the vehicle may have come between.
    """
    assert row.says is not None and row.vehicle is not None
    _clear_way(row.vehicle, at if decided else row.says.issued_at, at=at)
    challan = _drawn_up(row, by=by)
    challan.start_due_at = selectors.start_by(challan)
    challan.save(force_insert=True)
    subject, quota = ("challan", challan.number), row.quota.number
    facts = {"line": dict(row.line.row), "codes": list(codes)}
    record_decision(ON, subject=subject, facts=facts, outcome="issued", policy_on=india_day(challan.issued_at), at=at)
    body = {"vehicle": row.vehicle.registration, "lease": row.lease.number, "quantity_m3": challan.quantity_m3}
    log_action(ChallanIssued.KIND, subject=subject, by=by, at=at, facts={**body, "quota": quota, "codes": list(codes)})
    issued = ChallanIssued.of(event_facts(challan))
    emit(issued, subject=subject, at=at, key=f"{issued.KIND}:{challan.number}")
    news = TakenOffline(
        challan=challan.number, lease=row.lease.number, district=row.lease.district, party_id=row.lease.party_id,
        quota=quota, counter=row.line.counter, made_at=challan.issued_at, codes=list(codes),
    )  # fmt: skip
    emit(news, subject=subject, at=at, key=f"{news.KIND}:{challan.number}")
    return challan


def _drawn_up(row: Weighed, *, by: Actor) -> Challan:
    says, lease, vehicle = row.says, row.lease, row.vehicle
    assert says is not None and vehicle is not None and row.place is not None
    device, (lat, lon) = device_of(vehicle), middle_of(lease.block)
    return Challan(
        number=says.number, pass_id=says.pass_id.hex(), key=f"{row.quota.number}:{row.line.counter}",
        lease=lease, district=lease.district, party=lease.party, vehicle=vehicle, place=row.place,
        imei=device.imei if device else "", quantity_m3=says.quantity_m3, distance_km=says.distance_km,
        road=way_to(lease.block, row.place, at=says.issued_at).road,
        driver_name=row.line.driver, driver_phone=row.line.phone, licence_no=row.line.licence,
        issued_by_id=by.user_id, issued_at=says.issued_at, valid_until=says.valid_until,
        issue_lat=lat, issue_lon=lon, issue_fix_at=says.issued_at,  # the gate itself: its device lies at the ghat
        state_at=says.issued_at, pass_text=row.line.text, statement=_statement(by, lease.district, says.issued_at),
    )  # fmt: skip


def _statement(by: Actor, district: str, at: datetime) -> dict[str, Any]:
    """The statement of every issue (CH-12, E-161), which the gate's page shows beside its button."""
    try:
        cites = book().at("CH-12", at, district=district).cites
    except NotInForce:
        return {}
    words = {lang: book().say("CH-12", {}, lang) for lang in LANGUAGES}
    return {"code": "CH-12", "cites": cites, "words": words, "by": by.name, "user_id": by.user_id}


def _clear_way(vehicle: Vehicle, issued_at: datetime, *, at: datetime) -> None:
    """An earlier e-challan of the vehicle that was over by then, or that never started, is put into that state."""
    live = Challan.objects.select_related(*selectors.WITH_ALL).filter(vehicle=vehicle, state=Challan.ISSUED).first()
    if live is None:
        return
    standing = selectors.standing_of(live, at=issued_at)
    if standing.state == Challan.INVALID:
        tell_not_started(live, Finding(standing.rule_code, standing.facts), at=at)
        invalidate_challan(challan=live, rule_code=standing.rule_code, facts=dict(standing.facts), at=at)
    else:
        set_state(live, standing.state, standing.rule_code, dict(standing.facts), by=SYSTEM, at=at)
