"""A mining plan as it is submitted: with the accredited person who prepared it (E-088)."""

from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.leases.models import Clearance, Lease
from immis.leases.selectors import is_accredited, rqp_of
from immis.leases.services.common import check
from immis.leases.services.path import record_clearance
from immis.rules.catalogue import Finding
from immis.rules.leases.path.clearances import PlanByFacts


@transaction.atomic
def submit_plan(*, lease: Lease, on: date, rqp: str = "", by: Actor, at: datetime) -> list[Finding]:
    """Record that the mining plan was submitted, and which RQP prepared it (clause 21 i, E-088).

    ``rqp`` is the number in the register. Answers warnings (LSE-04 late, LSE-78 nobody named). Raises Refusal (LSE-10
    out of order, LSE-78 for an accreditation that does not hold on that day).
    """
    findings = record_clearance(lease=lease, kind="plan", applied_on=on, by=by, at=at)
    entry = rqp_of(rqp)
    until = str(entry.values.get("valid_until", "")) if entry else ""
    named = PlanByFacts(
        number=rqp,
        submitted_on=on,
        accredited=is_accredited(entry),
        valid_until=date.fromisoformat(until) if until else None,
    )
    findings += check("lease.plan_by", named, lease=lease, at=at)
    Clearance.objects.filter(lease=lease, kind="plan").update(prepared_by=rqp)
    return findings
