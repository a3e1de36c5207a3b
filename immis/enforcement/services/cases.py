"""Cases: opened with evidence, and the notice that asks for the cause (A-15, A-24); the order follows in ``orders``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.services import log_action, next_number
from immis.enforcement.gates import computation_of, suspicion_of
from immis.enforcement.models import Case, Task
from immis.enforcement.papers.link import link_of
from immis.enforcement.papers.written import Draft, make_paper, sums_of
from immis.enforcement.services.steps import close_tasks_of, locked_case, tell_accused
from immis.enforcement.services.tasks import decide_task, may_decide_task, office_of, require
from immis.registers.clocks import last_day
from immis.registry.selectors import Party, parties, vehicle_of
from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding
from immis.rules.districts import letters_of
from immis.rules.movement.cases import OPEN
from immis.rules.movement.offences import actor_of, liable_of, offence_of
from immis.rules.movement.penalties import penalty_value, reply_due
from immis.rules.policy import book
from immis.rules.writing.texts import text, texts


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
        actor=actor_of(offence, kept),
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


@transaction.atomic
def send_notice(case: Case, *, by: Actor, at: datetime, party: Party | None = None) -> Case:
    """Send the notice to whoever is liable. Raises Refusal (CAS-04 without a liable party, CAS-06 out of turn)."""
    row = locked_case(case, "notice", by=by, at=at)
    row.party = party or row.party
    if row.party is None:
        raise Refusal(Finding("CAS-04", {"case": row.number}))
    row.state, row.noticed_at = "noticed", at
    row.reply_due_at = reply_due(at, policy=book())
    row.save()
    paper = make_paper(row, _notice(row), by=by, at=at)
    shown = {"reply_due_at": row.reply_due_at, "paper": paper.number}
    log_action("case.noticed", subject=("case", row.number), by=by, at=at, facts=shown)
    tell_accused(row, "MSG-05", at=at, link=link_of(row))
    close_tasks_of(row, at=at)
    return row


def _notice(case: Case) -> Draft:
    """The notice to show cause, with the penalty that it proposes and how that is reckoned."""
    computation, words = computation_of(case), texts("papers/case")
    assert case.reply_due_at is not None
    day = f"{last_day(case.reply_due_at):%d.%m.%Y}"
    asked = text("papers/case", "asked" if computation.lines else "asked_open", day=day)
    sums = sums_of(computation)
    return Draft("notice", (asked, words["unheard"]), sums, computation.total_paise, with_link=True)
