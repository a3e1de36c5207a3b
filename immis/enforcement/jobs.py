"""The trigger engine: events of the outbox in order, each in one transaction, each trigger once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from django.db import transaction

from immis.core.events import gather
from immis.core.facts import plain, storable
from immis.core.selectors import OutboxEvent, cursor_position, mark_handled
from immis.core.transactions import broken_off
from immis.enforcement import consequences, selectors, services
from immis.enforcement.desks import Desks
from immis.enforcement.models import FailedEvent, Outcome, Task
from immis.enforcement.modes import mode_orders
from immis.late import late
from immis.rules import catalogue
from immis.rules.again import consequence_rows
from immis.rules.calendar import india_day
from immis.rules.policy import PolicyBook, book
from immis.rules.registers.modes import ENFORCE, OFF, ModeOrder, mode_of

if TYPE_CHECKING:
    import pydantic
else:
    pydantic = late("pydantic")

log = logging.getLogger(__name__)
#: The row that a worker holds while it handles one event: several workers take turns, so events stay in order.
_TURN = "enforcement.triggers"
_A_LOOK = 200
_FIRST_RETRY = timedelta(seconds=30)
_LAST_RETRY = timedelta(hours=6)


@dataclass(frozen=True)
class Look:
    """One look at the waiting events: its instant, the law, who answers, and the triggers on trial at its beginning."""

    at: datetime
    law: PolicyBook
    desks: Desks
    modes: Sequence[ModeOrder] = ()


@cache
def _adapter(code: str) -> "pydantic.TypeAdapter[Any]":
    """The reader of a trigger's facts: the frozen dataclass of its first parameter."""
    function = catalogue.TRIGGERS[code].function
    return pydantic.TypeAdapter(get_type_hints(function)[function.__code__.co_varnames[0]])


def run_triggers(*, at: datetime, policy: PolicyBook | None = None, limit: int = 1000) -> int:
    """Handle the waiting events of the outbox in order; answers how many were handled.

    An event whose triggers fail is kept with its error and tried again later; it does not hold up the others.
    """
    law, handled, tried = policy or book(), 0, 0
    while tried < limit and (waiting := selectors.waiting_events(at=at, most=min(_A_LOOK, limit - tried))):
        look = Look(at=at, law=law, desks=Desks(waiting), modes=mode_orders())
        handled += sum(_handle_one(pk, look) for pk in waiting)
        tried += len(waiting)
    return handled


def _handle_one(pk: int, look: Look) -> int:
    """Handle one event unless another worker did meanwhile; the turn keeps the order among workers."""
    event = None
    try:
        with transaction.atomic():
            cursor_position(_TURN)
            event = selectors.event_to_handle(pk)
            if event is None:
                return 0
            failure = selectors.failure_of(event)
            if failure and failure.rests(look.at):
                return 0
            handle(event, look)
            if failure:
                FailedEvent.objects.filter(pk=failure.pk).update(resolved_at=look.at)
    except Exception as error:  # any failure is kept with the event, for headquarters to see
        if event is None or broken_off(error):  # the database asks for the same turn once more
            raise
        log.exception("event %s (%s) failed", event.pk, event.kind)
        _note_failure(event, error, at=look.at)
        return 0
    return 1


def handle(event: OutboxEvent, look: Look) -> None:
    """Run every trigger of an event and take the event off the outbox's open end, in the caller's transaction."""
    triggers = catalogue.triggers_on(event.kind)
    if triggers:
        facts, fired = gather(event), set(Outcome.objects.filter(event=event).values_list("trigger_code", flat=True))
        for trigger in triggers:
            if trigger.code not in fired:
                _fire(trigger, event, facts, look)
    mark_handled([event], look.at)


def _fire(trigger: catalogue.Registered, event: OutboxEvent, gathered: Mapping[str, Any], look: Look) -> None:
    facts = _adapter(trigger.code).validate_python(dict(gathered))
    district, on = gathered.get("district") or "", india_day(event.at)
    mode = mode_of(look.modes, trigger.code, district=district, on=on)
    followed = [] if mode == OFF else catalogue.react(trigger, facts, policy=look.law, at=event.at)
    carried = consequences.Carrier(code=trigger.code, event=event, district=district, at=look.at, desks=look.desks)
    carry = carried.out if mode == ENFORCE else consequences.would_be
    Outcome.objects.create(
        trigger_code=trigger.code,
        event=event,
        policy_on=on,
        facts=plain(asdict(facts)),
        consequences=[carry(consequence) for consequence in followed],
        mode=None if mode == ENFORCE else mode,
        word=None if mode == OFF else consequence_rows(followed),
        at=look.at,
    )


@transaction.atomic
def _note_failure(event: OutboxEvent, error: Exception, *, at: datetime) -> None:
    row, _ = FailedEvent.objects.get_or_create(
        event=event, defaults={"failed_at": at, "next_try_at": at, "error": "", "attempts": 0}
    )
    row.attempts += 1
    row.error = storable(f"{type(error).__name__}: {error}")[:2000]
    row.failed_at = at
    row.next_try_at = at + min(_FIRST_RETRY * 2 ** min(row.attempts - 1, 20), _LAST_RETRY)
    row.resolved_at = None
    row.save()


def escalate_tasks(*, at: datetime) -> int:
    """Show tasks past their due instant to Collector and headquarters; answers how many.

    One that cannot be escalated does not keep the others waiting.
    """
    return sum(_escalate_one(task, at=at) for task in selectors.overdue_tasks(at=at))


def _escalate_one(task: Task, *, at: datetime) -> bool:
    try:
        return services.escalate(task, at=at)
    except Exception:
        log.exception("task %s could not be escalated", task.pk)
        return False
