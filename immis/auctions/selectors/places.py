"""Whether an auction of a ghat, or the settlement after it, is over, so that the ghat may be auctioned again."""

from datetime import datetime

from immis.auctions.models import Lot, Notice
from immis.auctions.selectors.registers import follow_up_of
from immis.leases.selectors import is_settled, running_on
from immis.registry.selectors import Block
from immis.rules.calendar import india_day
from immis.rules.land.ghats import ghat_names
from immis.rules.notices.facts import NoticeFacts
from immis.rules.policy import book


def over(lot: Lot) -> bool:
    """Whether a lot's auction is over and left no settlement to come.

    So it is where nobody bid, after an abort, after a default, and for a single tender that was not approved; of a
    lot that was settled the settlement tells.
    """
    if lot.result in ("no_bids", "aborted"):
        return True
    if lot.result not in ("sold", "single_bid"):
        return False
    orders = follow_up_of(lot).orders
    if lot.result == "single_bid" and "approve" not in orders:
        return True
    return "default" in orders or is_settled(lot.code)


def standing_on(block: Block, last: Lot | None, *, before: datetime) -> str:
    """The number of the auction or settlement of a ghat that is not over; empty where it is free."""
    if lease := running_on(block, on=india_day(before)):
        return lease.number
    return last.code if last is not None and not over(last) else ""


def corrected_by(facts: NoticeFacts) -> list[Notice]:
    """The notice in force that a file corrects, while an auction of it is not over (E-059, E-060).

    That of its number and district; or, as every press release has a number of its own, the one whose ghats the file
    names again, every one that is open under its own serial number.
    """
    rows = Notice.objects.filter(district=facts.district, replaced_by__isnull=True).order_by("id")
    open_lots = {row: list(row.lots.filter(result="open", mock=False).select_related("block")) for row in rows}
    known = [row for row, lots in open_lots.items() if lots]
    numbered = [row for row in known if facts.number and row.number == facts.number]
    return numbered or [row for row in known if _names_again(facts, open_lots[row])][:1]


def _names_again(facts: NoticeFacts, lots: list[Lot]) -> bool:
    starts_at = facts.programme.auction_starts_at
    if starts_at is None:
        return False
    rows = {
        (ghat.serial, ghat.code, ghat_names(ghat.name, ghat.code, policy=book(), on=starts_at)["en"])
        for ghat in facts.ghats
    }
    return all((lot.serial, lot.block.block_no, lot.block.name_en) in rows for lot in lots)
