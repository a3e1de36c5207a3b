"""Outages of the service, counted from its own pulse: recorded by themselves, added to passes on the road (CH-45)."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from immis import clock
from immis.challans.changing import closed_spans_of
from immis.challans.models import Challan, ChallanChange
from immis.challans.selectors.outages import OUTAGES, outages
from immis.challans.services.changes import extend_over
from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.core.selectors import log_begins_at
from immis.core.signing.keyring import write_atomically
from immis.registers.services import enter
from immis.rules.calendar import add_months, india_day, start_of
from immis.rules.policy import NotInForce, book

_RECENT = timedelta(days=2)


def note_pulse(*, at: datetime) -> int:
    """Leave the pulse of the service; a gap since the one before that is long enough is an outage (CH-87)."""
    path = clock.data_dir() / "run" / "pulse.json"
    before = _read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"real_s": time.time(), "shown_s": at.timestamp()}))
    gap = _gap(before, at) if before else timedelta(0)
    try:
        least = timedelta(minutes=int(book().value("CH-87", at)))
    except NotInForce:
        return 0
    if gap < least:
        return 0
    given = {"begins_at": at - gap, "ends_at": at, "how": "log"}
    enter(OUTAGES, "record", given, by=SYSTEM, at=at, key=f"outage:{int(at.timestamp())}")
    return 1


def _read(path: Any) -> dict[str, float] | None:
    try:
        body = json.loads(path.read_text())
        return {name: float(body[name]) for name in ("real_s", "shown_s")}
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _gap(before: dict[str, float], at: datetime) -> timedelta:
    """How long the service was silent; where a clock is played (a demonstration) no time is counted as lost."""
    if clock.course() is not None:
        return timedelta(0)
    return timedelta(seconds=max(0.0, min(at.timestamp() - before["shown_s"], time.time() - before["real_s"])))


def extend_running(*, at: datetime) -> int:
    """Add what a recent outage took to every e-challan that was in force in it; answers how many."""
    spans = outages(start=at - _RECENT, end=at)
    if not spans:
        return 0
    begins, ends = min(row.begins_at for row in spans), max(row.ends_at for row in spans)
    rows = Challan.objects.filter(state=Challan.ISSUED, issued_at__lt=ends, valid_until__gt=begins)
    return each("challans.outages", list(rows), lambda row: _extend(row, at), name=lambda row: row.number)


def _extend(challan: Challan, at: datetime) -> bool:
    given = ChallanChange.objects.filter(challan=challan, kind=ChallanChange.EXTENDED, rule_code="CH-45")
    added = sum(int(row.facts["minutes"]) for row in given)
    first_end = challan.valid_until - timedelta(minutes=sum(int(row.facts["minutes"]) for row in given))
    lost = [(a, b) for a, b in closed_spans_of(challan, at) if a < first_end + timedelta(minutes=added)]
    missing = int(sum((b - a).total_seconds() for a, b in lost) // 60) - added
    return missing > 0 and extend_over(challan=challan, minutes=missing, by=SYSTEM, at=at)


@dataclass(frozen=True)
class Month:
    """One month of the service: how long it should have run, how long it was out, how often."""

    first_on: date
    seconds: float
    out_s: float
    count: int

    @property
    def percent(self) -> float:
        return 100.0 if not self.seconds else round(100 * (1 - min(1.0, self.out_s / self.seconds)), 3)


def months(*, at: datetime, most: int = 12) -> Sequence[Month]:
    """The months of service, the running one first, from the first line of the action log on."""
    began = log_begins_at()
    if began is None:
        return []
    rows, first = [], india_day(at).replace(day=1)
    while len(rows) < most and start_of(add_months(first, 1)) > began:
        rows.append(_month(first, max(start_of(first), began), min(start_of(add_months(first, 1)), at)))
        first = add_months(first, -1)
    return rows


def _month(first: date, begins: datetime, ends: datetime) -> Month:
    rows = outages(start=begins, end=ends)
    out_s = sum((min(row.ends_at, ends) - max(row.begins_at, begins)).total_seconds() for row in rows)
    return Month(first, max(0.0, (ends - begins).total_seconds()), out_s, len(rows))
