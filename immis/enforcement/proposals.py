"""The act that a task proposes to a post now, and the tasks of a desk as rows: by subject, or many of one kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.acts import ACTS, Offer, offer_of
from immis.core.errors import NotFound, NotPermitted
from immis.enforcement.models import Task
from immis.enforcement.nouns import is_for

#: By the word of a task: the acts that it proposes, in the order in which they are looked for.
PROPOSES: Mapping[str, tuple[str, ...]] = {
    "remind": ("task.remind",),
    "open_case": ("task.open_case",),
    "send_notice": ("case.send_notice", "case.order_penalty", "case.close"),
    "decide_case": ("case.order_penalty", "case.drop"),
    "decide_appeal": ("case.decide_appeal",),
    "verify_receipt": ("receipt.verify",),
    "resend_refund": ("refund.resend",),
    "decide_claim": ("claim.approve",),
    "eproc_take_over": ("eproc.take_over",),
    "issue_step": ("lease.issue_loi", "lease.execute_deed", "lease.grant_permission"),
    "after_auction": (
        "lot.order_refunds",
        "lot.approve_single",
        "lot.declare_default",
        "lot.forfeit_unsold",
        "lot.recommend_single",
        "lot.call_again",
    ),
    "life": (
        "lease.accept_surrender",
        "lease.refund_security",
        "lease.close_notice",
        "lease.accept_reason",
        "lease.issue_notice",
        "lease.extend_clock",
    ),
}
#: Words of tasks that ask for a look or a reminder: many of one kind are one row, done with one act.
TOGETHER = frozenset({"inspect", "remind", "look", "recover"})
#: The same of tasks about a day that is over: their act asks nothing, so that it is done to all at once.
AT_ONCE = frozenset({"after_auction"})
#: So many of one kind are one row.
FEW = 2


def proposed_offer(task: Task, by: Actor, at: datetime) -> Offer | None:
    """The first act of a task that this post may do to its record now; None where there is none."""
    for name in PROPOSES.get(task.act, ()):
        try:
            offer = offer_of(name, _number(name, task), by=by, at=at)
        except (NotFound, NotPermitted):
            continue
        if offer.fits:
            return offer
    return None


def _number(act: str, task: Task) -> str:
    """The number of the record that an act of a task is done to."""
    kind = ACTS[act].kind if act in ACTS else ""
    if kind == "task":
        return str(task.pk)
    if kind == "case" and task.case:
        return str(task.case.number)
    if kind == "case" != task.subject_kind:
        return str(task.facts.get("number") or "")
    if kind == task.facts.get("noun"):
        return str(task.facts["number"])
    return task.subject_id if kind == task.subject_kind else str(task.facts.get(kind) or "")


@dataclass(frozen=True)
class Row:
    """One row of a desk: its most urgent task, and the others of the same subject or of the same kind."""

    first: Task
    others: Sequence[Task] = ()
    together: bool = False

    @property
    def tasks(self) -> list[Task]:
        return [self.first, *self.others]


def rows_of(tasks: Iterable[Task], by: Actor) -> list[Row]:
    """Tasks as rows, the most urgent first: many of one kind that wait for this post, and each subject, are one."""
    kept = list(tasks)
    kinds: dict[Any, list[Task]] = {}
    for task in kept:
        if _stands_with_others(task) and task.state == "open" and is_for(by, task):
            kinds.setdefault((task.code, str(task.facts.get("clock")), task.act, task.role, task.office_id), []).append(
                task
            )
    many = {task.pk: key for key, rows in kinds.items() if len(rows) > FEW for task in rows}
    grouped: dict[Any, list[Task]] = {}
    for task in kept:
        key = many.get(task.pk) or (task.subject_kind, task.subject_id, task.role, task.office_id, task.state)
        grouped.setdefault(key, []).append(task)
    kinds_of_many = set(many.values())
    return [Row(rows[0], rows[1:], key in kinds_of_many) for key, rows in grouped.items()]


def _stands_with_others(task: Task) -> bool:
    return task.act in TOGETHER or task.subject_kind == "deadline" and task.act in AT_ONCE
