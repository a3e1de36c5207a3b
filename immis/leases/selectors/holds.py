"""What stops a settlement now: money owed, clearances that ran out, orders."""

from datetime import date, datetime

from django.db.models import QuerySet

from immis.core.written import question
from immis.holds.selectors import closure_subjects, not_suspended, ordered_holds
from immis.leases.models import Clearance, Lease
from immis.leases.selectors.demands import instalment_key
from immis.ledger.selectors import (
    Demand,
    demand_state,
    unsettled_on,
)
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, Finding, apply, find
from immis.rules.holds.stops import LeaseFacts, OwedFacts, StandingHold, standing
from immis.rules.leases.clearances import KINDS, ValidityFacts
from immis.rules.policy import book


def standing_holds(lease: Lease, at: datetime) -> list[StandingHold]:
    """Everything that stops a settlement's e-challans at an instant: computed holds, then ordered ones (A-17…A-19)."""
    subject = ("lease", lease.number)
    facts = LeaseFacts(lease.number, lease.auction_closed_at, lease.permitted_at, lease.period_to, lease.cancelled_at)
    computed = [standing(finding, subject=subject) for finding in find("hold.lease", facts, policy=book(), at=at)]
    ended = [standing(result, subject=subject) for result in _run_out(lease, at=at)]
    unpaid = [hold for demand in unsettled_on(subject, at=at) if (hold := hold_of_demand(demand, lease, at=at))]
    reach = (subject, ("party", str(lease.party_id)), *closure_subjects(lease.district))
    standing_now = [*unpaid, *computed, *ended, *ordered_holds(*reach, at=at)]
    return not_suspended(standing_now, subject=subject, at=at)


def _run_out(lease: Lease, *, at: datetime) -> list[Finding]:
    """The findings of clearances whose newest version has run out (HLD-20)."""
    rows = _over.rows(lease=lease.pk, today=india_day(at))
    facts = [ValidityFacts(lease.number, KINDS[row.kind], row.reference, row.valid_until) for row in rows]
    return [result for fact in facts if (result := apply(RULES["HLD-20"], fact, policy=book(), at=at))]


@question
def _over(lease: int, today: date) -> QuerySet[Clearance]:
    return Clearance.objects.filter(lease_id=lease, granted_on__isnull=False, valid_until__lt=today)


def owed_facts(demand: Demand, lease: Lease) -> OwedFacts:
    """A demand on a settlement as the hold rule sees it."""
    return OwedFacts(
        demand=demand.number,
        kind=demand.kind,
        label=demand.label,
        amount_paise=demand.balance_paise or demand.amount_paise,
        due_on=demand.due_on,
        state="waiting" if demand_state(demand) in {"waiting", "settled"} else "open",
        settled_at=demand.settled_at,
        reopened_at=demand.reopened_at,
        before_deed=demand.key == instalment_key(demand.subject_id, 1, 1),
        by_deed=lease.unpaid_stops,
    )


def hold_of_demand(demand: Demand, lease: Lease, *, at: datetime) -> StandingHold | None:
    """The hold that an unpaid demand puts on its settlement at an instant (HLD-01)."""
    finding = apply(RULES["HLD-01"], owed_facts(demand, lease), policy=book(), at=at)
    return standing(finding, subject=("lease", lease.number)) if finding else None
