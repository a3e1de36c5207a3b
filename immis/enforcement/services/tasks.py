"""Tasks on the desks: opening, deciding, closing by events, escalating."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.enforcement.gates import debt_of, debtor_of, decision_of, urged_of
from immis.enforcement.models import Case, Task
from immis.enforcement.nouns import is_for
from immis.messaging.services import Recipient, send
from immis.registry.selectors import Office, addresses_of, headquarters, office_for, recipient_of
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.posts import chart

#: Whose desk a matter of no known district lands on.
HEADQUARTERS = "hq"


class NoOffice(LookupError):
    """No office answers for this district in this role: appoint one, then the event is tried again."""


def role_of(district: str, role: str) -> str:
    """The post that answers: where no district is known, headquarters in place of a district's post."""
    return role if district or chart().post(role).reach == "state" else HEADQUARTERS


def office_of(district: str, role: str) -> Office:
    """The office that a task or case lands with: of its district, else headquarters; never another district's.

    Raises NoOffice.
    """
    office = office_for(district=district, role=role_of(district, role))
    if office is None:
        raise NoOffice(f"no office for {role} of {district or 'the State, where no district is known'}")
    return office


def office_recipient(office: Office) -> Recipient:
    """An office with the addresses of its people, as messages take it."""
    return Recipient("office", str(office.pk), others=addresses_of(office))


def may_decide(by: Actor, district: str) -> None:
    """Raises NotPermitted unless the post decides in this district."""
    require_grant(by, "case.decide", district=district)


def require(*, on: str, facts: Any, at: datetime) -> None:
    """Raises Refusal with every finding of an occasion of the rule book."""
    if findings := find(on, facts, policy=book(), at=at):
        raise Refusal(findings)


def may_decide_task(by: Actor, task: Task) -> None:
    """Raises NotPermitted unless the post decides tasks in this district and the task is for it."""
    require_grant(by, "task.decide", district=task.district)
    if not is_for(by, task):
        raise NotPermitted(f"task {task.pk} is for {task.role}, not for {by.role}")


@dataclass(frozen=True)
class NewTask:
    """A task as a trigger wants it; ``once``: there is one about its subject for good, decided or not."""

    code: str
    office: Office
    role: str
    subject: tuple[str, str]
    facts: Mapping[str, Any]
    act: str
    due_at: datetime
    case: Case | None = None
    once: bool = False

    @property
    def key(self) -> dict[str, Any]:
        """By what it is known on the desk."""
        kind, subject_id = self.subject
        fields = {"office": self.office, "role": self.role, "code": self.code}
        return {**fields, "subject_kind": kind, "subject_id": subject_id}


@transaction.atomic
def open_task(wanted: NewTask, *, at: datetime) -> Task:
    """Put a task on an office's desk; while one of the same code, post and subject is open, that one stands.

    A standing task about a suspicion becomes the case's when a case has come of it.
    """
    if (standing := _standing(wanted)) is None:
        try:
            with transaction.atomic():
                return _new_task(wanted, at=at)
        except IntegrityError:  # another worker opened it meanwhile
            standing = _standing(wanted)
            if standing is None:
                raise
    return _raised(standing, wanted, at=at)


def _standing(wanted: NewTask) -> Task | None:
    rows = Task.objects.select_for_update().filter(**wanted.key).order_by("pk")
    return rows.first() if wanted.once else rows.filter(state="open").first()


def _new_task(wanted: NewTask, *, at: datetime) -> Task:
    fields = {"facts": plain(wanted.facts), "act": wanted.act, "case": wanted.case, "due_at": wanted.due_at}
    task = Task.objects.create(**wanted.key, **fields, opened_at=at)
    about = {"code": wanted.code, "about": wanted.subject}
    log_action("task.opened", subject=("task", str(task.pk)), by=SYSTEM, at=at, facts=about)
    return task


def _raised(task: Task, wanted: NewTask, *, at: datetime) -> Task:
    """A task on which more has come: the act of the case, its facts, and the nearer due instant."""
    if wanted.case is None or task.case_id == wanted.case.pk or task.state != "open":
        return task
    before = {"act": task.act, "facts": task.facts, "due_at": task.due_at, "case": wanted.case.number}
    log_action("task.raised", subject=("task", str(task.pk)), by=SYSTEM, at=at, facts=before)
    task.act, task.case, task.facts = wanted.act, wanted.case, plain(wanted.facts)
    task.due_at = min(task.due_at, wanted.due_at)
    task.save()
    return task


def _locked_open_task(task: Task, *, by: Actor, at: datetime) -> Task:
    """The task's row. Raises Refusal (CAS-08) for one that is decided."""
    row = Task.objects.select_for_update().select_related("office").get(pk=task.pk)
    require(on="task.decide", facts=decision_of(row, by, at), at=at)
    return row


def _decide(row: Task, *, state: str, note: str, by: Actor, at: datetime) -> Task:
    row.state, row.note, row.decided_at = state, note, at
    row.decided_by, row.decided_by_name = by.user_id, by.name
    row.save()
    log_action(f"task.{state}", subject=("task", str(row.pk)), by=by, at=at, facts={"note": note})
    return row


@transaction.atomic
def decide_task(task: Task, *, done: bool, note: str, by: Actor, at: datetime) -> Task:
    """Decide a task: done, or dismissed with a reason.

    Raises NotPermitted for another office, Refusal (CAS-07 without a reason, CAS-08 when already decided).
    """
    row = _locked_open_task(task, by=by, at=at)
    may_decide_task(by, row)
    if not done and not note.strip():
        raise Refusal(Finding("CAS-07", {}))
    return _decide(row, state="done" if done else "dismissed", note=note.strip(), by=by, at=at)


@transaction.atomic
def remind(task: Task, *, by: Actor, at: datetime) -> Task:
    """Tell the settlee again about the amount that a task is about.

    Raises NotPermitted for another office or post, Refusal (CAS-08 already decided, CAS-15 it is about no due amount).
    """
    row = _locked_open_task(task, by=by, at=at)
    may_decide_task(by, row)
    require(on="task.remind", facts=debt_of(row, by, at), at=at)
    party = debtor_of(row)
    if party is None:
        raise NotFound("party of this task")
    template = "MSG-02" if row.code == "TRG-02" else "MSG-01"
    send(template, to=recipient_of(party), facts=row.facts, at=at, subject=(row.subject_kind, row.subject_id))
    log_action("task.reminded", subject=("task", str(row.pk)), by=by, at=at, facts={"template": template})
    return row


@transaction.atomic
def urge(task: Task, *, by: Actor, at: datetime) -> Task:
    """Remind the post that has a task, by a message to its office.

    Raises NotPermitted where the task is the reader's own or out of reach, Refusal (CAS-08 already decided, CAS-30
    reminded lately).
    """
    row = _locked_open_task(task, by=by, at=at)
    require_grant(by, "task.read", district=row.district)
    if is_for(by, row):
        raise NotPermitted(f"task {row.pk} is for {by.role}: who has it needs no reminder")
    require(on="task.urge", facts=urged_of(row, by, at), at=at)
    row.urged_at = at
    row.save()
    facts = {"sender": _sender(by), "due_at": row.due_at, "task": dict(book().entry(row.code).title)}
    send("MSG-09", to=office_recipient(row.office), facts=facts, at=at, subject=("task", str(row.pk)))
    log_action("task.urged", subject=("task", str(row.pk)), by=by, at=at, facts={"post": row.role})
    return row


def _sender(by: Actor) -> dict[str, str]:
    """Who reminds: his post and his office, in both languages."""
    offices = {"en": by.office_en, "hi": by.office_hi}
    return {lang: f"{by.post.title[lang]}, {name}" if name else by.post.title[lang] for lang, name in offices.items()}


@transaction.atomic
def close_tasks(subject_kind: str, subject_id: str, *, cause: str, at: datetime, of: str = "") -> list[int]:
    """Open tasks about a record are done by an event: what they asked for has happened; ``of`` names one trigger's."""
    rows = Task.objects.select_for_update().filter(subject_kind=subject_kind, subject_id=subject_id, state="open")
    rows = rows.filter(code=of) if of else rows
    closed = [_decide(row, state="done", note=cause, by=SYSTEM, at=at) for row in rows.order_by("pk")]
    return [row.pk for row in closed]


@transaction.atomic
def close_case_tasks(case: Case, *, at: datetime) -> list[int]:
    """Open tasks of a case are done: it has gone on. Others about the same vehicle stay."""
    rows = Task.objects.select_for_update().filter(case=case, state="open")
    return [_decide(row, state="done", note=case.number, by=SYSTEM, at=at).pk for row in rows.order_by("pk")]


@transaction.atomic
def escalate(task: Task, *, at: datetime) -> bool:
    """A task past its due instant is shown to Collector and headquarters, once; headquarters gets a message."""
    row = Task.objects.select_for_update().select_related("office").get(pk=task.pk)
    if row.state != "open" or row.escalated_at is not None or row.due_at > at:
        return False
    row.escalated_at = at
    row.save()
    log_action("task.escalated", subject=("task", str(row.pk)), by=SYSTEM, at=at, facts={"due_at": row.due_at})
    if (state := headquarters()) is not None:
        name = {"en": row.office.name_en, "hi": row.office.name_hi}
        facts = {"office": name, "due_at": row.due_at, "task": dict(book().entry(row.code).title)}
        send(
            "MSG-08",
            to=office_recipient(state),
            facts=facts,
            at=at,
            subject=("task", str(row.pk)),
            key=f"escalated:{row.pk}",
        )
    return True
