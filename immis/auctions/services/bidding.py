"""A bid: bidder row and lot row locked, the database's clock read, the rules asked, one event in the chain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.auctions.chain import append_event, legal_instant
from immis.auctions.models import Bidder, Lot, LotEvent
from immis.auctions.selectors.cap import held_blocks
from immis.auctions.selectors.lots import LotState, lot_state
from immis.auctions.services.bidders import refuse_elsewhere
from immis.auctions.services.registration import require_party
from immis.auctions.store import Held, hold_lot, lock_bidder, move_lot
from immis.core.errors import Refusal
from immis.core.permissions import Actor
from immis.core.services import plain
from immis.rules.auctions import (
    AcceptedFacts,
    BidFacts,
    JumpFacts,
    extended_end,
    increment_rupees,
    offered_amount,
)
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MOST_RUPEES = 10**15
_STEPS = {"en": "the number of increments (steps)", "hi": "वृद्धि की संख्या (steps)"}
_KEY_WORDS = {"en": "the key of the request (key)", "hi": "अनुरोध की कुंजी (key)"}
_EXPECTED = {"en": "the highest bid that was seen (expected_highest)", "hi": "देखी गई उच्चतम बोली (expected_highest)"}


@dataclass(frozen=True)
class BidAnswer:
    """The engine's answer to one key, always the same one: accepted or not, the amount, and what refused it.

    ``seq`` is the number of the change that everybody can see; 0 for a refused bid.
    """

    accepted: bool
    amount_rupees: int
    seq: int
    at: datetime
    findings: Sequence[Finding]
    lot_state: LotState


def place_bid(
    *,
    lot: Lot | str,
    steps: int,
    key: str,
    by: Actor,
    bidder: Bidder | None = None,
    expected_highest: int | None = None,
    confirmed: bool = False,
) -> BidAnswer:
    """Bid ``steps`` increments above what the bidder saw; acknowledged after the commit, once for each ``key``.

    ``expected_highest`` is the highest bid on the bidder's screen in rupees (0:
    none yet); the amount is counted from it, so that nobody offers more than
    they chose. Without it the amount counts from the highest under the lock. A
    refused bid is an answer and is kept too, until the closing event has sealed
    the chain; a retry of a key gets the first answer, also after the close. Raises Refusal for a request that cannot be
    read (AUC-19), an unregistered party (AUC-20) and an unconfirmed jump
    (AUC-11); these use up no key. E-007, E-058, E-061, E-069, E-071.
    """
    code = lot if isinstance(lot, str) else lot.code
    _readable(steps, key, expected_highest)
    party_id = bidder.party_id if bidder else by.party_id
    require_party(by, party_id or 0)
    with transaction.atomic(durable=True):
        locked = lock_bidder(party_id)
        if locked is None:
            raise Refusal(Finding("AUC-20"))
        held = hold_lot(code, locked, key)
        refuse_elsewhere(held.lot)
        event = held.answered or _judge(
            held, locked, steps=steps, key=key, expected=expected_highest, confirmed=confirmed
        )
    return _answer(event, held.lot)


def _readable(steps: Any, key: Any, expected: Any) -> None:
    """Raises Refusal (AUC-19) naming the part of the request that is none."""
    whole = isinstance(steps, int) and not isinstance(steps, bool) and abs(steps) <= 10**6
    rupees = expected is None or (isinstance(expected, int) and 0 <= expected <= _MOST_RUPEES)
    parts = [
        (_STEPS, "0, 1, 2…", steps, whole),
        (_KEY_WORDS, "8–64 × A–Z a–z 0–9 _ -", key, isinstance(key, str) and bool(_KEY.fullmatch(key))),
        (_EXPECTED, "₹ 0…", expected, rupees),
    ]
    wrong = [
        Finding("AUC-19", {"what": what, "expected": want, "found": str(found)[:40]})
        for what, want, found, fine in parts
        if not fine
    ]
    if wrong:
        raise Refusal(wrong)


def _judge(held: Held, bidder: Bidder, *, steps: int, key: str, expected: int | None, confirmed: bool) -> LotEvent:
    lot = held.lot
    at = legal_instant(lot, held.reading)
    step = increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at)
    jump = JumpFacts(steps=steps, confirmed=confirmed, increment_rupees=step)
    if unconfirmed := find("auction.jump", jump, policy=book(), at=lot.opens_at):
        raise Refusal(unconfirmed)
    base = lot.highest_rupees if expected is None else (expected or None)
    amount = offered_amount(
        base_rupees=base, steps=steps, reserve_rupees=lot.reserve_rupees, policy=book(), on=lot.opens_at
    )
    findings = find("auction.bid", _bid_facts(held, bidder, amount, at), policy=book(), at=at)
    facts = {
        "steps": steps,
        "bidder": held.alias,
        "key": key,
        "findings": [{"code": one.code, "facts": dict(one.facts)} for one in findings],
    }
    if lot.result != "open":  # the closing event is the last of its chain; this answer never changes
        body = plain({"findings": facts["findings"]})
        return LotEvent(lot=lot, kind="bid_refused", at=at, amount_rupees=amount, key=key, body=body)
    kind = "bid_refused" if findings else "bid_accepted"
    event = append_event(lot, kind, at=at, amount_rupees=amount, bidder=bidder, key=key, facts=facts)
    if not findings:
        _lead(lot, bidder, event)
    move_lot(lot)
    return event


def _bid_facts(held: Held, bidder: Bidder, amount: int, at: datetime) -> BidFacts:
    lot = held.lot
    # where no river is entered the cap is not judged (AUC-06), and what he leads elsewhere need not be read
    others = held_blocks(bidder, besides=lot, at=at) if held.river else ()
    return BidFacts(
        reserve_rupees=lot.reserve_rupees,
        amount_rupees=amount,
        opens_at=lot.opens_at,
        ends_at=lot.ends_at,
        technical=held.technical,
        highest_rupees=lot.highest_rupees,
        leads_already=lot.highest_bidder_id == bidder.pk,
        river=held.river,
        area_ha=lot.block.area_ha if held.river else Decimal(0),
        held=others,
        paused_at=lot.paused_at,
        aborted=lot.result == "aborted",
    )


def _lead(lot: Lot, bidder: Bidder, event: LotEvent) -> None:
    """The accepted bid leads; in the last minutes it prolongs the lot in this same transaction."""
    lot.highest_rupees, lot.highest_bidder = event.amount_rupees, bidder
    facts = AcceptedFacts(opens_at=lot.opens_at, closes_at=lot.closes_at, extensions=int(lot.extended_at is not None))
    ends_at = extended_end(facts, policy=book(), at=event.at)
    if ends_at is None:
        return
    told = {"was_at": lot.ends_at, "ends_at": ends_at, "cause_seq": event.seq}
    append_event(lot, "extended", at=event.at, facts=told)
    lot.extended_at, lot.ends_at = event.at, ends_at


def _answer(event: LotEvent, lot: Lot) -> BidAnswer:
    return BidAnswer(
        accepted=event.kind == "bid_accepted",
        amount_rupees=event.amount_rupees or 0,
        seq=event.change_no or 0,
        at=event.at,
        findings=[Finding(one["code"], one["facts"]) for one in event.body["findings"]],
        lot_state=lot_state(lot, max(event.at, lot.last_at or event.at)),
    )
