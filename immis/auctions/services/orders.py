"""Orders on running auctions: pause, resume, abort, corrigendum of times. One officer asks, a second one confirms."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.auctions.chain import append_event, legal_instant
from immis.auctions.events import LotPaused, LotRescheduled, LotResumed
from immis.auctions.gates import order_facts, second_of
from immis.auctions.models import AuctionOrder, Lot, Notice, TechnicalBid
from immis.auctions.services.results import close_aborted
from immis.core.access.permissions import Actor
from immis.core.clock import database_now
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.messaging.services import send
from immis.registry.selectors import recipient_of
from immis.rules.catalogue import Finding, find
from immis.rules.leases.interruptions import PausedFacts, shift_of_resumed
from immis.rules.ledger.deposits import AbortFacts
from immis.rules.policy import book
from immis.rules.writing.texts import texts

ACT_WORDS = texts("auctions/orders")


@transaction.atomic
def ask_order(
    *,
    act: str,
    notice: Notice,
    lot: Lot | None = None,
    reason: str,
    by: Actor,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> AuctionOrder:
    """Ask for an order on one lot, or on every lot of the notice that it fits (clauses 11 and 18; E-059, E-060, E-067).

    Nothing happens to the auction until a second officer confirms. Raises Refusal
    (AUC-42) when it fits no lot, NotPermitted outside the office's district.
    """
    require_grant(by, "auction.ask_order")
    if act not in ACT_WORDS:
        raise NotFound(f"order {act}")
    require_grant(by, "auction.ask_order", district=notice.district)
    at = database_now()
    order = AuctionOrder(
        act=act,
        notice=notice,
        lot=lot,
        reason=reason.strip()[:600],
        new_opens_at=opens_at if act == "reschedule" else None,
        new_closes_at=closes_at if act == "reschedule" else None,
        asked_by=by.user_id or 0,
        asked_role=by.role,
        asked_at=at,
    )
    _fitting(order, list(_in_scope(order)), at)
    order.save()
    body = {"act": act, "lot": lot.code if lot else None, "reason": order.reason}
    log_action("auction_order.asked", subject=("auction_order", str(order.pk)), by=by, at=at, facts=body)
    return order


@transaction.atomic
def confirm_order(*, order: AuctionOrder, by: Actor) -> AuctionOrder:
    """Confirm an order as the second person: it takes effect at once, in one transaction, on all lots that it fits.

    Every lot gets an event in its chain, the bidders get a message. Raises Refusal
    (AUC-41: not a second person, no deciding post, too late; AUC-42: no longer fits).
    """
    order = AuctionOrder.objects.select_for_update(of=("self",)).select_related("notice").get(pk=order.pk)
    require_grant(by, "auction.confirm_order", district=order.notice.district)
    if order.state != "asked":
        return order
    codes = [lot.code for lot in _in_scope(order)]
    # in the order of their ids, so that two orders never wait for each other in a ring
    rows = Lot.objects.select_for_update(of=("self",)).select_related("block", "notice")
    locked = list(rows.filter(code__in=codes).order_by("id"))
    at = database_now()
    if against := find("auction.order_confirm", second_of(order, by, at), policy=book(), at=at):
        raise Refusal(against)
    touched = _fitting(order, locked, at)
    order.confirmed_by, order.confirmed_role = by.user_id or 0, by.role
    order.effective_at, order.state = at, "effective"
    order.lots_touched = [lot.code for lot in touched]
    order.save()
    for lot in touched:
        _carry_out(order, lot, legal_instant(lot, at))
    body = {"act": order.act, "lots": order.lots_touched, "reason": order.reason, "asked_by": order.asked_by}
    log_action("auction_order.effective", subject=("auction_order", str(order.pk)), by=by, at=at, facts=body)
    return order


@transaction.atomic
def withdraw_order(*, order: AuctionOrder, by: Actor) -> AuctionOrder:
    """Withdraw an order that nobody has confirmed yet; it stays on record."""
    order = AuctionOrder.objects.select_for_update(of=("self",)).select_related("notice").get(pk=order.pk)
    require_grant(by, "auction.withdraw_order", district=order.notice.district)
    if order.state == "asked":
        order.state = "withdrawn"
        order.save(update_fields=["state"])
        subject = ("auction_order", str(order.pk))
        log_action("auction_order.withdrawn", subject=subject, by=by, at=database_now(), facts={"act": order.act})
    return order


def _in_scope(order: AuctionOrder) -> Any:
    rows = Lot.objects.select_related("block", "notice").filter(notice=order.notice, result="open")
    return (rows.filter(pk=order.lot_id) if order.lot_id else rows).order_by("id")


def _fitting(order: AuctionOrder, lots: list[Lot], at: datetime) -> list[Lot]:
    """The lots that the order fits now. Raises Refusal with why it fits none of them."""
    against = {lot.code: find("auction.order", order_facts(order, lot, at), policy=book(), at=at) for lot in lots}
    fitting = [lot for lot in lots if not against[lot.code]]
    if not fitting:
        nothing = [Finding("AUC-42", {"why": book().words("AUC-42", "no_open_auction")})]
        raise Refusal(next(iter(against.values()), nothing))
    return fitting


#: what is told of each order that does not end the auction
_NEWS = {"pause": LotPaused, "resume": LotResumed, "reschedule": LotRescheduled}


def _carry_out(order: AuctionOrder, lot: Lot, at: datetime) -> None:
    was = {"was_opens_at": lot.opens_at, "was_closes_at": lot.closes_at, "was_ends_at": lot.ends_at}
    body = {"order": order.pk, "reason": order.reason, "posts": [order.asked_role, order.confirmed_role]}
    kind = {"pause": "paused", "resume": "resumed", "abort": "aborted", "reschedule": "rescheduled"}[order.act]
    if order.act == "pause":
        lot.paused_at = at
    elif order.act == "resume" and lot.paused_at is not None:
        shift = shift_of_resumed(PausedFacts(lot.opens_at, lot.ends_at, lot.paused_at), policy=book(), at=at)
        lot.closes_at, lot.ends_at, lot.paused_at = lot.closes_at + shift, lot.ends_at + shift, None
    elif order.act == "reschedule":
        lot.opens_at = order.new_opens_at or lot.opens_at
        lot.closes_at = lot.ends_at = order.new_closes_at or lot.closes_at
    now = {"opens_at": lot.opens_at, "closes_at": lot.closes_at, "ends_at": lot.ends_at}
    append_event(lot, kind, at=at, facts={**body, **was, **now} if order.act in ("resume", "reschedule") else body)
    if order.act == "abort":
        close_aborted(lot, at=at)
    else:
        emit(_NEWS[order.act](**body, district=lot.notice.district), subject=("lot", lot.code), at=at)
    lot.save()
    _tell(order, lot, at)


def _tell(order: AuctionOrder, lot: Lot, at: datetime) -> None:
    """A message to every party that may still bid or be judged; of an abort, also what becomes of its earnest money."""
    facts = {
        "lot": lot.code,
        "ghat": {"hi": lot.block.name_hi, "en": lot.block.name_en},
        "what": ACT_WORDS[order.act],
        "at": at,
        "reason": order.reason,
        "opens_at": lot.opens_at,
        "ends_at": lot.ends_at,
    }
    for bid in TechnicalBid.objects.select_related("bidder__party").filter(lot=lot).exclude(state="failed"):
        party = bid.bidder.party
        key = f"auction_order:{order.pk}:{lot.code}:{party.pk}"
        led = AbortFacts(led=lot.highest_bidder_id == bid.bidder_id, opens_at=lot.opens_at)
        waits = order.act == "abort" and find("auction.aborted", led, policy=book(), at=at)
        template = ("MSG-101" if waits else "MSG-100") if order.act == "abort" else "AUC-46"
        send(template, to=recipient_of(party), facts=facts, at=at, subject=("lot", lot.code), key=key)
