"""Asking the registers: judged papers, orders about a lot, published lists."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from immis.auctions.models import (
    Lot,
    LotOrder,
    LotSuccession,
    Notice,
    PaperDecision,
    ResultList,
    TechnicalBid,
)
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.registry.selectors import Party
from immis.rules.auctions.lots import ShowFacts
from immis.rules.catalogue import RULES, apply
from immis.rules.policy import book


def paper_decisions(bid: TechnicalBid) -> dict[str, PaperDecision]:
    """The newest decision on each paper that lies with the bid now; a paper that was replaced is not judged yet."""
    now = {(document["letter"], document["sha256"]) for document in bid.documents}
    return {row.letter: row for row in bid.paper_decisions.all() if (row.letter, row.sha256) in now}


def unfit_papers(bid: TechnicalBid) -> tuple[str, ...]:
    """Letters of the papers that the committee found unfit and that were not replaced."""
    return tuple(sorted(letter for letter, row in paper_decisions(bid).items() if not row.fit))


@dataclass(frozen=True)
class FollowUp:
    """What came after a lot's end: its orders by kind, which auction of the ghat it was, the ones before and after."""

    attempt: int
    previous: Lot | None
    following: Lot | None
    orders: dict[str, LotOrder] = field(default_factory=dict)

    def number(self, kind: str) -> str:
        """The number of an order, empty where there is none."""
        return self.orders[kind].number if kind in self.orders else ""


def follow_up_of(lot: Lot) -> FollowUp:
    """What came after a lot's end. The caller has checked that the reader may see the orders."""
    before = LotSuccession.objects.select_related("previous__block").filter(lot=lot).first()
    after = LotSuccession.objects.select_related("lot__block").filter(previous=lot).first()
    return FollowUp(
        attempt=before.attempt if before else 1,
        previous=before.previous if before else None,
        following=after.lot if after else None,
        orders={row.kind: row for row in LotOrder.objects.filter(lot=lot)},
    )


def result_list_of(notice_pk: int) -> ResultList:
    """The published list of a notice; public. Raises NotFound before it is out."""
    row = ResultList.objects.select_related("notice").filter(notice_id=notice_pk).first()
    if row is None:
        raise NotFound(f"list of notice {notice_pk}")
    return row


def lists_of(notice: Notice) -> QuerySet[ResultList]:
    """The published lists of a notice and of what it corrected, newest first."""
    same = Q(notice=notice) | (Q(notice__code=notice.code) if notice.code else Q())
    return ResultList.objects.filter(same).order_by("-published_at", "-id")


def result_lists() -> QuerySet[ResultList]:
    """All published lists, newest first; public."""
    return ResultList.objects.select_related("notice").order_by("-published_at")


def bids_of(notice: Notice) -> QuerySet[TechnicalBid]:
    """The applications for the lots of a notice. The caller has checked that the reader may see them."""
    return TechnicalBid.objects.select_related("lot__block").filter(lot__notice=notice, lot__mock=False)


def unlisted(notice: Notice) -> bool:
    """Whether a notice has applications that none of its published lists names, as after a longer last date."""
    listed = {row["bid"] for item in lists_of(notice) for row in item.rows}
    return any(pk not in listed for pk in bids_of(notice).values_list("pk", flat=True))


def undecided_bids(notice: Notice) -> int:
    """How many applications for lots of a notice wait for the committee."""
    return bids_of(notice).filter(state="applied").count()


def named_bids(pks: Iterable[int], viewer: Actor, at: datetime) -> dict[int, Party]:
    """Whose applications a reader may know: his own at once, the winner's (or all) after the end, as AUC-08 says."""
    rows = TechnicalBid.objects.select_related("lot", "bidder__party").filter(pk__in=list(pks))
    return {row.pk: row.bidder.party for row in rows if _may_know(row, viewer, at)}


def _may_know(bid: TechnicalBid, viewer: Actor, at: datetime) -> bool:
    lot = bid.lot
    asked = ShowFacts(
        whose="winner" if lot.result == "sold" and lot.highest_bidder_id == bid.bidder_id else "other",
        closed=at >= lot.ends_at,
        own=viewer.party_id is not None and viewer.party_id == bid.bidder.party_id,
    )
    return apply(RULES["AUC-08"], asked, policy=book(), at=at) is None
