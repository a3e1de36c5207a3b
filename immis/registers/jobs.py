"""What the worker does for registers: rungs that have come, duties and reports by period, a calendar that changed."""

from datetime import datetime

from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.core.events import facts_of
from immis.core.selectors import move_cursor, position_from
from immis.core.services import emit, log_action
from immis.registers import clocks, loader, selectors
from immis.registers.events import EntryRedated, RungReached
from immis.registers.models import Entry
from immis.registers.periodic.duties import keep_duties
from immis.registers.periodic.reports import send_report
from immis.registers.services import Given, do_act
from immis.rules.calendar import india_day

BATCH = 200
_CALENDAR = "registers.calendar"


def climb_rungs(*, at: datetime) -> int:
    """Take every entry whose next rung has come to the post of that rung; answers how many."""
    over = selectors.overdue(at, most=BATCH)
    return each("registers.rungs", over, lambda entry: _climb(entry.pk, at=at), name=lambda entry: entry.number)


def _climb(pk: int, *, at: datetime) -> int:
    entry = Entry.objects.select_for_update().get(pk=pk)
    if entry.next_rung_at is None or entry.next_rung_at > at:
        return 0
    register = selectors.version_of(entry)
    over = [(clock, over_at) for clock, over_at, _ in clocks.running(entry, register) if over_at is not None]
    for clock, over_at in over:
        if clock.then and over_at <= at:
            do_act(register=register, act=register.acts[clock.then], given=Given({}), by=SYSTEM, at=at, entry=entry)
            return 1
    rungs = [(rung_at, rung, clock) for clock, over_at in over for rung_at, rung in clocks.rungs_of(clock, over_at)]
    for rung_at, rung, clock in rungs:
        if entry.next_rung_at <= rung_at <= at:
            payload = RungReached(
                register=register.name, title=register.title, clock=clock.title, cites=clock.cites,
                post=rung.to, district=entry.district, due_at=entry.due_at, entry=entry.number,
            )  # fmt: skip
            # By its place, not its instant: a rung that was climbed is not climbed again when the calendar changes.
            key = f"{payload.KIND}:{entry.number}:{entry.revision}:{clock.name}:{rung.after}"
            emit(payload, subject=("entry", entry.number), at=at, key=key)
    later = [rung_at for rung_at, _, _ in rungs if rung_at > at] + [over_at for clock, over_at in over if clock.then]
    entry.next_rung_at = min(later, default=None)
    entry.save(update_fields=["next_rung_at"])
    return 1


def count_duties(*, at: datetime) -> int:
    """Begin, count and close the duties of every register."""
    today = india_day(at)
    owed = [register for register in loader.in_force(today) if register.duties]
    return each("registers.duties", owed, lambda row: keep_duties(row, at=at, today=today), name=lambda row: row.name)


def redate_clocks(*, at: datetime) -> int:
    """Count the open clocks of all entries anew when the calendar of holidays is another one; answers how many moved.

    A worker that is stopped meanwhile begins again: the calendar counts as known once every entry was looked at.
    """
    mark = clocks.calendar_mark()
    if position_from(_CALENDAR, mark) == mark:
        return 0
    moved, last = 0, 0
    while rows := list(Entry.objects.filter(pk__gt=last, due_at__isnull=False).order_by("pk")[:BATCH]):
        moved += each(
            "registers.calendar", rows, lambda entry: _redate(entry.pk, at=at), name=lambda entry: entry.number
        )
        last = rows[-1].pk
    move_cursor(_CALENDAR, mark)
    return moved


def _redate(pk: int, *, at: datetime) -> int:
    entry = Entry.objects.select_for_update().get(pk=pk)
    register, was_at = selectors.version_of(entry), entry.due_at
    clocks.set_clocks(entry, register)
    if entry.due_at == was_at or entry.due_at is None:
        return 0
    payload = EntryRedated(
        register=register.name, title=register.title, was_at=was_at, due_at=entry.due_at, district=entry.district
    )
    emit(payload, subject=("entry", entry.number), at=at)
    log_action(payload.KIND, subject=("entry", entry.number), by=SYSTEM, at=at, facts=facts_of(payload))
    return 1


def send_reports(*, at: datetime) -> int:
    """Send each office the reports of the period that is over, once; answers how many went out."""
    today = india_day(at)
    due = [
        (row, report) for row in loader.in_force(today) for report in row.reports.values() if report.every and report.to
    ]
    return each(
        "registers.reports", due, lambda pair: send_report(*pair, at=at, today=today),
        name=lambda pair: f"{pair[0].name} {pair[1].name}",
    )  # fmt: skip
