"""What the worker does for transit passes: money that came in makes them, time that ran out ends them."""

from datetime import datetime

from immis.ledger.selectors.receipt import money_of
from immis.transit import selectors
from immis.transit.services.passes import lapse, settle_money


def settle_passes(*, at: datetime) -> int:
    """Issue the passes whose fee was paid, and let those lapse whose time to pay is over; answers how many moved.

    However many wait unpaid or paid less than the fee, the next one that paid is reached.
    """
    waiting = selectors.waiting()
    money = money_of(waiting.order_by().values("demand"))
    moved = 0
    for row in waiting.filter(demand__in=list(money)):
        if (money[row.demand].paid_paise or 0) >= row.fee_paise:
            moved += settle_money(row, money[row.demand], at=at).state != row.state
    for row in waiting.filter(due_at__lt=at):
        if row.demand not in money:
            moved += lapse(row, at=at).state != row.state
    return moved
