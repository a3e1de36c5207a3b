"""Asking about clearances: versions and documents, validity, open applications, proposals that are followed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from immis.core.errors import NotFound
from immis.core.papers.files import path_of
from immis.leases.models import Clearance, ClearanceVersion, Lease, ProposalChange, ProposalHint, ProposalWatch
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, Finding, apply
from immis.rules.leases.clearances import KINDS, ValidityFacts
from immis.rules.policy import book


@dataclass(frozen=True)
class Shown:
    """One clearance with its versions, newest first, the finding where it has run out, and its proposal."""

    clearance: Clearance
    versions: list[ClearanceVersion]
    run_out: Finding | None
    proposal: ProposalWatch | None
    changes: list[ProposalChange]
    hints: list[ProposalHint]


def shown_of(lease: Lease, *, at: datetime) -> list[Shown]:
    """Every clearance of a settlement. The caller has checked that the reader may see the settlement."""
    rows = Clearance.objects.filter(lease=lease).select_related("lease", "proposal")
    rows = rows.prefetch_related("versions", "proposal_changes", "hints")
    order = list(KINDS)
    return [
        Shown(
            clearance=row,
            versions=sorted(row.versions.all(), key=lambda version: -version.number),
            run_out=run_out(row, at=at),
            proposal=getattr(row, "proposal", None),
            changes=list(row.proposal_changes.all()),
            hints=[] if getattr(row, "proposal", None) else list(row.hints.all()),
        )
        for row in sorted(rows, key=lambda row: order.index(row.kind))
    ]


def run_out(row: Clearance, *, at: datetime) -> Finding | None:
    """The hold that a clearance puts on its settlement because its newest version has run out (HLD-20)."""
    if row.granted_on is None or row.valid_until is None:
        return None
    facts = ValidityFacts(row.lease.number, KINDS[row.kind], row.reference, row.valid_until)
    return apply(RULES["HLD-20"], facts, policy=book(), at=at)


def ended_by(at: datetime) -> QuerySet[Clearance]:
    """Granted clearances of running settlements whose last day is over."""
    rows = Clearance.objects.filter(valid_until__lt=india_day(at), granted_on__isnull=False)
    rows = rows.filter(lease__permitted_at__isnull=False, lease__cancelled_at__isnull=True)
    return rows.select_related("lease__block", "lease__party")


def unanswered() -> QuerySet[Clearance]:
    """Water permissions that were applied for and not answered."""
    rows = Clearance.objects.filter(kind="water", granted_on__isnull=True, refused_on__isnull=True)
    return rows.select_related("lease__block", "lease__party").order_by("applied_on", "id")


def to_ask(at: datetime, limit: int) -> list[ProposalWatch]:
    """Followed proposals whose time to be asked about has come."""
    rows = ProposalWatch.objects.select_related("clearance__lease__block", "clearance__lease__party")
    return list(rows.filter(next_ask_at__lte=at).order_by("next_ask_at")[:limit])


def unnamed() -> list[Clearance]:
    """EC applications of running settlements that are open and whose proposal nobody has named."""
    rows = Clearance.objects.filter(kind="ec", granted_on__isnull=True, refused_on__isnull=True, proposal__isnull=True)
    rows = rows.filter(lease__cancelled_at__isnull=True).select_related("lease__block", "lease__party")
    return list(rows.order_by("applied_on", "id"))


def document_of(lease: Lease, sha256: str) -> tuple[dict[str, Any], Path]:
    """One document of a settlement's clearances. The reader may see the settlement. Raises NotFound."""
    rows = ClearanceVersion.objects.filter(clearance__lease=lease).values_list("document", flat=True)
    row = next((item for item in rows if item.get("sha256") == sha256), None)
    if row is None or not path_of(sha256).exists():
        raise NotFound(f"document {sha256}")
    return row, path_of(sha256)
