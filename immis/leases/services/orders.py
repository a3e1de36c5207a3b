"""Orders and records along the path: who obtains clearances, extensions, valid reasons, demarcation, stored sand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class NewAct:
    """One act in the life of a settlement: its kind and day, the order behind it, and what else is kept of it."""

    kind: str
    on: date
    reference: str = ""
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None


def note_act(lease: Lease, act: NewAct, *, by: Actor, at: datetime) -> LeaseAct:
    """Write one act into the life of a settlement."""
    kept = {**vars(act), "facts": plain(act.facts)}
    return LeaseAct.objects.create(lease=lease, **kept, by=by.user_id, role=by.role, at=at)


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
        note_act(lease, NewAct("obtainer", on=india_day(at), reference=reference, facts=facts), by=by, at=at)
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
    act = note_act(
        lease, NewAct("extension", on=india_day(at), reference=reference, reason=reason, facts=body), by=by, at=at
    )
    news = {**body, "clock": dict(rules.CLOCKS[clock]), "reason": reason, "reference": reference}
    tell(ClockExtended, lease, by=by, at=at, facts=news)
    return act


@transaction.atomic
def accept_reason(*, lease: Lease, clock: str, reason: str, reference: str, by: Actor, at: datetime) -> LeaseAct:
    """The Collector accepts a valid reason for a missed time limit: no forfeiture for it (clause 21 v, E-094)."""
    lease = locked(lease, "lease.accept_reason", by=by)
    facts = {"clock": clock}
    act = note_act(
        lease, NewAct("valid_reason", on=india_day(at), reference=reference, reason=reason, facts=facts), by=by, at=at
    )
    body = {"clock": dict(rules.CLOCKS[clock]), "reason": reason, "reference": reference}
    tell(ReasonAccepted, lease, by=by, at=at, facts=body)
    return act


@dataclass(frozen=True, kw_only=True)
class Demarcation:
    """The certificate of the boundary pillars of a ghat: how many, in whose presence (rqp, co), by whom certified."""

    on: date
    pillars: int
    present: Sequence[str]
    certified_by: str
    reference: str


@transaction.atomic
def record_demarcation(*, lease: Lease, demarcation: Demarcation, by: Actor, at: datetime) -> Lease:
    """Record the certified boundary pillars of the ghat as its record stands (clause 42(xx), E-148).

    A corrected ghat is certified anew. Raises Refusal: too few pillars or nobody present (LSE-19), order (LSE-10).
    """
    lease = locked(lease, "lease.record_demarcation", by=by)
    on, present, reference = demarcation.on, demarcation.present, demarcation.reference
    check_step(lease, "demarcation", on=on, at=at)
    facts = rules.DemarcationFacts(demarcation.pillars, len(lease.block.corners), present)
    check("lease.demarcate", facts, lease=lease, at=at)
    lease.demarcated_on, lease.demarcated_version = on, lease.block.version
    lease.save(update_fields=["demarcated_on", "demarcated_version"])
    seen = {"pillars": demarcation.pillars, "present": list(present), "certified_by": demarcation.certified_by}
    body = {**seen, "version": lease.block.version}
    note_act(lease, NewAct("demarcation", on=on, reference=reference, facts=body), by=by, at=at)
    tell(Demarcated, lease, by=by, at=at, facts={**body, "on": on, "reference": reference})
    return lease


@dataclass(frozen=True, kw_only=True)
class StoredSand:
    """Sand seen stored at a place, so many metres from the bank."""

    on: date
    quantity_m3: Decimal
    distance_m: int
    place: str
    reference: str


@transaction.atomic
def record_stored_sand(*, lease: Lease, sand: StoredSand, by: Actor, at: datetime) -> list[Finding]:
    """Record sand found stored near the bank; after the end it is the government's (clause 42(xxiv), E-153).

    Answers the warning (LSE-28) where it is; a task to dispose of it follows.
    """
    lease = locked(lease, "lease.record_stored_sand", by=by)
    ended_on = india_day(lease.cancelled_at) if lease.cancelled_at else lease.period_to
    on, reference = sand.on, sand.reference
    stored = rules.StoredSandFacts(on, ended_on, sand.distance_m, sand.quantity_m3)
    findings = check("lease.stored_sand", stored, lease=lease, at=at)
    seen = {"quantity_m3": sand.quantity_m3, "distance_m": sand.distance_m, "place": sand.place}
    body = {**seen, "government": bool(findings)}
    note_act(lease, NewAct("stored_sand", on=on, reference=reference, facts=body), by=by, at=at)
    kind = SandForfeited if findings else SandRecorded
    tell(kind, lease, by=by, at=at, facts={**body, "on": on, "reference": reference})
    return findings
