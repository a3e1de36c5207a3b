"""The statements of a bid, written out: two row locks in their order, the clock after both, one event, the lot moved.

Building the same five queries anew for each bid took two thirds of its time; these
are built once. Everything else reads and writes lots by the models.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.db import connection

from immis import clock
from immis.auctions.models import Bidder, Lot, LotEvent
from immis.core.errors import NotFound

_EVENT_FIELDS = (
    "lot_id", "seq", "change_no", "at", "kind", "amount_rupees", "bidder_id", "key", "body", "prev_hash", "hash",
)  # fmt: skip
_MOVED_FIELDS = (
    "seq",
    "changes",
    "last_at",
    "last_hash",
    "highest_rupees",
    "highest_bidder_id",
    "extended_at",
    "ends_at",
)
_INSERT = (
    f"INSERT INTO auctions_lotevent ({', '.join(_EVENT_FIELDS)}) VALUES ({', '.join(['%s'] * len(_EVENT_FIELDS))})"
)
_MOVE = f"UPDATE auctions_lot SET {', '.join(f'{name} = %s' for name in _MOVED_FIELDS)} WHERE id = %s"


@dataclass(frozen=True)
class Held:
    """A lot under its lock, as one bidder meets it: the clock, his technical bid, and his earlier answer to a key."""

    lot: Lot
    reading: datetime
    river: str
    technical: str
    alias: str | None
    answered: LotEvent | None


@cache
def _statement(vendor: str) -> str:
    """One statement: lock the lot, then read the clock and what this bidder has to do with it.

    The clock stands outside the locking part, so that it is read when the lock has
    been given, not when it was asked for. The earlier answer is exact although the
    statement began before the lock: only who holds the bidder's lock adds one.
    """
    columns = ", ".join(f"held.{field.column}" for field in Lot._meta.concrete_fields)
    if vendor == "postgresql":
        held, reading = "AS MATERIALIZED (SELECT * FROM auctions_lot WHERE code = %s FOR UPDATE)", "clock_timestamp()"
    else:
        held, reading = "AS (SELECT * FROM auctions_lot WHERE code = %s)", "strftime('%%Y-%%m-%%dT%%H:%%M:%%f', 'now')"
    return f"""WITH held {held}
SELECT {columns}, {reading} AS reading, block.river AS river, bid.state AS technical, bid.alias AS alias,
  event.id AS answered
FROM held JOIN registry_block block ON block.id = held.block_id
LEFT JOIN auctions_technicalbid bid ON bid.lot_id = held.id AND bid.bidder_id = %s
LEFT JOIN auctions_lotevent event ON event.lot_id = held.id AND event.bidder_id = %s AND event.key = %s"""


def lock_bidder(party_id: int | None) -> Bidder | None:
    """The bidder of a party, its row locked; None for a party that is not registered."""
    suffix = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    rows = Bidder.objects.raw(f"SELECT * FROM auctions_bidder WHERE party_id = %s{suffix}", [party_id])
    return next(iter(rows), None)


def hold_lot(code: str, bidder: Bidder, key: str) -> Held:
    """Lock a lot, the bidder's lock already held, and read what a bid needs. Raises NotFound.

    SQLite's transaction holds its one lock since it began.
    """
    rows = Lot.objects.raw(_statement(connection.vendor), [code, bidder.pk, bidder.pk, key])
    lot = next(iter(rows), None)
    if lot is None:
        raise NotFound(f"lot {code}")
    reading = lot.reading
    if isinstance(reading, str):
        reading = datetime.fromisoformat(reading).replace(tzinfo=UTC)
    answered = LotEvent.objects.get(pk=lot.answered) if lot.answered else None
    return Held(lot, clock.shown(reading), lot.river, lot.technical or "", lot.alias, answered)


def add_event(event: LotEvent) -> None:
    """Add one event; the database refuses a place, an amount, a key or an extension that is taken."""
    values = [getattr(event, name) for name in _EVENT_FIELDS]
    values[3] = connection.ops.adapt_datetimefield_value(event.at)
    values[8] = json.dumps(event.body, ensure_ascii=False)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def move_lot(lot: Lot) -> None:
    """Keep what a bid changed of its lot."""
    when = connection.ops.adapt_datetimefield_value
    values = [getattr(lot, name) for name in _MOVED_FIELDS]
    values = [when(value) if isinstance(value, datetime) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [*values, lot.pk])
