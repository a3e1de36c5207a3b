"""Bidders and technical bids, each seen only by its own party and by its district's office."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, Q, QuerySet

from immis.auctions.models import Bidder, TechnicalBid
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import may, require_grant
from immis.core.papers.files import path_of
from immis.core.scope import visible
from immis.registry.selectors import in_order
from immis.rules.auctions.tenders import optional_documents, required_documents
from immis.rules.policy import NotInForce, book


@dataclass(frozen=True)
class Paper:
    """One paper of clause 7 for one bidder: asked or not, and what was handed in."""

    letter: str
    name_en: str
    name_hi: str
    required: bool
    document: dict[str, Any] | None


def bidder_of(party_id: int | None) -> Bidder | None:
    """The registration of a party for e-auctions, if it has one."""
    return Bidder.objects.select_related("party").filter(party_id=party_id).first() if party_id else None


def technical_bids(viewer: Actor, **filters: Any) -> QuerySet[TechnicalBid]:
    """Technical bids that a post may see: the district's own, or the party's own."""
    rows = TechnicalBid.objects.select_related("lot__block", "lot__notice", "bidder__party")
    rows = rows.filter(lot__mock=False, **filters)
    require_grant(viewer, "application.read")
    own = visible(viewer, "application.read", district="lot__notice__district", party="bidder__party_id")
    return rows.filter(own).order_by(*in_order("lot__code"), "applied_at")


def my_technical_bids(viewer: Actor) -> QuerySet[TechnicalBid]:
    """The technical bids of the viewer's party."""
    return technical_bids(viewer, bidder__party_id=viewer.party_id)


def activity_window(viewer: Actor, at: datetime) -> list[TechnicalBid]:
    """The viewer's admitted bids whose auction runs, stands still, or begins within the hours of AUC-112 (E-036).

    In the order of their ends.
    """
    if viewer.party_id is None:
        return []
    try:
        ahead = timedelta(hours=int(book().value("AUC-112", at)))
    except NotInForce:
        return []
    mine = my_technical_bids(viewer).filter(state="passed", lot__result="open", lot__opens_at__lte=at + ahead)
    return list(mine.filter(Q(lot__ends_at__gt=at) | Q(lot__paused_at__isnull=False)).order_by("lot__ends_at", "lot"))


def technical_bid_of(pk: int, viewer: Actor) -> TechnicalBid:
    """One technical bid that the post may see. Raises NotFound for any other."""
    bid = technical_bids(viewer, pk=pk).first()
    if bid is None:
        raise NotFound(f"technical bid {pk}")
    return bid


def papers_of(bid: TechnicalBid) -> list[Paper]:
    """The papers of clause 7 in their order: asked of this kind of bidder or optional, and what is there."""
    table = book().value("AUC-14", bid.lot.opens_at)["documents"]
    asked = {"policy": book(), "on": bid.lot.opens_at}
    needed = required_documents(bid.bidder.party.kind, **asked)
    may_give = optional_documents(bid.bidder.party.kind, **asked)
    given = {document["letter"]: document for document in bid.documents}
    return [
        Paper(row["letter"], row["name"]["en"], row["name"]["hi"], row["letter"] in needed, given.get(row["letter"]))
        for row in table
        if row["letter"] in {*needed, *may_give, *given}
    ]


def document_of(bid: TechnicalBid, sha256: str) -> tuple[dict[str, Any], Path]:
    """One handed-in paper and where it lies. The caller's bid was already fetched for its viewer. Raises NotFound."""
    row = next((document for document in bid.documents if document["sha256"] == sha256), None)
    if row is None or not path_of(sha256).exists():
        raise NotFound(f"document {sha256}")
    return row, path_of(sha256)


def bid_counts(lot_ids: Iterable[int]) -> list[dict[str, int]]:
    """How many technical bids each lot has, and in which state."""
    by_state = {state: Count("pk", filter=Q(state=state)) for state in ("applied", "passed", "failed")}
    rows = TechnicalBid.objects.filter(lot_id__in=list(lot_ids)).values("lot_id")
    return list(rows.annotate(all=Count("pk"), **by_state).order_by("lot_id"))


def undecided_bid_count(viewer: Actor) -> int:
    """How many technical bids wait for the decision of this office."""
    if not may(viewer, "application.decide"):
        return 0
    return technical_bids(viewer).filter(state="applied").count()
