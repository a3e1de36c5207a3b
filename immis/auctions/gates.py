"""What the rules on a lot, a notice or an order are asked about, as it stands: for services and the gates of acts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from immis.auctions.models import AuctionOrder, Bidder, EprocExport, EprocOutcome, Lot, Notice, TechnicalBid
from immis.auctions.selectors.bidders import bidder_of
from immis.auctions.selectors.deposits import deposits_of
from immis.auctions.selectors.lots import phase_of
from immis.auctions.selectors.payments import barred_pans, emd_states, paid_in_full, pass_facts
from immis.auctions.selectors.registers import follow_up_of, lists_of, undecided_bids, unlisted
from immis.auctions.steps import day_of, instant_of
from immis.core.access.permissions import Actor
from immis.holds.debarments import debarment_of
from immis.rules.auctions.after import AskedFacts, FollowFacts
from immis.rules.auctions.bidders import ListedFacts, ListFacts
from immis.rules.auctions.eproc import TakeOverFacts
from immis.rules.auctions.lots import SettleFacts
from immis.rules.auctions.tenders import AgainFacts, ApplicantFacts, ApplyFacts, DecisionFacts, PassFacts
from immis.rules.catalogue import Finding, find
from immis.rules.leases.duties import NoticeObtainerFacts
from immis.rules.leases.interruptions import ConfirmFacts, OrderFacts
from immis.rules.ledger.deposits import SingleFacts
from immis.rules.notices.published import ChangeFacts, DownloadFacts
from immis.rules.policy import book

_A_DAY = timedelta(days=1)
#: Stands where a number or a reason is still to be written.
UNWRITTEN = "…"


def follow_facts(lot: Lot, act: str) -> FollowFacts:
    """A lot and an order that is to follow; while it runs nobody counts who applied."""
    if lot.result == "open":
        return FollowFacts(act, lot.result)
    follow = follow_up_of(lot)
    orders = sorted(follow.orders)
    states = [deposit.state for deposit in deposits_of(lot, follow)]
    result = "approved" if lot.result == "single_bid" and "approve" in orders else lot.result
    return FollowFacts(act, result, orders, len(states), states.count("to_return"))


def single_facts(lot: Lot, *, recommendation: str, approval: str) -> SingleFacts:
    """A single tender that is to be settled."""
    return SingleFacts(
        attempt=follow_up_of(lot).attempt,
        bid_rupees=lot.highest_rupees or 0,
        reserve_rupees=lot.reserve_rupees,
        recommendation=recommendation,
        approval=approval,
        opens_at=lot.opens_at,
    )


def to_recommend(lot: Lot, by: Actor, at: datetime) -> SingleFacts:
    return single_facts(lot, recommendation=UNWRITTEN, approval=UNWRITTEN)


def to_approve(lot: Lot, by: Actor, at: datetime) -> SingleFacts:
    return single_facts(lot, recommendation=follow_up_of(lot).number("recommend"), approval=UNWRITTEN)


def against_settling(lot: Lot, *, approved: bool, at: datetime) -> list[Finding]:
    """What stands against a settlement of a lot: no e-auction, or no technical success, behind it (AUC-110, E-023)."""
    bid = TechnicalBid.objects.filter(lot=lot, bidder=lot.highest_bidder).first()
    facts = SettleFacts(lot.code, bid.state if bid else "", lot.result, lot.opens_at, approved)
    return find("auction.settle", facts, policy=book(), at=at)


def order_facts(order: AuctionOrder, lot: Lot, at: datetime) -> OrderFacts:
    """An order on one lot as it stands."""
    return OrderFacts(
        act=order.act,
        phase=phase_of(lot, at),
        opens_at=lot.opens_at,
        closes_at=lot.closes_at,
        reason=order.reason,
        extended=lot.extended_at is not None,
        new_opens_at=order.new_opens_at,
        new_closes_at=order.new_closes_at,
    )


def orders_of(lot: Lot, act: str, at: datetime) -> OrderFacts:
    """Whether an order could be asked for on this lot, or else on another one of its notice, at some new times."""
    rows = Lot.objects.select_related("notice").filter(notice_id=lot.notice_id, result="open").exclude(pk=lot.pk)
    facts = [order_facts(_wanted(act, row, at), row, at) for row in (lot, *rows.order_by("id"))]
    return next((row for row in facts if not find("auction.order", row, policy=book(), at=at)), facts[0])


def _wanted(act: str, lot: Lot, at: datetime) -> AuctionOrder:
    if act != "reschedule":
        return AuctionOrder(act=act, reason=UNWRITTEN)
    opens_at = max(lot.opens_at, at + _A_DAY) if phase_of(lot, at) == "upcoming" else lot.opens_at
    return AuctionOrder(
        act=act, reason=UNWRITTEN, new_opens_at=opens_at, new_closes_at=max(opens_at, lot.closes_at, at) + _A_DAY
    )


def asked_of(order: AuctionOrder, by: Actor, at: datetime) -> AskedFacts:
    return AskedFacts(order.state)


def second_of(order: AuctionOrder, by: Actor, at: datetime) -> ConfirmFacts:
    """Who asked for an order, and who would confirm it."""
    return ConfirmFacts(order.asked_by, order.asked_role, order.asked_at, by.user_id or 0, by.role)


def pass_again(bid: TechnicalBid, by: Actor, at: datetime) -> AgainFacts:
    return AgainFacts(bid.state, "passed")


def fail_again(bid: TechnicalBid, by: Actor, at: datetime) -> AgainFacts:
    return AgainFacts(bid.state, "failed")


def reasons_again(bid: TechnicalBid, by: Actor, at: datetime) -> AgainFacts:
    return AgainFacts(bid.state, "reasons")


def in_time_of(bid: TechnicalBid, by: Actor, at: datetime) -> DecisionFacts:
    """The programme of the notice, and when a list first named what was decided on the application."""
    return in_time_facts([bid])[bid.pk]


def in_time_facts(bids: Sequence[TechnicalBid]) -> dict[int, DecisionFacts]:
    """The same for the applications of one lot, by bid: the lists are read once."""
    listed: dict[int, datetime] = {}
    for row in list(lists_of(bids[0].lot.notice))[::-1] if bids else ():  # the oldest first
        for item in row.rows:
            listed.setdefault(item["bid"], row.published_at)
    return {bid.pk: _in_time(bid, listed.get(bid.pk)) for bid in bids}


def _in_time(bid: TechnicalBid, listed_at: datetime | None) -> DecisionFacts:
    programme = bid.lot.notice.programme
    return DecisionFacts(
        last_date_at=instant_of(programme, "last_date_at"),
        result_on=day_of(programme, "result_on"),
        opens_at=bid.lot.opens_at,
        listed_at=listed_at,
    )


def pass_of(bid: TechnicalBid, by: Actor, at: datetime) -> PassFacts:
    """All that the committee's decision on a technical bid rests on."""
    return pass_facts(bid, at=at)


def obtainer_of(notice: Notice, by: Actor, at: datetime) -> NoticeObtainerFacts:
    return obtainer_facts(notice, who="settlee", reference=UNWRITTEN)


def obtainer_facts(notice: Notice, *, who: str, reference: str) -> NoticeObtainerFacts:
    """Who is to obtain plan and EC, by which order, and how many lots have ended."""
    closed = Lot.objects.filter(notice=notice).exclude(result="open").count()
    return NoticeObtainerFacts(who, closed, reference)


def list_of(notice: Notice, by: Actor, at: datetime) -> ListFacts:
    """How far the applications of a notice are decided."""
    return ListFacts(
        undecided_bids(notice),
        instant_of(notice.programme, "last_date_at"),
        day_of(notice.programme, "result_on"),
        min((lot.opens_at for lot in notice.lots.filter(mock=False)), default=None),
    )


def listed_of(notice: Notice, by: Actor, at: datetime) -> ListedFacts:
    """The list on which everything that was decided stands."""
    known = lists_of(notice).first()
    stands = known is not None and (known.notice_id == notice.pk or not unlisted(notice))
    return ListedFacts(known.published_at if known and stands else None)


def applicant_of(lot: Lot, by: Actor, at: datetime) -> ApplicantFacts:
    """Whether somebody may apply for a lot here at all."""
    return applicant_facts(lot, bidder_of(by.party_id))


def applicant_facts(lot: Lot, bidder: Bidder | None) -> ApplicantFacts:
    return ApplicantFacts(lot.code, elsewhere=lot.venue == "eproc", registered=bidder is not None)


def programme_of_lot(lot: Lot, by: Actor, at: datetime) -> ApplyFacts:
    """The programme of a lot, before somebody who may have no registration yet (AUC-20 is another occasion)."""
    return apply_facts(lot, bidder_of(by.party_id), at=at)


def programme_of_bid(bid: TechnicalBid, by: Actor, at: datetime) -> ApplyFacts:
    return apply_facts(bid.lot, bid.bidder, at=at)


def apply_facts(
    lot: Lot, bidder: Bidder | None, *, at: datetime, members: Sequence[Mapping[str, Any]] = ()
) -> ApplyFacts:
    """An application: the steps of the notice, the bidder's registration, what bars him or who bids with him."""
    programme = lot.notice.programme
    opens_on, last_at = day_of(programme, "documents_from_on"), instant_of(programme, "last_date_at")
    if bidder is None:
        return ApplyFacts(opens_on, last_at)
    barred = debarment_of(barred_pans(bidder.party.pan, members, "debarment", on=lot.opens_at), at=at)
    return ApplyFacts(
        opens_on,
        last_at,
        registered_until=bidder.valid_until,
        registration_fee_paid=paid_in_full(bidder.fee_demand),
        debarred_until=barred.until_on if barred else None,
        debarred_by=barred.order_number if barred else "",
    )


def to_take_over(export: EprocExport, by: Actor, at: datetime) -> TakeOverFacts:
    """The first ghat of an export that could be taken over once its earnest money is seen, else the first one."""
    rows = list(export.outcomes.select_related("lot", "export").order_by("serial"))
    facts = [take_over_facts(row, row.lot, emd_seen=True, over=True) for row in rows]
    nothing = TakeOverFacts("differs", "open", elsewhere=True, emd_seen=True, over=True)
    return next((row for row in facts if not find("eproc.take_over", row, policy=book(), at=at)), [*facts, nothing][0])


def take_over_facts(outcome: EprocOutcome, lot: Lot | None, *, emd_seen: bool, over: bool) -> TakeOverFacts:
    return TakeOverFacts(
        state=outcome.state if outcome.export.replaced_by_id is None else "replaced",
        lot_result=lot.result if lot else "none",
        elsewhere=lot is not None and lot.venue == "eproc",
        emd_seen=emd_seen,
        over=over,
    )


def change_of(notice: Notice, by: Actor, at: datetime) -> ChangeFacts:
    return change_facts(notice, reason=UNWRITTEN)


def change_facts(notice: Notice, *, reason: str, changed: bool = True) -> ChangeFacts:
    """A corrigendum of a notice's programme: how many of its auctions are still to end."""
    open_lots = Lot.objects.filter(notice_id=notice.pk, result="open").count()
    return ChangeFacts(notice.number, open_lots, reason, changed=changed, replaced=notice.replaced_by_id is not None)


def download_facts(notice: Notice, by: Actor) -> DownloadFacts:
    """Whether the viewer's party paid the document fee of a ghat of the notice, by the treasury's word."""
    rows = TechnicalBid.objects.filter(lot__notice=notice, bidder__party_id=by.party_id or 0)
    paid = any(state.fee_state != "due" for state in emd_states(list(rows.select_related("lot", "bidder"))).values())
    return DownloadFacts(
        from_on=day_of(notice.programme, "documents_from_on"),
        fee_rupees=int(notice.fees.get("document_rupees") or 0),
        paid=paid,
        office=by.is_officer and by.sees_district(notice.district),
    )
