"""Carrying out what triggers decided: the closed list of five consequences."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from immis.challans.services import invalidate_challan
from immis.core.access.permissions import SYSTEM
from immis.core.facts import plain
from immis.core.selectors import OutboxEvent
from immis.enforcement.desks import Desks
from immis.enforcement.models import Case
from immis.enforcement.services.cases import open_case
from immis.enforcement.services.orders import note_paid, note_unpaid
from immis.enforcement.services.tasks import (
    NewTask,
    close_tasks,
    open_task,
    role_of,
)
from immis.holds.services import HoldOrder, order_hold
from immis.messaging.services import send
from immis.rules.catalogue import ChangeState, Consequence, OpenCase, OpenTask, PlaceHold, SendMessage


def would_be(consequence: Consequence) -> dict[str, Any]:
    """What a consequence of a trigger on trial would have done, as the outcome keeps it; nothing is carried out."""
    rows = asdict(consequence).items()
    would = {name: str(value) if isinstance(value, timedelta) else value for name, value in rows}
    return {"kind": type(consequence).__name__, **plain(would)}


@dataclass
class Carrier:
    """Carries out the consequences of one trigger on one event, inside the engine's transaction."""

    code: str
    event: OutboxEvent
    district: str
    at: datetime
    desks: Desks
    case: Case | None = field(default=None)

    def out(self, consequence: Consequence) -> dict[str, Any]:
        """Carry out one consequence; answers what was done, as the outcome keeps it."""
        match consequence:
            case OpenTask():
                done = self._open_task(consequence)
            case OpenCase():
                done = self._open_case(consequence)
            case PlaceHold():
                done = self._place_hold(consequence)
            case SendMessage():
                done = self._send(consequence)
            case ChangeState():
                done = self._change_state(consequence)
        return {"kind": type(consequence).__name__, **plain(done)}

    def _open_task(self, wanted: OpenTask) -> dict[str, Any]:
        role = role_of(self.district, wanted.role)
        task = open_task(
            NewTask(
                code=self.code,
                office=self.desks.office(self.district, role),
                role=role,
                subject=(wanted.subject_kind, wanted.subject_id),
                facts=wanted.facts,
                act=self._act(wanted),
                due_at=self.event.at + wanted.due_in,
                case=self.case,
                once=wanted.once,
            ),
            at=self.at,
        )
        return {"task": task.pk, "office": task.office.code, "due_at": task.due_at}

    def _act(self, wanted: OpenTask) -> str:
        """A signal that joins a case whose notice is out asks for a look and for no second notice."""
        noticed = self.case is not None and self.case.state != "opened"
        return "inspect" if noticed and wanted.act == "send_notice" else wanted.act

    def _open_case(self, wanted: OpenCase) -> dict[str, Any]:
        self.case = open_case(
            offence=wanted.offence,
            trigger_code=self.code,
            facts=wanted.facts,
            penalty_paise=wanted.penalty_paise,
            by=SYSTEM,
            at=self.at,
        )
        return {"case": self.case.number, "penalty_paise": wanted.penalty_paise}

    def _place_hold(self, wanted: PlaceHold) -> dict[str, Any]:
        hold = order_hold(
            subject=(wanted.subject_kind, wanted.subject_id),
            order=HoldOrder(
                stops=wanted.stops,
                rule_code=self.code,
                reference=f"{self.event.subject_kind} {self.event.subject_id}",
                since=wanted.since,
                until=wanted.until,
            ),
            facts=wanted.facts,
            key=f"{self.code}:{self.event.pk}",
            by=SYSTEM,
            at=self.at,
        )
        return {"hold": hold.pk, "until": wanted.until}

    def _send(self, wanted: SendMessage) -> dict[str, Any]:
        message = send(
            wanted.template,
            to=self.desks.recipient(wanted.to_kind, wanted.to_id),
            facts=wanted.facts,
            at=self.at,
            subject=(self.event.subject_kind, self.event.subject_id),
            key=f"{self.code}:{self.event.pk}:{wanted.template}:{wanted.to_kind}:{wanted.to_id}",
        )
        return {"message": message.pk, "template": wanted.template, "to": f"{wanted.to_kind} {wanted.to_id}"}

    def _change_state(self, wanted: ChangeState) -> dict[str, Any]:
        done: dict[str, Any] = {"subject": f"{wanted.subject_kind} {wanted.subject_id}", "to": wanted.to}
        if wanted.subject_kind == "task":
            kind, _, subject_id = wanted.subject_id.partition(":")
            done["tasks"] = close_tasks(
                kind, subject_id, cause=self.code, at=self.at, of=str(wanted.facts.get("of", ""))
            )
        elif (wanted.subject_kind, wanted.to) == ("challan", "invalid"):
            rule_code = str(wanted.facts.get("rule") or self.code)
            invalidate_challan(challan=wanted.subject_id, rule_code=rule_code, facts=dict(self.event.facts), at=self.at)
        elif (wanted.subject_kind, wanted.to) == ("case", "paid"):
            done["moved"] = note_paid(wanted.subject_id, facts=wanted.facts, at=self.at)
        elif (wanted.subject_kind, wanted.to) == ("case", "ordered"):
            done["moved"] = note_unpaid(wanted.subject_id, facts=wanted.facts, at=self.at)
        else:
            raise ValueError(f"{self.code} wants {wanted.subject_kind} to become {wanted.to}: nobody carries that out")
        return done
