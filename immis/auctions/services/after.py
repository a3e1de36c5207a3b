"""After an auction: forfeiture, default, refunds, the single tender, each by an order with its number and day."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.auctions.events import (
    LotApprove,
    LotDefault,
    LotForfeit,
    LotRecommend,
    LotReject,
    LotRetender,
    RefundsOrdered,
)
from immis.auctions.gates import UNWRITTEN, follow_facts, single_facts
from immis.auctions.models import Lot, LotOrder, TechnicalBid
from immis.auctions.selectors.deposits import Deposit, deposits_of
from immis.auctions.selectors.registers import follow_up_of
from immis.auctions.services.results import refuse_unauctioned
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, emit, log_action, record_decision
from immis.leases.services import SoldLot, open_settlement
from immis.ledger.chart import EMD
from immis.ledger.selectors import RefundOrder, held_paise
from immis.ledger.services.deposits import forfeit_deposit
from immis.ledger.services.refunds import NewRefund, order_refund
from immis.rules.again import says
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.ledger.deposits import AbortFacts, SingleFacts
from immis.rules.policy import book
from immis.rules.writing.texts import text

#: what is told of each kind of order
_NEWS = {
    "forfeit": LotForfeit,
    "retender": LotRetender,
    "recommend": LotRecommend,
    "approve": LotApprove,
    "reject": LotReject,
    "default": LotDefault,
}


def odd(what: str, expected: str, found: str) -> Refusal:
    return Refusal(
        Finding("AUC-19", {"what": book().words("AUC-19", what), "expected": expected, "found": found or "—"})
    )


def locked(lot: Lot, by: Actor, grant: str, *, result: str) -> Lot:
    """The announced lot, locked, for a post of its district. Raises Refusal (AUC-19) for another result."""
    require_grant(by, grant)
    lot = (
        Lot.objects.select_for_update(of=("self",))
        .select_related("block", "notice", "highest_bidder__party")
        .get(pk=lot.pk)
    )
    require_grant(by, grant, district=lot.notice.district)
    if lot.result != result:
        raise odd("result", result, lot.result)
    return lot


@dataclass(frozen=True)
class NewOrder:
    """An order about a lot after its auction: its kind, number and day, and what it rests on."""

    kind: str
    number: str
    on: date
    cause: str = ""
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def keep_order(lot: Lot, order: NewOrder, *, by: Actor, at: datetime) -> LotOrder:
    """Keep an order about a lot, once of its kind. Raises Refusal (AUC-19) without number or with an odd day."""
    kind, on = order.kind, order.on
    if known := LotOrder.objects.filter(lot=lot, kind=kind).first():
        raise odd("order", f"{kind}: 1", known.number)
    if not order.number.strip():
        raise odd("order", "1–80", order.number)
    if not india_day(lot.ends_at) <= on <= india_day(at):
        raise odd("day", f"{india_day(lot.ends_at):%d.%m.%Y}–{india_day(at):%d.%m.%Y}", f"{on:%d.%m.%Y}")
    number, reason = order.number.strip()[:80], order.reason.strip()[:600]
    named = {"kind": kind, "cause": order.cause, "number": number, "ordered_on": on, "reason": reason}
    row = LotOrder.objects.create(lot=lot, **named, facts=dict(order.facts), by=by.user_id, at=at)
    body = {"lot": lot.code, "order": number, "on": on, "cause": order.cause, "reason": reason, **row.facts}
    news = _NEWS[kind]
    log_action(news.KIND, subject=("lot", lot.code), by=by, at=at, facts=body)
    payload = news(**body, district=lot.notice.district)
    emit(payload, subject=("lot", lot.code), at=at, key=f"{news.KIND}:{lot.code}")
    return row


@transaction.atomic
def forfeit_where_nobody_bid(*, lot: Lot, number: str, on: date, by: Actor, at: datetime) -> int:
    """The Collector forfeits the earnest money of all who had passed where nobody bid (E-072); answers the paise."""
    lot = locked(lot, by, "lot.forfeit_unsold", result="no_bids")
    taken = 0
    for deposit in deposits_of(lot):
        if deposit.forfeit is None:
            continue
        paise = forfeit_deposit(
            party=deposit.bid.bidder.party,
            source=(EMD, ("lot", lot.code)),
            order=number.strip(),
            district=lot.notice.district,
            by=by,
            at=at,
        )
        taken += paise
        keep_decision("AUC-90", lot, deposit.facts, "forfeited", at=at)
    keep_order(lot, NewOrder("forfeit", number, on, cause="no_bids", facts={"amount_paise": taken}), by=by, at=at)
    return taken


def require_follow(lot: Lot, act: str, *, at: datetime) -> None:
    """Raises Refusal (AUC-113) where this order does not follow the lot's result and the orders that were given."""
    if findings := find("lot.follow", follow_facts(lot, act), policy=book(), at=at):
        raise Refusal(findings)


def keep_decision(code: str, lot: Lot, facts: Any, outcome: str, *, at: datetime) -> None:
    record_decision(
        code,
        subject=("lot", lot.code),
        facts=asdict(facts),
        outcome=outcome,
        policy_on=india_day(lot.opens_at),
        at=at,
        asked=Asked(facts, says(code, facts, policy=book(), at=at)),
    )


@transaction.atomic
def order_refunds(*, lot: Lot, by: Actor, at: datetime) -> list[RefundOrder]:
    """Order back the earnest money of everybody to whom it is due; a second time orders nothing twice (AUC-91)."""
    lot = Lot.objects.select_related("block", "notice").get(pk=lot.pk)
    require_grant(by, "lot.order_refunds", district=lot.notice.district)
    orders = [order for deposit in deposits_of(lot) if (order := _refund(lot, deposit, by=by, at=at))]
    if lot.result == "aborted" and orders:
        ghat = {"hi": lot.block.name_hi, "en": lot.block.name_en}
        payload = RefundsOrdered(lot=lot.code, ghat=ghat, district=lot.notice.district)
        emit(payload, subject=("lot", lot.code), at=at)
    return orders


@transaction.atomic
def return_after_abort(*, lot: Lot, at: datetime) -> list[RefundOrder]:
    """Order back the earnest money of an aborted lot; the order of abort is its ground (AUC-101, E-084).

    What the highest bidder of that moment deposited waits for the office where the rule says so. A second time
    orders nothing twice.
    """
    lot = Lot.objects.select_related("block", "notice").get(pk=lot.pk)
    if lot.result != "aborted":
        return []
    orders = []
    for deposit in deposits_of(lot):
        asked = AbortFacts(led=lot.highest_bidder_id == deposit.bid.bidder_id, opens_at=lot.opens_at)
        if find("auction.aborted", asked, policy=book(), at=at):
            continue
        if order := _refund(lot, deposit, by=SYSTEM, at=at):
            orders.append(order)
    return orders


def _refund(lot: Lot, deposit: Deposit, *, by: Actor, at: datetime) -> RefundOrder | None:
    """The order that returns one deposit, where that is due and not ordered yet."""
    if deposit.returned is None or not deposit.held_paise:
        return None
    bid, value = deposit.bid, book().at("AUC-91", lot.opens_at)
    order = order_refund(
        refund=NewRefund(
            party=bid.bidder.party,
            source=(EMD, ("lot", lot.code)),
            account=bid.bank_account,
            label=text("ledger/refunds", "earnest", ghat={"en": lot.block.name_en, "hi": lot.block.name_hi}),
            key=f"emd-refund:{lot.code}:{bid.bidder.party_id}",
            due_on=deposit.returned.facts["due_on"],
            cites=[{"code": "AUC-91", "from_on": value.from_on, "cites": value.cites}],
            district=lot.notice.district,
        ),
        by=by,
        at=at,
    )
    if order is not None:
        keep_decision("AUC-91", lot, deposit.facts, "returned", at=at)
    return order


@transaction.atomic
def call_again(*, lot: Lot, number: str, on: date, by: Actor, at: datetime) -> LotOrder:
    """The Collector calls a short re-tender of a single tender (E-073); the next notice then names its successor."""
    lot = locked(lot, by, "lot.call_again", result="single_bid")
    require_follow(lot, "retender", at=at)
    return keep_order(lot, NewOrder("retender", number, on), by=by, at=at)


@transaction.atomic
def recommend_single(*, lot: Lot, number: str, on: date, reason: str, by: Actor, at: datetime) -> LotOrder:
    """The Collector recommends the settlement on a second single tender to the department (E-074).

    Raises Refusal (AUC-92) for a first single tender or a bid that is not above the reserve price.
    """
    lot = locked(lot, by, "lot.recommend_single", result="single_bid")
    _may_settle(lot, recommendation=number.strip(), approval=UNWRITTEN, at=at)
    require_follow(lot, "recommend", at=at)
    return keep_order(lot, NewOrder("recommend", number, on, reason=reason), by=by, at=at)


def _may_settle(lot: Lot, *, recommendation: str, approval: str, at: datetime) -> SingleFacts:
    facts = single_facts(lot, recommendation=recommendation, approval=approval)
    if findings := find("auction.single", facts, policy=book(), at=at):
        raise Refusal(findings)
    return facts


@transaction.atomic
def decide_single(*, lot: Lot, approved: bool, number: str, on: date, reason: str, by: Actor, at: datetime) -> LotOrder:
    """The department approves or rejects a recommended single tender; an approved one is settled at once (E-074).

    The clocks of the settlement run from the approval. Raises Refusal (AUC-92) without recommendation.
    """
    lot = locked(lot, by, "lot.decide_single", result="single_bid")
    advice = follow_up_of(lot).number("recommend")
    if not approved:
        if not advice or not reason.strip():
            raise odd("step" if not advice else "reason", "1–600", "")
        require_follow(lot, "reject", at=at)
        return keep_order(lot, NewOrder("reject", number, on, reason=reason), by=by, at=at)
    facts = _may_settle(lot, recommendation=advice, approval=number.strip(), at=at)
    require_follow(lot, "approve", at=at)
    order = keep_order(lot, NewOrder("approve", number, on, reason=reason), by=by, at=at)
    keep_decision("AUC-92", lot, facts, "approved", at=at)
    party = lot.highest_bidder.party
    bid = TechnicalBid.objects.filter(lot=lot, bidder=lot.highest_bidder).first()
    refuse_unauctioned(lot, approved=True, at=at)
    open_settlement(
        lot=SoldLot(
            lot_code=lot.code,
            block=lot.block,
            party=party,
            bid_rupees=lot.highest_rupees,
            emd_paise=held_paise(EMD, party_id=party.pk, subject=("lot", lot.code)),
            closed_at=at,
            clearances_by=lot.notice.clearances_by,
            terms=bid.form.get("terms", {}) if bid else {},
        ),
        at=at,
    )
    return order
