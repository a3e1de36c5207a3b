"""Papers of clause 7: handed in, admitted one by one, kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.auctions.models import Lot, PaperDecision, TechnicalBid
from immis.auctions.services.bidders import within_programme
from immis.auctions.services.publication import pages_of
from immis.auctions.services.registration import require_party
from immis.auctions.services.signatures import signatures_in
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.papers import uploads
from immis.core.papers.files import type_of
from immis.core.papers.reading import refuse_huge_picture
from immis.core.services import log_actions
from immis.rules.auctions.clauses import TermsFacts
from immis.rules.auctions.tenders import UploadFacts, optional_documents, required_documents
from immis.rules.catalogue import Finding, find
from immis.rules.policy import NotInForce, book


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
    within_programme(bid.lot, bid.bidder, at=at)
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
