"""Taking over a result of E-Proc: its bidders and bids become the lot's chain, its winner the settlement."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from immis.adapters.eproc import EprocAuction
from immis.adapters.eproc.port import EprocBidder, EprocEntry, EprocResult
from immis.auctions.chain import append_event
from immis.auctions.eproc_check import check_lot, replay_facts
from immis.auctions.events import ExportDone
from immis.auctions.gates import take_over_facts
from immis.auctions.models import Bidder, EprocExport, EprocOutcome, Lot, TechnicalBid
from immis.auctions.sealing import kept_findings
from immis.auctions.services.eproc.exports import tell_desk
from immis.auctions.services.results import announce_result
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.papers.files import path_of
from immis.core.papers.reading import read_upload
from immis.core.services import log_action, record_decision
from immis.ledger.chart import EMD, TREASURY
from immis.ledger.services import Side, post_entry
from immis.registry.pans import owner_of
from immis.registry.selectors import Party
from immis.registry.services import NewParty, add_party
from immis.rules.auctions.eproc import Judged, replay
from immis.rules.auctions.lots import increment_rupees
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.money import paise
from immis.rules.policy import book


def take_over(*, outcome: EprocOutcome, emd_seen: bool, by: Actor, at: datetime) -> Lot:
    """Take over the result of one ghat, once: chain, audit document, settlement as if it had been held here (A-03).

    ``emd_seen``: the officer saw the winner's earnest money in the State's account (E-083); it is booked as held.
    Raises Refusal (EPR-04; EPR-01…EPR-03 where the check now finds something), NotPermitted for another district.
    """
    require_grant(by, "eproc.take_over")
    return _take_over(outcome, _auction(outcome), emd_seen=emd_seen, by=by, at=at)


@dataclass(frozen=True)
class TakenOver:
    """What became of the ghats of an export that an officer ticked: how many were taken over, which rows were not."""

    lots: int
    refused: Sequence[int]


def take_over_seen(
    *, export: EprocExport, seen: Collection[int], by: Actor, at: datetime
) -> tuple[TakenOver, list[Finding]]:
    """Take over the ghats of an export whose earnest money was seen, each on its own; why others were not is answered.

    Raises Refusal with every reason where none could be taken over.
    """
    lots, refused, findings = 0, list[int](), list[Finding]()
    for outcome in [row for row in export.outcomes.order_by("serial") if row.pk in seen]:
        try:
            take_over(outcome=outcome, emd_seen=True, by=by, at=at)
            lots += 1
        except Refusal as refusal:
            refused.append(outcome.serial)
            findings += [replace(finding, severity="warning") for finding in refusal.findings]
    if not lots:
        raise Refusal([replace(finding, severity="refuse") for finding in findings])
    return TakenOver(lots, refused), findings


@transaction.atomic
def _take_over(outcome: EprocOutcome, auction: EprocAuction, *, emd_seen: bool, by: Actor, at: datetime) -> Lot:
    outcome = EprocOutcome.objects.select_for_update(of=("self",)).select_related("export__notice").get(pk=outcome.pk)
    require_grant(by, "eproc.take_over", district=outcome.export.notice.district)
    if outcome.lot_id is None:
        raise NotFound(f"ghat {outcome.serial} of no lot")
    lot = Lot.objects.select_for_update(of=("self",)).select_related("block", "notice").get(pk=outcome.lot_id)
    result = next(row for row in auction.results if row.serial == outcome.serial)
    _refuse_unfit(outcome, lot, auction, result, emd_seen=emd_seen, at=at)
    _write_chain(lot, auction, result, at=at)
    if result.result == "sold":
        _book_emd(lot, auction, result, by=by, at=at)
    _finish(outcome, lot, emd_seen=emd_seen, by=by, at=at)
    return announce_result(lot=lot, at=at)


def _auction(outcome: EprocOutcome) -> EprocAuction:
    """The export again, from the file as it was signed, read before the transaction."""
    content = path_of(outcome.export.sha256).read_bytes()
    auction: EprocAuction = read_upload("eproc", content, filename=outcome.export.filename)
    return auction


def _refuse_unfit(
    outcome: EprocOutcome, lot: Lot, auction: EprocAuction, result: EprocResult, *, emd_seen: bool, at: datetime
) -> None:
    """The check is done again under the lock: what was taken over since counts against the cap."""
    seen, over = emd_seen or result.result != "sold", at >= result.ended_at
    facts = take_over_facts(outcome, lot, emd_seen=seen, over=over)
    if findings := find("eproc.take_over", facts, policy=book(), at=at):
        raise Refusal(findings)
    stated = next(row for row in auction.lots if row.serial == outcome.serial)
    if findings := check_lot(auction, stated, lot, at=at).findings:
        raise Refusal(list(findings))


def _write_chain(lot: Lot, auction: EprocAuction, result: EprocResult, *, at: datetime) -> None:
    """E-Proc's bidders and bids as this lot's technical bids and events, in their order and at their times."""
    people = {row.reference: row for row in auction.bidders}
    bids = {
        entry.bidder: _technical(lot, people[entry.bidder], entry, at=at)
        for entry in auction.entries
        if entry.serial == result.serial
    }
    for judged in replay(replay_facts(auction, lot, result), policy=book()).judged:
        _append(lot, judged, bids.get(judged.bid.bidder))
    lot.save()


def _technical(lot: Lot, person: EprocBidder, entry: EprocEntry, *, at: datetime) -> TechnicalBid:
    party = _party(person)
    fields = {"registered_at": at, "terms_accepted_at": at, "valid_until": india_day(lot.opens_at)}
    bidder = Bidder.objects.get_or_create(party=party, defaults=fields)[0]
    return TechnicalBid.objects.create(
        lot=lot,
        bidder=bidder,
        alias=secrets.token_hex(5),
        applied_at=at,
        bank_account=person.bank_account,
        state=entry.technical,
        reasons=entry.reasons,
        decided_at=at,
    )


def _party(person: EprocBidder) -> Party:
    """The party that is proved to own this PAN, or a new one. Raises Refusal (REG-01) for a PAN that is none."""
    known = owner_of(person.pan)
    return known or add_party(
        party=NewParty(
            code=f"eproc-{person.pan.lower()}",
            kind=person.kind,
            name_en=person.name_en,
            name_hi=person.name_hi,
            pan=person.pan,
            email=person.email,
            phone=person.phone,
            address=person.address,
            bank_account=person.bank_account,
        )
    )


def _append(lot: Lot, judged: Judged, technical: TechnicalBid | None) -> None:
    bid, step = judged.bid, increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at)
    base = lot.reserve_rupees if lot.highest_rupees is None else lot.highest_rupees
    event = append_event(
        lot,
        "bid_refused" if judged.findings else "bid_accepted",
        at=bid.at,
        amount_rupees=bid.amount_rupees,
        alias=technical.alias if technical else None,
        key=f"eproc-{bid.number:08d}",
        facts={
            "steps": (bid.amount_rupees - base) // step,
            "bidder": technical.alias if technical else None,
            "key": f"eproc-{bid.number:08d}",
            "findings": kept_findings(judged.findings, lot.code, lot.seal),
        },
    )
    if judged.findings or technical is None:
        return
    lot.highest_rupees, lot.highest_bidder = bid.amount_rupees, technical.bidder
    lot.highest_alias = technical.alias
    if judged.prolongs_to is not None:
        body = {"was_at": lot.ends_at, "ends_at": judged.prolongs_to, "cause_seq": event.seq}
        append_event(lot, "extended", at=event.at, facts=body)
        lot.extended_at, lot.ends_at = event.at, judged.prolongs_to


def _book_emd(lot: Lot, auction: EprocAuction, result: EprocResult, *, by: Actor, at: datetime) -> None:
    """The winner's earnest money, paid at E-Proc and seen by the officer, as money held for this lot."""
    entry = next(row for row in auction.entries if (row.serial, row.bidder) == (result.serial, result.winner))
    party, amount, subject = lot.highest_bidder.party, paise(entry.emd_rupees), ("lot", lot.code)
    sides = [
        Side(TREASURY, debit_paise=amount, party=party, subject=subject),
        Side(EMD, credit_paise=amount, party=party, subject=subject),
    ]
    facts = {"reference": entry.emd_reference, "account": entry.emd_account, "eproc": auction.reference}
    post_entry("emd.eproc", sides=sides, by=by, at=at, facts=facts)


def _finish(outcome: EprocOutcome, lot: Lot, *, emd_seen: bool, by: Actor, at: datetime) -> None:
    outcome.state, outcome.taken_at, outcome.taken_by = "taken_over", at, by.user_id
    outcome.save(update_fields=["state", "taken_at", "taken_by"])
    export = outcome.export
    body = {"export": export.pk, "sha256": export.sha256, "serial": outcome.serial, "emd_seen": emd_seen}
    record_decision(
        "EPR-04", subject=("lot", lot.code), facts=body, outcome="taken_over", policy_on=india_day(at), at=at
    )
    log_action("eproc.taken_over", subject=("lot", lot.code), by=by, at=at, facts=body)
    if not export.outcomes.filter(state="agreed").exists():
        tell_desk(ExportDone, export, at=at)
