"""The two row locks of a bid, in their order: the bidder's, then the lot's; and the clock, read after both."""

from datetime import datetime

from django.db import connection

from immis import clock
from immis.auctions.models import Bidder, Lot
from immis.core.clock import database_now
from immis.core.errors import NotFound

# The clock stands outside the locking query: it is read when the lock has been given, not when it was asked for
_LOCKED = """WITH held AS MATERIALIZED (SELECT id FROM auctions_lot WHERE code = %s FOR UPDATE)
SELECT id, clock_timestamp() FROM held"""


def lock_bidder(party_id: int | None) -> Bidder | None:
    """The bidder of a party, locked; None for a party that is not registered."""
    return Bidder.objects.select_for_update().filter(party_id=party_id).first()


def lock_lot(code: str) -> tuple[Lot, datetime]:
    """A lot, locked, and what the database's clock shows once it is. Raises NotFound."""
    rows = Lot.objects.select_related("block")
    if connection.vendor != "postgresql":  # the whole transaction holds SQLite's one lock already
        lot, reading = rows.filter(code=code).first(), database_now()
    else:
        with connection.cursor() as cursor:
            cursor.execute(_LOCKED, [code])
            found = cursor.fetchone()
        lot = rows.get(pk=found[0]) if found else None
        reading = clock.shown(found[1]) if found else clock.now()
    if lot is None:
        raise NotFound(f"lot {code}")
    return lot, reading


def lock_lots(codes: list[str]) -> list[Lot]:
    """Several lots, locked in the order of their ids, so that two orders never wait for each other in a ring."""
    rows = Lot.objects.select_for_update(of=("self",)).select_related("block", "notice")
    return list(rows.filter(code__in=codes).order_by("id"))
