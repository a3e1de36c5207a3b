"""What the services of a case share: its row for one step, its messages, its news, the tasks that it ends."""

from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.services import emit
from immis.enforcement.events import CasePenalty
from immis.enforcement.models import Case
from immis.enforcement.services.tasks import close_case_tasks, close_tasks, may_decide, require
from immis.messaging.services import send
from immis.registers.clocks import last_day
from immis.registry.selectors import recipient_of
from immis.rules.movement.cases import StepFacts
from immis.rules.movement.offences import offences
from immis.rules.movement.penalties import penalty_value
from immis.rules.policy import PolicyValue, book
from immis.rules.writing.doubts import sum_by

#: The words of each offence by its code.
OFFENCES = {code: row.words for code, row in offences().items()}


def locked_case(case: Case, act: str, *, by: Actor, at: datetime) -> Case:
    """The case's row for one act of an office. Raises NotPermitted elsewhere, Refusal (CAS-06) out of turn."""
    may_decide(by, case.district)
    return row_in_turn(case, act, at=at)


def row_in_turn(case: Case, act: str, *, at: datetime) -> Case:
    """The case's row, locked. Raises Refusal (CAS-06) out of turn."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    require(on="case.step", facts=StepFacts(row.number, act, row.state), at=at)
    return row


def tell_accused(case: Case, template: str, *, at: datetime, key: str = "", **more: Any) -> None:
    """Send the accused a message of the case; once by its key, or by the case where none is given."""
    if case.party is None:
        return
    facts = {**_message_facts(case), **more}
    subject = ("case", case.number)
    send(
        template,
        to=recipient_of(case.party),
        facts=facts,
        at=at,
        subject=subject,
        key=f"{template}:{key or case.number}",
    )


def _message_facts(case: Case) -> dict[str, Any]:
    return {
        "case": case.number,
        "offence": OFFENCES.get(case.offence, OFFENCES["other"]),
        "registration": case.vehicle.registration if case.vehicle else "",
        "seen_at": case.occurred_at,
        "proposed": sum_by(_figure(case), case.proposed_paise),
        "ordered_paise": case.ordered_paise,
        "reply_until": last_day(case.reply_due_at) if case.reply_due_at else None,
        "demand": case.demand_number,
        "outcome": case.outcome,
    }


def _figure(case: Case) -> PolicyValue | None:
    """The figure of the table that the proposed penalty rests on."""
    kind = case.vehicle.kind if case.vehicle else ""
    return penalty_value(case.offence, vehicle=kind, policy=book(), at=case.occurred_at)


def announce_penalty(case: Case, *, step: str, at: datetime) -> None:
    """Tell the other parts that a penalty was ordered or paid (A-16)."""
    payload = CasePenalty(**news_of(case), step=step, step_at=at)
    emit(payload, subject=("case", case.number), at=at, key=f"{payload.KIND}:{case.demand_number}:{step}")


def news_of(case: Case) -> dict[str, Any]:
    """What every piece of news of a case says."""
    return {
        "case": case.number,
        "offence": case.offence,
        "registration": case.vehicle.registration if case.vehicle else "",
        "district": case.district,
        "party_id": case.party_id,
    }


def close_tasks_of(case: Case, *, at: datetime) -> None:
    """What the desk was asked to do about a case is done: it has gone on."""
    close_case_tasks(case, at=at)
    close_tasks("case", case.number, cause=case.number, at=at)
