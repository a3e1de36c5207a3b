"""Asking the register of certificate cases: every office reads all of it, as a case bars everywhere."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import Subject
from immis.ledger.models import CertificateCase


def certificate_cases(viewer: Actor, **filters: Any) -> QuerySet[CertificateCase]:
    """The register of certificate cases, newest first. Raises NotPermitted for who is no office."""
    require_grant(viewer, "certificate_case.read")
    return CertificateCase.objects.filter(**filters)


def pending_cases(pans: Iterable[str]) -> tuple[str, ...]:
    """Numbers of the certificate cases that are pending against holders of these PANs (E-032)."""
    return tuple(number for _, number in pending_by_pan(pans))


def pending_by_pan(pans: Iterable[str]) -> list[tuple[str, str]]:
    """PAN and number of each pending case against holders of these PANs, the oldest first."""
    rows = CertificateCase.objects.filter(pan__in=list(pans), closed_on__isnull=True)
    return list(rows.order_by("filed_on", "id").values_list("pan", "case_number"))


def pending_on(subject: Subject) -> tuple[str, ...]:
    """Numbers of the cases that are pending for dues of a settlement (E-112)."""
    rows = CertificateCase.objects.filter(subject_kind=subject[0], subject_id=subject[1], closed_on__isnull=True)
    return tuple(rows.order_by("filed_on", "id").values_list("case_number", flat=True))
