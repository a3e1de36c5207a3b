"""What the ledger says of a technical bid's document fee and earnest money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum, prefetch_related_objects

from immis.auctions.models import Lot, TechnicalBid
from immis.auctions.selectors.registers import unfit_papers
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound
from immis.holds.debarments import Debarment, debarments_on
from immis.ledger import selectors as ledger
from immis.ledger.entries import corporation_dues, pending_by_pan
from immis.ledger.selectors import Demand
from immis.rules.auctions.bidders import joint_turnover, missing_fields
from immis.rules.auctions.tenders import PassFacts
from immis.rules.calendar import india_day
from immis.rules.ledger.receipts import MONEY_IN
from immis.rules.money import PAISE
from immis.rules.policy import book

_BARS = ("dues", "certificate_case", "debarment")


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


def _payment(number: str, demands: Mapping[str, Demand]) -> tuple[str, int, str]:
    """State, verified paise and payer's account of a demand: due, paid_unverified or verified."""
    if not number:
        return "verified", 0, ""
    receipts = sorted(demands[number].receipts.all(), key=lambda receipt: receipt.pk)
    verified = [row for row in receipts if row.state in MONEY_IN]
    if demands[number].settled_at is not None:
        account = verified[-1].payer_account if verified else ""
        return "verified", demands[number].applied_paise, account
    return ("paid_unverified" if any(receipt.state == "paid_unverified" for receipt in receipts) else "due"), 0, ""


def _demands(numbers: Iterable[str]) -> dict[str, Demand]:
    """Demands with their receipts, by number. Raises NotFound for one that is not there."""
    wanted = {number for number in numbers if number}
    result = {demand.number: demand for demand in ledger.demands(SYSTEM, number__in=wanted)} if wanted else {}
    if missing := wanted - set(result):
        raise NotFound(f"demand {min(missing)}")
    return result


def processing_fee_rupees(lot: Lot) -> int:
    """The auction processing fee: as the notice states it, else as the department entered it (E-066); 0 is none."""
    stated = lot.notice.fees.get("processing_rupees")
    return int(stated or book().value("AUC-82", lot.opens_at)["processing_fee_rupees"] or 0)


def paid_in_full(number: str) -> bool:
    """Whether a demand is verified; no demand asks for nothing."""
    return _payment(number, _demands([number]))[0] == "verified"


def emd_state(bid: TechnicalBid) -> EmdState:
    """How far the payments of a technical bid are."""
    return emd_states([bid])[bid.pk]


def emd_states(bids: Iterable[TechnicalBid]) -> dict[int, EmdState]:
    """How far the payments of some technical bids are, by bid; asked of the ledger once for all."""
    rows = list(bids)
    demands = _demands(number for bid in rows for number in (bid.fee_demand, bid.emd_demand, bid.processing_demand))
    return {bid.pk: _emd_state(bid, demands) for bid in rows}


def _emd_state(bid: TechnicalBid, demands: Mapping[str, Demand]) -> EmdState:
    state, verified_paise, account = _payment(bid.emd_demand, demands)
    receipts = demands[bid.emd_demand].receipts.all() if bid.emd_demand else ()
    receipt = max((row for row in receipts if row.paid_at), key=lambda row: row.pk, default=None)
    return EmdState(
        fee_demand=bid.fee_demand,
        fee_state=_payment(bid.fee_demand, demands)[0],
        emd_demand=bid.emd_demand,
        emd_state=state,
        verified_rupees=verified_paise // PAISE,
        payer_account=account,
        processing_demand=bid.processing_demand,
        processing_state=_payment(bid.processing_demand, demands)[0],
        bank_ref=receipt.bank_ref or receipt.grn or "" if receipt else "",
        paid_at=receipt.paid_at if receipt else None,
    )


def overdue_dues(pans: Iterable[str], *, at: datetime) -> list[tuple[str, str]]:
    """PAN and number of each demand of the department whose due day is over on holders of these PANs (E-032)."""
    rows = ledger.open_demands(SYSTEM, party__pan__in=list(pans), due_on__lt=india_day(at))
    return list(rows.exclude(subject_kind="lot").values_list("party__pan", "number"))


def pans_of(bid: TechnicalBid, barred_by: str) -> list[str]:
    """The PANs of the bidder and, where a bar on them counts (AUC-102), of all who bid jointly with him."""
    return barred_pans(bid.bidder.party.pan, bid.members, barred_by, on=bid.lot.opens_at)


def barred_pans(pan: str, members: Sequence[Mapping[str, str]], barred_by: str, *, on: datetime) -> list[str]:
    """Whose bars of a kind (debarment, certificate_case, dues) bar a bid."""
    counts = barred_by in book().value("AUC-102", on)["members_barred_by"]
    return [pan, *(member["pan"] for member in members if counts)]


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
    return facts_to_pass([bid], at=at)[bid.pk]


def facts_to_pass(bids: Iterable[TechnicalBid], *, at: datetime) -> dict[int, PassFacts]:
    """The same for some technical bids at once, by bid: each register is asked once for all of them."""
    rows = list(bids)
    prefetch_related_objects(rows, "paper_decisions", "bidder__certificates")
    money, against = emd_states(rows), _against(rows, at=at)
    applied = TechnicalBid.objects.filter(bidder__in={bid.bidder_id for bid in rows}, lot__mock=False)
    sums = applied.exclude(state="failed").values("bidder").annotate(total=Sum("lot__reserve_rupees"))
    reserves = {row["bidder"]: row["total"] for row in sums}
    return {bid.pk: _pass_facts(bid, money[bid.pk], reserves.get(bid.bidder_id) or 0, against) for bid in rows}


@dataclass(frozen=True)
class _Against:
    """What the registers hold against the persons of some bids: PAN and entry."""

    dues: Sequence[tuple[str, str]]
    cases: Sequence[tuple[str, str]]
    debarments: Sequence[Debarment]


def _against(bids: Sequence[TechnicalBid], *, at: datetime) -> _Against:
    pans = {bar: {pan for bid in bids for pan in pans_of(bid, bar)} for bar in _BARS}
    return _Against(
        dues=[*overdue_dues(pans["dues"], at=at), *corporation_dues(pans["dues"])],
        cases=pending_by_pan(pans["certificate_case"]),
        debarments=debarments_on(pans["debarment"], at=at),
    )


def _pass_facts(bid: TechnicalBid, money: EmdState, reserves_rupees: int, against: _Against) -> PassFacts:
    pans = {bar: pans_of(bid, bar) for bar in _BARS}
    barred = next((debarment for debarment in against.debarments if debarment.pan in pans["debarment"]), None)
    years = int(book().value("AUC-10", bid.lot.opens_at)["years"])
    together = "joint_member" in book().value("AUC-102", bid.lot.opens_at)["capacity_counts"]
    return PassFacts(
        kind=bid.bidder.party.kind,
        reserve_rupees=bid.lot.reserve_rupees,
        fee_paid=money.fee_state == money.processing_state == "verified",
        emd_rupees=bid.lot.emd_rupees,
        emd_verified_rupees=money.verified_rupees,
        own_account=bid.bank_account,
        payer_account=money.payer_account,
        turnover_rupees=joint_turnover(
            years, bid.turnover_rupees, [member["turnover_rupees"] for member in bid.members if together]
        ),
        reserves_applied_rupees=reserves_rupees,
        documents=tuple(document["letter"] for document in bid.documents),
        opens_at=bid.lot.opens_at,
        papers_unfit=unfit_papers(bid),
        form_missing=form_missing(bid),
        dues=tuple(number for pan, number in against.dues if pan in pans["dues"]),
        certificate_cases=tuple(number for pan, number in against.cases if pan in pans["certificate_case"]),
        debarred_until=barred.until_on if barred else None,
        debarred_by=barred.order_number if barred else "",
    )
