"""Issuing e-challans and changing their state; recording checks on the road."""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from immis import clock
from immis.challans import selectors
from immis.challans.events import (
    ChallanCancelled,
    ChallanCompleted,
    ChallanIssued,
    ChallanRefused,
    ChallanStarted,
    IssuedAway,
    NotStarted,
    SeenTwice,
)
from immis.challans.facts import cancel_facts, event_facts, issue_facts, pass_facts
from immis.challans.keys import load_signer
from immis.challans.models import Challan, CheckPostScan
from immis.challans.passes import sign_pass
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.clock import database_now
from immis.core.errors import NotPermitted, Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import emit, log_action, next_number, record_decision
from immis.leases.models import Lease
from immis.registry.models import Place, Vehicle
from immis.registry.selectors import plate
from immis.rules import catalogue
from immis.rules.calendar import INDIA, india_day
from immis.rules.catalogue import Finding
from immis.rules.movement.challans import ON, IssueFacts, validity
from immis.rules.movement.trips import ScanFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking


def issue_challan(
    *,
    lease: Lease,
    vehicle: Vehicle | str,
    place: Place,
    quantity_m3: Decimal,
    driver_name: str,
    driver_phone: str = "",
    key: str | None = None,
    by: Actor,
    at: datetime | None = None,
) -> Challan:
    """Issue the e-challan of one load, or refuse it with every finding at once (CH-01 to CH-10).

    The instant is the database's, read after vehicle and settlement are locked. The same ``key`` again answers
    the challan that it made. Raises Refusal, which is logged and told as ``challan.refused``.
    """
    require_grant(by, "challan.issue")
    if not by.is_system and by.party_id != lease.party_id:
        raise NotPermitted("only the settlee issues e-challans of a settlement (E-128)")
    mark = plate(vehicle) if isinstance(vehicle, str) else vehicle.registration
    wanted = {"quantity_m3": quantity_m3, "driver_name": driver_name.strip(), "driver_phone": driver_phone.strip()}
    outcome = _decide(lease, mark, place, wanted, key=_scoped(key, lease), by=by, at=at)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def _scoped(key: str | None, lease: Lease) -> str | None:
    return f"{lease.party_id}:{key}"[:64] if key else None


@transaction.atomic
def _decide(
    lease: Lease, mark: str, place: Place, wanted: dict[str, Any], *, key: str | None, by: Actor, at: datetime | None
) -> Challan | Refusal:
    """Locks, instant, facts, rules; a refusal is answered, not raised, so that its records are kept."""
    vehicle = Vehicle.objects.select_for_update().filter(registration=mark).first()
    lease = Lease.objects.select_for_update(of=("self",)).select_related("block", "party").get(pk=lease.pk)
    if key and (made := Challan.objects.filter(key=key).first()):
        return made
    at = at or database_now()
    live = _live_challan(vehicle, at) if vehicle else None
    facts = issue_facts(
        lease=lease, mark=mark, vehicle=vehicle, place=place, live=live, quantity_m3=wanted["quantity_m3"],
        driver_name=wanted["driver_name"], at=at,
    )  # fmt: skip
    findings = catalogue.find(ON, facts, policy=book(), at=at)
    if findings or vehicle is None or facts.fix is None:
        return _refuse(facts, lease, findings, by=by, at=at)
    return _issue(facts, lease, vehicle, place, wanted, key=key, by=by, at=at)


def _live_challan(vehicle: Vehicle, at: datetime) -> Challan | None:
    """The vehicle's live challan; one whose time is over, or that never started, is put into that state first."""
    live = Challan.objects.filter(vehicle=vehicle, state=Challan.ISSUED).first()
    if live is None:
        return None
    standing = selectors.standing_of(live, at=at)
    if standing.state == Challan.ISSUED:
        return live
    if standing.state == Challan.INVALID:
        tell_not_started(live, Finding(standing.rule_code, standing.facts), at=at)
        invalidate_challan(challan=live, rule_code=standing.rule_code, facts=dict(standing.facts), at=at)
    else:
        _set_state(live, standing.state, standing.rule_code, dict(standing.facts), by=SYSTEM, at=at)
    return None


def _refuse(facts: IssueFacts, lease: Lease, findings: list[Finding], *, by: Actor, at: datetime) -> Refusal:
    subject = ("lease", lease.number)
    body = {
        "findings": [{"code": finding.code, "facts": dict(finding.facts)} for finding in findings],
        "vehicle": facts.vehicle,
    }
    base = {"lease": lease.number, "district": lease.district, "party_id": lease.party_id}
    log_action(ChallanRefused.KIND, subject=subject, by=by, at=at, facts=body)
    emit(ChallanRefused.of({**base, **body}), subject=subject, at=at)
    for finding in findings:
        record_decision(
            finding.code, subject=subject, facts=asdict(facts), outcome="refused", policy_on=india_day(at), at=at
        )
    return Refusal(findings)


def _issue(
    facts: IssueFacts,
    lease: Lease,
    vehicle: Vehicle,
    place: Place,
    wanted: dict[str, Any],
    *,
    key: str | None,
    by: Actor,
    at: datetime,
) -> Challan:
    assert facts.fix is not None
    challan = Challan(
        number=_number(lease, at),
        pass_id=secrets.token_hex(8),
        key=key,
        lease=lease,
        party=lease.party,
        vehicle=vehicle,
        place=place,
        imei=facts.imei,
        distance_km=facts.distance_km,
        issued_by_id=by.user_id,
        issued_at=at,
        valid_until=at + validity(distance_km=facts.distance_km, district=lease.district, policy=book(), at=at),
        issue_lat=facts.fix.lat,
        issue_lon=facts.fix.lon,
        issue_fix_at=facts.fix.at,
        state_at=at,
        **wanted,
    )
    challan.start_due_at = selectors.start_by(challan)
    signer = load_signer(clock.data_dir(), at=at)
    challan.pass_text = sign_pass(pass_facts(challan), key=signer, base_url=settings.PUBLIC_URL)
    challan.save(force_insert=True)
    subject = ("challan", challan.number)
    record_decision(ON, subject=subject, facts=asdict(facts), outcome="issued", policy_on=india_day(at), at=at)
    body = {"vehicle": vehicle.registration, "lease": lease.number, "quantity_m3": challan.quantity_m3}
    log_action(ChallanIssued.KIND, subject=subject, by=by, at=at, facts=body)
    payload = ChallanIssued.of(event_facts(challan))
    emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{challan.number}")
    return challan


def _number(lease: Lease, at: datetime) -> str:
    """``MUN-26-000001``: gapless for each district and year of India's calendar."""
    district, year = lease.number.split("-")[0], f"{at.astimezone(INDIA):%y}"
    return f"{district}-{year}-{next_number(f'challan:{district}:{year}'):06d}"


def _set_state(challan: Challan, state: str, rule_code: str, facts: dict[str, Any], *, by: Actor, at: datetime) -> None:
    challan.state, challan.state_rule, challan.state_at = state, rule_code, at
    row = log_action(
        f"challan.{state}", subject=("challan", challan.number), by=by, at=at, facts={"rule": rule_code, **facts}
    )
    challan.state_facts = row.facts
    challan.save(update_fields=["state", "state_rule", "state_at", "state_facts", "started_at", "completed_at"])


def _locked(challan: Challan | str) -> Challan:
    number = challan if isinstance(challan, str) else challan.number
    return Challan.objects.select_for_update().get(number=selectors.number_of(number))


@transaction.atomic
def invalidate_challan(
    *, challan: Challan | str, rule_code: str, facts: dict[str, Any], at: datetime, by: Actor = SYSTEM
) -> Challan:
    """Make a challan invalid by a rule (A-21); one that is no longer issued stays as it is.

    Where the facts name the ``rule`` that found it, that rule stands in the record rather than the trigger's code.
    """
    row = _locked(challan)
    if row.state == Challan.ISSUED:
        _set_state(row, Challan.INVALID, str(facts.get("rule") or rule_code), facts, by=by, at=at)
    return row


@transaction.atomic
def cancel_challan(*, challan: Challan | str, reason: str, by: Actor, at: datetime) -> Challan:
    """Cancel an issued challan before its vehicle has left the ghat (CH-14).

    Raises Refusal when it has left, or is not in force any more, and NotPermitted for others than its settlee
    and the district office.
    """
    row = _locked(challan)
    require_grant(by, "challan.cancel")
    if by.is_party and by.party_id != row.party_id or not _in_jurisdiction(by, row):
        raise NotPermitted("another office's or settlee's challan")
    if findings := catalogue.find("challan.cancel", cancel_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    _set_state(row, Challan.CANCELLED, "CH-14", {"reason": reason[:300]}, by=by, at=at)
    emit(ChallanCancelled.of(event_facts(row)), subject=("challan", row.number), at=at)
    return row


def _in_jurisdiction(by: Actor, challan: Challan) -> bool:
    return not by.is_officer or by.sees_district(challan.lease.district)


def tell_not_started(challan: Challan, finding: Finding, *, at: datetime) -> bool:
    """Tell once that a challan's trip did not start from the source (A-21); answers whether it was news."""
    last = tracking.last_fix(challan.imei)
    seen = {"lat": last.lat, "lon": last.lon, "fix_at": last.at} if last else {}
    facts = {**event_facts(challan), **finding.facts, **seen, "rule": finding.code}
    facts["waited_min"] = finding.facts["limit_minutes"]
    subject = ("challan", challan.number)
    return emit(NotStarted.of(facts), subject=subject, at=at, key=f"{NotStarted.KIND}:{challan.number}")


@transaction.atomic
def record_place(challan: Challan, finding: Finding | None, *, at: datetime) -> bool:
    """Keep that the place of issue was compared with the device; tell once when it was another place (A-23, A-24)."""
    fresh = Challan.objects.filter(pk=challan.pk, place_checked_at__isnull=True).update(place_checked_at=at)
    if not fresh or finding is None:
        return False
    facts = {**event_facts(challan), **finding.facts, "rule": finding.code}
    subject = ("challan", challan.number)
    return emit(IssuedAway.of(facts), subject=subject, at=at, key=f"{IssuedAway.KIND}:{challan.number}")


@transaction.atomic
def record_start(challan_id: int, *, left_at: datetime, at: datetime) -> None:
    """The vehicle left the ghat after issue: the trip has started, if the challan was in force when it left (A-21)."""
    row = Challan.objects.select_for_update().get(pk=challan_id)
    if row.started_at is not None or row.state in (Challan.INVALID, Challan.CANCELLED):
        return
    row.started_at, deadline = left_at, selectors.start_by(row)
    late = deadline is not None and left_at >= deadline
    row.start_due_at = row.start_due_at if late else None
    row.save(update_fields=["started_at", "start_due_at"])
    if not late:
        facts, subject = {**event_facts(row), "started_at": left_at}, ("challan", row.number)
        emit(ChallanStarted.of(facts), subject=subject, at=at, key=f"{ChallanStarted.KIND}:{row.number}")


def settle_start(challan_id: int) -> None:
    """The start of a challan is proved: nobody need look for it again."""
    Challan.objects.filter(pk=challan_id).update(start_due_at=None)


@transaction.atomic
def record_arrival(challan_id: int, *, arrived_at: datetime, at: datetime) -> None:
    """The vehicle came to the destination: the challan is used up, in time or late."""
    row = Challan.objects.select_for_update().get(pk=challan_id)
    if row.completed_at is not None or row.state not in (Challan.ISSUED, Challan.EXPIRED):
        return
    row.completed_at = arrived_at
    late = arrived_at >= row.valid_until
    _set_state(row, Challan.COMPLETED, "", {"arrived_at": arrived_at, "late": late}, by=SYSTEM, at=at)
    facts = {**event_facts(row), "arrived_at": arrived_at, "late": late}
    key = f"{ChallanCompleted.KIND}:{row.number}:{arrived_at.isoformat()}"
    emit(ChallanCompleted.of(facts), subject=("challan", row.number), at=at, key=key)


def reopen_challan(challan: Challan, *, at: datetime) -> None:
    """Put a locked challan whose arrival was none into the state of its time; a newer live one ends it (CH-06)."""
    newer = Challan.objects.filter(vehicle_id=challan.vehicle_id, state=Challan.ISSUED).exclude(pk=challan.pk).first()
    if newer is not None:
        facts = {"vehicle": challan.vehicle.registration, "challan": newer.number, "valid_until": newer.valid_until}
        _set_state(challan, Challan.EXPIRED, "CH-06", facts, by=SYSTEM, at=at)
    elif at >= challan.valid_until:
        _set_state(challan, Challan.EXPIRED, "CH-10", {"valid_until": challan.valid_until}, by=SYSTEM, at=at)
    else:
        challan.state, challan.state_rule, challan.state_facts, challan.state_at = Challan.ISSUED, "", {}, at
        challan.save(update_fields=["state", "state_rule", "state_facts", "state_at", "completed_at"])


@transaction.atomic
def expire_challan(challan_id: int, *, at: datetime) -> bool:
    """Write down that the time of a challan is over; answers whether it was still issued."""
    row = Challan.objects.select_for_update().get(pk=challan_id)
    standing = selectors.standing_of(row, at=at)
    if standing.state != Challan.EXPIRED or row.state != Challan.ISSUED:
        return False
    _set_state(row, Challan.EXPIRED, standing.rule_code, dict(standing.facts), by=SYSTEM, at=at)
    return True


@transaction.atomic
def record_scan(
    *, answer: selectors.CheckAnswer, by: Actor, at: datetime, lat: float | None = None, lon: float | None = None
) -> tuple[CheckPostScan, Finding | None]:
    """Keep one check by an officer, and answer whether the same challan was just seen too far away (MOV-04)."""
    require_grant(by, "challan.scan")
    warning = _seen_elsewhere(answer.challan, lat=lat, lon=lon, at=at)
    kept = {"genuine": answer.genuine, "in_time": answer.in_time, "rule": answer.rule_code, "facts": answer.facts}
    verdict = "good" if answer.good and not warning else "warn" if answer.good else "bad"
    scan = CheckPostScan.objects.create(
        office_id=by.office_id,
        user_id=by.user_id,
        at=at,
        lat=lat,
        lon=lon,
        asked=answer.asked[:120],
        challan=answer.challan,
        registration=answer.registration[:12],
        verdict=verdict,
        reason=answer.reason,
        facts=plain({"warning": warning.code, "seen": warning.facts, **kept}) if warning else plain(kept),
    )
    subject = ("challan", answer.challan.number) if answer.challan else ("vehicle", answer.registration or "?")
    body = {"verdict": verdict, "reason": answer.reason, "asked": answer.asked[:120]}
    log_action("challan.scanned", subject=subject, by=by, at=at, facts=body)
    if warning and answer.challan:
        facts = {**event_facts(answer.challan), **warning.facts, "scan": scan.pk}
        emit(SeenTwice.of(facts), subject=subject, at=at, key=f"{SeenTwice.KIND}:{scan.pk}")
    return scan, warning


def _seen_elsewhere(challan: Challan | None, *, lat: float | None, lon: float | None, at: datetime) -> Finding | None:
    before = selectors.scan_before(challan, at=at) if challan and lat is not None else None
    if challan is None or before is None or before.lat is None or before.lon is None or lat is None or lon is None:
        return None
    facts = ScanFacts(
        challan=challan.number,
        before=before.office.name_hi if before.office else "",
        before_at=before.at,
        before_lat=before.lat,
        before_lon=before.lon,
        at=at,
        lat=lat,
        lon=lon,
    )
    finding = catalogue.apply(catalogue.RULES["MOV-04"], facts, policy=book(), at=at)
    if finding is None or before.office is None:
        return finding
    names = {"en": before.office.name_en, "hi": before.office.name_hi}
    return replace(finding, facts={**finding.facts, "before": names})
