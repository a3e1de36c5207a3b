"""Adding to a lot's chain of events. The caller holds the lot's row lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from immis.auctions.models import Lot, LotEvent
from immis.auctions.store import add_event
from immis.core.facts import plain
from immis.core.services import link_hash

#: What watchers may learn of; a refused bid moves the chain but not what the public sees (clause 10).
_PUBLIC = frozenset({"bid_accepted", "extended", "paused", "resumed", "rescheduled", "aborted", "closed"})


def legal_instant(lot: Lot, reading: datetime) -> datetime:
    """The instant of the next event: the database's clock, never before the last event should that clock step back."""
    return max(reading, lot.last_at) if lot.last_at else reading


def append_event(lot: Lot, kind: str, **more: Any) -> LotEvent:
    """Add one event to the chain and move the lot's head; the lot itself is left to the caller to save."""
    event = next_event(lot, kind, **more)
    add_event(event)
    return event


def next_event(
    lot: Lot,
    kind: str,
    *,
    at: datetime,
    facts: Mapping[str, Any],
    amount_rupees: int | None = None,
    alias: str | None = None,
    key: str | None = None,
) -> LotEvent:
    """The next link of the chain, the lot's head moved to it; event and lot are left to the caller to store."""
    lot.seq += 1
    if kind in _PUBLIC:
        lot.changes += 1
    body = plain(
        {
            "lot": lot.code,
            "seq": lot.seq,
            "at": at,
            "kind": kind,
            "amount_rupees": amount_rupees,
            **facts,
        }
    )
    event = LotEvent(
        lot=lot,
        seq=lot.seq,
        change_no=lot.changes if kind in _PUBLIC else None,
        at=at,
        kind=kind,
        amount_rupees=amount_rupees,
        alias=alias,
        key=key,
        body=body,
        prev_hash=lot.last_hash,
        hash=link_hash(lot.last_hash, body),
    )
    lot.last_at, lot.last_hash = at, event.hash
    return event
