"""The statement of a subject: every movement of money with its day and the balance after it."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.core.services import Subject
from immis.ledger.chart import UNAPPLIED
from immis.ledger.models import Demand, Receipt, RefundClaim, RefundOrder
from immis.ledger.selectors.demand import demands_on
from immis.rules.calendar import india_day
from immis.rules.ledger.receipts import MONEY_IN


@dataclass(frozen=True)
class Entry:
    """One line of a statement in paise: a demand, or what went back, on the debit side, verified money on the other.

    A line without a demand is a return; ``receipt`` is then the number of its order.
    """

    on: date
    label: dict[str, str]
    debit_paise: int
    credit_paise: int
    balance_paise: int
    demand: str
    receipt: str = ""


def statement_of(subject: Subject, *, at: datetime) -> list[Entry]:
    """The account of a subject by day with running balance: what fell due by then, and what was verified.

    A later due amount stands in it only once it is paid, and of a withdrawn one what was paid on it and not released.
    The caller has checked that the reader may see it.
    """
    today = india_day(at)
    moves: list[tuple[date, int, dict[str, str], int, int, str, str]] = []
    for demand in demands_on(subject):
        raised_on = india_day(demand.raised_at)
        on = max(demand.due_on or raised_on, raised_on)
        verified = [receipt for receipt in demand.receipts.all() if _was_verified(receipt)]
        paid_days = [india_day(r.verified_at) for r in verified if r.verified_at]
        if (on > today or demand.cancelled_at) and not paid_days:
            continue
        owed_paise = demand.applied_paise if demand.cancelled_at else demand.amount_paise
        if owed_paise and not _told_by_its_return(demand):
            moves.append((min([on, *paid_days]), 0, demand.label, owed_paise, 0, demand.number, ""))
        moves += [
            (day, 1, demand.label, 0, receipt.paid_paise or 0, demand.number, receipt.number)
            for receipt, day in zip(verified, paid_days, strict=True)
        ]
        moves += [
            (india_day(row.reversed_at), 2, demand.label, row.paid_paise or 0, 0, demand.number, row.number)
            for row in verified
            if row.reversed_at
        ]
    moves += [
        (india_day(refund_order.paid_at), 3, refund_order.label, refund_order.amount_paise, 0, "", refund_order.number)
        for refund_order in RefundOrder.objects.filter(
            subject_kind=subject[0], subject_id=subject[1], head=UNAPPLIED.code
        )
        if refund_order.paid_at and not _of_refused(refund_order)
    ]
    return _running(sorted(moves, key=lambda move: (move[0], move[1] == 3, move[5], move[1])))


def _told_by_its_return(demand: Demand) -> bool:
    """Whether a demand asks again for an excess whose return and reversal stand in the statement themselves."""
    if demand.kind != "recovery":
        return False
    receipt = Receipt.objects.filter(number=(demand.key or "").removeprefix("recovery:")).first()
    return receipt is not None and "refused" not in receipt.flags


def _of_refused(order: RefundOrder) -> bool:
    """Whether an order returns a payment that the district refused: such money never stood in the account."""
    return RefundClaim.objects.filter(order=order, kind="refused").exists()


def _was_verified(receipt: Receipt) -> bool:
    """Whether a receipt is, or was before the bank took it back, verified money of its demand."""
    if receipt.state == "reversed":
        return receipt.verified_at is not None and "refused" not in receipt.flags
    return receipt.state in MONEY_IN


def _running(moves: list[tuple[date, int, dict[str, str], int, int, str, str]]) -> list[Entry]:
    balance, entries = 0, []
    for on, _order, label, debit, credit, demand, receipt in moves:
        balance += debit - credit
        entries.append(Entry(on, label, debit, credit, balance, demand, receipt))
    return entries
