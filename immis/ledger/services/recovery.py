"""The register of certificate cases: entered by an office or by the Collector on a settlement, closed by order."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import Subject, log_action
from immis.ledger.models import CertificateCase
from immis.registry.services import checked_pan
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding


def _need(*texts: str, on: date, at: datetime) -> None:
    if not all(text.strip() for text in texts) or on > india_day(at):
        raise Refusal(Finding("PAY-22", {"found": " / ".join(texts)[:80] or "—", "on": on}))


@dataclass(frozen=True, kw_only=True)
class NewCertificateCase:
    """A certificate (recovery) case against a PAN; ``subject`` is the record of ours that it comes from."""

    pan: str
    name: str
    case_number: str
    office: str
    amount_paise: int
    filed_on: date
    district: str = ""
    subject: Subject = ("", "")


@transaction.atomic
def enter_certificate_case(*, case: NewCertificateCase, by: Actor, at: datetime) -> CertificateCase:
    """Enter a certificate (recovery) case against a PAN; while it is pending he may not pass (E-032, E-042, E-112).

    The same case of the same office a second time answers the first entry. Raises Refusal (REG-01, PAY-22).
    """
    require_grant(by, "certificate_case.keep")
    pan, office = checked_pan(case.pan), case.office
    _need(case.case_number, office, on=case.filed_on, at=at)
    fields: dict[str, Any] = {
        "pan": pan,
        "name": case.name[:160],
        "district": case.district or by.district,
        "amount_paise": max(0, case.amount_paise),
        "filed_on": case.filed_on,
        "subject_kind": case.subject[0],
        "subject_id": case.subject[1],
        "entered_by": by.user_id,
        "entered_at": at,
    }
    row, new = CertificateCase.objects.get_or_create(case_number=case.case_number, office=office, defaults=fields)
    if new:
        body = {"case": case.case_number, "office": office, "pan": pan, "amount_paise": row.amount_paise}
        log_action("certificate_case.entered", subject=("certificate_case", str(row.pk)), by=by, at=at, facts=body)
    return row


@transaction.atomic
def close_certificate_case(*, case: CertificateCase, order: str, by: Actor, at: datetime) -> CertificateCase:
    """Close a certificate case by a named order; it bars nobody from that day on. Raises Refusal (PAY-22)."""
    row = CertificateCase.objects.select_for_update().get(pk=case.pk)
    require_grant(by, "certificate_case.keep", district=row.district)
    _need(order, on=india_day(at), at=at)
    if row.closed_on is None:
        row.closed_on, row.close_order = india_day(at), order[:80]
        row.save(update_fields=["closed_on", "close_order"])
        body = {"case": row.case_number, "order": order}
        log_action("certificate_case.closed", subject=("certificate_case", str(row.pk)), by=by, at=at, facts=body)
    return row
