"""Reading the outbox from a place on without leaving any out.

SQLite has one writer: its events lie in the order in which they became true. PostgreSQL gives numbers before a
transaction ends, so a gap may still be filled: what lies behind one is read once every transaction is over that may
have taken a number from it.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.db import connection

from immis.core.selectors import news_after, news_head

#: A transaction that has just taken a number has no number of its own for an instant.
_BEGINS_S = 1.0


@dataclass
class _Watch:
    """Until which event nothing is open any more, and the next such end that is waited for."""

    settled: int = 0
    head: int = 0
    noticed_s: float = 0.0
    until_xid: int = 0

    def settled_by(self, head: int) -> int:
        """The last event before which no gap is ever filled again, as far as is known."""
        now_s = time.monotonic()
        if self.head <= self.settled:
            self.head, self.noticed_s, self.until_xid = head, now_s, 0
        elif not self.until_xid:
            self.until_xid = _snapshot("xmax") if now_s - self.noticed_s >= _BEGINS_S else 0
        elif _snapshot("xmin") >= self.until_xid:
            self.settled = self.head
        return self.settled


_watch = _Watch()


def _snapshot(end: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_{end}(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])


def settled_news(position: int, *, most: int) -> list[tuple[int, str, str, dict[str, Any]]]:
    """The next events (number, subject's kind and number, facts), up to the first gap that may still be filled."""
    some = news_after(position, most=most)
    if connection.vendor == "sqlite" or not some or some[-1][0] == position + len(some):
        return some
    settled, taken = _watch.settled_by(news_head()), []
    for row in some:
        if row[0] > settled and row[0] != position + 1:
            break
        position = row[0]
        taken.append(row)
    return taken
