"""What the worker does for transit passes: money that came in makes them, time that ran out ends them."""

from datetime import datetime

from immis.ledger.selectors.receipt import money_of
from immis.transit import selectors
from immis.transit.services.passes import lapse, settle_money

_AT_ONCE = 200


def settle_passes(*, at: datetime) -> int:
    """Issue the passes whose fee was paid, and let those lapse whose time to pay is over; answers how many moved."""
    rows = list(selectors.waiting()[:_AT_ONCE])
    if not rows:
        return 0
    money = money_of(row.demand for row in rows)
    moved = 0
    for row in rows:
        before = row.state
        if receipt := money.get(row.demand):
            row = settle_money(row, receipt, at=at)
        elif at > row.due_at:
            row = lapse(row, at=at)
        moved += row.state != before
    return moved
