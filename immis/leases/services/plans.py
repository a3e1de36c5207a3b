"""A mining plan as it is submitted: with the accredited person who prepared it (E-088)."""

from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.leases.models import Clearance, Lease
from immis.leases.services.common import check
from immis.leases.services.path import record_clearance
from immis.registers.models import Entry
from immis.rules.catalogue import Finding
from immis.rules.leases.path.clearances import PlanByFacts

RQPS, ACCREDITED = "rqps", "accredited"


def rqps() -> list[Entry]:
    """The accreditations in force, by name."""
    rows = Entry.objects.filter(register=RQPS, state=ACCREDITED)
    return sorted(rows, key=lambda row: (str(row.values.get("name", "")), row.number))


def prepared_by(clearance: Clearance) -> Entry | None:
    """The entry of who prepared a plan; None where nobody was named."""
    number = clearance.prepared_by
    return Entry.objects.filter(register=RQPS, number=number).first() if number else None


@transaction.atomic
def submit_plan(*, lease: Lease, on: date, rqp: str = "", by: Actor, at: datetime) -> list[Finding]:
    """Record that the mining plan was submitted, and which RQP prepared it (clause 21 i, E-088).

    ``rqp`` is the number in the register. Answers warnings (LSE-04 late, LSE-78 nobody named). Raises Refusal (LSE-10
    out of order, LSE-78 for an accreditation that does not hold on that day).
    """
    findings = record_clearance(lease=lease, kind="plan", applied_on=on, by=by, at=at)
    entry = Entry.objects.filter(register=RQPS, number=rqp).first() if rqp else None
    until = str(entry.values.get("valid_until", "")) if entry else ""
    named = PlanByFacts(
        number=rqp,
        submitted_on=on,
        accredited=entry is not None and entry.state == ACCREDITED,
        valid_until=date.fromisoformat(until) if until else None,
    )
    findings += check("lease.plan_by", named, lease=lease, at=at)
    Clearance.objects.filter(lease=lease, kind="plan").update(prepared_by=rqp)
    return findings
