"""Acts of two officers: the mining office proposes a step of the path, the Collector issues it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.leases.events.path import StepIssued, StepProposed
from immis.leases.facts import issue_of
from immis.leases.models import Lease, LeaseAct
from immis.leases.services.common import check, locked, tell
from immis.leases.services.orders import NewAct, note_act
from immis.rules.calendar import india_day
from immis.rules.leases.path import STEPS

#: The grant that issues a step.
_ISSUE = {"loi": "lease.issue_loi", "deed": "lease.execute_deed", "permission": "lease.grant_permission"}


class _TriedOnly(Exception):
    """Takes a trial back."""


@transaction.atomic
def propose_step(
    *, lease: Lease, step: str, issue: Callable[..., Any], by: Actor, at: datetime, on: date | None = None
) -> LeaseAct:
    """The mining office proposes LoI, deed or permission to the Collector, once every gate is open for it.

    ``issue`` is the service that issues the step; it is tried and taken back, so that what it refuses is refused here.
    """
    lease = locked(lease, "lease.propose_step", by=by)
    day = {"on": on} if on else {}
    try:
        with transaction.atomic():
            issue(lease=lease, by=SYSTEM, at=at, **day)
            raise _TriedOnly
    except _TriedOnly:
        lease.refresh_from_db()
    facts = _facts(step, on or india_day(at))
    act = note_act(lease, NewAct("proposal", on=facts["on"], facts=facts), by=by, at=at)
    tell(StepProposed, lease, by=by, at=at, facts=facts)
    return act


def locked_to_issue(lease: Lease, step: str, *, on: date, by: Actor, at: datetime) -> Lease:
    """The lease's row, locked, for the Collector who issues a proposed step. Raises NotPermitted, Refusal (LSE-60)."""
    lease = locked(lease, _ISSUE[step], by=by)
    if by.is_system:
        return lease
    check("lease.issue_step", issue_of(lease, step, by), lease=lease, at=at)
    tell(StepIssued, lease, by=by, at=at, facts=_facts(step, on))
    return lease


def _facts(step: str, on: date) -> dict[str, Any]:
    return {"step": step, "what": dict(STEPS[step]), "on": on}
