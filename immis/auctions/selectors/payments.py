"""What the ledger says of a technical bid's document fee and earnest money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from immis.auctions.models import Lot, TechnicalBid
from immis.auctions.selectors.registers import debarment_of, unfit_papers
from immis.core.permissions import SYSTEM
from immis.ledger import selectors as ledger
from immis.ledger.recovery_selectors import pending_cases
from immis.rules.bidders import joint_turnover, missing_fields
from immis.rules.calendar import india_day
from immis.rules.ledger import MONEY_IN
from immis.rules.money import PAISE
from immis.rules.policy import book
from immis.rules.tenders import PassFacts


@dataclass(frozen=True)
class EmdState:
    """Document fee and earnest money of one technical bid: whole rupees, and the account that paid."""

    fee_demand: str
    fee_state: str
    emd_demand: str
    emd_state: str
    verified_rupees: int
    payer_account: str
    processing_demand: str = ""
    processing_state: str = "verified"
    bank_ref: str = ""
    paid_at: datetime | None = None

    @property
    def paid(self) -> bool:
        return self.fee_state == self.emd_state == self.processing_state == "verified"


def _payment(number: str) -> tuple[str, int, str]:
    """State, verified paise and payer's account of a demand: due, paid_unverified or verified."""
    if not number:
        return "verified", 0, ""
    demand = ledger.demand_of(number, SYSTEM)
    receipts = sorted(demand.receipts.all(), key=lambda one: one.pk)
    verified = [one for one in receipts if one.state in MONEY_IN]
    if demand.settled_at is not None:
        account = verified[-1].payer_account if verified else ""
        return "verified", demand.applied_paise, account
    return ("paid_unverified" if any(one.state == "paid_unverified" for one in receipts) else "due"), 0, ""


def processing_fee_rupees(lot: Lot) -> int:
    """The auction processing fee: as the notice states it, else as the department entered it (E-066); 0 is none."""
    stated = lot.notice.fees.get("processing_rupees")
    return int(stated or book().value("AUC-82", lot.opens_at)["processing_fee_rupees"] or 0)


def paid_in_full(number: str) -> bool:
    """Whether a demand is verified; no demand asks for nothing."""
    return _payment(number)[0] == "verified"


def _last_receipt(number: str) -> Any:
    if not number:
        return None
    receipts = ledger.demand_of(number, SYSTEM).receipts.all()
    return max((one for one in receipts if one.paid_at), key=lambda one: one.pk, default=None)


def emd_state(bid: TechnicalBid) -> EmdState:
    """How far the payments of a technical bid are."""
    fee_state, _, _ = _payment(bid.fee_demand)
    state, verified_paise, account = _payment(bid.emd_demand)
    receipt = _last_receipt(bid.emd_demand)
    return EmdState(
        fee_demand=bid.fee_demand,
        fee_state=fee_state,
        emd_demand=bid.emd_demand,
        emd_state=state,
        verified_rupees=verified_paise // PAISE,
        payer_account=account,
        processing_demand=bid.processing_demand,
        processing_state=_payment(bid.processing_demand)[0],
        bank_ref=receipt.bank_ref or receipt.grn or "" if receipt else "",
        paid_at=receipt.paid_at if receipt else None,
    )


def overdue_dues(pans: Sequence[str], *, at: datetime) -> tuple[str, ...]:
    """Demands of the department on holders of these PANs whose due day is over (E-032)."""
    rows = ledger.open_demands(SYSTEM, party__pan__in=list(pans), due_on__lt=india_day(at))
    return tuple(row.number for row in rows.exclude(subject_kind="lot"))


def pans_of(bid: TechnicalBid, barred_by: str) -> list[str]:
    """The PANs of the bidder and, where a bar on them counts (AUC-102), of all who bid jointly with him."""
    return barred_pans(bid.bidder.party.pan, bid.members, barred_by, on=bid.lot.opens_at)


def barred_pans(pan: str, members: Sequence[Mapping[str, Any]], barred_by: str, *, on: datetime) -> list[str]:
    """Whose bars of a kind (debarment, certificate_case, dues) bar a bid."""
    counts = barred_by in book().value("AUC-102", on)["members_barred_by"]
    return [pan, *(one["pan"] for one in members if counts)]


def form_missing(bid: TechnicalBid) -> tuple[str, ...]:
    """The parts of form 3 that are not there (AUC-86); the signature must have been valid on the day applied."""
    signed_on = india_day(datetime.fromisoformat(bid.form["declared_at"]) if bid.form else bid.applied_at)
    certificate = bid.bidder.certificates.first()
    given = {name for name, value in bid.form.items() if value}
    needed = book().value("AUC-103", bid.lot.opens_at)["needed_to_pass"]
    if certificate and certificate.valid_until >= signed_on and (certificate.verified_at or not needed):
        given.add("dsc")
    if bid.bidder.party.gstin:
        given.add("gst")
    return tuple(missing_fields("AUC-86", given, policy=book(), at=bid.lot.opens_at))


def pass_facts(bid: TechnicalBid, *, at: datetime) -> PassFacts:
    """All that the committee's decision on a technical bid rests on."""
    money = emd_state(bid)
    barred = debarment_of(pans_of(bid, "debarment"), at=at)
    applied = TechnicalBid.objects.filter(bidder=bid.bidder, lot__mock=False).exclude(state="failed")
    years = int(book().value("AUC-10", bid.lot.opens_at)["years"])
    return PassFacts(
        kind=bid.bidder.party.kind,
        reserve_rupees=bid.lot.reserve_rupees,
        fee_paid=money.fee_state == money.processing_state == "verified",
        emd_rupees=bid.lot.emd_rupees,
        emd_verified_rupees=money.verified_rupees,
        own_account=bid.bank_account,
        payer_account=money.payer_account,
        turnover_rupees=joint_turnover(years, bid.turnover_rupees, [one["turnover_rupees"] for one in bid.members]),
        reserves_applied_rupees=applied.aggregate(total=Sum("lot__reserve_rupees"))["total"] or 0,
        documents=tuple(one["letter"] for one in bid.documents),
        opens_at=bid.lot.opens_at,
        papers_unfit=unfit_papers(bid),
        form_missing=form_missing(bid),
        dues=overdue_dues(pans_of(bid, "dues"), at=at),
        certificate_cases=pending_cases(pans_of(bid, "certificate_case")),
        debarred_until=barred.until_on if barred else None,
        debarred_by=barred.order_number if barred else "",
    )
