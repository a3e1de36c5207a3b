"""Scrolls of the treasury: what it says it received, laid against our receipts; nothing of it is lost.

A file that does not add up is refused whole and kept. A line that fits no
receipt, comes twice, or names another amount waits on the desk with its reason.
"""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.adapters.treasury.port import Standing
from immis.adapters.treasury.scroll import Row, ScrollFile, ScrollReport
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.papers.reading import read_upload
from immis.core.services import emit, log_action
from immis.ledger.events import ScrollTaken
from immis.ledger.models import Receipt, Scroll, ScrollLine
from immis.ledger.services.payments import note_payment
from immis.rules.catalogue import Finding
from immis.rules.ledger.receipts import MONEY_IN, RANK

#: So many findings of a file are kept; the file itself, checked again, gives all of them.
_KEPT_FINDINGS = 200
#: Outcomes that need nobody.
SETTLED = ("matched", "waiting", "reversed")


def import_scroll(*, raw: bytes, file_name: str, by: Actor, at: datetime) -> Scroll:
    """Take a scroll file in: matched receipts are reconciled, everything else is kept with its reason.

    The same file again answers the first import; a file that does not add up, or a number that is taken already, is
    kept as refused. Raises NotPermitted for another district's scroll.
    """
    require_grant(by, "scroll.keep")
    sha256 = hashlib.sha256(raw).hexdigest()
    if known := Scroll.objects.filter(sha256=sha256).first():
        _require_own(known.district, by)
        return known
    report: ScrollReport = read_upload("scroll", raw)
    if report.file is None:
        return _refuse(report.reason, sha256, file_name, report, by=by, at=at)
    _require_own(report.file.district, by)
    with transaction.atomic():
        if Scroll.objects.filter(number=report.file.number, state="taken").exists():
            return _refuse("number_taken:0", sha256, file_name, report, by=by, at=at)
        return _take(report.file, sha256, file_name, _findings(report), by=by, at=at)


def _findings(report: ScrollReport) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in report.findings[:_KEPT_FINDINGS]]


def _require_own(district: str, by: Actor) -> None:
    require_grant(by, "scroll.keep", district=district)


@transaction.atomic
def _refuse(reason: str, sha256: str, file_name: str, report: ScrollReport, *, by: Actor, at: datetime) -> Scroll:
    file = report.file
    scroll = Scroll.objects.create(
        number=file.number if file else "",
        sha256=sha256,
        file_name=file_name[:160],
        scroll_on=file.scroll_on if file else None,
        district=file.district if file else by.district,
        state="refused",
        reason=reason,
        findings=_findings(report),
        imported_at=at,
        imported_by=by.user_id,
    )
    facts = {"file": file_name, "reason": reason, "sha256": sha256}
    log_action("scroll.refused", subject=("scroll", str(scroll.pk)), by=by, at=at, facts=facts)
    return scroll


def _take(
    file: ScrollFile, sha256: str, file_name: str, findings: list[dict[str, Any]], *, by: Actor, at: datetime
) -> Scroll:
    scroll = Scroll.objects.create(
        number=file.number,
        sha256=sha256,
        file_name=file_name[:160],
        scroll_on=file.scroll_on,
        district=file.district,
        state="taken",
        findings=findings,
        line_count=len(file.rows),
        sum_paise=file.sum_paise,
        imported_at=at,
        imported_by=by.user_id,
    )
    open_lines = sum(_take_line(scroll, row, at=at).outcome not in SETTLED for row in file.rows)
    facts = {
        "scroll": file.number,
        "scroll_id": scroll.pk,
        "district": file.district,
        "lines": len(file.rows),
        "sum_paise": file.sum_paise,
        "open_lines": open_lines,
    }
    subject = ("scroll", str(scroll.pk))
    payload = ScrollTaken.of(facts)
    log_action(payload.KIND, subject=subject, by=by, at=at, facts={**facts, "sha256": sha256})
    emit(payload, subject=subject, at=at, key=f"{payload.KIND}:{scroll.pk}")
    return scroll


def _take_line(scroll: Scroll, row: Row, *, at: datetime) -> ScrollLine:
    receipt = _receipt_of(row)
    outcome = _outcome(scroll, row, receipt, at=at) if receipt else "unknown"
    return ScrollLine.objects.create(
        scroll=scroll,
        line_no=row.line_no,
        kind=row.kind,
        grn=row.grn,
        bank_ref=row.bank_ref,
        amount_paise=row.amount_paise,
        paid_on=row.paid_on,
        payer_account=row.payer_account,
        receipt=receipt,
        outcome=outcome,
    )


def _receipt_of(row: Row) -> Receipt | None:
    """By GRN; cheques and drafts, which have none, by the bank's reference."""
    rows = Receipt.objects.select_related("demand__party")
    if row.grn:
        return rows.filter(grn=row.grn).first()
    return rows.filter(grn__isnull=True, bank_ref=row.bank_ref).first()


def _outcome(scroll: Scroll, row: Row, receipt: Receipt, *, at: datetime) -> str:
    """What a line is found to be; it tells the receipt what is new in it."""
    if scroll.district and receipt.demand.district != scroll.district:
        return "wrong_account"
    earlier = receipt.scroll_lines.filter(kind=row.kind, outcome__in=SETTLED)
    if earlier.exists():
        return "duplicate"
    if row.kind == "R":
        return _reversed(row, receipt, at=at)
    if receipt.state == "reversed":
        return "contradicts"
    if RANK[receipt.state] < RANK["paid_unverified"]:
        note_payment(standing=_standing(row, receipt, "paid"), source="scroll", at=at)
        receipt.refresh_from_db()
    if receipt.paid_paise != row.amount_paise:
        return "wrong_amount"
    if receipt.state == "refused":
        return "refused_receipt"
    if receipt.state in MONEY_IN:
        _reconcile(receipt, at=at)
        return "matched"
    return "waiting"


def _reversed(row: Row, receipt: Receipt, *, at: datetime) -> str:
    if receipt.paid_paise not in (None, row.amount_paise):
        return "wrong_amount"
    note_payment(standing=_standing(row, receipt, "reversed"), source="scroll", at=at)
    return "reversed"


def _standing(row: Row, receipt: Receipt, status: str) -> Standing:
    return Standing(
        grn=receipt.grn or "",
        reference=receipt.number,
        status=status,
        amount_paise=row.amount_paise,
        payer_account=row.payer_account,
        bank_ref=row.bank_ref,
    )


def _reconcile(receipt: Receipt, *, at: datetime) -> None:
    changed = Receipt.objects.filter(pk=receipt.pk, state="verified").update(state="reconciled", reconciled_at=at)
    if changed:
        receipt.state, receipt.reconciled_at = "reconciled", at


def reconcile_waiting(receipt: Receipt, *, at: datetime) -> None:
    """A scroll that came before the verification: its line matches now, or shows another amount than was verified."""
    line = receipt.scroll_lines.filter(kind="C", outcome="waiting").first()
    if line is None:
        return
    line.outcome = "matched" if line.amount_paise == receipt.paid_paise else "wrong_amount"
    line.save(update_fields=["outcome"])
    if line.outcome == "matched":
        _reconcile(receipt, at=at)


@transaction.atomic
def resolve_line(*, line: ScrollLine, note: str, by: Actor, at: datetime) -> ScrollLine:
    """Close a line of the desk with what was found out. Raises Refusal (PAY-09) without a note or when closed."""
    require_grant(by, "scroll.keep")
    line = (
        ScrollLine.objects.select_for_update(of=("self",)).select_related("scroll", "receipt__demand").get(pk=line.pk)
    )
    _require_own(line.receipt.demand.district if line.receipt else line.scroll.district, by)
    if line.outcome in SETTLED or line.resolved_at or not note.strip():
        raise Refusal(Finding("PAY-09", {"line": line.line_no, "scroll": line.scroll.number}))
    line.resolved_at, line.resolved_by, line.resolution = at, by.user_id, note.strip()[:300]
    line.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    facts = {"line": line.line_no, "outcome": line.outcome, "note": line.resolution, "officer": by.name}
    log_action("scroll.line_resolved", subject=("scroll", str(line.scroll_id)), by=by, at=at, facts=facts)
    return line
