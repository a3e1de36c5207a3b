"""Orders and records along the path: who obtains clearances, extensions, valid reasons, demarcation, stored sand."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.leases.events.life import ClockExtended, Demarcated, ObtainerSet, ReasonAccepted, SandForfeited, SandRecorded
from immis.leases.life import due_of
from immis.leases.models import Lease, LeaseAct
from immis.leases.selectors import clearances_of
from immis.leases.services.common import check, check_step, locked, tell
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.leases import life as rules


def note_act(
    lease: Lease,
    kind: str,
    *,
    on: date,
    by: Actor,
    at: datetime,
    reference: str = "",
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> LeaseAct:
    """Write one act into the life of a settlement."""
    return LeaseAct.objects.create(
        lease=lease,
        kind=kind,
        on=on,
        reference=reference,
        reason=reason,
        facts=plain(facts or {}),
        by=by.user_id,
        role=by.role,
        at=at,
        key=key,
    )


@transaction.atomic
def set_obtainer(*, lease: Lease, who: str, reference: str, by: Actor, at: datetime) -> Lease:
    """Set who must obtain plan and EC, ``settlee`` or ``department``, as the auction's notice says (E-087).

    Raises Refusal (LSE-16) once something is applied for.
    """
    lease = locked(lease, "lease.set_obtainer", by=by)
    check("lease.set_obtainer", rules.ObtainerFacts(who, sorted(clearances_of(lease))), lease=lease, at=at)
    if lease.clearances_by != who:
        lease.clearances_by = who
        lease.save(update_fields=["clearances_by"])
        facts = {"who": who}
        note_act(lease, "obtainer", on=india_day(at), reference=reference, facts=facts, by=by, at=at)
        tell(ObtainerSet, lease, by=by, at=at, facts={**facts, "reference": reference})
    return lease


@transaction.atomic
def extend_clock(
    *, lease: Lease, clock: str, until_on: date, reason: str, reference: str, by: Actor, at: datetime
) -> LeaseAct:
    """Extend a time limit of the path by a reasoned order (clause 21 v). Raises Refusal (LSE-17)."""
    lease = locked(lease, "lease.extend_clock", by=by)
    due_on = due_of(lease, clock)
    facts = rules.ExtensionFacts(clock, due_on, until_on, by.role, reason, reference)
    check("lease.extend", facts, lease=lease, at=at)
    body = {"clock": clock, "due_on": due_on, "until_on": until_on}
    act = note_act(lease, "extension", on=india_day(at), reference=reference, reason=reason, facts=body, by=by, at=at)
    news = {**body, "clock": dict(rules.CLOCKS[clock]), "reason": reason, "reference": reference}
    tell(ClockExtended, lease, by=by, at=at, facts=news)
    return act


@transaction.atomic
def accept_reason(*, lease: Lease, clock: str, reason: str, reference: str, by: Actor, at: datetime) -> LeaseAct:
    """The Collector accepts a valid reason for a missed time limit: no forfeiture for it (clause 21 v, E-094)."""
    lease = locked(lease, "lease.accept_reason", by=by)
    facts = {"clock": clock}
    act = note_act(
        lease, "valid_reason", on=india_day(at), reference=reference, reason=reason, facts=facts, by=by, at=at
    )
    body = {"clock": dict(rules.CLOCKS[clock]), "reason": reason, "reference": reference}
    tell(ReasonAccepted, lease, by=by, at=at, facts=body)
    return act


@transaction.atomic
def record_demarcation(
    *,
    lease: Lease,
    on: date,
    pillars: int,
    present: Sequence[str],
    certified_by: str,
    reference: str,
    by: Actor,
    at: datetime,
) -> Lease:
    """Record the certified boundary pillars of the ghat as its record stands (clause 42(xx), E-148).

    A corrected ghat is certified anew. Raises Refusal: too few pillars or nobody present (LSE-19), order (LSE-10).
    """
    lease = locked(lease, "lease.record_demarcation", by=by)
    check_step(lease, "demarcation", on=on, at=at)
    facts = rules.DemarcationFacts(pillars, len(lease.block.corners), present)
    check("lease.demarcate", facts, lease=lease, at=at)
    lease.demarcated_on, lease.demarcated_version = on, lease.block.version
    lease.save(update_fields=["demarcated_on", "demarcated_version"])
    body = {"pillars": pillars, "present": list(present), "certified_by": certified_by, "version": lease.block.version}
    note_act(lease, "demarcation", on=on, reference=reference, facts=body, by=by, at=at)
    tell(Demarcated, lease, by=by, at=at, facts={**body, "on": on, "reference": reference})
    return lease


@transaction.atomic
def record_stored_sand(
    *,
    lease: Lease,
    on: date,
    quantity_m3: Decimal,
    distance_m: int,
    place: str,
    reference: str,
    by: Actor,
    at: datetime,
) -> list[Finding]:
    """Record sand found stored near the bank; after the end it is the government's (clause 42(xxiv), E-153).

    Answers the warning (LSE-28) where it is; a task to dispose of it follows.
    """
    lease = locked(lease, "lease.record_stored_sand", by=by)
    ended_on = india_day(lease.cancelled_at) if lease.cancelled_at else lease.period_to
    findings = check(
        "lease.stored_sand", rules.StoredSandFacts(on, ended_on, distance_m, quantity_m3), lease=lease, at=at
    )
    body = {"quantity_m3": quantity_m3, "distance_m": distance_m, "place": place, "government": bool(findings)}
    note_act(lease, "stored_sand", on=on, reference=reference, facts=body, by=by, at=at)
    kind = SandForfeited if findings else SandRecorded
    tell(kind, lease, by=by, at=at, facts={**body, "on": on, "reference": reference})
    return findings
