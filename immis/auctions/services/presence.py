"""Heartbeats: which bidder's device had a room open, from when until when. Evidence, never shown to other bidders."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from immis.auctions.models import Lot, RoomPresence, TechnicalBid
from immis.auctions.selectors.lots import phase_of
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.services import log_action
from immis.rules.policy import NotInForce, book


@transaction.atomic
def forget_presences(*, at: datetime) -> int:
    """Delete the beats of lots that ended longer ago than evidence is kept (AUC-104); answers how many stretches."""
    forgotten = 0
    for lot in Lot.every.filter(presences__isnull=False, ends_at__lt=at).distinct():
        try:
            kept = timedelta(days=int(book().value("AUC-104", lot.opens_at)))
        except NotInForce:
            continue
        if lot.ends_at + kept < at:
            gone = RoomPresence.objects.filter(lot=lot).delete()[0]
            log_action("presence.forgotten", subject=("lot", lot.code), by=SYSTEM, at=at, facts={"stretches": gone})
            forgotten += gone
    return forgotten


@transaction.atomic
def note_presence(*, lot: Lot, by: Actor, device: str, at: datetime) -> bool:
    """Note that a bidder's device has the room of a lot open now; answers whether it was kept.

    Kept from the hour before the start until the end, for parties that applied.
    Beats that follow each other lengthen one stretch; after a gap a new one begins.
    """
    if by.party_id is None or phase_of(lot, at) == "closed" or at < lot.opens_at - timedelta(hours=1):
        return False
    try:
        gap = timedelta(seconds=int(book().value("AUC-45", lot.opens_at)["gap_seconds"]))
    except NotInForce:
        return False
    rows = RoomPresence.objects.filter(lot=lot, party_id=by.party_id, device=device[:16])
    if rows.filter(until_at__gte=at - gap).update(until_at=at, beats=F("beats") + 1):
        return True
    if not TechnicalBid.objects.filter(lot=lot, bidder__party_id=by.party_id).exists():
        return False
    RoomPresence.objects.create(lot=lot, party_id=by.party_id, device=device[:16], from_at=at, until_at=at)
    return True
