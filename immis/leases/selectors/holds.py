"""What stops a settlement now: money owed, clearances that ran out, orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from immis.core.services import Subject
from immis.holds.selectors import closure_subjects, not_suspended, ordered_holds
from immis.leases.models import Clearance, Lease
from immis.leases.selectors.clearances import clearances_of
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


def standing_holds(
    lease: Lease,
    at: datetime,
    *,
    known: Mapping[str, Clearance] | None = None,
    ordered: Sequence[StandingHold] | None = None,
) -> list[StandingHold]:
    """Everything that stops a settlement's e-challans at an instant: computed holds, then ordered ones (A-17…A-19).

    ``known`` are its clearances and ``ordered`` the orders on its ``reach`` where they were read already.
    """
    subject = ("lease", lease.number)
    facts = LeaseFacts(lease.number, lease.auction_closed_at, lease.permitted_at, lease.period_to, lease.cancelled_at)
    computed = [standing(finding, subject=subject) for finding in find("hold.lease", facts, policy=book(), at=at)]
    ended = [standing(result, subject=subject) for result in _run_out(lease, known, at=at)]
    unpaid = [hold for demand in unsettled_on(subject, at=at) if (hold := hold_of_demand(demand, lease, at=at))]
    orders = ordered_holds(*reach(lease), at=at) if ordered is None else ordered
    return not_suspended([*unpaid, *computed, *ended, *orders], subject=subject, at=at)


def reach(lease: Lease) -> tuple[Subject, ...]:
    """The subjects whose orders stop a settlement: itself, its party, its district and the State."""
    return ("lease", lease.number), ("party", str(lease.party_id)), *closure_subjects(lease.district)


def _run_out(lease: Lease, known: Mapping[str, Clearance] | None, *, at: datetime) -> list[Finding]:
    """The findings of clearances whose newest version has run out (HLD-20)."""
    today, every = india_day(at), clearances_of(lease) if known is None else known
    rows = [row for row in every.values() if row.granted_on and row.valid_until and row.valid_until < today]
    facts = [ValidityFacts(lease.number, KINDS[row.kind], row.reference, row.valid_until) for row in rows]
    return [result for fact in facts if (result := apply(RULES["HLD-20"], fact, policy=book(), at=at))]


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
