"""A winner in default and a false certificate: money forfeited, two years' bar, one end for auction and settlement."""

from datetime import date, datetime

from django.db import transaction

from immis.auctions.models import Lot, LotOrder, TechnicalBid
from immis.auctions.selectors.deposits import deposit_of
from immis.auctions.services.after import NewOrder, keep_decision, keep_order, locked, odd
from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.holds.debarments import DEBARMENTS, Debarment, debarments_of
from immis.leases.selectors import lease_of_lot
from immis.leases.services import end_by_default
from immis.leases.services.endings import Ending
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.selectors import demand_state, demands_on
from immis.ledger.services.demands import withdraw_balance
from immis.ledger.services.deposits import forfeit_deposit
from immis.registers.services import About, enter
from immis.registry.selectors import Party
from immis.rules.calendar import india_day
from immis.rules.ledger.deposits import CAUSES


@transaction.atomic
def declare_default(*, lot: Lot, cause: str, number: str, on: date, reason: str, by: Actor, at: datetime) -> LotOrder:
    """The Collector declares that the winner refused, or was late: forfeiture and a bar of two years (E-070, E-094).

    ``cause`` is refused, late or false_certificate. All that is held of him for the lot is forfeited, earnest money
    and security; his settlement ends, demands on it are withdrawn. Raises Refusal (AUC-19).
    """
    if cause not in ("refused", "late", "false_certificate"):
        raise odd("cause", "refused, late, false_certificate", cause)
    if not reason.strip():
        raise odd("reason", "1–600", "")
    lot = _with_winner(lot, by)
    party, lease = lot.highest_bidder.party, lease_of_lot(lot.code)
    if lease and lease.deed_on:
        raise odd("step", "LoI", f"deed {lease.deed_on:%d.%m.%Y}")
    if lease and lease.cancelled_at:
        raise odd("step", "LoI", f"{lease.ended_kind} {india_day(lease.cancelled_at):%d.%m.%Y}")
    sources = [(EMD, ("lot", lot.code)), *([(SECURITY, ("lease", lease.number))] if lease else [])]
    taken = sum(
        forfeit_deposit(party=party, source=source, order=number.strip(), district=lot.notice.district, by=by, at=at)
        for source in sources
    )
    order = keep_order(
        lot, NewOrder("default", number, on, cause=cause, reason=reason, facts={"amount_paise": taken}), by=by, at=at
    )
    bid = TechnicalBid.objects.filter(lot=lot, bidder=lot.highest_bidder).first()
    keep_decision("AUC-90", lot, deposit_of(bid).facts, "forfeited", at=at)
    _bar(party, lot, order, by=by, at=at)
    if lease:
        end_by_default(lease=lease, reason=CAUSES[cause]["en"], reference=number.strip(), by=by, at=at)
        for demand in demands_on(("lease", lease.number)):
            if demand_state(demand) == "open":
                withdraw_balance(demand=demand, reason=number, by=by, at=at)
    return order


def keep_end(ending: Ending) -> None:
    """A settlement that was forfeited for a missed time limit is its winner's default in the auction too (E-070).

    The bar of two years and the order that the ghat's next auction follows; an end that this side began is known.
    """
    lease, at, by = ending.lease, ending.at, ending.by
    if ending.ended != "forfeited":
        return
    lot = Lot.objects.select_related("block", "notice", "highest_bidder__party").filter(code=lease.lot_code).first()
    if lot and LotOrder.objects.filter(lot=lot, kind="default").exists():
        return
    number, on = (ending.reference.strip() or lease.number)[:80], india_day(at)
    if lot:
        order = keep_order(lot, NewOrder("default", number, on, cause="late", reason=ending.reason), by=by, at=at)
        bid = TechnicalBid.objects.filter(lot=lot, bidder=lot.highest_bidder).first()
        if bid:
            keep_decision("AUC-90", lot, deposit_of(bid).facts, "forfeited", at=at)
        _bar(lease.party, lot, order, by=by, at=at)
        return
    _enter_bar(lease.party, "late", number, district=lease.district, on=on, by=by, at=at)


def _with_winner(lot: Lot, by: Actor) -> Lot:
    """A lot with a winner: a sold one, or a single tender that the department approved."""
    single = LotOrder.objects.filter(lot=lot, kind="approve").exists()
    return locked(lot, by, "lot.declare_default", result="single_bid" if single else "sold")


def _bar(party: Party, lot: Lot, order: LotOrder, *, by: Actor, at: datetime) -> Debarment:
    """The bar of the winner and, where he bid jointly, of the party that registered (E-070)."""
    district = lot.notice.district
    return _enter_bar(party, order.cause, order.number, district=district, on=order.ordered_on, by=by, at=at)


def _enter_bar(party: Party, cause: str, number: str, *, district: str, on: date, by: Actor, at: datetime) -> Debarment:
    values = {
        "pan": party.pan, "name": party.name_en[:160], "cause": cause, "order_number": number[:80], "source": district,
        "from_on": on,
    }  # fmt: skip
    return Debarment.of(enter(DEBARMENTS, "enter", values, by=by, at=at, about=About(district, party.pk)))


@transaction.atomic
def declare_false_certificate(
    *, bid: TechnicalBid, number: str, on: date, reason: str, by: Actor, at: datetime
) -> Debarment:
    """The Collector finds a bidder's certificate false: his money in the lot is forfeited, he is barred (E-031).

    Whoever he is: the winner is in default with it. Raises Refusal (AUC-19) without number or reason, for an odd day,
    or where the money is on its way back already.
    """
    lot = Lot.objects.select_for_update(of=("self",)).select_related("notice", "block").get(pk=bid.lot_id)
    require_grant(by, "lot.declare_false_certificate", district=lot.notice.district)
    if not number.strip() or not reason.strip():
        raise odd("reason" if number.strip() else "order", "1–600", "")
    if not india_day(bid.applied_at) <= on <= india_day(at):
        raise odd("day", f"{india_day(bid.applied_at):%d.%m.%Y}–{india_day(at):%d.%m.%Y}", f"{on:%d.%m.%Y}")
    deposit = deposit_of(TechnicalBid.objects.select_related("lot__notice", "bidder__party").get(pk=bid.pk))
    if deposit.facts.winner:
        declare_default(lot=lot, cause="false_certificate", number=number, on=on, reason=reason, by=by, at=at)
        return next(bar for bar in debarments_of([bid.bidder.party.pan]) if bar.order_number == number.strip())
    if deposit.refund:
        raise odd("step", "deposit", deposit.refund.number)
    party, district = bid.bidder.party, lot.notice.district
    bar = _enter_bar(party, "false_certificate", number.strip(), district=district, on=on, by=by, at=at)
    source = (EMD, ("lot", lot.code))
    taken = forfeit_deposit(party=party, source=source, order=number.strip(), district=district, by=by, at=at)
    keep_decision("AUC-90", lot, deposit_of(bid).facts, "forfeited", at=at)
    body = {"application": bid.pk, "order": number.strip(), "on": on, "reason": reason.strip()[:600], "paise": taken}
    log_action("lot.false_certificate", subject=("lot", lot.code), by=by, at=at, facts=body)
    return bar
