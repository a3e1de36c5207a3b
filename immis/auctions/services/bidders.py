"""Technical bids: application, papers, and the committee's decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from stdnum.in_ import pan as pan_number

from immis.auctions.events import TechnicalDecided
from immis.auctions.gates import applicant_facts, apply_facts, in_time_facts
from immis.auctions.models import Bidder, Lot, PaperDecision, TechnicalBid
from immis.auctions.selectors.notices import terms_of
from immis.auctions.selectors.payments import pass_facts, processing_fee_rupees
from immis.auctions.services.registration import require_party
from immis.auctions.steps import instant_of
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import Asked, emit, log_action, record_decision
from immis.ledger.services import NewDemand, raise_demand
from immis.registry.pans import require_pan
from immis.rules.again import says
from immis.rules.auctions.clauses import NO_CLAIM, TickFacts
from immis.rules.auctions.tenders import AgainFacts, PassFacts
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


def within_programme(lot: Lot, bidder: Bidder, *, at: datetime, members: Sequence[Mapping[str, Any]] = ()) -> None:
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
    within_programme(lot, bidder, at=at, members=members)
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

    Raises Refusal (AUC-12 out of time; AUC-176 decided so already; AUC-07, AUC-10, AUC-14 where a pass lacks
    money, turnover or papers), NotPermitted for another district.
    """
    bid = _for_decision(bid, by=by)
    facts = pass_facts(bid, at=at)
    if findings := _against(bid, passed=passed, reasons=reasons, facts=facts, at=at):
        raise Refusal(findings)
    bid.state = "passed" if passed else "failed"
    return _keep_decision(bid, reasons, facts, by=by, at=at)


@transaction.atomic
def correct_reasons(*, bid: TechnicalBid, reasons: str, by: Actor, at: datetime) -> TechnicalBid:
    """Write other reasons for a technical decision that stands, until the list is out (E-056).

    Raises Refusal (AUC-12 out of time, AUC-163 published, AUC-176 nothing decided, AUC-19 a fail without reasons),
    NotPermitted for another district.
    """
    bid = _for_decision(bid, by=by)
    findings = [*_in_time(bid, at=at), *_again(bid, "reasons", at=at)]
    if bid.state == "failed" and not reasons.strip():
        findings.append(_without_reasons())
    if findings:
        raise Refusal(findings)
    return _keep_decision(bid, reasons, pass_facts(bid, at=at), by=by, at=at)


def _keep_decision(bid: TechnicalBid, reasons: str, facts: PassFacts, *, by: Actor, at: datetime) -> TechnicalBid:
    """Write down what was decided on an application, and tell its bidder."""
    lot, bid.reasons = bid.lot, reasons.strip()[:600]
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
        asked=Asked(facts, says("AUC-14", facts, policy=book(), at=at)),
    )
    log_action(TechnicalDecided.KIND, subject=("lot", lot.code), by=by, at=at, facts=body)
    more = {"party_id": bid.bidder.party_id, "district": lot.notice.district, "opens_at": lot.opens_at}
    emit(TechnicalDecided(**body, **more), subject=("lot", lot.code), at=at)
    return bid


def _again(bid: TechnicalBid, wanted: str, *, at: datetime) -> list[Finding]:
    return find("auction.technical_again", AgainFacts(bid.state, wanted), policy=book(), at=at)


def _without_reasons() -> Finding:
    return Finding("AUC-19", {"what": book().words("AUC-19", "reasons"), "expected": "1–600", "found": "—"})


def _against(bid: TechnicalBid, *, passed: bool, reasons: str, facts: Any, at: datetime) -> Sequence[Finding]:
    findings = [*_in_time(bid, at=at), *_again(bid, "passed" if passed else "failed", at=at)]
    if passed:
        return [*findings, *find("auction.technical_pass", facts, policy=book(), at=at)]
    return [*findings, *([] if reasons.strip() else [_without_reasons()])]
