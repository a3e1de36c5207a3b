"""What the rules on a case or a task are asked about, as it stands: for the services and the gates of acts."""

from datetime import date, datetime
from decimal import Decimal

from immis.core.access.permissions import Actor
from immis.enforcement.models import Case, Task
from immis.enforcement.selectors import waiting_appeal
from immis.ledger.selectors import demands_by_number
from immis.reading import whole_number
from immis.registry.selectors import Party, parties, vehicle_of
from immis.rules.calendar import india_day
from immis.rules.enforcement import appeals
from immis.rules.enforcement.computation import Computation, Measured, MeasuringFacts, computed
from immis.rules.enforcement.hearings import StandingFacts
from immis.rules.enforcement.replies import ServedFacts
from immis.rules.movement import cases
from immis.rules.movement.offences import offence
from immis.rules.movement.penalties import OrderFacts
from immis.rules.policy import PolicyBook, book
from immis.rules.posts import chart


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


def hearing_standing_of(case: Case, by: Actor, at: datetime) -> StandingFacts:
    """The hearing of a case that is fixed and not yet held."""
    row = case.hearings.filter(put_off_at__isnull=True, held_at__isnull=True).first()
    return StandingFacts(case.number, row.fixed_at if row else None)


def measuring_of(case: Case, by: Actor, at: datetime) -> MeasuringFacts:
    law = offence(case.offence)
    return MeasuringFacts(case.number, law.by_royalty, bool(law.add_ons))


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


def filing_of(case: Case, kind: str) -> appeals.FilingFacts:
    """A case before an appeal or a revision of it is filed; an order that was withdrawn begins anew."""
    rows = [row for row in case.appeals.all() if case.ordered_at is None or row.filed_at >= case.ordered_at]
    decided = [row for row in rows if row.decided_at is not None]
    return appeals.FilingFacts(
        case=case.number,
        kind=kind,
        ordered_at=case.ordered_at,
        waits=any(row.decided_at is None for row in rows),
        appeal_decided_at=max((row.decided_at for row in decided if row.kind == "appeal"), default=None),
        is_revised=any(row.kind == "revision" for row in decided),
    )


def next_appeal_of(case: Case, by: Actor, at: datetime) -> appeals.FilingFacts:
    """The same for what can be filed next: a revision once the appeal was decided."""
    return filing_of(case, next_kind(case))


def next_kind(case: Case) -> str:
    """What the accused can ask for next: an appeal, after its decision a revision."""
    return "revision" if filing_of(case, "appeal").appeal_decided_at else "appeal"


def act_against(case: Case, kind: str) -> str:
    """The post whose act an appeal is against: who ordered; of a revision who decided the appeal."""
    decided = [row for row in case.appeals.order_by("pk") if row.decided_at is not None]
    ordered = case.ordered_role or "district"  # in cases from before it was kept, the district's office
    return decided[-1].decided_role if kind == "revision" and decided else ordered


def post_over(role: str) -> str:
    """The nearest post that stands over one; of the highest itself, which enters what the government decides."""
    above = [post for post in chart().posts.values() if role in post.over]
    return min(above, key=lambda post: len(post.over)).code if above else role


def hearing_of(case: Case, by: Actor, at: datetime) -> appeals.DecidingFacts:
    """The appeal of a case before a post that would decide it."""
    appeal = waiting_appeal(case)
    if appeal is None:
        return appeals.DecidingFacts(case.number, waits=False)
    is_over = appeal.against in by.post.over or by.role == post_over(appeal.against)
    return appeals.DecidingFacts(case.number, waits=True, against=appeal.against, is_over=is_over)


def closing_of(case: Case, by: Actor, at: datetime) -> appeals.ClosingFacts:
    return appeals.ClosingFacts(case.number, waiting_appeal(case) is not None)
