"""What becomes of a pass: its money makes it one, a check post records the entry, an order withdraws it."""

import secrets
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from immis import clock
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.keys import load_signer
from immis.challans.signed.signing import sign_pass
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.ledger.selectors import Receipt, demands_by_number
from immis.ledger.selectors.receipt import paid_at_treasury
from immis.ledger.services import cancel_demand
from immis.ledger.services.allocation import release_demand
from immis.registry import selectors as registry
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.transit.passes import TONNE, EnteredFacts
from immis.rules.writing.texts import texts
from immis.transit import facts as facts_of
from immis.transit.events import PassEntered, PassIssued, PassLapsed, PassLate, PassNews, PassWithdrawn
from immis.transit.facts import event_facts
from immis.transit.models import TransitPass


def _locked(pk: int) -> TransitPass:
    rows = TransitPass.objects.select_for_update(of=("self",)).select_related("party", "vehicle")
    return rows.get(pk=pk)


def _tell(row: TransitPass, news: type[PassNews], *, by: Actor, at: datetime, **more: Any) -> None:
    payload = news.of({**event_facts(row), **more})
    log_action(news.KIND, subject=("istp", row.number), by=by, at=at, facts=more)
    emit(payload, subject=("istp", row.number), at=at, key=f"{news.KIND}:{row.number}")


@transaction.atomic
def settle_money(row: TransitPass, receipt: Receipt, *, at: datetime) -> TransitPass:
    """The money of a pass came in: in time it is issued and signed, too late it is none (IST-03, IST-04).

    What counts is when the treasury was paid. Less than the fee is left for the district, which verifies it.
    """
    row = _locked(row.pk)
    paid_at = max(paid_at_treasury(receipt) or at, row.applied_at)  # a clock of the treasury that is behind
    if row.state != TransitPass.APPLIED or (receipt.paid_paise or 0) < row.fee_paise:
        return row
    row.paid_at, row.state_at = paid_at, at
    if find("istp.taken", facts_of.taken_facts(row, paid_at), policy=book(), at=at) or row.origin_until <= at:
        row.state = TransitPass.LATE
        row.save(update_fields=["paid_at", "state_at", "state"])
        _tell(row, PassLate, by=SYSTEM, at=at, paid_at=paid_at)
        return row
    row.state, row.issued_at, row.pass_id = TransitPass.ISSUED, at, secrets.token_hex(8)
    signer = load_signer(clock.data_dir(), at=at)
    row.pass_text = sign_pass(signed_facts(row), key=signer, base_url=settings.PUBLIC_URL)
    row.save(update_fields=["paid_at", "state_at", "state", "issued_at", "pass_id", "pass_text"])
    _tell(row, PassIssued, by=SYSTEM, at=at, paid_at=paid_at)
    return row


def signed_facts(row: TransitPass) -> PassFacts:
    """What the signed pass of a load says; the number of the origin's challan makes it one of another State."""
    mineral, state = texts("transit/minerals")[row.mineral], facts_of.state_names(row.origin_state)
    assert row.issued_at is not None
    by_weight = row.unit == TONNE
    return PassFacts(
        number=row.number,
        pass_id=bytes.fromhex(row.pass_id),
        vehicle=row.vehicle.registration,
        mineral=f"{mineral['hi']} {mineral['en']}",
        quantity_m3=Decimal(0) if by_weight else row.quantity,
        weight_kg=int(row.quantity * 1000) if by_weight else None,
        source_name=f"{state['hi']}: {row.consignor}",
        source_lat=0.0,
        source_lon=0.0,
        lease_number=row.origin_number,
        destination=f"{row.destination}, {row.district}",
        distance_km=Decimal(0),
        issued_at=row.issued_at,
        valid_until=row.origin_until,
        settlee=row.party.name_hi,
        origin=f"{row.origin_state} {row.origin_number}",
    )


@transaction.atomic
def lapse(row: TransitPass, *, at: datetime) -> TransitPass:
    """Nothing was paid until the last instant: the pass lapses, its demand is withdrawn."""
    row = _locked(row.pk)
    if row.state != TransitPass.APPLIED or at <= row.due_at:
        return row
    demand = demands_by_number([row.demand])[row.demand]
    try:
        cancel_demand(demand=demand, reason=f"{row.number}: IST-03", by=SYSTEM, at=at)
    except Refusal:  # money is on its way: the next look settles it
        return row
    row.state, row.state_at = TransitPass.LAPSED, at
    row.save(update_fields=["state", "state_at"])
    _tell(row, PassLapsed, by=SYSTEM, at=at)
    return row


@transaction.atomic
def record_entry(*, istp: TransitPass, by: Actor, at: datetime) -> tuple[TransitPass, list[Finding]]:
    """A check post records that the load entered; answers a warning where it came late (IST-10).

    Raises Refusal (IST-01, IST-09): not in force, no pass in force, or recorded already.
    """
    require_grant(by, "istp.enter")
    row = _locked(istp.pk)
    findings = find("istp.in_force", facts_of.switch_facts(None, by, at), policy=book(), at=at)
    findings += find("istp.enter", facts_of.entry_facts(row, by, at), policy=book(), at=at)
    if findings:
        raise Refusal(findings)
    late = find("istp.entered", EnteredFacts(row.number, row.origin_issued_at, at), policy=book(), at=at)
    row.entered_at, row.entered_by, row.entered_office_id = at, by.user_id, by.office_id
    row.entered_late = bool(late)
    row.save(update_fields=["entered_at", "entered_by", "entered_office", "entered_late"])
    office = registry.office_of_id(by.office_id) if by.office_id else None
    names = {"en": office.name_en, "hi": office.name_hi} if office else {"en": "—", "hi": "—"}
    _tell(row, PassEntered, by=by, at=at, office=names, entered_at=at, late=bool(late))
    return row, late


@transaction.atomic
def withdraw(*, istp: TransitPass, order_no: str, reason: str, by: Actor, at: datetime) -> TransitPass:
    """An officer withdraws a pass whose load has not entered, by order and reason; its fee is credit on account.

    The party then asks for it and the Collector decides (PAY-20, PAY-21). Raises Refusal (IST-11), NotPermitted for
    another district.
    """
    require_grant(by, "istp.withdraw", district=istp.district)
    row = _locked(istp.pk)
    if findings := find("istp.withdraw", facts_of.withdraw_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    demand = demands_by_number([row.demand])[row.demand]
    released = release_demand(demand=demand, reason=f"{order_no}: {reason}", instead=None, by=by, at=at)
    row.state, row.state_at = TransitPass.WITHDRAWN, at
    row.withdrawn_order, row.withdrawn_reason = order_no.strip()[:120], reason.strip()[:300]
    row.save(update_fields=["state", "state_at", "withdrawn_order", "withdrawn_reason"])
    more = {"order_no": row.withdrawn_order, "reason": row.withdrawn_reason, "released_paise": released}
    _tell(row, PassWithdrawn, by=by, at=at, **more)
    return row
