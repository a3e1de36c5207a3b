"""Changing an e-challan that is in force: a load found heavier at the exit, more time by a rule."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from immis import clock
from immis.challans import selectors
from immis.challans.changing import BREAKDOWN, OUTAGE, amend_facts, extend_facts, load_again
from immis.challans.events import ChallanAmended, ChallanExtended
from immis.challans.facts import event_facts, issue_facts, pass_facts
from immis.challans.models import Challan, ChallanChange
from immis.challans.signed.keys import load_signer
from immis.challans.signed.signing import sign_pass
from immis.core.access.permissions import Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.leases.selectors import locked_lease, royalty_rate_paise
from immis.rules.catalogue import RULES, Finding, apply, find
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import book

#: What the rules of issue say of a quantity and a weight alone.
OF_QUANTITY = ("CH-05", "CH-08", "CH-31", "CH-36", "CH-39", "CH-41", "WB-22")


def _own(challan: Challan | str, grant: str, by: Actor) -> Challan:
    """The e-challan, locked, of one's own party or jurisdiction. Raises NotPermitted for another's."""
    require_grant(by, grant)
    number = challan if isinstance(challan, str) else challan.number
    row = Challan.objects.select_for_update().get(number=selectors.number_of(number))
    if by.is_party and by.party_id != row.party_id or by.is_officer and not by.sees_district(row.district):
        raise NotPermitted("another office's or settlee's challan")
    return row


@transaction.atomic
def amend_challan(
    *, challan: Challan | str, quantity_m3: Decimal, tare_kg: int | None, gross_kg: int | None, reason: str,
    by: Actor, at: datetime,
) -> Challan:  # fmt: skip
    """Amend an e-challan whose load the scale finds heavier (CH-42): quantity, royalty, reason, and a new pass.

    The number stays; the earlier pass goes on the cancelled list. A quantity of nought is reckoned from the weights.
    Raises Refusal: after exit or first scan, for a lighter load, or beyond what vehicle and clearances allow.
    """
    number = challan if isinstance(challan, str) else challan.number
    asked = Challan.objects.select_related("lease").get(number=selectors.number_of(number))
    lease = locked_lease(asked.lease)  # before its e-challan, as an issue does
    row = _own(asked, "challan.amend", by)
    load = load_again(row, quantity_m3=quantity_m3, tare_kg=tare_kg, gross_kg=gross_kg, at=at)
    findings = find("challan.amend", amend_facts(row, by, at, found_m3=load.quantity_m3), policy=book(), at=at)
    facts = issue_facts(load, vehicle=row.vehicle, live=row, at=at)
    findings += _against_quantity(facts, row, at)
    if findings:
        raise Refusal(findings)
    rate_paise, more_m3 = royalty_rate_paise(lease, at), load.quantity_m3 - row.quantity_m3
    changed = {
        "before_m3": row.quantity_m3,
        "after_m3": load.quantity_m3,
        "royalty_paise": int((more_m3 * rate_paise).to_integral_value()),
        "rate_paise": rate_paise,
    }
    superseded, row.pass_id = row.pass_id, secrets.token_hex(8)
    row.quantity_m3, row.tare_kg, row.gross_kg = load.quantity_m3, load.tare_kg, load.gross_kg
    row.density_t_m3, row.weight_how, row.weight_by = load.density_t_m3, load.weight_how, load.weight_by[:80]
    _sign_again(row, at)
    change = _Change(kind=ChallanChange.AMENDED, code="CH-42", reason=reason, values=changed, superseded=superseded)
    _keep(row, change, by=by, at=at)
    payload = ChallanAmended.of({**event_facts(row), **changed, "reason": reason[:300]})
    emit(payload, subject=("challan", row.number), at=at)
    return row


def _against_quantity(facts: IssueFacts, row: Challan, at: datetime) -> list[Finding]:
    """What the rules of a quantity say of the heavier load, where the one before counts no more."""
    spans = {name: getattr(facts, name) - row.quantity_m3 for name in ("issued_m3", "issued_month_m3", "issued_day_m3")}
    own = {**vars(facts), **{name: max(value, Decimal(0)) for name, value in spans.items()}}
    asked = IssueFacts(**own)
    return [result for code in OF_QUANTITY if (result := apply(RULES[code], asked, policy=book(), at=at))]


@transaction.atomic
def extend_challan(*, challan: Challan | str, reason: str, by: Actor, at: datetime) -> Challan:
    """Give an e-challan more time for a breakdown that its own device shows (CH-44). Raises Refusal."""
    row = _own(challan, "challan.extend", by)
    facts = extend_facts(row, by, at)
    if findings := find(BREAKDOWN, facts, policy=book(), at=at):
        raise Refusal(findings)
    more = timedelta(minutes=int(book().value("CH-44", at, district=row.district)["adds_min"]))
    return _extend(row, more, "CH-44", reason, by=by, at=at)


@transaction.atomic
def extend_for_outage(*, challan: Challan | str, by: Actor, at: datetime) -> Challan:
    """Add to an e-challan the length of the closures for maintenance within its time (CH-45). Raises Refusal."""
    row = _own(challan, "challan.extend", by)
    facts = extend_facts(row, by, at)
    if findings := find(OUTAGE, facts, policy=book(), at=at):
        raise Refusal(findings)
    return _extend(row, timedelta(minutes=facts.outage_min), "CH-45", "", by=by, at=at)


@transaction.atomic
def extend_over(*, challan: Challan, minutes: int, by: Actor, at: datetime) -> bool:
    """Add what an outage took to an e-challan that was in force in it (CH-45); answers whether it still stands so."""
    require_grant(by, "challan.extend")
    row = Challan.objects.select_for_update().get(pk=challan.pk)
    if row.state != Challan.ISSUED:
        return False
    _extend(row, timedelta(minutes=minutes), "CH-45", "", by=by, at=at)
    return True


def _extend(row: Challan, more: timedelta, code: str, reason: str, *, by: Actor, at: datetime) -> Challan:
    """The same pass with a later end; the printed one stays genuine until its own."""
    before, row.valid_until = row.valid_until, row.valid_until + more
    _sign_again(row, at)
    minutes = int(more.total_seconds() // 60)
    changed = {"before_until": before, "after_until": row.valid_until, "minutes": minutes}
    _keep(row, _Change(kind=ChallanChange.EXTENDED, code=code, reason=reason, values=changed), by=by, at=at)
    emit(ChallanExtended.of({**event_facts(row), **changed, "rule": code}), subject=("challan", row.number), at=at)
    return row


def _sign_again(row: Challan, at: datetime) -> None:
    signer = load_signer(clock.data_dir(), at=at)
    row.pass_text = sign_pass(pass_facts(row), key=signer, base_url=settings.PUBLIC_URL)
    row.save()


@dataclass(frozen=True, kw_only=True)
class _Change:
    """What became of an e-challan: how, by which rule, why, the values before and after, the pass that it replaced."""

    kind: str
    code: str
    reason: str
    values: dict[str, Any]
    superseded: str = ""


def _keep(row: Challan, change: _Change, *, by: Actor, at: datetime) -> None:
    reason = change.reason[:300]
    line = log_action(
        f"challan.{change.kind}",
        subject=("challan", row.number),
        by=by,
        at=at,
        facts={"rule": change.code, "reason": reason, **change.values},
    )
    ChallanChange.objects.create(
        challan=row,
        kind=change.kind,
        at=at,
        user_id=by.user_id,
        rule_code=change.code,
        reason=reason,
        superseded=change.superseded,
        facts=line.facts,
    )
