"""The statements of a bid, written out: two kinds of row locks in their order, the clock after both, events, the lot.

Building the same queries anew for each bid took two thirds of its time; these are built once, and serve several bids on
one lot at a time. Everything else reads and writes lots by the models.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, models

from immis import clock
from immis.auctions.models import Lot, LotEvent
from immis.core.errors import NotFound
from immis.registry.selectors import Block

_EVENT_FIELDS = (
    "lot_id", "seq", "change_no", "at", "kind", "amount_rupees", "alias", "key", "body", "prev_hash", "hash",
)  # fmt: skip
_MOVED_FIELDS = (
    "seq",
    "changes",
    "last_at",
    "last_hash",
    "highest_rupees",
    "highest_alias",
    "extended_at",
    "ends_at",
)
#: The space of advisory locks on bidders (by party); the one on migrations has another shape.
_BIDDERS = 1_907_001
_EVENT_PLACES = f"({', '.join(['%s'] * len(_EVENT_FIELDS))})"
_INSERT = f"INSERT INTO auctions_lotevent ({', '.join(_EVENT_FIELDS)}) VALUES "
_MOVE = f"UPDATE auctions_lot SET {', '.join(f'{name} = %s' for name in _MOVED_FIELDS)} WHERE id = %s"


@dataclass(frozen=True)
class Asker:
    """A bidder under its lock, as one lot meets it: its technical bid, and the earlier answer to its key.

    ``members`` bid jointly with it; ``debarment`` is an entry of the register on its PAN, in force or not.
    """

    party_id: int
    technical: str
    alias: str
    answered: LotEvent | None
    members: Sequence[Mapping[str, Any]] = ()
    debarment: int | None = None


@dataclass(frozen=True)
class Held:
    """A lot under its lock, the clock read after it, and the registered bidders who ask, by party."""

    lot: Lot
    reading: datetime
    river: str
    area_ha: Decimal
    askers: Mapping[int, Asker]


@cache
def _statements(vendor: str, asked: int, locked: int) -> tuple[str, str, str]:
    """Three statements in their order: lock the bidders, read what they have to do with the lot, lock the lot.

    SQLite's transaction holds its one lock since it began. On PostgreSQL the bidders'
    locks are advisory ones: a row lock would leave the number of the transaction,
    which is the number of the bid, in the bidder's row. The second one begins when
    the bidders' locks are held, so that an earlier answer is seen: only who holds the
    bidder's lock adds one. In the third the clock stands outside the locking part, so
    that it is read when the lock has been given, not when it was asked for.
    """
    postgres = vendor == "postgresql"
    places, three = ", ".join(["%s"] * locked), ", ".join(["(%s, %s, %s)"] * asked)
    lock = f"SELECT pg_advisory_xact_lock({_BIDDERS}, party) FROM unnest(ARRAY[{places}]) party"
    askers = f"""WITH asked (party_id, alias, key) AS (VALUES {three})
SELECT bidder.party_id, bid.state, asked.alias, event.id, bid.members,
    (SELECT MAX(bar.entry_id) FROM registers_entryvalue bar
     WHERE bar.register = 'debarments' AND bar.field = 'pan' AND bar.text = lower(party.pan)) FROM asked
JOIN auctions_bidder bidder ON bidder.party_id = asked.party_id
JOIN registry_party party ON party.id = asked.party_id
LEFT JOIN auctions_lot lot ON lot.code = %s
LEFT JOIN auctions_technicalbid bid ON bid.lot_id = lot.id AND bid.bidder_id = bidder.id
LEFT JOIN auctions_lotevent event ON event.lot_id = lot.id AND event.alias = asked.alias AND event.key = asked.key"""
    columns = ", ".join(f"held.{field.column}" for field in Lot._meta.concrete_fields)
    if postgres:
        held, reading = "AS MATERIALIZED (SELECT * FROM auctions_lot WHERE code = %s FOR UPDATE)", "clock_timestamp()"
    else:
        held, reading = "AS (SELECT * FROM auctions_lot WHERE code = %s)", "strftime('%%Y-%%m-%%dT%%H:%%M:%%f', 'now')"
    lot = f"""WITH held {held}
SELECT {columns}, block.river, block.area_ha, {reading}
FROM held JOIN registry_block block ON block.id = held.block_id"""
    return lock, askers, lot


@cache
def _converters(vendor: str) -> tuple[tuple[int, models.Field, Any], ...]:
    """How this database's values become the lot's, river and area behind them; only where they differ."""
    fields = (*Lot._meta.concrete_fields, Block._meta.get_field("river"), Block._meta.get_field("area_ha"))
    columns = [(place, field.get_col(field.model._meta.db_table)) for place, field in enumerate(fields)]
    return tuple(
        (place, column, change)
        for place, column in columns
        for change in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
    )


def _run(*statements: tuple[str, Sequence[Any]]) -> list[list[tuple[Any, ...]]]:
    """Run statements one after another and answer the rows of each; PostgreSQL gets them in one message."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("; ".join(sql for sql, _ in statements), [row for _, given in statements for row in given])
            results = [cursor.fetchall() if cursor.description else []]
            while cursor.nextset():
                results.append(cursor.fetchall() if cursor.description else [])
            return results
        results = []
        for sql, given in statements:
            cursor.execute(sql, given)
            results.append(cursor.fetchall() if cursor.description else [])
        return results


def hold_lot(code: str, asked: Sequence[tuple[int, str, str]], *, also: Iterable[int] = ()) -> Held:
    """Lock the bidders of ``asked`` (party, alias, key) in the order of parties, then the lot, then read the clock.

    ``also`` are further parties that are locked with them. A party that is not registered is not among the askers.
    Raises NotFound where there is no such lot.
    """
    locked = sorted({item[0] for item in asked} | set(also))
    lock, askers, lot = _statements(connection.vendor, len(asked), len(locked))
    locks = [(lock, locked)] if connection.vendor == "postgresql" else []
    *_, about, rows = _run(*locks, (askers, [*(item for row in asked for item in row), code]), (lot, [code]))
    if not rows:
        raise NotFound(f"lot {code}")
    values = list(rows[0])
    for place, column, change in _converters(connection.vendor):
        values[place] = change(values[place], column, connection)
    *fields, river, area_ha, reading = values
    if isinstance(reading, str):
        reading = datetime.fromisoformat(reading).replace(tzinfo=UTC)
    names = [field.attname for field in Lot._meta.concrete_fields]
    return Held(Lot.from_db(connection.alias, names, fields), clock.shown(reading), river, area_ha, _askers(about))


def _askers(rows: Sequence[tuple[Any, ...]]) -> dict[int, Asker]:
    known = LotEvent.objects.in_bulk([row[3] for row in rows if row[3]]) if any(row[3] for row in rows) else {}
    return {row[0]: Asker(row[0], row[1] or "", row[2], known.get(row[3]), _joint(row[4]), row[5]) for row in rows}


def _joint(members: Any) -> Sequence[Mapping[str, Any]]:
    return (json.loads(members) if isinstance(members, str) else members) or ()


def add_events(events: Sequence[LotEvent]) -> tuple[str, list[Any]]:
    """The statement that adds events; the database refuses a place, an amount, a key or an extension that is taken."""
    values = []
    for event in events:
        row = [getattr(event, name) for name in _EVENT_FIELDS]
        row[3] = connection.ops.adapt_datetimefield_value(event.at)
        row[8] = json.dumps(event.body, ensure_ascii=False)
        values += row
    return _INSERT + ", ".join([_EVENT_PLACES] * len(events)), values


def add_event(event: LotEvent) -> None:
    """Add one event."""
    _run(add_events([event]))


def keep_bids(lot: Lot, events: Sequence[LotEvent]) -> None:
    """Add the events of bids and keep what they changed of their lot, in one message where the database takes it."""
    if not events:
        return
    when = connection.ops.adapt_datetimefield_value
    values = [getattr(lot, name) for name in _MOVED_FIELDS]
    moved = [when(value) if isinstance(value, datetime) else value for value in values]
    _run(add_events(events), (_MOVE, [*moved, lot.pk]))
