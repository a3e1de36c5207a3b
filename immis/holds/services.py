"""Ordering and lifting holds, and opening and ending the announced spells of holds that follow from facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import Subject, emit, log_action
from immis.holds.events import HoldEnded, HoldStarted, HoldSuspended, SuspensionOver
from immis.holds.models import Hold, HoldSpell, Suspension
from immis.holds.selectors import named_orders, undo_refused
from immis.rules.catalogue import find
from immis.rules.holds.orders import AUTHORITIES, SuspendFacts, district_reached
from immis.rules.holds.stops import CAUSES
from immis.rules.policy import book


@dataclass(frozen=True, kw_only=True)
class HoldOrder:
    """An order that stops something by a named document, from ``since`` (now) until it is lifted or ``until``."""

    stops: str
    reference: str
    reason: str = ""
    rule_code: str = "HLD-03"
    since: datetime | None = None
    until: datetime | None = None
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class SuspensionOrder:
    """An order of a court or the department that suspends one hold until its end (A-18, A-19).

    ``cause`` is the demand (HLD-01) or the order's reference (HLD-03, HLD-10); without ``since`` it runs at once.
    """

    rule_code: str
    cause: str
    authority: str
    reference: str
    document: str
    until: datetime | None
    since: datetime | None = None
    reason: str = ""


@transaction.atomic
def order_hold(
    *,
    subject: Subject,
    order: HoldOrder,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Hold:
    """Stop a subject from something by a named document.

    The same ``key`` a second time answers the first hold. ``facts`` go into the event (district, party_id, ghat).
    Raises NotPermitted for another district; what reaches the State, or no district, only headquarters orders.
    """
    require_grant(by, "hold.order", district=district_reached(subject, facts))
    if key and (known := Hold.objects.filter(key=key).first()):
        return known
    hold = Hold.objects.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        facts=plain(facts or {}),
        ordered_by=by.user_id,
        ordered_role=by.role,
        ordered_at=at,
        key=key,
        **{**vars(order), "since": order.since or at},
    )
    log_action("hold.ordered", subject=subject, by=by, at=at, facts=_told(hold))
    open_spell(cause_key=f"hold:{hold.pk}", subject=subject, since=hold.since, facts=_told(hold), by=by, at=at)
    return hold


@transaction.atomic
def lift_hold(*, hold: Hold, reference: str, by: Actor, at: datetime, document: str = "") -> Hold:
    """Lift an ordered hold by a named document; lifting it again changes nothing.

    Raises NotPermitted as ordering, Refusal (HLD-15) for a higher post's order.
    """
    require_grant(by, "hold.lift", district=hold.district)
    _require_rank(hold.reference, hold.ordered_role, by=by, at=at)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is None:
        hold.lifted_at, hold.lifted_by, hold.lift_reference = at, by.user_id, reference
        hold.lift_document = document
        hold.save(update_fields=["lifted_at", "lifted_by", "lift_reference", "lift_document"])
        subject = (hold.subject_kind, hold.subject_id)
        log_action("hold.lifted", subject=subject, by=by, at=at, facts={**_told(hold), "lifted_by": reference})
        end_spell(cause_key=f"hold:{hold.pk}", ended_at=at, cause="lifted", at=at, ended_by=by.user_id, officer=by.name)
    return hold


def _require_rank(reference: str, ordered_role: str, *, by: Actor, at: datetime) -> None:
    if findings := undo_refused(reference, ordered_role, by, at=at):
        raise Refusal(findings)


def _told(hold: Hold) -> dict[str, Any]:
    return {
        **hold.facts,
        "stops": hold.stops,
        "rule_code": hold.rule_code,
        "reference": hold.reference,
        "reason": hold.reason,
        "until": hold.until,
    }


@transaction.atomic
def open_spell(
    *, cause_key: str, subject: Subject, since: datetime, facts: Mapping[str, Any], by: Actor, at: datetime
) -> bool:
    """Announce that a hold began, once a cause: spell, log line, ``hold.started``; ``since`` is its legal instant."""
    body = {**facts, "subject_kind": subject[0], "subject_id": subject[1], "since": since}
    fields = {
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "stops": facts["stops"],
        "rule_code": facts["rule_code"],
        "since": since,
        "announced_at": at,
        "facts": plain(facts),
    }
    _spell, new = HoldSpell.objects.get_or_create(cause_key=cause_key, defaults=fields)
    if new:
        log_action(HoldStarted.KIND, subject=subject, by=by, at=at, facts=body)
        emit(HoldStarted.of(body), subject=subject, at=at, key=f"{HoldStarted.KIND}:{cause_key}")
    return new


@transaction.atomic
def end_spell(
    *, cause_key: str, ended_at: datetime, cause: str, at: datetime, ended_by: int | None = None, officer: str = ""
) -> bool:
    """Announce that a hold ended, once a cause: spell, log line and ``hold.ended`` with the officer (A-19).

    ``ended_at`` is its legal instant, ``cause`` one of ``rules.holds.CAUSES``.
    """
    spell = HoldSpell.objects.select_for_update().filter(cause_key=cause_key, ended_at__isnull=True).first()
    if spell is None:
        return False
    spell.ended_at, spell.ended_by, spell.end_cause = ended_at, ended_by, cause
    spell.save(update_fields=["ended_at", "ended_by", "end_cause"])
    subject = (spell.subject_kind, spell.subject_id)
    body = {
        **spell.facts,
        "subject_kind": spell.subject_kind,
        "subject_id": spell.subject_id,
        "since": spell.since,
        "ended_at": ended_at,
        "ended_by": ended_by,
        "officer": officer,
        "cause": dict(CAUSES[cause]),
    }
    log_action(HoldEnded.KIND, subject=subject, by=SYSTEM, at=at, facts=body)
    emit(HoldEnded.of(body), subject=subject, at=at, key=f"{HoldEnded.KIND}:{cause_key}")
    return True


@transaction.atomic
def suspend_hold(
    *, subject: Subject, order: SuspensionOrder, by: Actor, at: datetime, facts: Mapping[str, Any] | None = None
) -> Suspension:
    """Enter an order of a court or the department that suspends one hold until its end (A-18, A-19).

    Raises NotPermitted for another district, Refusal (HLD-12), also for a higher post's order (HLD-15).
    """
    require_grant(by, "hold.suspend", district=district_reached(subject, facts))
    since = order.since or at
    wanted = SuspendFacts(
        order.rule_code, order.authority, by.role, order.reference, order.document, since, order.until
    )
    if findings := find("hold.suspend", wanted, policy=book(), at=at):
        raise Refusal(findings)
    for hold in named_orders(order.rule_code, order.cause, subject=subject, facts=facts):
        if hold.subject_kind == "state":
            require_grant(by, "hold.suspend", district="")
        _require_rank(hold.reference, hold.ordered_role, by=by, at=at)
    row = Suspension.objects.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        facts=plain(facts or {}),
        entered_at=at,
        entered_by=by.user_id,
        entered_role=by.role,
        **{**vars(order), "since": max(since, at)},
    )
    body = _suspension_told(row)
    log_action(HoldSuspended.KIND, subject=subject, by=by, at=at, facts=body)
    emit(HoldSuspended.of(body), subject=subject, at=at)
    return row


def _suspension_told(row: Suspension) -> dict[str, Any]:
    return {
        **row.facts,
        "rule_code": row.rule_code,
        "cause": row.cause,
        "authority": dict(AUTHORITIES[row.authority]),
        "reference": row.reference,
        "reason": row.reason,
        "document": row.document,
        "since": row.since,
        "until": row.until,
    }


@transaction.atomic
def withdraw_suspension(*, suspension: Suspension, reference: str, by: Actor, at: datetime) -> Suspension:
    """Take a suspension back by an order; the stop is back at this instant. Doing it again changes nothing.

    Raises NotPermitted for another district, Refusal (HLD-15) for a higher post's suspension.
    """
    require_grant(by, "hold.withdraw_suspension", district=suspension.district)
    _require_rank(suspension.reference, suspension.entered_role, by=by, at=at)
    row = Suspension.objects.select_for_update().get(pk=suspension.pk)
    if row.withdrawn_at is None and at < row.until:
        row.withdrawn_at, row.withdrawn_by, row.withdraw_reference = at, by.user_id, reference
        row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdraw_reference"])
        body = {**_suspension_told(row), "withdrawn_by": reference}
        log_action("hold.suspension_withdrawn", subject=(row.subject_kind, row.subject_id), by=by, at=at, facts=body)
    return row


@transaction.atomic
def tell_suspension_over(suspension: Suspension, *, at: datetime) -> bool:
    """Announce once that a suspension's time is over, or that it was withdrawn."""
    row = Suspension.objects.select_for_update().get(pk=suspension.pk)
    if row.over_told_at is not None:
        return False
    row.over_told_at = at
    row.save(update_fields=["over_told_at"])
    subject, body = (row.subject_kind, row.subject_id), _suspension_told(row)
    body["until"] = row.withdrawn_at or row.until
    log_action(SuspensionOver.KIND, subject=subject, by=SYSTEM, at=at, facts=body)
    return emit(SuspensionOver.of(body), subject=subject, at=at, key=f"suspension.over:{row.pk}")
