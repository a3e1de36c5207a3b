"""The rules before an e-auction: the notice, registration, the application, its papers, the committee's decision.

Money is whole rupees; instants are aware. What rests on a lot follows the rule
in force on the day it opens, so that an amendment never moves the ground under it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from immis.rules.calendar import end_of, india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.ledger.receipts import same_account
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ApplicantFacts:
    """Somebody who would apply for a lot: whether it is auctioned elsewhere, whether he is registered here."""

    lot: str
    elsewhere: bool = False
    registered: bool = True


@dataclass(frozen=True)
class ApplyFacts:
    """An application for a lot: the steps of its notice, how long the registration lasts, what bars the bidder.

    Who has no registration is judged by AUC-20; ``registered_until`` is then None.
    """

    documents_from_on: date | None
    last_date_at: datetime | None
    registered_until: date | None = None
    registration_fee_paid: bool = True
    debarred_until: date | None = None
    debarred_by: str = ""


@dataclass(frozen=True)
class ContactsFacts:
    """Whom bidders may ask: post and telephone number of each."""

    contacts: Sequence[Sequence[str]]


@dataclass(frozen=True)
class DecisionFacts:
    """A technical decision: the steps of its notice, and when a published list named what was decided before."""

    last_date_at: datetime | None
    result_on: date | None
    opens_at: datetime
    listed_at: datetime | None = None


@dataclass(frozen=True)
class AgainFacts:
    """What an application is (applied: nothing is decided), and what is wanted: passed, failed or ``reasons``."""

    state: str
    wanted: str


@dataclass(frozen=True)
class PassFacts:
    """What a technical pass rests on: earnest money, payer, turnover, documents, form, and what the registers say.

    ``turnover_rupees`` are the years' sums of the bidder and of all who bid jointly with him.
    """

    kind: str
    reserve_rupees: int
    fee_paid: bool
    emd_rupees: int
    emd_verified_rupees: int
    own_account: str
    payer_account: str
    turnover_rupees: tuple[int, ...]
    reserves_applied_rupees: int
    documents: tuple[str, ...]
    opens_at: datetime
    papers_unfit: tuple[str, ...] = ()
    form_missing: tuple[str, ...] = ()
    dues: tuple[str, ...] = ()
    certificate_cases: tuple[str, ...] = ()
    debarred_until: date | None = None
    debarred_by: str = ""


@dataclass(frozen=True)
class RegisterFacts:
    """A registration for e-auctions: terms, the parts of the form that were given, signature and identity numbers."""

    terms_accepted: bool
    given: tuple[str, ...] = ()
    dsc_serial: str = ""
    dsc_class: int = 0
    dsc_valid_until: date | None = None
    pan: str = ""
    gstin: str = ""
    aadhaar_fits: bool = True


@dataclass(frozen=True)
class UploadFacts:
    """An uploaded document: what kind of paper, its size, and what its first bytes say it is."""

    document: str
    size_bytes: int
    found_type: str


@dataclass(frozen=True)
class NoticeToImport:
    """A checked notice on its way into the system."""

    errors: int
    ghats: int
    missing_steps: tuple[str, ...]
    running_lots: tuple[str, ...]


@rule("AUC-07", on="auction.technical_pass")
def earnest_money_missing(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 3(i) and 7(ka): document fee and earnest money of this lot, paid from the bidder's account, verified."""
    terms = policy.value("AUC-07", facts.opens_at)
    foreign = bool(terms["own_account"]) and not same_account(facts.payer_account, facts.own_account)
    if facts.emd_verified_rupees >= facts.emd_rupees and facts.fee_paid and not foreign:
        return None
    return Finding(
        "AUC-07",
        {
            "emd_rupees": facts.emd_rupees,
            "verified_rupees": facts.emd_verified_rupees,
            "fee_paid": facts.fee_paid,
            "payer_account": facts.payer_account or "—",
            "own_account": facts.own_account,
        },
    )


@rule("EPR-06", on="lot.applicant")
def auctioned_elsewhere(facts: ApplicantFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point i (A-03): what is auctioned on E-Proc is applied for there.

    Our reading: an application here would have no auction. The AD (HQ) may settle a doubt.
    """
    policy.value("EPR-06", at)
    return Finding("EPR-06", {"lot": facts.lot}) if facts.elsewhere else None


@rule("AUC-20", on="lot.applicant")
def not_registered(facts: ApplicantFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 2(i): only who is registered for e-auctions takes part.

    Our reading: registration comes before the application. The district mining officer may settle a doubt.
    """
    policy.value("AUC-20", at)
    return None if facts.registered else Finding("AUC-20")


@rule("AUC-09", on="auction.apply")
def outside_the_programme(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1: documents and payments from the start of the download until the last date and hour.

    Our reading: the last instant still counts, as the notice says "until 05:00".
    """
    policy.value("AUC-09", at)
    early = facts.documents_from_on is not None and india_day(at) < facts.documents_from_on
    late = facts.last_date_at is not None and at > facts.last_date_at
    if not (early or late):
        return None
    return Finding("AUC-09", {"from_on": facts.documents_from_on, "last_at": facts.last_date_at})


@rule("AUC-10", on="auction.technical_pass")
def turnover_too_small(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 4(iv): mean turnover of the last three financial years not below 35 % of the reserve price.

    Our reading: with ``over: lot`` of the lot bid for; with ``over: all`` of all lots
    that the bidder applied for together ("block(s) bid for"). The tender committee may settle it.
    """
    terms = policy.value("AUC-10", facts.opens_at)
    years = int(terms["years"])
    base = facts.reserves_applied_rupees if terms["over"] == "all" else facts.reserve_rupees
    needed = base * Decimal(terms["percent"]) / 100
    mean = Decimal(sum(facts.turnover_rupees)) / years
    if mean >= needed and len(facts.turnover_rupees) >= years:
        return None
    return Finding("AUC-10", {"mean_rupees": int(mean), "needed_rupees": int(needed), "years": years})


@rule("AUC-12", on="auction.technical_decision")
def decision_out_of_time(facts: DecisionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 8: documents are judged after the last date, and the list is up by the notified day.

    Our reading: the whole of the notified day counts, and never later than the
    start of the auction; a later list needs a corrigendum (clause 11).
    """
    policy.value("AUC-12", at)
    ends = [facts.opens_at, *([end_of(facts.result_on)] if facts.result_on else [])]
    early = facts.last_date_at is not None and at <= facts.last_date_at
    if not early and at < min(ends):
        return None
    return Finding("AUC-12", {"after_at": facts.last_date_at, "result_on": facts.result_on})


@rule("AUC-163", on="auction.technical_decision")
def decision_is_published(facts: DecisionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 8: the list of technically successful bidders is published before the auction (E-006).

    Our reading: what it says of an application is final; the list itself is never changed. The Collector may settle it.
    """
    policy.value("AUC-163", at)
    return Finding("AUC-163", {"listed_at": facts.listed_at}) if facts.listed_at else None


@rule("AUC-176", on="auction.technical_again")
def decided_already(facts: AgainFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 8: the committee decides on an application once.

    Our reading: until the list is out it may decide otherwise, or correct its reasons; the same decision is not taken
    again. The Collector may settle it.
    """
    policy.value("AUC-176", at)
    shut = facts.state == "applied" if facts.wanted == "reasons" else facts.state == facts.wanted
    problem = policy.words("AUC-176", facts.state) if shut else None
    return Finding("AUC-176", {"state": facts.state, "problem": problem}) if shut else None


@rule("AUC-13", on="auction.apply")
def registration_over(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 2(iii): a registration is valid for one year."""
    policy.value("AUC-13", at)
    over = facts.registered_until is not None and india_day(at) > facts.registered_until
    return Finding("AUC-13", {"until_on": facts.registered_until}) if over else None


def required_documents(kind: str, *, policy: PolicyBook, on: date | datetime) -> list[str]:
    """The papers that a party of this kind must upload, by their letters in clause 7 (E-055)."""
    table: Sequence[Mapping[str, Any]] = policy.value("AUC-14", on)["documents"]
    return [str(row["letter"]) for row in table if kind in row["required_of"]]


def optional_documents(kind: str, *, policy: PolicyBook, on: date | datetime) -> list[str]:
    """The papers that a party of this kind may upload without being asked, by their letters in clause 7 (E-055)."""
    table: Sequence[Mapping[str, Any]] = policy.value("AUC-14", on)["documents"]
    return [str(row["letter"]) for row in table if kind in row.get("optional_of", ())]


@rule("AUC-14", on="auction.technical_pass")
def documents_missing(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 7 and 8: every paper that the bidder's kind must give is there.

    Our reading: which paper is asked of which kind of bidder is derived from
    the wording of clause 7 (E-055); the tender committee judges what is in them.
    """
    needed = required_documents(facts.kind, policy=policy, on=facts.opens_at)
    missing = [letter for letter in needed if letter not in facts.documents]
    return Finding("AUC-14", {"missing": missing, "missing_count": len(missing)}) if missing else None


@rule("AUC-15", on="auction.register")
def terms_not_accepted(facts: RegisterFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 14, 15 and 2(ii): the terms are read and accepted before registration, own IT risk included."""
    policy.value("AUC-15", at)
    return None if facts.terms_accepted else Finding("AUC-15")


@rule("AUC-16", on="auction.upload")
def upload_refused(facts: UploadFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 7(na): every upload clear and legible.

    Our reading: PDF, JPG or PNG of a limited size, judged by its first bytes.
    """
    terms = policy.value("AUC-16", at)
    small_enough = 0 < facts.size_bytes <= int(terms["most_mb"]) * 1_000_000
    if small_enough and facts.found_type in terms["types"]:
        return None
    return Finding(
        "AUC-16",
        {
            "document": facts.document,
            "found": facts.found_type or "—",
            "types": list(terms["types"]),
            "most_mb": terms["most_mb"],
        },
    )


@rule("AUC-18", on="auction.import")
def notice_not_importable(facts: NoticeToImport, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 11: a notice is taken in whole and free of errors; running auctions are not rewritten.

    Our reading: a corrigendum replaces a notice while none of its lots has a bid.
    """
    policy.value("AUC-18", at)
    if facts.ghats and not (facts.errors or facts.missing_steps or facts.running_lots):
        return None
    return Finding(
        "AUC-18",
        {
            "errors": facts.errors,
            "ghats": facts.ghats,
            "missing": list(facts.missing_steps) or ["—"],
            "running": list(facts.running_lots) or ["—"],
        },
    )


@rule("AUC-105", on="notice.contacts")
def contacts_unfit(facts: ContactsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice, contact block: help desk, MDO, IT manager; the district may change them (E-011).

    Our reading: posts and not persons, each with a telephone number; the figures settle only what is a slip of
    the pen. Who may settle a doubt: the district office that published the notice.
    """
    terms = policy.value("AUC-105", at)
    least, longest = terms["phone_digits"]
    for place, (text, phone) in enumerate(facts.contacts, start=1):
        digits = sum(row.isdigit() for row in phone)
        if place > terms["most"] or not text.strip() or not least <= digits <= longest:
            return Finding("AUC-105", {"line": f"{text}; {phone}", "most": terms["most"]})
    return None
