"""Technical bids: application, papers, and the committee's decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from stdnum.in_ import pan as pan_number

from immis.auctions.events import TechnicalDecided
from immis.auctions.gates import applicant_facts, apply_facts, in_time_facts
from immis.auctions.models import Bidder, Lot, PaperDecision, TechnicalBid
from immis.auctions.selectors.notices import terms_of
from immis.auctions.selectors.payments import pass_facts, processing_fee_rupees
from immis.auctions.services.publication import pages_of
from immis.auctions.services.registration import require_party
from immis.auctions.services.signatures import signatures_in
from immis.auctions.steps import instant_of
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.files import type_of
from immis.core.papers.reading import refuse_huge_picture
from immis.core.services import emit, log_action, log_actions, record_decision
from immis.ledger.services import NewDemand, raise_demand
from immis.registry.pans import require_pan
from immis.rules.auctions.clauses import NO_CLAIM, TermsFacts, TickFacts
from immis.rules.auctions.tenders import UploadFacts, optional_documents, required_documents
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.money import paise
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import text

#: The parts of form 3 that the bidder writes; the rest is filled from registration, notice and treasury.
FORM_TEXTS = ("emd_bank", "gst", "no_dues", "declared_by")
_MOST_MEMBERS = 20
_MOST_RUPEES = 10**13


def refuse_elsewhere(lot: Lot) -> None:
    """Raises Refusal (EPR-06) for a lot that is auctioned on E-Proc (A-03)."""
    if lot.venue == "eproc":
        raise Refusal(Finding("EPR-06", {"lot": lot.code}))


def _years(form: Mapping[str, Any]) -> list[int]:
    """Turnover by year in whole rupees. Raises Refusal (AUC-19) for what is no sum."""
    years = form.get("turnover_rupees") or ()
    try:
        sums = [int(year) for year in years]
    except (TypeError, ValueError):
        sums = [-1]
    if not sums or any(not 0 <= row <= _MOST_RUPEES for row in sums):
        raise Refusal(
            Finding(
                "AUC-19", {"what": book().words("AUC-19", "turnover"), "expected": "₹ 0…", "found": str(years)[:60]}
            )
        )
    return sums


def _members(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The joint bidders with their turnover (E-029). Raises Refusal (AUC-19) for a name or PAN that is none."""
    members = []
    for person in form.get("members") or ():
        name, pan = str(person.get("name") or "").strip()[:160], str(person.get("pan") or "").strip().upper()
        if not name or not pan_number.is_valid(pan) or len(members) >= _MOST_MEMBERS:
            raise Refusal(
                Finding(
                    "AUC-19",
                    {
                        "what": book().words("AUC-19", "members"),
                        "expected": "ABCPE1234F",
                        "found": f"{name} {pan}"[:60],
                    },
                )
            )
        members.append({"name": name, "pan": pan, "turnover_rupees": _years(person)})
    return members


def _within_programme(lot: Lot, bidder: Bidder, *, at: datetime, members: Sequence[Mapping[str, Any]] = ()) -> None:
    facts = apply_facts(lot, bidder, at=at, members=members)
    if findings := find("auction.apply", facts, policy=book(), at=at):
        raise Refusal(findings)


@transaction.atomic
def apply_for_lot(*, lot: Lot, bidder: Bidder, form: dict[str, Any], by: Actor, at: datetime) -> TechnicalBid:
    """Apply for one lot by form 3: demands for document fee and earnest money (E-019, E-028, E-038, E-175…E-192).

    ``form`` holds ``bank_account``, ``turnover_rupees`` (three years), ``FORM_TEXTS``, the joint ``members`` and
    ``terms_read``: which version of the terms was accepted is kept (clause 15, E-064), as are the ``accepted``
    clauses, by key. A second application before the last date corrects the first.
    Raises Refusal (AUC-09, AUC-13, AUC-19, AUC-20, AUC-82, AUC-84, AUC-172, EPR-06, REG-12).
    """
    require_party(by, bidder.party_id, "application.make")
    if findings := find("lot.applicant", applicant_facts(lot, bidder), policy=book(), at=at):
        raise Refusal(findings)
    require_pan(bidder.party)
    turnover, members = _years(form), _members(form)
    _within_programme(lot, bidder, at=at, members=members)
    account, clauses = _account(form, bidder), _ticked(lot, form, at=at)
    Bidder.objects.select_for_update().get(pk=bidder.pk)
    bid = TechnicalBid.objects.filter(lot=lot, bidder=bidder).first()
    if bid is None:
        bid = TechnicalBid(lot=lot, bidder=bidder, applied_at=at)
        bid.fee_demand = _demand(lot, bidder, "fee", lot.document_fee_rupees, by=by, at=at)
        bid.emd_demand = _demand(lot, bidder, "emd", lot.emd_rupees, by=by, at=at)
        bid.processing_demand = _demand(lot, bidder, "processing", processing_fee_rupees(lot), by=by, at=at)
    elif bid.state != "applied":
        raise Refusal(Finding("AUC-04", {"technical": bid.state}))
    bid.bank_account, bid.turnover_rupees, bid.members = account, turnover, members
    texts = {name: str(form[name]).strip()[:200] for name in FORM_TEXTS if form.get(name)}
    read = {**terms_of(lot.notice), "read_at": at.isoformat()} if form.get("terms_read") else bid.form.get("terms", {})
    bid.form = {**bid.form, **texts, "terms": {**read, "clauses": clauses}, "declared_at": at.isoformat()}
    bid.save()
    body = {"application": bid.pk, "clauses": clauses}
    log_action("lot.applied", subject=("lot", lot.code), by=by, at=at, facts=body)
    return bid


def _account(form: Mapping[str, Any], bidder: Bidder) -> str:
    """The bidder's account, as it is kept. Raises Refusal (AUC-19) for what is none."""
    account = str(form.get("bank_account") or bidder.party.bank_account).strip()
    if 6 <= len(account) <= 30 and account.isalnum():
        return account
    what = book().words("AUC-19", "account")
    raise Refusal(Finding("AUC-19", {"what": what, "expected": "6–30 × A–Z 0–9", "found": account[:40] or "—"}))


def _ticked(lot: Lot, form: Mapping[str, Any], *, at: datetime) -> list[dict[str, str]]:
    """The no-claim clauses of this form with their version. Raises Refusal (AUC-172) while one is not ticked."""
    keys = [str(key) for key in form.get("accepted") or ()]
    if findings := find("auction.accept_clauses", TickFacts(lot.opens_at, keys), policy=book(), at=at):
        raise Refusal(findings)
    try:
        version = book().at(NO_CLAIM, lot.opens_at)
    except NotInForce:
        return []
    known = [row["key"] for row in version.value]
    kept = {"from_on": version.from_on.isoformat(), "ticked_at": at.isoformat()}
    return [{"key": key, **kept} for key in known if key in keys]


def _demand(lot: Lot, bidder: Bidder, kind: str, rupees: int, *, by: Actor, at: datetime) -> str:
    if not rupees:
        return ""
    last = instant_of(lot.notice.programme, "last_date_at")
    code = "AUC-82" if kind == "processing" else "AUC-07"
    value = book().at(code, lot.opens_at)
    demand = raise_demand(
        demand=NewDemand(
            party=bidder.party,
            subject=("lot", lot.code),
            kind="emd" if kind == "emd" else "fee",
            label=text("auctions/demands", kind, ghat={"en": lot.block.name_en, "hi": lot.block.name_hi}),
            amount_paise=paise(rupees),
            due_on=india_day(last) if last else None,
            cites=[{"code": code, "from_on": value.from_on.isoformat(), "cites": value.cites}],
            district=lot.notice.district,
            key=f"lot:{lot.code}:{kind}:{bidder.party_id}",
        ),
        at=at,
        by=by,
    )
    return demand.number


@dataclass(frozen=True)
class HandedPaper:
    """One paper of clause 7 as it is handed in: its letter, the name of the file, what is in it."""

    letter: str
    filename: str
    content: bytes


def add_document(
    *, bid: TechnicalBid, letter: str, filename: str, content: bytes, by: Actor, at: datetime
) -> TechnicalBid:
    """Add one paper of clause 7 to a technical bid, or replace it. Raises what ``add_documents`` answers or raises."""
    _kept, findings = add_documents(bid=bid, papers=[HandedPaper(letter, filename, content)], by=by, at=at)
    if findings:
        raise Refusal(findings)
    return bid


def add_documents(
    *, bid: TechnicalBid, papers: Sequence[HandedPaper], by: Actor, at: datetime
) -> tuple[int, list[Finding]]:
    """Add papers of clause 7 to a technical bid, or replace them, until the last date (E-037…E-055).

    Digital signatures in a PDF are checked, in a child before the transaction, and kept with it. Answers how many are
    kept, and why the others are not: AUC-16 for a file that is not PDF, JPG or PNG or is too big, UPL-01 for one that
    is not understood within the limits, UPL-02 for too many. Raises Refusal out of time, NotPermitted.
    """
    require_party(by, bid.bidder.party_id, "application.make")
    _within_programme(bid.lot, bid.bidder, at=at)
    rows, findings = [], list[Finding]()
    for paper in papers:
        try:
            rows.append((_admitted(bid, paper, at=at), paper.content))
        except Refusal as refusal:
            findings += refusal.findings
    kept, more = _keep_documents(bid, rows, by=by, at=at) if rows else (0, [])
    return kept, findings + more


def _admitted(bid: TechnicalBid, paper: HandedPaper, *, at: datetime) -> dict[str, Any]:
    """What is kept of a paper beside its content. Raises Refusal."""
    asked = {"policy": book(), "on": bid.lot.opens_at}
    party_kind = bid.bidder.party.kind
    known = {*required_documents(party_kind, **asked), *optional_documents(party_kind, **asked)}
    if paper.letter not in known:
        raise Refusal(
            Finding(
                "AUC-19",
                {
                    "what": book().words("AUC-19", "letter"),
                    "expected": ", ".join(sorted(known)),
                    "found": paper.letter[:10] or "—",
                },
            )
        )
    content, kind = paper.content, type_of(paper.content)
    upload = UploadFacts(document=paper.filename[:80], size_bytes=len(content), found_type=kind)
    if findings := find("auction.upload", upload, policy=book(), at=at):
        raise Refusal(findings)
    uploads.admit(party_id=bid.bidder.party_id, size_bytes=len(content), at=at)
    refuse_huge_picture(content)
    _refuse_missing_pages(bid.lot, paper.letter, content, kind, at=at)
    name = paper.filename[-120:]
    row = {"letter": paper.letter, "name": name, "size": len(content), "type": kind, "at": at.isoformat()}
    if signed := signatures_in(content, at=at) if kind == "PDF" else []:
        row["signatures"] = signed
    return row


def _refuse_missing_pages(lot: Lot, letter: str, content: bytes, kind: str, *, at: datetime) -> None:
    """Raises Refusal (AUC-174) for signed terms of fewer pages than the terms of the notice, where those are known."""
    terms = next((row for row in lot.notice.parts if row["part"] == "terms"), {})
    wanted = int(terms.get("pages") or 0)
    if wanted < 2 or letter != _terms_letter(lot):
        return
    facts = TermsFacts(pages_of(content, kind), wanted, lot.opens_at)
    if findings := find("auction.upload_terms", facts, policy=book(), at=at):
        raise Refusal(findings)


def _terms_letter(lot: Lot) -> str:
    try:
        return str(book().value("AUC-174", lot.opens_at)["letter"])
    except NotInForce:
        return ""


@transaction.atomic
def _keep_documents(
    bid: TechnicalBid, rows: Sequence[tuple[dict[str, Any], bytes]], *, by: Actor, at: datetime
) -> tuple[int, list[Finding]]:
    """Keep admitted papers together; one that was replaced too often is answered with its reason (UPL-02)."""
    held = TechnicalBid.objects.select_for_update().get(pk=bid.pk)
    if held.state != "applied":
        raise Refusal(Finding("AUC-04", {"technical": held.state}))
    for decision in PaperDecision.objects.filter(bid=held, letter__in=[row["letter"] for row, _content in rows]):
        uploads.stand_for_good(decision.sha256)
    kept, findings = dict[str, dict[str, Any]](), list[Finding]()
    for row, content in rows:
        place = f"bid:{held.pk}:{row['letter']}"
        try:
            sha256 = uploads.keep(content, at=at, party_id=held.bidder.party_id, place=place)
            kept[row["letter"]] = {**row, "sha256": sha256}
        except Refusal as refusal:  # before anything of it was written
            findings += refusal.findings
    held.documents = [*(document for document in held.documents if document["letter"] not in kept), *kept.values()]
    held.save(update_fields=["documents"])
    bid.documents = held.documents
    facts = [{"letter": name, "sha256": row["sha256"], "application": held.pk} for name, row in kept.items()]
    log_actions("document.added", [(("lot", bid.lot.code), row) for row in facts], by=by, at=at)
    return len(kept), findings


@transaction.atomic
def judge_paper(*, bid: TechnicalBid, letter: str, fit: bool, reason: str, by: Actor, at: datetime) -> PaperDecision:
    """Write down what the committee found of one handed-in paper, with a reason where it is unfit (E-054, E-056).

    Raises Refusal (AUC-12 out of time, AUC-19 no such paper or no reason), NotPermitted for another district.
    """
    bid = _for_decision(bid, by=by)
    findings = _in_time(bid, at=at)
    paper = next((document for document in bid.documents if document["letter"] == letter), None)
    if paper is None:
        letters = [row["letter"] for row in book().value("AUC-14", bid.lot.opens_at)["documents"]]
        findings.append(
            Finding(
                "AUC-19",
                {
                    "what": book().words("AUC-19", "letter"),
                    "expected": f"{letters[0]}…{letters[-1]}",
                    "found": letter[:10] or "—",
                },
            )
        )
    if not fit and not reason.strip():
        findings.append(
            Finding("AUC-19", {"what": book().words("AUC-19", "reasons"), "expected": "1–300", "found": "—"})
        )
    if findings or paper is None:
        raise Refusal(findings)
    decision = PaperDecision.objects.create(
        bid=bid,
        letter=letter,
        sha256=paper["sha256"],
        fit=fit,
        reason=reason.strip()[:300],
        decided_by=by.user_id,
        decided_at=at,
    )
    body = {"application": bid.pk, "letter": letter, "fit": fit, "reason": decision.reason, "sha256": paper["sha256"]}
    log_action("paper.judged", subject=("lot", bid.lot.code), by=by, at=at, facts=body)
    return decision


def _for_decision(bid: TechnicalBid, *, by: Actor) -> TechnicalBid:
    """The technical bid, locked, for the committee of its district."""
    rows = TechnicalBid.objects.select_for_update(of=("self",)).select_related("lot__notice", "bidder__party")
    bid = rows.get(pk=bid.pk)
    require_grant(by, "application.decide", district=bid.lot.notice.district)
    return bid


def _in_time(bid: TechnicalBid, *, at: datetime) -> list[Finding]:
    return find("auction.technical_decision", in_time_facts([bid])[bid.pk], policy=book(), at=at)


@transaction.atomic
def decide_technical(*, bid: TechnicalBid, passed: bool, reasons: str, by: Actor, at: datetime) -> TechnicalBid:
    """Pass or fail a technical bid within the programme (E-006, E-056); a fail needs its reasons.

    Raises Refusal (AUC-12 out of time; AUC-07, AUC-10, AUC-14 where a pass lacks
    money, turnover or papers), NotPermitted for another district.
    """
    bid = _for_decision(bid, by=by)
    lot = bid.lot
    facts = pass_facts(bid, at=at)
    findings = _against(bid, passed=passed, reasons=reasons, facts=facts, at=at)
    if findings:
        raise Refusal(findings)
    bid.state, bid.reasons = ("passed" if passed else "failed"), reasons.strip()[:600]
    bid.decided_by, bid.decided_at = by.user_id, at
    bid.save(update_fields=["state", "reasons", "decided_by", "decided_at"])
    body = {"lot": lot.code, "state": bid.state, "reasons": bid.reasons, "application": bid.pk}
    record_decision(
        "AUC-14",
        subject=("lot", lot.code),
        facts={**facts.__dict__, **body},
        outcome=bid.state,
        policy_on=india_day(lot.opens_at),
        at=at,
    )
    log_action(TechnicalDecided.KIND, subject=("lot", lot.code), by=by, at=at, facts=body)
    more = {"party_id": bid.bidder.party_id, "district": lot.notice.district, "opens_at": lot.opens_at}
    emit(TechnicalDecided(**body, **more), subject=("lot", lot.code), at=at)
    return bid


def _against(bid: TechnicalBid, *, passed: bool, reasons: str, facts: Any, at: datetime) -> Sequence[Finding]:
    findings = _in_time(bid, at=at)
    if passed:
        return [*findings, *find("auction.technical_pass", facts, policy=book(), at=at)]
    if not reasons.strip():
        findings.append(
            Finding("AUC-19", {"what": book().words("AUC-19", "reasons"), "expected": "1–600", "found": "—"})
        )
    return findings
