"""What posts owe in each period, and how much of it counted; every figure opens to its entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from immis.registers.declaration import Counted, Duty, Register
from immis.registers.models import DutyPeriod, Entry
from immis.registers.periodic.periods import period_before, period_of
from immis.registry.selectors import Office, offices_with_post
from immis.rules.calendar import end_of, start_of


@dataclass(frozen=True)
class Count:
    """One entry of a duty: whether it counted, else why not (``state`` or ``again``: its value was there before)."""

    entry: Entry
    counts: bool
    why: str = ""


def counted(duty: Duty, office: Office, register: Register, first: date, last: date) -> list[Count]:
    """The entries of an office in a period, each with whether it counts."""
    rows = Entry.objects.filter(
        register=register.name, office=office, entered_at__gte=start_of(first), entered_at__lt=end_of(last)
    ).order_by("pk")
    return _judged(duty.counted, rows)


def _judged(wanted: Counted, rows: Iterable[Entry]) -> list[Count]:
    seen: set[str] = set()
    judged = []
    for entry in rows:
        if wanted.states and entry.state not in wanted.states:
            judged.append(Count(entry, False, "state"))
            continue
        value = str(entry.values.get(wanted.distinct, "")) if wanted.distinct else ""
        again = bool(wanted.distinct) and (not value or value in seen)
        seen.add(value)
        judged.append(Count(entry, not again, "again" if again else ""))
    return judged


def keep_duties(register: Register, *, at: datetime, today: date) -> int:
    """Begin the period that has come, count the one that runs, and close those that are over; rows that changed."""
    changed = 0
    for duty in register.duties.values():
        first, last = period_of(today, duty.every)
        for office in offices_with_post(duty.who):
            changed += _keep(duty, office, register, first, last, at=at, today=today)
            before = period_before(first, duty.every)
            if DutyPeriod.objects.filter(register=register.name, duty=duty.name, office=office, first_on=before[0]):
                changed += _keep(duty, office, register, *before, at=at, today=today)
    return changed


@transaction.atomic
def _keep(duty: Duty, office: Office, register: Register, first: date, last: date, *, at: datetime, today: date) -> int:
    row, new = DutyPeriod.objects.select_for_update().get_or_create(
        register=register.name, duty=duty.name, office=office, first_on=first,
        defaults={"last_on": last, "owes": duty.owes},
    )  # fmt: skip
    if row.closed_at is not None:
        return 0
    met = sum(count.counts for count in counted(duty, office, register, first, last))
    over = today > last
    if met == row.met and not over:
        return int(new)
    row.met, row.closed_at = met, at if over else None
    row.save(update_fields=["met", "closed_at"])
    return 1
