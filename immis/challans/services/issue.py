"""Issuing an e-challan, or refusing it with every reason at once."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from immis import clock
from immis.challans import selectors
from immis.challans.events import (
    ChallanIssued,
    ChallanRefused,
)
from immis.challans.facts import event_facts, issue_facts, middle_of, operator_facts, pass_facts
from immis.challans.loads import Load, weighed
from immis.challans.models import Challan
from immis.challans.roads import Distance, prepare
from immis.challans.services.states import invalidate_challan, set_state
from immis.challans.services.trips import tell_not_started
from immis.challans.signed.keys import load_signer
from immis.challans.signed.signing import sign_pass
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.clock import database_now
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, ChainHead, emit, locked_head, log_action, next_number, record_decision
from immis.core.written import insert
from immis.leases.selectors import Lease, locked_lease
from immis.registry.selectors import Vehicle, locked_vehicle
from immis.rules import catalogue
from immis.rules.calendar import INDIA, india_day
from immis.rules.catalogue import Finding
from immis.rules.movement.challans import ON
from immis.rules.movement.distances import validity
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import LANGUAGES, NotInForce, book


def issue_challan(*, load: Load, by: Actor, key: str | None = None, at: datetime | None = None) -> Challan:
    """Issue the e-challan of one load, or refuse it with every finding at once (CH-01 to CH-41).

    The instant is the database's, read after vehicle and settlement are locked. The same ``key`` again answers
    the challan that it made. Raises Refusal, which is logged and told as ``challan.refused``.
    """
    require_grant(by, "challan.issue")
    if not by.is_system and by.party_id != load.lease.party_id:
        raise NotPermitted("only the settlee issues e-challans of a settlement (E-128)")
    way = prepare(middle_of(load.lease.block), (load.place.lat, load.place.lon))  # before anything is locked
    outcome = _decide(load, way, key=_scoped(key, load.lease), by=by, at=at)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def issue_usual_loads(
    *, lease: Lease, marks: Sequence[str], key: str, by: Actor
) -> tuple[list[Challan], list[Finding]]:
    """Issue to each of some vehicles the load that it carried last from here, as full as it may be.

    Each is issued or refused alone; answers the e-challans and what refused the others. The same ``key`` again
    answers the same e-challans.
    """
    last, made, findings = selectors.last_challans(lease), [], []
    for mark in dict.fromkeys(marks):
        before = last.get(mark)
        if before is None:
            continue
        load = Load(
            lease=lease, vehicle=mark, place=before.place, quantity_m3=before.vehicle.capacity_m3,
            driver_name=before.driver_name, driver_phone=before.driver_phone,
        )  # fmt: skip
        try:
            made.append(issue_challan(load=load, by=by, key=f"{key}:{mark}" if key else None))
        except Refusal as refusal:
            findings += refusal.findings
    return made, findings


def _scoped(key: str | None, lease: Lease) -> str | None:
    return f"{lease.party_id}:{key}"[:64] if key else None


@transaction.atomic
def _decide(load: Load, way: Distance, *, key: str | None, by: Actor, at: datetime | None) -> Challan | Refusal:
    """Locks, instant, facts, rules; a refusal is answered, not raised, so that its records are kept."""
    vehicle = locked_vehicle(load.mark)
    lease = locked_lease(load.lease)
    load = replace(load, lease=lease)
    if key and (made := selectors.made_by_key.first(key=key)):
        return made
    at = at or database_now()
    load = weighed(load, at=at)
    live = _live_challan(vehicle, at) if vehicle else None
    facts = issue_facts(load, vehicle=vehicle, live=live, at=at, way=way)
    operator = operator_facts(lease, by, at)
    asked = [
        Asked(row, catalogue.find(on, row, policy=book(), at=at))
        for on, row in ((ON, facts), ("challan.operate", operator))
    ]
    if any(row.found for row in asked) or vehicle is None or facts.fix is None:
        return _refuse(facts, lease, asked, by=by, at=at)
    return _issue(facts, load, vehicle, way, key=key, by=by, at=at)


def _live_challan(vehicle: Vehicle, at: datetime) -> Challan | None:
    """The vehicle's live challan; one whose time is over, or that never started, is put into that state first."""
    live = selectors.in_force_of.first(vehicle=vehicle.pk)
    if live is None:
        return None
    standing = selectors.standing_of(live, at=at)
    if standing.state == Challan.ISSUED:
        return live
    if standing.state == Challan.INVALID:
        tell_not_started(live, Finding(standing.rule_code, standing.facts), at=at)
        invalidate_challan(challan=live, rule_code=standing.rule_code, facts=dict(standing.facts), at=at)
    else:
        set_state(live, standing.state, standing.rule_code, dict(standing.facts), by=SYSTEM, at=at)
    return None


def _refuse(facts: IssueFacts, lease: Lease, asked: Sequence[Asked], *, by: Actor, at: datetime) -> Refusal:
    subject = ("lease", lease.number)
    findings = [finding for row in asked for finding in row.found]
    body = {
        "findings": [{"code": finding.code, "facts": dict(finding.facts)} for finding in findings],
        "vehicle": facts.vehicle,
    }
    base = {"lease": lease.number, "district": lease.district, "party_id": lease.party_id}
    log_action(ChallanRefused.KIND, subject=subject, by=by, at=at, facts=body)
    emit(ChallanRefused.of({**base, **body}), subject=subject, at=at)
    refused = {"subject": subject, "facts": vars(facts), "outcome": "refused", "policy_on": india_day(at), "at": at}
    for row in asked:
        for finding in row.found:
            record_decision(finding.code, **refused, asked=Asked(row.facts, [finding]))
    return Refusal(findings)


def _issue(
    facts: IssueFacts, load: Load, vehicle: Vehicle, way: Distance, *, key: str | None, by: Actor, at: datetime
) -> Challan:
    head = locked_head()
    challan = _drawn_up(facts, load, vehicle, head, by=by, at=at)
    challan.road = way.road
    challan.key = key
    challan.start_due_at = selectors.start_by(challan)
    signer = load_signer(clock.data_dir(), at=at)
    challan.pass_text = sign_pass(pass_facts(challan), key=signer, base_url=settings.PUBLIC_URL)
    insert(challan)
    subject = ("challan", challan.number)
    asked = Asked(facts, ())
    kept = {"facts": vars(facts), "outcome": "issued", "policy_on": india_day(at), "asked": asked}
    record_decision(ON, subject=subject, at=at, **kept)
    body = {"vehicle": vehicle.registration, "lease": load.lease.number, "quantity_m3": challan.quantity_m3}
    body["stated"] = challan.statement.get("code", "")
    log_action(ChallanIssued.KIND, subject=subject, by=by, at=at, facts=body, head=head)
    payload = ChallanIssued.of(event_facts(challan))
    emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{challan.number}")
    return challan


def _drawn_up(facts: IssueFacts, load: Load, vehicle: Vehicle, head: ChainHead, *, by: Actor, at: datetime) -> Challan:
    """The e-challan with its number, before it is signed and kept."""
    assert facts.fix is not None
    lease = load.lease
    return Challan(
        number=_number(lease, at, head),
        pass_id=secrets.token_hex(8),
        lease=lease,
        district=lease.district,
        party=lease.party,
        vehicle=vehicle,
        place=load.place,
        quantity_m3=load.quantity_m3,
        driver_name=load.driver_name.strip(),
        driver_phone=load.driver_phone.strip(),
        imei=facts.imei,
        distance_km=facts.distance_km,
        issued_by_id=by.user_id,
        issued_at=at,
        valid_until=at + _validity(facts, at),
        issue_lat=facts.fix.lat,
        issue_lon=facts.fix.lon,
        issue_fix_at=facts.fix.at,
        state_at=at,
        licence_no=facts.driver.licence_no if facts.driver else "",
        tare_kg=load.tare_kg,
        gross_kg=load.gross_kg,
        density_t_m3=load.density_t_m3,
        weight_how=load.weight_how,
        weight_by=load.weight_by[:80],
        statement=_statement(by, lease.district, at),
        **vars(load.sale),
    )


def _validity(facts: IssueFacts, at: datetime) -> timedelta:
    return validity(distance_km=facts.distance_km, kind=facts.kind, district=facts.district, policy=book(), at=at)


def _statement(by: Actor, district: str, at: datetime) -> dict[str, Any]:
    """What is stated with every issue: that it is deemed checked by the settlee's authorised person (CH-12, E-161)."""
    try:
        cites = book().at("CH-12", at, district=district).cites
    except NotInForce:
        return {}
    words = {lang: book().say("CH-12", {}, lang) for lang in LANGUAGES}
    return {"code": "CH-12", "cites": cites, "words": words, "by": by.name, "user_id": by.user_id}


def _number(lease: Lease, at: datetime, head: ChainHead) -> str:
    """``MUN-26-000001``: gapless for each district and year of India's calendar."""
    district, year = lease.number.split("-")[0], f"{at.astimezone(INDIA):%y}"
    return f"{district}-{year}-{next_number(f'challan:{district}:{year}', head=head):06d}"
