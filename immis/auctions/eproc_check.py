"""Checking an export of E-Proc ghat by ghat: our notice, our rules over its bid log, the winner's earnest money."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from immis.adapters.eproc import EprocAuction
from immis.adapters.eproc.port import EprocLot, EprocResult
from immis.auctions.models import Lot, Notice
from immis.auctions.selectors.cap import led_by
from immis.rules.auctions.eproc import LoggedBid, ReplayFacts, StatedLot, StatedResult, WinnerFacts
from immis.rules.auctions.lots import HeldBlock
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book


@dataclass(frozen=True)
class Checked:
    """What the check of one ghat found; ``shown`` is what people are told of it."""

    lot: Lot | None
    stated: EprocLot
    ghat: str
    state: str
    findings: tuple[Finding, ...]
    shown: dict[str, Any]


def check_lots(auction: EprocAuction, notice: Notice, *, at: datetime) -> Iterator[Checked]:
    """Check every ghat of an export; ghats of the notice that the export lacks are simply still open."""
    lots = Lot.objects.select_related("block").filter(notice=notice)
    ours = {lot.serial: lot for lot in lots}
    for stated in sorted(auction.lots, key=lambda row: row.serial):
        yield check_lot(auction, stated, ours.get(stated.serial), at=at)


def check_lot(auction: EprocAuction, stated: EprocLot, lot: Lot | None, *, at: datetime) -> Checked:
    """Check one ghat of an export against the lot of our notice."""
    result = next(row for row in auction.results if row.serial == stated.serial)
    findings = find("eproc.lot", _stated_lot(stated, lot), policy=book(), at=at)
    if lot is not None:
        findings += find("eproc.result", replay_facts(auction, lot, result), policy=book(), at=at)
        if result.result == "sold":
            findings += find("eproc.winner", _winner(auction, lot, result), policy=book(), at=at)
    state = "differs" if findings else "agreed"
    if lot is not None and lot.result != "open":
        same = (lot.result, lot.highest_rupees) == (result.result, result.amount_rupees)
        state = "taken_over" if same and not findings else "differs"
    return Checked(lot, stated, stated.ghat, state, tuple(findings), _shown(auction, result))


def _stated_lot(stated: EprocLot, lot: Lot | None) -> StatedLot:
    payload = {name: value for name, value in asdict(stated).items() if name not in ("serial", "ghat")}
    ours = (
        {
            "reserve_rupees": lot.reserve_rupees,
            "emd_rupees": lot.emd_rupees,
            "opens_at": lot.opens_at,
            "closes_at": lot.closes_at,
        }
        if lot
        else {}
    )
    return StatedLot(stated.serial, payload, ours)


def replay_facts(auction: EprocAuction, lot: Lot, result: EprocResult) -> ReplayFacts:
    """The bid log of one ghat with the facts of our lot, for the replay."""
    mine = [bid for bid in auction.bids if bid.serial == result.serial]
    passed = [
        entry.bidder for entry in auction.entries if entry.serial == result.serial and entry.technical == "passed"
    ]
    return ReplayFacts(
        reserve_rupees=lot.reserve_rupees,
        opens_at=lot.opens_at,
        closes_at=lot.closes_at,
        passed=tuple(passed),
        bids=tuple(LoggedBid(row.number, row.bidder, row.amount_rupees, row.at, row.accepted) for row in mine),
        stated=StatedResult(result.result, result.winner, result.amount_rupees, result.ended_at),
        river=lot.block.river,
        area_ha=lot.block.area_ha,
        held=_held(auction, lot),
    )


def _held(auction: EprocAuction, lot: Lot) -> dict[str, tuple[HeldBlock, ...]]:
    """Blocks that the bidders of an export lead or have already, by the PAN under which they stand here."""
    references = {bidder.pan.upper(): bidder.reference for bidder in auction.bidders}
    held: dict[str, tuple[HeldBlock, ...]] = {}
    for row, pan in led_by(references, besides=lot):
        block = HeldBlock(row.code, row.block.river, row.block.area_ha)
        held[references[pan]] = (*held.get(references[pan], ()), block)
    return held


def _winner(auction: EprocAuction, lot: Lot, result: EprocResult) -> WinnerFacts:
    entries = [row for row in auction.entries if (row.serial, row.bidder) == (result.serial, result.winner)]
    accounts = {row.reference: row.bank_account for row in auction.bidders}
    entry = entries[0] if entries else None
    return WinnerFacts(
        technical=entry.technical if entry else "",
        emd_due_rupees=lot.emd_rupees,
        emd_rupees=entry.emd_rupees if entry else 0,
        emd_reference=entry.emd_reference if entry else "",
        emd_account=entry.emd_account if entry else "",
        own_account=accounts.get(result.winner, ""),
    )


def _shown(auction: EprocAuction, result: EprocResult) -> dict[str, Any]:
    people = {row.reference: row for row in auction.bidders}
    winner = people.get(result.winner)
    entry = next((row for row in auction.entries if (row.serial, row.bidder) == (result.serial, result.winner)), None)
    return {
        "result": result.result,
        "amount_rupees": result.amount_rupees,
        "ended_at": result.ended_at,
        "bids": sum(1 for bid in auction.bids if bid.serial == result.serial),
        "winner": {"en": winner.name_en, "hi": winner.name_hi} if winner else {},
        "emd_reference": entry.emd_reference if entry else "",
        "emd_rupees": entry.emd_rupees if entry else 0,
    }
