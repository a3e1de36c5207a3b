"""What every step of a settlement does: lock, check the office and the order, log, tell."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, emit, log_action, record_decision
from immis.leases.events.common import LeaseNews
from immis.leases.facts import step_of
from immis.leases.models import Lease
from immis.leases.selectors import lease_facts
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.leases.path import StepFacts
from immis.rules.policy import book


def locked(lease: Lease, grant: str, *, by: Actor) -> Lease:
    """The lease's row, locked, for a post that holds the grant and reaches the lease's district with it."""
    require_grant(by, grant, district=lease.district)
    return Lease.objects.select_for_update(of=("self",)).select_related("party", "block").get(pk=lease.pk)


def check(occasion: str, facts: Any, *, lease: Lease, at: datetime) -> list[Finding]:
    """Run an occasion's rules: refusals are raised together, warnings are kept as decisions and answered."""
    findings = find(occasion, facts, policy=book(), at=at)
    if refusing := [finding for finding in findings if finding.severity == "refuse"]:
        raise Refusal(refusing)
    for finding in findings:
        record_decision(
            finding.code,
            subject=("lease", lease.number),
            facts=finding.facts,
            outcome="warning",
            policy_on=india_day(at),
            at=at,
            asked=Asked(facts, [finding]),
        )
    return findings


def check_step(lease: Lease, step: str, *, on: date, at: datetime) -> None:
    """Refuse a step of the path out of its order (LSE-10)."""
    check("lease.step", step_of(lease, step, on=on, at=at), lease=lease, at=at)


def check_later(lease: Lease, step: str, *, on: date, at: datetime, than: Mapping[str, date | None]) -> None:
    """Refuse a paper dated before what it rests on (LSE-10): ``than`` are the steps, each with its day."""
    for before, before_on in than.items():
        check("lease.step", StepFacts(step, on, india_day(at), before, before_on), lease=lease, at=at)


def tell(kind: type[LeaseNews], lease: Lease, *, by: Actor, at: datetime, facts: Mapping[str, Any]) -> None:
    """Log a step and put it in the outbox, with what every event of a settlement carries."""
    subject = ("lease", lease.number)
    log_action(kind.KIND, subject=subject, by=by, at=at, facts=facts)
    emit(kind(**lease_facts(lease), **facts), subject=subject, at=at)
