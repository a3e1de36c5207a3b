"""Who of the office looked at which bidders' particulars: each such reading is a line of the action log."""

from datetime import datetime

from django.db import transaction

from immis.auctions.models import Lot
from immis.core.access.permissions import Actor
from immis.core.services import log_action


@transaction.atomic
def note_reading(what: str, *, lot: Lot, by: Actor, at: datetime) -> None:
    """Log that an officer read ``what`` (applications, form3, paper, presence) of a lot's bidders (clause 10).

    A bidder who reads his own leaves no line.
    """
    if by.is_officer:
        log_action("bidders.read", subject=("lot", lot.code), by=by, at=at, facts={"what": what})
