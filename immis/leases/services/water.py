"""The permission of the water resources engineer for a structure over a stream, given or deemed (clause 38)."""

from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound
from immis.core.services import Asked, emit, log_action, record_decision
from immis.leases.events.calendar import ClearanceDeemed
from immis.leases.events.path import ClearanceApplied, ClearanceGranted, ClearanceRefused
from immis.leases.models import Clearance, Lease
from immis.leases.selectors import lease_facts
from immis.leases.services.clearances import Document, clearance_row, keep_version
from immis.leases.services.common import check_step, locked, tell
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, apply
from immis.rules.leases.clearances import KINDS, WATER, SilenceFacts
from immis.rules.policy import book

# -- the permission of the water resources engineer


@transaction.atomic
def apply_for_water(*, lease: Lease, on: date, by: Actor, at: datetime, reference: str = "") -> Clearance:
    """Record that the structure over a stream was applied for; from now on the month of clause 38 runs (E-123)."""
    lease = locked(lease, "clearance.record", by=by)
    check_step(lease, "water_applied", on=on, at=at)
    row = Clearance.objects.create(lease=lease, kind=WATER, applied_on=on, reference=reference)
    tell(ClearanceApplied, lease, by=by, at=at, facts={"clearance": WATER, "on": on, "reference": reference})
    return row


@transaction.atomic
def answer_water(
    *,
    lease: Lease,
    on: date,
    granted: bool,
    by: Actor,
    at: datetime,
    reference: str = "",
    document: Document | None = None,
) -> Clearance:
    """Record the engineer's answer: it grants or refuses; after it no silence is counted (E-123)."""
    lease = locked(lease, "clearance.record", by=by)
    row = clearance_row(lease, WATER)
    check_step(lease, "water_answered", on=on, at=at)
    if row is None:
        raise NotFound("clearance of the structure over the stream")
    row.reference = reference or row.reference
    facts = {"clearance": WATER, "on": on, "reference": row.reference}
    if granted:
        row.granted_on = on
        keep_version(row, document=document, by=by, at=at)
    else:
        row.refused_on = on
        row.save()
    tell(ClearanceGranted if granted else ClearanceRefused, lease, by=by, at=at, facts=facts)
    return row


@transaction.atomic
def deem_granted(clearance: Clearance, *, at: datetime) -> bool:
    """Where the month of clause 38 passed in silence the permission counts as given, once; answers whether (E-123)."""
    row = Clearance.objects.select_for_update(of=("self",)).select_related("lease__block", "lease__party").get(
        pk=clearance.pk
    )  # fmt: skip
    facts = SilenceFacts(row.lease.number, row.applied_on, row.granted_on or row.refused_on)
    finding = apply(RULES["LSE-30"], facts, policy=book(), at=at)
    if finding is None:
        return False
    row.granted_on = finding.facts["deemed_on"]
    keep_version(row, by=SYSTEM, at=at, rule_code=finding.code)
    body = {"clearance": dict(KINDS[WATER]), **finding.facts}
    subject = ("lease", row.lease.number)
    kept = {"facts": vars(facts), "outcome": "deemed", "policy_on": india_day(at), "asked": Asked(facts, [finding])}
    record_decision(finding.code, subject=subject, at=at, **kept)
    log_action("lease.clearance_deemed", subject=subject, by=SYSTEM, at=at, facts=body)
    emit(ClearanceDeemed(**lease_facts(row.lease), **body), subject=subject, at=at, key=f"deemed:{row.pk}")
    return True
