"""What PostgreSQL itself gives: bids by bare SQL with the same locks, clock and constraints; no rules, no chain."""

import threading
import time
from typing import Any

from django.db import connection

from immis.auctions.models import Bidder, Lot

_STATEMENTS = (
    "SELECT id FROM auctions_bidder WHERE id = %(bidder)s FOR UPDATE",
    "SELECT id FROM auctions_lotevent WHERE lot_id = %(lot)s AND alias = %(alias)s AND key = %(key)s",
    "SELECT seq, changes, highest_rupees, ends_at FROM auctions_lot WHERE id = %(lot)s FOR UPDATE",
    "SELECT clock_timestamp()",
)
_ADD = (
    "INSERT INTO auctions_lotevent (lot_id, seq, change_no, at, kind, amount_rupees, alias, key, body, prev_hash,"
    " hash) VALUES (%(lot)s, %(seq)s, %(seq)s, %(at)s, 'bid_accepted', %(rupees)s, %(alias)s, %(key)s, '{}', '', '')"
)
_MOVE = "UPDATE auctions_lot SET seq = %(seq)s, changes = %(seq)s, last_at = %(at)s, highest_rupees = %(rupees)s"


def bare(*, code: str, bids: int) -> dict[str, Any]:
    """Every bidder of the benchmark on a line of his own, each so many bids; answers bids and seconds."""
    import psycopg

    given = connection.get_connection_params()
    line = {name: given[name] for name in ("host", "port", "dbname", "user", "password") if given.get(name)}
    lot = Lot.objects.get(code=code)
    ids = list(Bidder.objects.order_by("id").values_list("id", flat=True))

    def client(bidder: int) -> None:
        with psycopg.connect(**line) as own:
            for number in range(bids):
                _bid(
                    own,
                    {"lot": lot.pk, "bidder": bidder, "alias": f"{bidder:012d}", "key": f"bare-{number:06d}"},
                    lot.reserve_rupees,
                )

    threads = [threading.Thread(target=client, args=(bidder,)) for bidder in ids]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"bids": len(ids) * bids, "seconds": time.perf_counter() - begun}


def _bid(own: Any, asked: dict[str, Any], reserve_rupees: int) -> None:
    bidder, key, lot, now = _STATEMENTS
    own.execute(bidder, asked), own.execute(key, asked).fetchone()
    seq, _changes, highest, _ends = own.execute(lot, asked).fetchone()
    asked |= {"at": own.execute(now).fetchone()[0], "seq": seq + 1}
    asked["rupees"] = (highest or reserve_rupees) + reserve_rupees // 10
    own.execute(_ADD, asked), own.execute(f"{_MOVE} WHERE id = %(lot)s", asked)
    own.commit()
