"""What becomes of each bidder's earnest money in a lot: held, adjusted, forfeited, or on its way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from immis.auctions.models import Lot, LotOrder, TechnicalBid
from immis.auctions.selectors.registers import FollowUp, follow_up_of
from immis.holds.debarments import Debarment, debarments_of
from immis.ledger.chart import EMD
from immis.ledger.selectors import RefundOrder, held_by_party, subjects_with
from immis.ledger.selectors.refunds import refunds_by_key
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, Finding, apply
from immis.rules.ledger.deposits import DepositFacts
from immis.rules.policy import book


@dataclass(frozen=True)
class Deposit:
    """One bidder's earnest money: what the ledger holds, and which rule says what becomes of it."""

    bid: TechnicalBid
    facts: DepositFacts
    held_paise: int
    forfeit: Finding | None
    returned: Finding | None
    refund: RefundOrder | None

    @property
    def state(self) -> str:
        """held, forfeited, adjusted, to_return, to_forfeit, or a refund order's own state."""
        if self.refund:
            return self.refund.state
        if self.forfeit:
            return "to_forfeit" if self.held_paise else "forfeited"
        if self.returned and self.held_paise:
            return "to_return"
        if self.facts.winner and not self.held_paise:
            return "adjusted"
        return "held" if self.held_paise else "none"


def deposits_of(lot: Lot, follow: FollowUp | None = None) -> list[Deposit]:
    """The earnest money of everybody who applied. The caller has checked that the reader may see the lot's bidders.

    ``follow``: what came after the lot's end, where the caller has read it.
    """
    rows = TechnicalBid.objects.select_related("lot__notice", "lot__block", "bidder__party").filter(lot=lot)
    return _deposits(list(rows.order_by("applied_at", "id")), follow or follow_up_of(lot))


def deposit_of(bid: TechnicalBid) -> Deposit:
    """One bidder's earnest money in its lot."""
    return _deposits([bid], follow_up_of(bid.lot))[0]


def _deposits(bids: Sequence[TechnicalBid], follow: FollowUp) -> list[Deposit]:
    """The earnest money of some bidders of one lot; money, orders and debarments are asked once for all."""
    if not bids:
        return []
    held = held_by_party(EMD, ("lot", bids[0].lot.code))
    refunds = refunds_by_key(map(_refund_key, bids))
    barred = debarments_of(bid.bidder.party.pan for bid in bids)
    rows = []
    for bid in bids:
        own = bid.bidder.party.pan.casefold()
        facts = _facts(bid, follow, [row for row in barred if row.pan.casefold() == own])
        asked: dict[str, Any] = {"policy": book(), "at": bid.lot.ends_at}
        rows.append(
            Deposit(
                bid=bid,
                facts=facts,
                held_paise=held.get(bid.bidder.party_id, 0),
                forfeit=apply(RULES["AUC-90"], facts, **asked),
                returned=apply(RULES["AUC-91"], facts, **asked),
                refund=refunds.get(_refund_key(bid)),
            )
        )
    return rows


def _refund_key(bid: TechnicalBid) -> str:
    return f"emd-refund:{bid.lot.code}:{bid.bidder.party_id}"


def _false_certificate(bid: TechnicalBid, debarments: Sequence[Debarment]) -> str:
    """``false_certificate`` where an order that stands found one of this bidder's since he applied (E-031)."""
    applied_on = india_day(bid.applied_at)
    stands = any(
        row.cause == "false_certificate" and row.lifted_on is None and row.from_on >= applied_on
        for row in debarments
        if row.district in (bid.lot.notice.district, "")
    )
    return "false_certificate" if stands else ""


def _facts(bid: TechnicalBid, follow: FollowUp, debarments: Sequence[Debarment]) -> DepositFacts:
    lot = bid.lot
    leads = lot.highest_bidder_id == bid.bidder_id
    winner = leads and (lot.result == "sold" or "approve" in follow.orders)
    default: LotOrder | None = follow.orders.get("default")
    return DepositFacts(
        result=lot.result,
        technical=bid.state,
        closed_on=india_day(lot.result_announced_at if lot.result == "aborted" else lot.ends_at),
        opens_at=lot.opens_at,
        winner=winner,
        default=default.cause if winner and default else _false_certificate(bid, debarments),
        attempt=follow.attempt,
        decided="reject" in follow.orders,
    )


def unreturned(at: datetime) -> list[tuple[Lot, date]]:
    """Lots whose losers were promised their earnest money by a day that is over, and the day; not yet ordered back."""
    held = subjects_with(EMD, "lot")
    lots = Lot.objects.select_related("block", "notice").filter(code__in=held).exclude(result="open")
    return [(lot, day) for lot in lots.order_by("code") if (day := promised_until(lot)) and day < india_day(at)]


def promised_until(lot: Lot) -> date | None:
    """The first day by which earnest money of a lot is to be returned that nobody has ordered back; None: none is."""
    waiting = [deposit for deposit in deposits_of(lot) if deposit.state == "to_return" and deposit.returned]
    days = [deposit.returned.facts["due_on"] for deposit in waiting if deposit.returned]
    return min(days, default=None)
