"""What the rules on a case or a task are asked about, as it stands: for the services and the gates of acts."""

from datetime import date, datetime
from decimal import Decimal

from immis.core.access.permissions import Actor
from immis.enforcement.models import Case, Task
from immis.ledger.selectors import demands_by_number
from immis.reading import whole_number
from immis.registry.selectors import Party, parties, vehicle_of
from immis.rules.calendar import india_day
from immis.rules.enforcement.computation import Computation, Measured, computed
from immis.rules.enforcement.replies import ServedFacts
from immis.rules.movement import cases
from immis.rules.movement.penalties import OrderFacts
from immis.rules.policy import PolicyBook, book


def measured_of(case: Case) -> Measured:
    """What the penalty of a case is reckoned of, as it stands on record."""
    kept = case.measured
    return Measured(
        offence=case.offence,
        vehicle=kept.get("vehicle") or (case.vehicle.kind if case.vehicle else ""),
        actor=case.actor,
        quantity_m3=Decimal(str(kept.get("quantity_m3") or 0)),
        river=kept.get("river") or "",
        add_ons=tuple(kept.get("add_ons") or ()),
    )


def computation_of(case: Case, policy: PolicyBook | None = None) -> Computation:
    """The penalty of a case by the law of the day of its offence."""
    return computed(measured_of(case), policy=policy or book(), at=case.occurred_at)


def order_facts(case: Case, *, amount_paise: int, reason: str) -> OrderFacts:
    """A case as the rules of an order see it."""
    return OrderFacts(
        case=case.number,
        noticed_at=case.noticed_at,
        replied=case.replied_at is not None,
        amount_paise=amount_paise,
        table_paise=case.proposed_paise,
        reason=reason,
        liable_party=str(case.party_id or ""),
        table_unverified=computation_of(case).is_unverified,
        due_at=case.reply_due_at,
    )


def ripe_of(case: Case, by: Actor, at: datetime) -> OrderFacts:
    """A case before anybody has written an amount."""
    return order_facts(case, amount_paise=0, reason="")


def reply_of(case: Case, by: Actor, at: datetime) -> cases.RepliedFacts:
    return cases.RepliedFacts(case.number, case.replied_at)


def served_facts(case: Case, served_on: date, at: datetime) -> ServedFacts:
    noticed_on = india_day(case.noticed_at) if case.noticed_at else None
    return ServedFacts(case.number, served_on, noticed_on, india_day(at))


def owed_of(case: Case, by: Actor, at: datetime) -> cases.OwedFacts:
    return cases.OwedFacts(case.number, case.demand_number, owed_paise(case))


def owed_paise(case: Case) -> int:
    """What is still to be paid of a case's penalty."""
    demand = demands_by_number([case.demand_number]).get(case.demand_number)
    return demand.balance_paise if demand else 0


def decision_of(task: Task, by: Actor, at: datetime) -> cases.DecidedFacts:
    if task.state == "open":
        return cases.DecidedFacts(task.pk)
    return cases.DecidedFacts(task.pk, task.decided_at, task.decided_by_name)


def urged_of(task: Task, by: Actor, at: datetime) -> cases.UrgeFacts:
    return cases.UrgeFacts(task.pk, task.urged_at)


def debt_of(task: Task, by: Actor, at: datetime) -> cases.RemindFacts:
    party = debtor_of(task)
    return cases.RemindFacts(task.pk, task.act, str(party.pk) if party else "")


def debtor_of(task: Task) -> Party | None:
    """The party that owes the amount that a task is about."""
    number = whole_number(str(task.facts.get("party_id"))) if task.act == "remind" else None
    return parties(pk=number).first() if number else None


def suspicion_of(task: Task, by: Actor, at: datetime) -> cases.SuspicionFacts:
    vehicle = vehicle_of(task.facts.get("registration") or "")
    concerns = vehicle.registration if vehicle else str(task.facts.get("party_id") or "")
    return cases.SuspicionFacts(task.pk, task.code, task.act, concerns, task.case.number if task.case else "")
