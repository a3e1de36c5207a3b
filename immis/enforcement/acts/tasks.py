"""The acts on a task of a desk: open its case, remind, done, dismiss; and remind the post that has it (A-12, A-24)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.enforcement import gates, nouns, services
from immis.enforcement.models import Case, Task

__all__ = ["nouns"]

_OPEN = Gate("task.decide", gates.decision_of)
_DESK = Page("desk")


def _note(help: Any = "") -> Field:
    return Field("note", "long_text", _("Reason or what was done"), required=False, max_length=2000, help=help)


def _open_case(*, task: Task, by: Actor, at: datetime) -> Case:
    return services.open_case_from_task(task, by=by, at=at)


def _done(*, task: Task, note: str, by: Actor, at: datetime) -> Task:
    return services.decide_task(task, done=True, note=note, by=by, at=at)


def _dismiss(*, task: Task, note: str, by: Actor, at: datetime) -> Task:
    return services.decide_task(task, done=False, note=note, by=by, at=at)


declare(
    Act(
        "task.open_case",
        _("Open a case"),
        "CAS-23",
        _open_case,
        fits=(_OPEN, Gate("task.open_case", gates.suspicion_of)),
        shared_grant="task.decide",
        leads_to=lambda case: Page("office_case", (case.number,)),
        done=_("The case is open."),
    ),
    Act(
        "task.remind",
        _("Remind the settlee"),
        "CAS-15",
        services.remind,
        fits=(_OPEN, Gate("task.remind", gates.debt_of)),
        shared_grant="task.decide",
        done=_("The settlee was reminded."),
    ),
    Act(
        "task.complete",
        _("Done"),
        "CAS-08",
        _done,
        (_note(),),
        fits=(_OPEN,),
        word="done",
        shared_grant="task.decide",
        leads_to=lambda task: _DESK,
        done=_("The task is decided."),
    ),
    Act(
        "task.dismiss",
        _("Dismiss with reason"),
        "CAS-07",
        _dismiss,
        (_note(_("Needed when the task is dismissed.")),),
        fits=(_OPEN,),
        word="dismissed",
        shared_grant="task.decide",
        leads_to=lambda task: _DESK,
        done=_("The task is decided."),
    ),
    Act(
        "task.urge",
        _("Remind the post"),
        "CAS-30",
        services.urge,
        fits=(_OPEN, Gate("task.urge", gates.urged_of)),
        shared_grant="task.read",
        of_others=True,
        done=_("The post was reminded."),
    ),
    place="task",
)
