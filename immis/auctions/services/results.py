"""Announcing what time has already decided: result, audit document, the way to the settlement."""

from datetime import datetime
from typing import Any

from django.db import transaction

from immis.auctions.chain import append_event, legal_instant
from immis.auctions.events import LotAborted, LotClosed
from immis.auctions.gates import against_settling
from immis.auctions.heads import signed_head
from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.selectors.lots import close_facts
from immis.auctions.selectors.payments import emd_state
from immis.auctions.selectors.results import audit_document, audit_path
from immis.auctions.services.opening import open_identities
from immis.core.access.permissions import SYSTEM
from immis.core.errors import Refusal
from immis.core.papers.files import write_whole
from immis.core.services import emit, log_action
from immis.leases.services import SoldLot, open_settlement
from immis.ledger.chart import EMD
from immis.ledger.selectors import held_paise
from immis.rules.auctions.lots import CloseFacts, increment_rupees, result_of
from immis.rules.catalogue import Finding
from immis.rules.money import paise
from immis.rules.policy import book

_RULES_KEPT = ("AUC-01", "AUC-02", "AUC-03", "AUC-04", "AUC-05", "AUC-17", "AUC-40")


@transaction.atomic
def announce_result(*, lot: Lot, at: datetime) -> Lot:
    """Announce the result of a lot whose time is over, once (E-062, E-068, E-072, E-073).

    Appends the closing event, tells the winner by an event, opens the settlement
    of a sold lot and writes the audit document. Raises Refusal (AUC-02) while it runs
    and (AUC-40) while it is paused.
    """
    lot = Lot.objects.select_for_update(of=("self",)).select_related("block", "notice").get(pk=lot.pk)
    if lot.result != "open":
        return lot
    if lot.paused_at is not None:
        raise Refusal(Finding("AUC-40", {"since": lot.paused_at}))
    if at < lot.ends_at:
        raise Refusal(Finding("AUC-02", {"at": at, "opens_at": lot.opens_at, "ends_at": lot.ends_at}))
    facts = close_facts(lot)
    open_identities(lot, at=at)
    lot.result = result_of(facts, policy=book())
    winner = lot.highest_bidder.party if lot.result == "sold" else None
    append_event(lot, "closed", at=legal_instant(lot, at), amount_rupees=lot.highest_rupees, facts=_closing(lot, facts))
    lot.result_announced_at = at
    lot.signed_head = signed_head(lot.code, lot.last_hash, at=at)
    lot.save()
    body = {"result": lot.result, "amount_rupees": lot.highest_rupees, "head": lot.last_hash}
    log_action(LotClosed.KIND, subject=("lot", lot.code), by=SYSTEM, at=at, facts=body)
    emit(_news(lot, winner, facts), subject=("lot", lot.code), at=at, key=f"{LotClosed.KIND}:{lot.code}")
    if winner is not None:
        _settle(lot, winner, at=at)
    transaction.on_commit(lambda: write_audit_document(lot=lot))
    return lot


def close_aborted(lot: Lot, *, at: datetime) -> None:
    """Close the chain of a lot that was aborted in this transaction (E-067, E-084); the caller saves the lot."""
    facts = close_facts(lot)
    open_identities(lot, at=at)
    lot.result, lot.result_announced_at, lot.paused_at = "aborted", at, None
    append_event(lot, "closed", at=at, amount_rupees=lot.highest_rupees, facts=_closing(lot, facts))
    lot.signed_head = signed_head(lot.code, lot.last_hash, at=at)
    payload = LotAborted(
        lot=lot.code,
        ghat={"hi": lot.block.name_hi, "en": lot.block.name_en},
        district=lot.notice.district,
        head=lot.last_hash,
        led=lot.highest_bidder_id is not None,
    )
    emit(payload, subject=("lot", lot.code), at=at, key=f"{payload.KIND}:{lot.code}")
    transaction.on_commit(lambda: write_audit_document(lot=lot))


def _notified_times(lot: Lot) -> tuple[datetime, datetime]:
    """Start and end as they stood before any order moved them: where a replay begins."""
    moved = LotEvent.objects.filter(lot=lot, kind__in=("resumed", "rescheduled")).order_by("seq").first()
    if moved is None:
        return lot.opens_at, lot.closes_at
    return datetime.fromisoformat(moved.body["was_opens_at"]), datetime.fromisoformat(moved.body["was_closes_at"])


def _terms(lot: Lot) -> dict[str, Any]:
    """The rules of this lot as figures, and where each comes from: what a stranger needs to replay it."""
    values = {code: book().at(code, lot.opens_at) for code in _RULES_KEPT}
    extension, pause = values["AUC-03"].value, values["AUC-40"].value
    opens_at, closes_at = _notified_times(lot)
    return {
        "reserve_rupees": lot.reserve_rupees,
        "increment_rupees": increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at),
        "first_at_reserve": bool(values["AUC-01"].value["first_at_reserve"]),
        "own_highest_may_raise": bool(values["AUC-05"].value["own_highest_may_raise"]),
        "opens_at": opens_at,
        "closes_at": closes_at,
        "paused_time": pause["paused_time"],
        "least_left_minutes": pause["least_left_minutes"],
        "window_minutes": extension["window_minutes"],
        "extension_minutes": extension["extension_minutes"],
        "counts_from": extension["counts_from"],
        "most_extensions": extension["times"],
        "least_bidders": values["AUC-17"].value["least_bidders"],
        "policy": [
            {"code": code, "from_on": value.from_on, "cites": value.cites} for code, value in sorted(values.items())
        ],
    }


def _closing(lot: Lot, facts: CloseFacts) -> dict[str, Any]:
    passed = TechnicalBid.objects.filter(lot=lot, state="passed").order_by("alias")
    winner = passed.filter(bidder=lot.highest_bidder).first() if lot.highest_bidder_id else None
    party = winner.bidder.party if winner and lot.result == "sold" else None
    return {
        "rules": _terms(lot),
        "ends_at": lot.ends_at,
        "result": lot.result,
        "passed": [row.alias for row in passed],
        "bids": facts.accepted_bids,
        "highest": winner.alias if winner else None,
        "winner": party and {"code": party.code, "name_en": party.name_en, "name_hi": party.name_hi},
    }


def _news(lot: Lot, winner: Any, facts: CloseFacts) -> LotClosed:
    return LotClosed(
        lot=lot.code,
        ghat={"hi": lot.block.name_hi, "en": lot.block.name_en},
        district=lot.notice.district,
        notice=lot.notice.number,
        result=lot.result,
        winner_party_id=winner.pk if winner else None,
        winner={"hi": winner.name_hi, "en": winner.name_en} if winner else {},
        amount_rupees=(lot.highest_rupees or 0) if winner else 0,
        ends_at=lot.ends_at,
        passed=facts.passed,
    )


def refuse_unauctioned(lot: Lot, *, approved: bool = False, at: datetime) -> None:
    """Raises Refusal (AUC-110) where no e-auction, or no technical success, stands behind a settlement (E-023)."""
    if findings := against_settling(lot, approved=approved, at=at):
        raise Refusal(findings)


def _settle(lot: Lot, winner: Any, *, at: datetime) -> None:
    refuse_unauctioned(lot, at=at)
    bid = TechnicalBid.objects.filter(lot=lot, bidder=lot.highest_bidder).first()
    paid = paise(emd_state(bid).verified_rupees) if bid else 0
    emd_paise = max(paid, held_paise(EMD, party_id=winner.pk, subject=("lot", lot.code)))  # E-Proc's has no demand here
    open_settlement(
        lot=SoldLot(
            lot_code=lot.code,
            block=lot.block,
            party=winner,
            bid_rupees=lot.highest_rupees,
            emd_paise=emd_paise,
            closed_at=lot.ends_at,
            clearances_by=lot.notice.clearances_by,
            terms=bid.form.get("terms", {}) if bid else {},
        ),
        at=at,
    )


def write_audit_document(*, lot: Lot) -> None:
    """Publish the lot's audit document under ``$IMMIS_DATA/public/auctions/``."""
    write_whole(audit_path(lot.code), audit_document(lot))
