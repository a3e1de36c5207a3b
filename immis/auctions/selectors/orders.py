"""Orders on auctions: what the office asked and confirmed, and what of it the public reads; evidence of presence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from immis.auctions.models import AuctionOrder, Lot, RoomPresence
from immis.auctions.selectors.identities import bids_by_alias
from immis.auctions.selectors.lots import phase_of
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import require_grant
from immis.core.scope import visible


def published_orders(**filters: Any) -> QuerySet[AuctionOrder]:
    """Orders in effect, newest first: corrigenda, pauses, cancellations. Public (clause 11)."""
    rows = AuctionOrder.objects.select_related("notice", "lot__block").filter(state="effective", **filters)
    return rows.order_by("-effective_at", "-id")


def orders_on(lot: Lot) -> QuerySet[AuctionOrder]:
    """Orders in effect that touched one lot; public."""
    return published_orders(notice=lot.notice).filter(Q(lot=lot) | Q(lot__isnull=True))


def office_orders(viewer: Actor, **filters: Any) -> QuerySet[AuctionOrder]:
    """All orders, asked and decided, that the office may act on. Raises NotPermitted for others."""
    require_grant(viewer, "auction.read_orders")
    rows = AuctionOrder.objects.select_related("notice", "lot__block").filter(**filters)
    return rows.filter(visible(viewer, "auction.read_orders", district="notice__district"))


def order_of(pk: int, viewer: Actor) -> AuctionOrder:
    """One order that the office may act on. Raises NotFound."""
    order = office_orders(viewer, pk=pk).first()
    if order is None:
        raise NotFound(f"order {pk}")
    return order


@dataclass(frozen=True)
class Presence:
    """One stretch of a bidder's device in the room."""

    alias: str
    party: Any
    device: str
    from_at: datetime
    until_at: datetime
    beats: int


def presences(lot: Lot, viewer: Actor, at: datetime) -> list[Presence]:
    """Who had the room open when: for the district's office, after the end only (clause 10). Raises NotPermitted."""
    require_grant(viewer, "lot.read_presence", district=lot.notice.district)
    if phase_of(lot, at) != "closed":
        return []
    aliases = {bid.bidder.party_id: alias for alias, bid in bids_by_alias(lot).items()}
    return [
        Presence(aliases.get(row.party_id, ""), row.party, row.device, row.from_at, row.until_at, row.beats)
        for row in RoomPresence.objects.select_related("party").filter(lot=lot)
    ]
