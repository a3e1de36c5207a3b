"""What the worker does for registers: rungs that have come, and duties whose period begins or ends."""

from datetime import datetime

from immis.core.batches import each
from immis.core.services import emit
from immis.registers import clocks, loader, selectors
from immis.registers.duties import keep_duties
from immis.registers.events import RungReached
from immis.registers.models import Entry
from immis.rules.calendar import india_day

BATCH = 200


def climb_rungs(*, at: datetime) -> int:
    """Take every entry whose next rung has come to the post of that rung; answers how many."""
    over = selectors.overdue(at, most=BATCH)
    return each("registers.rungs", over, lambda entry: _climb(entry.pk, at=at), name=lambda entry: entry.number)


def _climb(pk: int, *, at: datetime) -> int:
    entry = Entry.objects.select_for_update().get(pk=pk)
    if entry.next_rung_at is None or entry.next_rung_at > at:
        return 0
    register = selectors.version_of(entry)
    rungs = [
        (rung_at, post, clock)
        for clock, over_at, _ in clocks.running(entry, register)
        if over_at is not None
        for rung_at, post in clocks.rungs_of(clock, over_at)
    ]
    for rung_at, post, clock in rungs:
        if entry.next_rung_at <= rung_at <= at:
            payload = RungReached(
                register=register.name, title=register.title, clock=clock.title, cites=clock.cites,
                post=post, district=entry.district, due_at=entry.due_at, entry=entry.number,
            )  # fmt: skip
            key = f"{payload.KIND}:{entry.number}:{clock.name}:{rung_at.isoformat()}"
            emit(payload, subject=("entry", entry.number), at=at, key=key)
    later = [rung_at for rung_at, _, _ in rungs if rung_at > at]
    entry.next_rung_at = min(later, default=None)
    entry.save(update_fields=["next_rung_at"])
    return 1


def count_duties(*, at: datetime) -> int:
    """Begin, count and close the duties of every register."""
    today = india_day(at)
    owed = [register for register in loader.in_force(today) if register.duties]
    return each("registers.duties", owed, lambda row: keep_duties(row, at=at, today=today), name=lambda row: row.name)
