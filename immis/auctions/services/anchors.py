"""Anchors: the head of a lot's chain at intervals, put into the hands of its bidders so that nobody can rewrite it."""

from datetime import datetime, timedelta

from django.db import transaction

from immis.auctions.chain import append_event, legal_instant
from immis.auctions.heads import signed_head
from immis.auctions.models import Lot, TechnicalBid
from immis.core.clock import database_now
from immis.messaging.services import Recipient, send
from immis.rules.policy import NotInForce, book


@transaction.atomic
def anchor_chain(*, lot: Lot) -> bool:
    """Add an anchor to a running lot's chain and e-mail its signed hash to the successful bidders, each interval.

    The anchor is an event of its own, so that the hash changes each time and
    says nothing about bids that were refused in between (clause 10). Answers
    whether there was one to write.
    """
    held = Lot.objects.select_for_update(of=("self",)).select_related("block").get(pk=lot.pk)
    at = legal_instant(held, database_now())
    if not _due(held, at):
        return False
    event = append_event(held, "anchored", at=at, facts={})
    held.anchored_at, held.anchor_hash = at, event.hash
    signed = signed_head(held.code, event.hash, at=at)
    held.save(update_fields=["seq", "last_at", "last_hash", "anchored_at", "anchor_hash"])
    facts = {
        "lot": held.code,
        "ghat": {"hi": held.block.name_hi, "en": held.block.name_en},
        "at": at,
        "hash": event.hash,
        "signature": signed["signature"],
        "key": signed["key"]["kid"],
    }
    for bid in TechnicalBid.objects.select_related("bidder__party").filter(lot=held, state="passed"):
        party = bid.bidder.party
        to = Recipient("party", str(party.pk), email=party.email)
        key = f"anchor:{event.hash}:{party.pk}"
        send("AUC-44", to=to, facts=facts, at=at, subject=("lot", held.code), key=key)
    return True


def _due(lot: Lot, at: datetime) -> bool:
    if lot.result != "open" or lot.paused_at is not None or not lot.opens_at <= at < lot.ends_at:
        return False
    try:
        every = timedelta(minutes=int(book().value("AUC-44", lot.opens_at)["every_minutes"]))
    except NotInForce:
        return False
    return at >= (lot.anchored_at or lot.opens_at) + every
