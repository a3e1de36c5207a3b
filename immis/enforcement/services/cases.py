"""Cases: opened with evidence, then notice, reply, order, demand, payment, outcome (A-15, A-24)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.services import Asked, emit, log_action, next_number, record_decision
from immis.enforcement.events import CasePenalty
from immis.enforcement.gates import order_facts, owed_of, owed_paise, reply_of, suspicion_of
from immis.enforcement.models import Case, Task
from immis.enforcement.services.tasks import (
    close_case_tasks,
    decide_task,
    may_decide,
    may_decide_task,
    office_of,
    require,
)
from immis.ledger.services import NewDemand, raise_demand
from immis.messaging.services import send
from immis.registry.selectors import Party, parties, recipient_of, vehicle_of
from immis.rules.calendar import INDIA, india_day
from immis.rules.catalogue import Finding, find
from immis.rules.districts import letters_of
from immis.rules.movement.cases import OPEN, StepFacts
from immis.rules.movement.offences import liable_of, offence_of, offences
from immis.rules.movement.penalties import OrderFacts, penalty_value, reply_due
from immis.rules.policy import PolicyBook, book
from immis.rules.writing.texts import text

#: The words of each offence by its code.
OFFENCES = {code: row.words for code, row in offences().items()}


def _number(district: str, at: datetime) -> str:
    """The next case number of a district and year, as ``MUN-C-2026-0001``."""
    year = at.astimezone(INDIA).year
    prefix = letters_of(district) if district else "HQ"
    return f"{prefix}-C-{year}-{next_number(f'case:{prefix}:{year}'):04d}"


@transaction.atomic
def open_case(
    *,
    offence: str,
    trigger_code: str,
    facts: Mapping[str, Any],
    penalty_paise: int,
    by: Actor,
    at: datetime,
) -> Case:
    """Open a case with its first evidence; further signals join a case of the same vehicle and offence that is open."""
    kept = plain(facts)
    vehicle = vehicle_of(kept.get("registration") or "")
    if (standing := _standing(offence, kept, vehicle)) is None:
        try:
            with transaction.atomic():
                return _new_case(offence, trigger_code, kept, vehicle, penalty_paise, by=by, at=at)
        except IntegrityError:  # another officer or worker opened it meanwhile
            standing = _standing(offence, kept, vehicle)
            if standing is None:
                raise
    standing.evidence = {"signals": [*standing.evidence["signals"], kept]}
    standing.save()
    log_action("case.evidence", subject=("case", standing.number), by=by, at=at, facts={"facts": kept})
    return standing


def _new_case(
    offence: str, trigger_code: str, kept: dict[str, Any], vehicle: Any, penalty_paise: int, *, by: Actor, at: datetime
) -> Case:
    district = kept.get("district") or ""
    liable = liable_of(offence, kept)
    case = Case.objects.create(
        number=_number(district, at),
        offence=offence,
        trigger_code=trigger_code,
        office=office_of(district, "district"),
        district=district,
        vehicle=vehicle,
        party=parties(pk=liable).first() if liable else None,
        lease_code=kept.get("lease") or "",
        challan_number=kept.get("challan") or "",
        evidence={"signals": [kept]},
        occurred_at=datetime.fromisoformat(kept.get("seen_at") or kept.get("issued_at") or at.isoformat()),
        proposed_paise=penalty_paise,
        opened_at=at,
    )
    shown = {"offence": offence, "trigger": trigger_code, "proposed_paise": penalty_paise}
    log_action("case.opened", subject=("case", case.number), by=by, at=at, facts=shown)
    return case


def _standing(offence: str, facts: Mapping[str, Any], vehicle: Any) -> Case | None:
    """The open case that a further signal belongs to; the constraints of ``Case`` say the same."""
    rows = Case.objects.select_for_update().filter(offence=offence, state__in=OPEN)
    if offence == "gps_tamper":
        return rows.filter(vehicle=vehicle).first() if vehicle else None
    challan = facts.get("challan")
    return rows.filter(challan_number=challan).first() if challan else None


@transaction.atomic
def open_case_from_task(task: Task, *, by: Actor, at: datetime) -> Case:
    """Open the case that a task proposes, with the task's facts as evidence; the task is done.

    Raises Refusal: CAS-20 for a task that concerns no registered vehicle and no party, CAS-23 where it opens none.
    """
    may_decide_task(by, task)
    require(on="task.open_case", facts=suspicion_of(task, by, at), at=at)
    offence = offence_of(task.code)
    facts = {**task.facts, "district": task.office.district}
    vehicle = task.facts.get("vehicle") or "truck"
    value = penalty_value(offence, vehicle=vehicle, policy=book(), at=at)
    proposed = int(value.value) * 100 if value else 0
    case = open_case(offence=offence, trigger_code=task.code, facts=facts, penalty_paise=proposed, by=by, at=at)
    done = decide_task(task, done=True, note=case.number, by=by, at=at)
    done.case = case
    done.save()
    return case


def _locked(case: Case, act: str, *, by: Actor, at: datetime) -> Case:
    """The case's row for one act. Raises Refusal (CAS-06) out of turn."""
    may_decide(by, case.district)
    row = Case.objects.select_for_update().get(pk=case.pk)
    require(on="case.step", facts=StepFacts(row.number, act, row.state), at=at)
    return row


def _case_facts(case: Case) -> dict[str, Any]:
    """What the messages of a case say."""
    return {
        "case": case.number,
        "offence": OFFENCES.get(case.offence, OFFENCES["other"]),
        "registration": case.vehicle.registration if case.vehicle else "",
        "seen_at": case.occurred_at,
        "proposed_paise": case.proposed_paise,
        "ordered_paise": case.ordered_paise,
        "reply_due_at": case.reply_due_at,
        "demand": case.demand_number,
        "outcome": case.outcome,
    }


def _tell(case: Case, template: str, *, at: datetime, **more: Any) -> None:
    if case.party is not None:
        facts = {**_case_facts(case), **more}
        key = f"{template}:{case.number}"
        send(template, to=recipient_of(case.party), facts=facts, at=at, subject=("case", case.number), key=key)


@transaction.atomic
def send_notice(case: Case, *, by: Actor, at: datetime, party: Party | None = None) -> Case:
    """Send the notice to whoever is liable. Raises Refusal (CAS-04 without a liable party, CAS-06 out of turn)."""
    row = _locked(case, "notice", by=by, at=at)
    row.party = party or row.party
    if row.party is None:
        raise Refusal(Finding("CAS-04", {"case": row.number}))
    row.state, row.noticed_at = "noticed", at
    row.reply_due_at = reply_due(at, policy=book())
    row.save()
    log_action("case.noticed", subject=("case", row.number), by=by, at=at, facts={"reply_due_at": row.reply_due_at})
    _tell(row, "MSG-05", at=at)
    close_case_tasks(row, at=at)
    return row


@transaction.atomic
def record_reply(case: Case, *, reply: str, by: Actor, at: datetime) -> Case:
    """Enter the reply to the notice. Raises Refusal (CAS-06 out of turn, CAS-07 when it is empty, CAS-22 twice)."""
    row = _locked(case, "reply", by=by, at=at)
    require(on="case.reply", facts=reply_of(row, by, at), at=at)
    if not reply.strip():
        raise Refusal(Finding("CAS-07", {}))
    row.reply, row.replied_at = reply.strip(), at
    row.save()
    log_action("case.replied", subject=("case", row.number), by=by, at=at, facts={"reply": row.reply})
    return row


@transaction.atomic
def order_penalty(
    case: Case, *, amount_paise: int, by: Actor, at: datetime, reason: str = "", policy: PolicyBook | None = None
) -> Case:
    """Order the penalty of a case and demand it through the ledger.

    Raises Refusal with every finding of ``case.order`` and ``case.order_amount``, and CAS-06 out of turn.
    """
    law = policy or book()
    row = _locked(case, "order", by=by, at=at)
    facts = order_facts(row, amount_paise=amount_paise, reason=reason)
    findings = [finding for on in ("case.order", "case.order_amount") for finding in find(on, facts, policy=law, at=at)]
    if findings:
        raise Refusal(findings)
    due_on = india_day(at) + timedelta(days=int(law.value("CAS-09", at)))
    row.demand_number = _demand(row, amount_paise=amount_paise, due_on=due_on, by=by, at=at).number
    row.state, row.ordered_at = "ordered", at
    row.ordered_paise, row.order_reason = amount_paise, reason.strip()
    row.save()
    shown = {"amount_paise": amount_paise, "reason": reason, "demand": row.demand_number}
    log_action("case.ordered", subject=("case", row.number), by=by, at=at, facts=shown)
    _decided(row, facts, at=at)
    close_case_tasks(row, at=at)
    _tell(row, "MSG-06", at=at, due_on=due_on)
    _announce(row, step="order", at=at)
    return row


def _decided(case: Case, facts: OrderFacts, *, at: datetime) -> None:
    on = india_day(at)
    subject = ("case", case.number)
    asked = {"facts": vars(facts), "outcome": "ordered", "asked": Asked(facts, ())}
    record_decision("CAS-03", subject=subject, policy_on=on, at=at, **asked)


def _demand(case: Case, *, amount_paise: int, due_on: Any, by: Actor, at: datetime) -> Any:
    words = OFFENCES.get(case.offence, OFFENCES["other"])
    vehicle = case.vehicle.kind if case.vehicle else ""
    value = penalty_value(case.offence, vehicle=vehicle, policy=book(), at=case.occurred_at)
    cites = [{"code": value.code, "from_on": value.from_on.isoformat(), "cites": value.cites}] if value else []
    return raise_demand(
        demand=NewDemand(
            party=case.party,
            subject=("case", case.number),
            district=case.district,
            kind="penalty",
            label=text("enforcement/words", "penalty", offence=words, case=case.number),
            amount_paise=amount_paise,
            due_on=due_on,
            cites=cites,
        ),
        at=at,
        by=by,
    )


def _announce(case: Case, *, step: str, at: datetime) -> None:
    payload = CasePenalty(
        case=case.number,
        offence=case.offence,
        step=step,
        step_at=at,
        registration=case.vehicle.registration if case.vehicle else "",
        district=case.district,
        party_id=case.party_id,
    )
    emit(payload, subject=("case", case.number), at=at, key=f"{payload.KIND}:{case.number}:{step}")


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
    _announce(row, step="payment", at=at)
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

    Raises Refusal (CAS-06 before payment, CAS-07 without an outcome, CAS-21 while something of it is owed).
    """
    row = _locked(case, "close", by=by, at=at)
    require(on="case.close", facts=owed_of(row, by, at), at=at)
    return _end(row, state="closed", outcome=outcome, by=by, at=at)


@transaction.atomic
def drop_case(case: Case, *, reason: str, by: Actor, at: datetime) -> Case:
    """Drop a case before any order, with the reason. Raises Refusal (CAS-06 after the order, CAS-07 no reason)."""
    return _end(_locked(case, "drop", by=by, at=at), state="dropped", outcome=reason, by=by, at=at)


def _end(row: Case, *, state: str, outcome: str, by: Actor, at: datetime) -> Case:
    if not outcome.strip():
        raise Refusal(Finding("CAS-07", {}))
    row.state, row.outcome, row.closed_at = state, outcome.strip(), at
    row.save()
    log_action(f"case.{state}", subject=("case", row.number), by=by, at=at, facts={"outcome": row.outcome})
    close_case_tasks(row, at=at)
    _tell(row, "MSG-13", at=at)
    return row
