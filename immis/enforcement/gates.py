"""What the rules on a case or a task are asked about, as it stands: for the services and the gates of acts."""

from datetime import datetime

from immis.core.access.permissions import Actor
from immis.enforcement.models import Case, Task
from immis.ledger.selectors import demands_by_number
from immis.reading import whole_number
from immis.registry.selectors import Party, parties, vehicle_of
from immis.rules.movement import cases
from immis.rules.movement.penalties import OrderFacts, is_unverified
from immis.rules.policy import book


def order_facts(case: Case, *, amount_paise: int, reason: str) -> OrderFacts:
    """A case as the rules of an order see it."""
    vehicle = case.vehicle.kind if case.vehicle else ""
    return OrderFacts(
        case=case.number,
        noticed_at=case.noticed_at,
        replied=case.replied_at is not None,
        amount_paise=amount_paise,
        table_paise=case.proposed_paise,
        reason=reason,
        liable_party=str(case.party_id or ""),
        table_unverified=is_unverified(case.offence, vehicle=vehicle, policy=book(), at=case.occurred_at),
    )


def ripe_of(case: Case, by: Actor, at: datetime) -> OrderFacts:
    """A case before anybody has written an amount."""
    return order_facts(case, amount_paise=0, reason="")


def reply_of(case: Case, by: Actor, at: datetime) -> cases.RepliedFacts:
    return cases.RepliedFacts(case.number, case.replied_at)


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
