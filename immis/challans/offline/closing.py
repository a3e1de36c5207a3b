"""The end of a quota: used up, or over for long; each number that was not used goes back, and stands on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from immis.challans.models import OfflinePass
from immis.challans.offline.keys import QUOTAS, instant, quota_of, terms
from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.registers import loader
from immis.registers.selectors import Entry, standing_in
from immis.registers.services import Given, do_act
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce


@dataclass(frozen=True)
class Slot:
    """One number of a quota: the line of the gate's book that used it, or none."""

    number: str
    row: OfflinePass | None


def slots(quota: Entry) -> list[Slot]:
    """Every number of a quota with what became of it, in order."""
    series = quota_of(quota)
    rows = OfflinePass.objects.select_related("challan").filter(quota=quota.number, chained=True)
    used = {row.counter: row for row in rows}
    count = series.last - series.first + 1
    return [Slot(f"{series.series}-{series.first + n:06d}", used.get(n + 1)) for n in range(count)]


def others(quota: Entry) -> list[OfflinePass]:
    """Lines that came for a quota and are none of its book: doubled, unproven, out of order."""
    return list(OfflinePass.objects.filter(quota=quota.number, chained=False))


def close_quotas(*, at: datetime) -> int:
    """Close every quota that is used up, or over for longer than CH-80 lets lines come late."""
    try:
        late = timedelta(hours=int(terms(at)["late_hours"]))
    except NotInForce:
        return 0
    rows = [*standing_in(QUOTAS, "granted"), *standing_in(QUOTAS, "withdrawn")]
    over = [row for row in rows if _is_over(row, late, at)]
    return each("challans.quotas", over, lambda row: _close(row, at=at), name=lambda row: row.number)


def _is_over(quota: Entry, late: timedelta, at: datetime) -> bool:
    return at >= instant(quota.values["ends_at"]) + late or all(slot.row for slot in slots(quota))


@transaction.atomic
def _close(quota: Entry, *, at: datetime) -> bool:
    register = loader.current(QUOTAS, india_day(at))
    do_act(register=register, act=register.acts["close"], given=Given({}), by=SYSTEM, at=at, entry=quota)
    return True


def in_words(numbers: Sequence[str]) -> str:
    """Numbers as ``MUN-26-000113–000116``: runs are drawn together."""
    runs: list[list[str]] = []
    for number in numbers:
        if runs and int(runs[-1][-1].rpartition("-")[2]) + 1 == int(number.rpartition("-")[2]):
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1].rpartition('-')[2]}" for run in runs)
