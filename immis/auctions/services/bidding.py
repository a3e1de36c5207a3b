"""A bid: bidder row and lot row locked, the database's clock read, the rules asked, one event in the chain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction

from immis import clock
from immis.auctions.chain import legal_instant, next_event
from immis.auctions.models import Bidder, Lot, LotEvent
from immis.auctions.sealing import alias_of, kept_findings, parties_by_alias, read_finding
from immis.auctions.selectors.cap import Circle, circle_of, held_blocks
from immis.auctions.selectors.lots import LotState, lot_state
from immis.auctions.selectors.payments import barred_pans
from immis.auctions.services.bidders import refuse_elsewhere
from immis.auctions.services.registration import require_party
from immis.auctions.store import Asker, Held, hold_lot, keep_bids
from immis.auctions.together import Waiting, settle_together
from immis.core.access.permissions import Actor
from immis.core.access.throttling import take
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.services import log_action
from immis.holds.debarments import Debarment, debarment_of
from immis.registry.selectors import party_of
from immis.rules.auctions.lots import (
    AcceptedFacts,
    BidFacts,
    JumpFacts,
    RefusedFacts,
    TriesFacts,
    extended_end,
    increment_rupees,
    offered_amount,
)
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MOST_RUPEES = 10**15
#: Who met AUC-107 in this process, by lot and party: only their bids are counted by the minute.
_flooding: set[tuple[str, int]] = set()
#: What turns a bidder away: such a bid stands in no chain.
_BARS = frozenset({"AUC-04", "AUC-165"})


@dataclass(frozen=True)
class Bid:
    """What a bidder sent: how many increments above what he saw, under which key, and whether a jump is confirmed."""

    steps: int
    key: str
    expected: int | None
    confirmed: bool


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
    lot: Lot

    @cached_property
    def lot_state(self) -> LotState:
        """The public state of the lot when this was answered."""
        return lot_state(self.lot, max(self.at, self.lot.last_at or self.at))


class BidRefused(Refusal):
    """A bid that was read, judged and not accepted; its answer is kept and never changes."""

    def __init__(self, answer: BidAnswer):
        super().__init__(answer.findings)
        self.answer = answer


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
    the chain; a retry of a key gets the first answer, also after the close. A bid
    of who is not technically successful is answered and logged, but no event of
    the chain. Raises Refusal for a request that cannot be read (AUC-19), an
    unregistered party (AUC-20), an unconfirmed jump (AUC-11), and too many tries
    of who may not bid (AUC-100) or that do not fit (AUC-107); these use up no key. E-007, E-058, E-061, E-069, E-071.
    """
    code = lot if isinstance(lot, str) else lot.code
    _readable(steps, key, expected_highest)
    party_id = bidder.party_id if bidder else by.party_id
    require_party(by, party_id or 0, "lot.bid")
    _not_too_fast(code, party_id or 0)
    mine = Waiting(party_id or 0, Bid(steps, key, expected_highest, confirmed))
    try:
        event, lot = settle_together(code, mine, _settle)
    except Refusal as refusal:
        if any(finding.code == "AUC-107" for finding in refusal.findings):
            _flooding.add((code, party_id or 0))
        raise
    if _turned_away(event):
        _log_turned_away(event, lot, by)
    return _answer(event, lot)


@transaction.atomic(durable=True)
def _settle(code: str, waiting: Sequence[Waiting]) -> list[Any]:
    """Judge bids of different bidders on one lot in one transaction; an outcome is event and lot, or a Refusal."""
    parties = [row.party_id for row in waiting]
    circle = circle_of(code, parties)
    # the seal of a lot never changes, so that aliases may be reckoned before the locks
    aliases = {party: alias for alias, party in parties_by_alias(code, circle.seal, parties).items()}
    asked = [(row.party_id, aliases[row.party_id], row.bid.key) for row in waiting]
    held = hold_lot(code, asked, also=circle.parties)
    refuse_elsewhere(held.lot)
    kept: list[LotEvent] = []
    outcomes = [_outcome(held, circle, row, kept) for row in waiting]
    keep_bids(held.lot, kept)
    return outcomes


def _outcome(held: Held, circle: Circle, waiting: Waiting, kept: list[LotEvent]) -> tuple[LotEvent, Lot] | Refusal:
    asker = held.askers.get(waiting.party_id)
    if asker is None:
        return Refusal(Finding("AUC-20"))
    try:
        return asker.answered or _judge(held, circle, asker, waiting.bid, kept), held.lot
    except Refusal as refusal:
        return refusal


def _readable(steps: Any, key: Any, expected: Any) -> None:
    """Raises Refusal (AUC-19) naming the part of the request that is none."""
    whole = isinstance(steps, int) and not isinstance(steps, bool) and abs(steps) <= 10**6
    rupees = expected is None or (isinstance(expected, int) and 0 <= expected <= _MOST_RUPEES)
    parts = [
        ("steps", "0, 1, 2…", steps, whole),
        ("key", "8–64 × A–Z a–z 0–9 _ -", key, isinstance(key, str) and bool(_KEY.fullmatch(key))),
        ("expected_highest", "₹ 0…", expected, rupees),
    ]
    wrong = [
        Finding("AUC-19", {"what": what, "expected": want, "found": str(part)[:40]})
        for what, want, part, fine in parts
        if not fine
    ]
    if wrong:
        raise Refusal(wrong)


def _judge(held: Held, circle: Circle, asker: Asker, bid: Bid, kept: list[LotEvent]) -> LotEvent:
    lot = held.lot
    at = legal_instant(lot, held.reading)
    step = increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at)
    jump = JumpFacts(steps=bid.steps, confirmed=bid.confirmed, increment_rupees=step)
    if unconfirmed := find("auction.jump", jump, policy=book(), at=lot.opens_at):
        raise Refusal(unconfirmed)
    base = lot.highest_rupees if bid.expected is None else (bid.expected or None)
    amount = offered_amount(
        base_rupees=base, steps=bid.steps, reserve_rupees=lot.reserve_rupees, policy=book(), on=lot.opens_at
    )
    findings = find("auction.bid", _bid_facts(held, circle, asker, amount, at), policy=book(), at=at)
    if findings and not _turned_away_by(findings):
        _not_without_end(lot, asker)
    causes = kept_findings(findings, lot.code, lot.seal)
    if lot.result != "open" or asker.technical != "passed" or _turned_away_by(findings):
        # the closing event is the last of its chain, and who may not bid has no part in it; this answer never changes
        return LotEvent(
            lot=lot, kind="bid_refused", at=at, amount_rupees=amount, key=bid.key, body=plain({"findings": causes})
        )
    facts = {"steps": bid.steps, "bidder": asker.alias, "key": bid.key, "findings": causes}
    kind = "bid_refused" if findings else "bid_accepted"
    whose = {"alias": asker.alias, "key": bid.key}
    event = next_event(lot, kind, at=at, amount_rupees=amount, facts=facts, **whose)
    kept.append(event)
    if not findings:
        _lead(lot, asker, event, kept)
    return event


def _not_too_fast(code: str, party_id: int) -> None:
    """Raises Refusal (AUC-107) for more bids a minute than are read of who has met that limit; others are not counted.

    Counted under the alias: a count under the party's name would tell when he bids.
    """
    if (code, party_id) not in _flooding:
        return
    lot, at = Lot.every.get(code=code), clock.now()
    most = int(book().value("AUC-107", lot.opens_at)["then_a_minute"])
    left = take({f"refused:{code}:{alias_of(code, lot.seal, party_id)}": most}, within=timedelta(minutes=1), at=at)
    if findings := find("auction.refused_again", RefusedFacts(0, lot.opens_at, left), policy=book(), at=at):
        raise Refusal(findings)


def _not_without_end(lot: Lot, asker: Asker) -> None:
    """Raises Refusal (AUC-107) for one more bid that does not fit where the chain has many of this bidder already."""
    if lot.result != "open" or asker.technical != "passed":
        return
    before = LotEvent.objects.filter(lot=lot, alias=asker.alias, kind="bid_refused").count()
    if findings := find("auction.refused_again", RefusedFacts(before, lot.opens_at), policy=book(), at=lot.opens_at):
        raise Refusal(findings)


def _bid_facts(held: Held, circle: Circle, asker: Asker, amount: int, at: datetime) -> BidFacts:
    lot, bar = held.lot, _bar_on(asker, held.lot, at)
    return BidFacts(
        reserve_rupees=lot.reserve_rupees,
        amount_rupees=amount,
        opens_at=lot.opens_at,
        ends_at=lot.ends_at,
        technical=asker.technical,
        highest_rupees=lot.highest_rupees,
        leads_already=lot.highest_alias == asker.alias,
        river=held.river,
        area_ha=held.area_ha if held.river else Decimal(0),
        held=held_blocks(asker, circle, besides=lot, at=at),
        paused_at=lot.paused_at,
        aborted=lot.result == "aborted",
        debarred_until=bar.until_on if bar else None,
        debarred_by=bar.order_number if bar else "",
    )


def _lead(lot: Lot, asker: Asker, event: LotEvent, kept: list[LotEvent]) -> None:
    """The accepted bid leads; in the last minutes it prolongs the lot in this same transaction."""
    lot.highest_rupees, lot.highest_alias = event.amount_rupees, asker.alias
    facts = AcceptedFacts(opens_at=lot.opens_at, closes_at=lot.closes_at, extensions=int(lot.extended_at is not None))
    ends_at = extended_end(facts, policy=book(), at=event.at)
    if ends_at is None:
        return
    body = {"was_at": lot.ends_at, "ends_at": ends_at, "cause_seq": event.seq}
    kept.append(next_event(lot, "extended", at=event.at, facts=body))
    lot.extended_at, lot.ends_at = event.at, ends_at


def _turned_away(event: LotEvent) -> bool:
    """Whether this is the answer to somebody who may not bid at all: it stands in no chain."""
    return event.seq is None and any(row["code"] in _BARS for row in event.body["findings"])


def _turned_away_by(findings: Sequence[Finding]) -> bool:
    return any(finding.code in _BARS for finding in findings)


def _bar_on(asker: Asker, lot: Lot, at: datetime) -> Debarment | None:
    """The debarment in force on a bidder, or on who bids jointly with him, when he bids (E-033, E-070).

    The register is asked only of who has an entry there or bids jointly: the bid's own statement tells who has none.
    """
    if asker.debarment is None and not asker.members:
        return None
    pan = party_of(asker.party_id).pan
    return debarment_of(barred_pans(pan, asker.members, "debarment", on=lot.opens_at), at=at)


@transaction.atomic
def _log_turned_away(event: LotEvent, lot: Lot, by: Actor) -> None:
    """Log the try of who may not bid. Raises Refusal (AUC-100) when there were too many; those are not logged."""
    at = clock.now()
    terms = book().value("AUC-100", lot.opens_at)
    within = timedelta(minutes=int(terms["within_minutes"]))
    left = take({f"turned-away:{lot.code}:{by.party_id}": int(terms["most_tries"])}, within=within, at=at)
    if findings := find("auction.turned_away", TriesFacts(left, lot.opens_at), policy=book(), at=at):
        raise Refusal(findings)
    body = {"amount_rupees": event.amount_rupees, "findings": event.body["findings"]}
    log_action("bid.turned_away", subject=("lot", lot.code), by=by, at=at, facts=body)


def _answer(event: LotEvent, lot: Lot) -> BidAnswer:
    return BidAnswer(
        accepted=event.kind == "bid_accepted",
        amount_rupees=event.amount_rupees or 0,
        seq=event.change_no or 0,
        at=event.at,
        findings=[read_finding(row, lot.code, lot.seal) for row in event.body["findings"]],
        lot=lot,
    )
