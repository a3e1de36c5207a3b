"""Outages of the service that are on record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.registers.selectors import Entry, standing_in

OUTAGES = "outages"


@dataclass(frozen=True)
class Outage:
    """When the service was out, and whence that is known (``log`` or ``order``)."""

    number: str
    begins_at: datetime
    ends_at: datetime
    how: str
    words: str = ""

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.begins_at).total_seconds() // 60)


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _outage(row: Entry) -> Outage:
    begins_at, ends_at = _instant(row.values["begins_at"]), _instant(row.values["ends_at"])
    return Outage(row.number, begins_at, ends_at, row.values["how"], row.values.get("words", ""))


def outages(*, start: datetime | None = None, end: datetime | None = None) -> list[Outage]:
    """The outages that touch a span, newest first."""
    rows = [_outage(row) for row in standing_in(OUTAGES, "recorded")]
    touching = [row for row in rows if (end is None or row.begins_at < end) and (start is None or row.ends_at > start)]
    return sorted(touching, key=lambda row: row.begins_at, reverse=True)
