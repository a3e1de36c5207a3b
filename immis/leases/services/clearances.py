"""Clearances after the grant: newer versions with documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.papers import uploads
from immis.core.papers.files import type_of
from immis.core.papers.reading import refuse_huge_picture
from immis.holds.services import end_spell
from immis.leases.clearances import run_out
from immis.leases.events.path import ClearanceRenewed
from immis.leases.models import Clearance, ClearanceVersion, Lease
from immis.leases.selectors import clearances_of
from immis.leases.services.common import check, locked, tell
from immis.rules.catalogue import Finding
from immis.rules.leases.clearances import KINDS, CarriedFacts, PaperFacts, VersionFacts
from immis.rules.leases.path import QuantityFacts


@dataclass(frozen=True)
class Document:
    """A file as it was handed in."""

    filename: str
    content: bytes


def handed_in(file: Any) -> Document | None:
    """A file of a form as the services take it. Raises Refusal (UPL-01) for a picture that nobody could open."""
    if not file:
        return None
    content = file.read()
    refuse_huge_picture(content)
    return Document(file.name or "", content)


@dataclass(frozen=True, kw_only=True)
class ClearanceGrant:
    """What the order that grants a clearance says; ``quantity_m3`` is that of a year, beside that of month and day.

    ``ends_limits``: the order ends the quantities of month and day of the one before that it does not name.
    """

    granted_on: date
    reference: str = ""
    valid_until: date | None = None
    quantity_m3: int | None = None
    month_m3: int | None = None
    day_m3: int | None = None
    closed_months: Iterable[int] | None = None
    document: Document | None = None
    ends_limits: bool = False


#: What stays from the older order where a newer one does not say it; the first three are quantities.
_CARRIED = ("quantity_m3", "month_m3", "day_m3", "closed_months")
_ENDED = ("month_m3", "day_m3")


@transaction.atomic
def add_version(*, lease: Lease, kind: str, grant: ClearanceGrant, by: Actor, at: datetime) -> list[Finding]:
    """Record a newer order of a clearance that was granted before; the older ones stay as they are (E-087, E-092).

    What it does not say of quantities stays as the older one had it, marked so. Answers warnings (LSE-15, LSE-34).
    Raises Refusal (LSE-31 for its days, LSE-32 for its document).
    """
    lease = locked(lease, "clearance.record", by=by)
    row = clearance_row(lease, kind)
    newer = VersionFacts(KINDS[kind], grant.granted_on, grant.valid_until, row.granted_on if row else None)
    check("clearance.version", newer, lease=lease, at=at)
    if row is None:
        raise NotFound(f"{kind} of this settlement")
    ended = run_out(row, at=at)
    row.granted_on, row.valid_until = grant.granted_on, grant.valid_until
    row.reference = grant.reference or row.reference
    carried = _superseded(row, grant)
    version = keep_version(row, document=grant.document, carried=carried, by=by, at=at)
    facts = {"clearance": kind, "on": row.granted_on, "until": row.valid_until, "version": version.number}
    tell(ClearanceRenewed, lease, by=by, at=at, facts={**facts, "reference": row.reference})
    if ended and run_out(row, at=at) is None:
        cause = spell_key(row, ended.facts["valid_until"])
        end_spell(cause_key=cause, ended_at=at, cause="renewed", at=at, ended_by=by.user_id, officer=by.name)
    named = {granted.kind: granted.quantity_m3 for granted in clearances_of(lease).values() if granted.quantity_m3}
    findings = check("lease.quantity", QuantityFacts(lease.block.quantity_m3, named), lease=lease, at=at)
    stays = {name: getattr(row, name) for name in carried if name != "closed_months"}
    return [*findings, *check("clearance.carried", CarriedFacts(KINDS[kind], stays), lease=lease, at=at)]


def _superseded(row: Clearance, grant: ClearanceGrant) -> list[str]:
    """Give a clearance what a newer order says; answers what it does not say and stays from the older one."""
    stated = {name: getattr(grant, name) for name in _CARRIED}
    stated["closed_months"] = months_of(row.kind, grant.closed_months)
    carried = [
        name
        for name, value in stated.items()
        if not value and getattr(row, name) and not (grant.ends_limits and name in _ENDED)
    ]
    for name, value in stated.items():
        if name not in carried:
            setattr(row, name, value or None)
    return carried


def months_of(kind: str, closed: Iterable[int] | None) -> list[int] | None:
    """The months that an environmental clearance closes, in order; None where it names none, and for other papers."""
    months = sorted({month for month in closed or () if 1 <= month <= 12})
    return months if months and kind == "ec" else None


def spell_key(row: Clearance, valid_until: date) -> str:
    """The cause of the stop that a clearance makes when this last day is over."""
    return f"HLD-20:{row.pk}:{valid_until.isoformat()}"


def paper_of(row: Clearance) -> dict[str, Any]:
    """What is kept of the document of a clearance's newest version; empty where there is none."""
    newest = row.versions.order_by("-number").first()
    return dict(newest.document) if newest else {}


def keep_version(
    row: Clearance,
    *,
    by: Actor,
    at: datetime,
    document: Document | None = None,
    paper: Mapping[str, Any] | None = None,
    rule_code: str = "",
    carried: Iterable[str] = (),
) -> ClearanceVersion:
    """Save a clearance and what it says now as its next version; ``paper`` is a document that is kept already.

    Raises Refusal (LSE-32) for the document.
    """
    assert row.granted_on is not None
    kept = _kept(document, lease=row.lease, at=at) if document else dict(paper or {})
    row.version += 1
    row.save()
    return ClearanceVersion.objects.create(
        clearance=row,
        number=row.version,
        reference=row.reference,
        granted_on=row.granted_on,
        valid_until=row.valid_until,
        quantity_m3=row.quantity_m3,
        month_m3=row.month_m3,
        day_m3=row.day_m3,
        closed_months=row.closed_months,
        rule_code=rule_code,
        carried=list(carried),
        document=kept,
        recorded_at=at,
        recorded_by=by.user_id,
    )


def _kept(document: Document, *, lease: Lease, at: datetime) -> dict[str, Any]:
    kind, size = type_of(document.content), len(document.content)
    check("clearance.paper", PaperFacts(document.filename[:80], size, kind), lease=lease, at=at)
    return {
        "sha256": uploads.keep(document.content, at=at),
        "name": document.filename[-120:],
        "size": size,
        "type": kind,
    }


def clearance_row(lease: Lease, kind: str) -> Clearance | None:
    return Clearance.objects.select_for_update(of=("self",)).select_related("lease").filter(
        lease=lease, kind=kind
    ).first()  # fmt: skip
