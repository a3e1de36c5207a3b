"""The rules about who may register, apply and pass: signature, form, identity numbers, registers, papers, the list.

Facts never carry an Aadhaar number, only whether its check digit fits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from stdnum.in_ import gstin as gstin_number
from stdnum.in_ import pan as pan_number

from immis.rules.auctions.lots import BidFacts
from immis.rules.auctions.tenders import ApplyFacts, PassFacts, RegisterFacts
from immis.rules.calendar import add_years, end_of, india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ListFacts:
    """The list of technically successful bidders of a notice, before it goes out."""

    undecided: int
    last_date_at: datetime | None
    result_on: date | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True)
class BarFacts:
    """A debarment on record: its order, today, its last day, and the day from which another order lifted it."""

    order: str
    today: date
    until_on: date
    lifted_on: date | None


@dataclass(frozen=True)
class ListedFacts:
    """When the list that names every decided application of a notice was published; None: it is not out."""

    listed_at: datetime | None


@dataclass(frozen=True)
class MockFacts:
    """A mock auction on a copy of a lot: its own time, and when the real one opens."""

    starts_at: datetime
    ends_at: datetime
    real_opens_at: datetime


@dataclass(frozen=True)
class SignatureFacts:
    """A checked digital signature: over our text, with a chain to a trusted root, and what its certificate says.

    ``in_paper``: it stands in an uploaded paper and covers all of it, or not, where another one is over our text.
    """

    fits: bool
    trusted: bool
    policies: tuple[str, ...]
    valid_until: date
    in_paper: bool = False


def class_of(policies: Iterable[str], *, policy: PolicyBook, at: date | datetime) -> int | None:
    """The highest class (2 or 3) that the policies of a certificate name; None where they name none."""
    stated = set(policies)
    known = policy.value("AUC-103", at)["classes"]
    return max((int(klass) for klass, oids in known.items() if stated & set(oids)), default=None)


@rule("AUC-103", on="auction.signature")
def signature_unsound(facts: SignatureFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 2(i): a valid class 2 digital signature is compulsory (E-015).

    Our reading: "valid" is shown by a signature over a text of this system, with a certificate of class 2 or 3 that
    has not run out and leads to a root of the Controller of Certifying Authorities. The department may settle a doubt.
    """
    problems = policy.value("AUC-103", at)["problems"]
    holds = {
        "changed_paper" if facts.in_paper else "other_text": facts.fits,
        "expired": india_day(at) <= facts.valid_until,
        "untrusted": facts.trusted,
        "class": class_of(facts.policies, policy=policy, at=at) is not None,
    }
    wrong = next((name for name, fine in holds.items() if not fine), None)
    return Finding("AUC-103", {"problem": dict(problems[wrong])}) if wrong else None


def named_fields(code: str, fields: Iterable[str], *, policy: PolicyBook, at: date | datetime) -> dict[str, str]:
    """Parts of a form, by their policy's names, as one text in each language."""
    table: Sequence[Mapping[str, Any]] = policy.value(code, at)["fields"]
    wanted = set(fields)
    rows = [row["name"] for row in table if row["field"] in wanted]
    return {lang: ", ".join(str(row[lang]) for row in rows) for lang in ("en", "hi")}


def missing_fields(code: str, given: Iterable[str], *, policy: PolicyBook, at: date | datetime) -> list[str]:
    """The parts that a form's policy asks for and that were not given."""
    there = set(given)
    return [str(row["field"]) for row in policy.value(code, at)["fields"] if row["field"] not in there]


@rule("AUC-80", on="auction.register")
def signature_missing(facts: RegisterFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 2(i): a valid class 2 digital signature is compulsory (E-015).

    Our reading: class 3 serves too, as the Controller of Certifying Authorities ended new class 2 certificates on
    01.01.2021; serial, class and last day are recorded. The department may settle a doubt.
    """
    classes = [int(row) for row in policy.value("AUC-80", at)["classes"]]
    until = facts.dsc_valid_until
    if facts.dsc_serial and facts.dsc_class in classes and until is not None and india_day(at) <= until:
        return None
    return Finding("AUC-80", {"classes": classes, "until_on": until, "serial": facts.dsc_serial or "—"})


@rule("AUC-81", on="auction.register")
def form_incomplete(facts: RegisterFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 2(ii) and form 3, items 1 to 7: the registration form is filled in whole (E-016, E-175 to E-179)."""
    missing = missing_fields("AUC-81", facts.given, policy=policy, at=at)
    return Finding("AUC-81", {"missing": named_fields("AUC-81", missing, policy=policy, at=at)}) if missing else None


@rule("AUC-82", on="auction.apply")
def registration_fee_due(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 2(ii): the registration fee is paid online.

    Our reading: its amount is not stated anywhere, so no fee is asked until the department enters one; then a
    registration serves once the fee is verified. The department may settle it.
    """
    fee = policy.value("AUC-82", at)["registration_fee_rupees"]
    return None if facts.registration_fee_paid else Finding("AUC-82", {"fee_rupees": fee or 0})


def debarred_until(from_on: date, *, policy: PolicyBook, at: date | datetime) -> date:
    """The last day of a debarment that begins on a day (E-031, E-070)."""
    return add_years(from_on, int(policy.value("AUC-84", at)["years"])) - timedelta(days=1)


@rule("AUC-84", on="auction.apply")
def debarred(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4(v), 4(vii) and 19(iii): who is blacklisted or debarred takes no part for two years.

    Our reading: the day of the order and the day before its second anniversary both count in full.
    """
    policy.at("AUC-84", at)
    until = facts.debarred_until
    if until is None or india_day(at) > until:
        return None
    return Finding("AUC-84", {"until_on": until, "order": facts.debarred_by})


@rule("AUC-85", on="auction.technical_pass")
def dues_or_case(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 4(vi), 4(vii) and 7(cha): no dues, no pending certificate case, not debarred (E-032, E-033, E-042).

    Our reading: dues are demands of this system whose due day is over, and what the lists of the Corporation name and
    nobody has cleared; certificate cases are those that an office
    entered for the PAN. The tender committee may settle a doubt.
    """
    policy.at("AUC-85", facts.opens_at)
    barred = facts.debarred_until is not None and india_day(at) <= facts.debarred_until
    if not (facts.dues or facts.certificate_cases or barred):
        return None
    order = [f"{facts.debarred_by} ({facts.debarred_until:%d.%m.%Y})"] if barred and facts.debarred_until else []
    return Finding(
        "AUC-85",
        {"dues": list(facts.dues) or ["—"], "cases": list(facts.certificate_cases) or ["—"], "orders": order or ["—"]},
    )


@rule("AUC-86", on="auction.technical_pass")
def technical_form_incomplete(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Form 3, and what clause 7 asks beside it: bank of the earnest money, GST, no dues, declaration, signature.

    Our reading: the online form stands for the paper form 3 (E-175 to E-192). The tender committee may settle a
    doubt.
    """
    policy.at("AUC-86", facts.opens_at)
    if not facts.form_missing:
        return None
    words = named_fields("AUC-86", facts.form_missing, policy=policy, at=facts.opens_at)
    return Finding("AUC-86", {"missing": words})


@rule("AUC-87", on="auction.technical_pass")
def paper_unfit(facts: PassFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 7(na) and 8: only a bidder whose papers are all valid and legible passes (E-054, E-056).

    Our reading: a paper that the committee found unfit bars the pass until another one takes its place; papers that
    it did not judge one by one are accepted with the pass.
    """
    policy.at("AUC-87", facts.opens_at)
    return Finding("AUC-87", {"letters": list(facts.papers_unfit)}) if facts.papers_unfit else None


@rule("AUC-88", on="auction.register")
def number_odd(facts: RegisterFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4(ii), 4(iii) and 7(gha): PAN and Aadhaar, and the GSTIN where there is one (E-026, E-027, E-041).

    Our reading: form and check digits are tested, and a GSTIN must carry the bidder's own PAN.
    """
    policy.at("AUC-88", at)
    odd = [] if pan_number.is_valid(facts.pan) else ["PAN"]
    if facts.gstin and not (gstin_number.is_valid(facts.gstin) and facts.gstin[2:12].upper() == facts.pan.upper()):
        odd.append("GSTIN")
    if not facts.aadhaar_fits:
        odd.append("Aadhaar")
    return Finding("AUC-88", {"numbers": odd}) if odd else None


@rule("AUC-89", on="auction.result_list")
def list_incomplete(facts: ListFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 8: the list of successful bidders goes out when every application is decided (E-006)."""
    policy.at("AUC-89", at)
    early = facts.last_date_at is not None and at <= facts.last_date_at
    if not (facts.undecided or early):
        return None
    return Finding("AUC-89", {"undecided": facts.undecided, "after_at": facts.last_date_at})


@rule("AUC-116", on="debarment.lift")
def bar_over(facts: BarFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4(v), 4(vii) and 19(iii): a debarment runs to its last day, or until it is lifted (E-033).

    Our reading: it is lifted once, while it runs. The Director of Mines may settle a doubt.
    """
    policy.at("AUC-116", at)
    ended_on = facts.lifted_on or (facts.until_on if facts.until_on < facts.today else None)
    return Finding("AUC-116", {"order": facts.order, "ended_on": ended_on}) if ended_on else None


@rule("AUC-115", on="notice.list")
def listed_already(facts: ListedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 8: one list of the technically successful goes out (E-006).

    Our reading: a further one only where a corrigendum brought further applications. The Collector may settle a doubt.
    """
    policy.at("AUC-115", at)
    return Finding("AUC-115", {"listed_at": facts.listed_at}) if facts.listed_at else None


@rule("AUC-165", on="auction.bid")
def debarred_when_bidding(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4(v), 4(vii) and 19(iii): who is debarred takes no part in tenders (E-031, E-033, E-070).

    Our reading: a bid is part of the tender, so that an order after the technical pass stops the bids that follow it.
    """
    policy.value("AUC-165", facts.opens_at)
    if facts.debarred_until is None:
        return None
    return Finding("AUC-165", {"until_on": facts.debarred_until, "order": facts.debarred_by})


@rule("AUC-164", on="auction.result_list")
def list_late(facts: ListFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 8: the list is up by the notified day, and before the auction (E-006).

    Our reading: the whole of the notified day counts; a later list needs a corrigendum of the day (clause 11).
    """
    policy.value("AUC-164", at)
    ends = [*([facts.opens_at] if facts.opens_at else []), *([end_of(facts.result_on)] if facts.result_on else [])]
    if not ends or at < min(ends):
        return None
    return Finding("AUC-164", {"result_on": facts.result_on, "opens_at": facts.opens_at})


@rule("AUC-95", on="auction.mock")
def mock_out_of_time(facts: MockFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1: pre-bid training (E-003).

    Our reading: a mock auction on copies of the lots is part of it, lies in the future and is over before the real
    auction opens, so that nobody takes one for the other.
    """
    most = timedelta(minutes=int(policy.value("AUC-95", at)["most_minutes"]))
    if at <= facts.starts_at < facts.ends_at <= facts.real_opens_at and facts.ends_at - facts.starts_at <= most:
        return None
    return Finding(
        "AUC-95", {"from_at": at, "real_opens_at": facts.real_opens_at, "most_minutes": int(most.total_seconds() // 60)}
    )


def joint_turnover(years: int, own: Sequence[int], members: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Turnover of each year of a bidder and of all who bid jointly with him (E-029)."""
    rows = [own, *members]
    most = max((len(row) for row in rows), default=0)
    return tuple(sum(row[year] for row in rows if year < len(row)) for year in range(min(most, years)))
