"""The order of a case, its demand in the ledger, its payment, and how the case ends (A-15)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.services import Asked, log_action, record_decision
from immis.enforcement.gates import closing_of, computation_of, hearing_standing_of, order_facts, owed_of, owed_paise
from immis.enforcement.models import Case
from immis.enforcement.papers.orders import order_draft
from immis.enforcement.papers.written import make_paper
from immis.enforcement.services.steps import OFFENCES, announce_penalty, close_tasks_of, locked_case, tell_accused
from immis.enforcement.services.tasks import require
from immis.ledger.services import NewDemand, raise_demand
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.movement.penalties import OrderFacts
from immis.rules.policy import PolicyBook, book
from immis.rules.writing.texts import text


@transaction.atomic
def order_penalty(
    case: Case, *, amount_paise: int, by: Actor, at: datetime, reason: str = "", policy: PolicyBook | None = None
) -> Case:
    """Order the penalty of a case and demand it through the ledger.

    Raises Refusal with every finding of ``case.order`` and ``case.order_amount``, CAS-06 out of turn, CAS-64
    while a hearing is fixed and not held.
    """
    law = policy or book()
    row = locked_case(case, "order", by=by, at=at)
    require(on="case.no_hearing", facts=hearing_standing_of(row, by, at), at=at)
    facts = order_facts(row, amount_paise=amount_paise, reason=reason)
    findings = [finding for on in ("case.order", "case.order_amount") for finding in find(on, facts, policy=law, at=at)]
    if findings:
        raise Refusal(findings)
    due_on = india_day(at) + timedelta(days=int(law.value("CAS-09", at)))
    row.demand_number = _demand(row, amount_paise=amount_paise, due_on=due_on, by=by, at=at).number
    row.state, row.ordered_at = "ordered", at
    row.ordered_paise, row.order_reason = amount_paise, reason.strip()
    row.ordered_role = by.role
    row.save()
    draft = order_draft(row, computation_of(row, law), due_on=due_on)
    paper = make_paper(row, draft, by=by, at=at)
    shown = {"amount_paise": amount_paise, "reason": reason, "demand": row.demand_number, "paper": paper.number}
    log_action("case.ordered", subject=("case", row.number), by=by, at=at, facts=shown)
    _decided(row, facts, at=at)
    close_tasks_of(row, at=at)
    tell_accused(row, "MSG-06", at=at, key=row.demand_number, due_on=due_on)
    announce_penalty(row, step="order", at=at)
    return row


def _decided(case: Case, facts: OrderFacts, *, at: datetime) -> None:
    on = india_day(at)
    subject = ("case", case.number)
    asked = {"facts": vars(facts), "outcome": "ordered", "asked": Asked(facts, ())}
    record_decision("CAS-03", subject=subject, policy_on=on, at=at, **asked)


def _demand(case: Case, *, amount_paise: int, due_on: date, by: Actor, at: datetime) -> Any:
    words, lines = OFFENCES.get(case.offence, OFFENCES["other"]), computation_of(case).lines
    return raise_demand(
        demand=NewDemand(
            party=case.party,
            subject=("case", case.number),
            district=case.district,
            kind="penalty",
            label=text("enforcement/words", "penalty", offence=words, case=case.number),
            amount_paise=amount_paise,
            due_on=due_on,
            cites=[{"code": line.code, "from_on": line.from_on.isoformat(), "cites": line.cites} for line in lines],
        ),
        at=at,
        by=by,
    )


@transaction.atomic
def note_paid(number: str, *, facts: Mapping[str, Any], at: datetime) -> bool:
    """The demand of a case is paid in full and verified; answers whether the case moved."""
    row = Case.objects.select_for_update().filter(number=number, state="ordered").first()
    if row is None or owed_paise(row):
        return False
    row.state, row.paid_at = "paid", at
    row.save()
    shown = {"receipt": facts.get("receipt"), "officer": facts.get("officer")}
    log_action("case.paid", subject=("case", row.number), by=SYSTEM, at=at, facts=shown)
    announce_penalty(row, step="payment", at=at)
    return True


@transaction.atomic
def note_unpaid(number: str, *, facts: Mapping[str, Any], at: datetime) -> bool:
    """The bank took back what had paid a case's penalty; answers whether the case waits for payment again."""
    row = Case.objects.select_for_update().filter(number=number, state="paid").first()
    if row is None or not owed_paise(row):
        return False
    row.state, row.paid_at = "ordered", None
    row.save()
    log_action("case.unpaid", subject=("case", number), by=SYSTEM, at=at, facts={"receipt": facts.get("receipt")})
    return True


@transaction.atomic
def close_case(case: Case, *, outcome: str, by: Actor, at: datetime) -> Case:
    """Close a paid case with its outcome.

    Raises Refusal (CAS-06 before payment, CAS-07 without an outcome, CAS-21 while something of it is owed,
    CAS-75 while an appeal waits).
    """
    row = locked_case(case, "close", by=by, at=at)
    require(on="case.close", facts=owed_of(row, by, at), at=at)
    require(on="case.close_waits", facts=closing_of(row, by, at), at=at)
    return _end(row, state="closed", outcome=outcome, by=by, at=at)


@transaction.atomic
def drop_case(case: Case, *, reason: str, by: Actor, at: datetime) -> Case:
    """Drop a case before any order, with the reason. Raises Refusal (CAS-06 after the order, CAS-07 no reason)."""
    return _end(locked_case(case, "drop", by=by, at=at), state="dropped", outcome=reason, by=by, at=at)


def _end(row: Case, *, state: str, outcome: str, by: Actor, at: datetime) -> Case:
    if not outcome.strip():
        raise Refusal(Finding("CAS-07", {}))
    row.state, row.outcome, row.closed_at = state, outcome.strip(), at
    row.save()
    log_action(f"case.{state}", subject=("case", row.number), by=by, at=at, facts={"outcome": row.outcome})
    close_tasks_of(row, at=at)
    tell_accused(row, "MSG-13", at=at)
    return row
