"""Ending an e-challan: invalid, cancelled, out of time; and opening it again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.challans import selectors
from immis.challans.events import (
    ChallanCancelled,
)
from immis.challans.facts import cancel_facts, event_facts
from immis.challans.models import Challan
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.rules.catalogue import find
from immis.rules.policy import book


def set_state(challan: Challan, state: str, rule_code: str, facts: dict[str, Any], *, by: Actor, at: datetime) -> None:
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
        set_state(row, Challan.INVALID, str(facts.get("rule") or rule_code), facts, by=by, at=at)
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
    if findings := find("challan.cancel", cancel_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    set_state(row, Challan.CANCELLED, "CH-14", {"reason": reason[:300]}, by=by, at=at)
    emit(ChallanCancelled.of(event_facts(row)), subject=("challan", row.number), at=at)
    return row


def _in_jurisdiction(by: Actor, challan: Challan) -> bool:
    return not by.is_officer or by.sees_district(challan.lease.district)


def reopen_challan(challan: Challan, *, at: datetime) -> None:
    """Put a locked challan whose arrival was none into the state of its time; a newer live one ends it (CH-06)."""
    newer = Challan.objects.filter(vehicle_id=challan.vehicle_id, state=Challan.ISSUED).exclude(pk=challan.pk).first()
    if newer is not None:
        facts = {"vehicle": challan.vehicle.registration, "challan": newer.number, "valid_until": newer.valid_until}
        set_state(challan, Challan.EXPIRED, "CH-06", facts, by=SYSTEM, at=at)
    elif at >= challan.valid_until:
        set_state(challan, Challan.EXPIRED, "CH-10", {"valid_until": challan.valid_until}, by=SYSTEM, at=at)
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
    set_state(row, Challan.EXPIRED, standing.rule_code, dict(standing.facts), by=SYSTEM, at=at)
    return True
