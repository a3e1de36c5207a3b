"""The path from the security to the consents: papers received, LoI, clearances."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.services import next_number
from immis.leases import facts
from immis.leases.events.path import (
    AssetsReceived,
    ClearanceApplied,
    ClearanceGranted,
    DocumentsReceived,
    GstRecorded,
    LoiIssued,
)
from immis.leases.life import extensions_of
from immis.leases.models import Clearance, Lease
from immis.leases.related import assets_stated, members_listed
from immis.leases.selectors import (
    clearances_of,
    plan_of,
    security_demand,
    settled_on,
)
from immis.leases.services.clearances import ClearanceGrant, keep_version, months_of
from immis.leases.services.common import check, check_later, check_step, locked, tell
from immis.leases.services.demands import raise_instalment
from immis.leases.services.endings import carry_clearances
from immis.leases.services.proposals import locked_to_issue
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.districts import letters_of
from immis.rules.leases.path import ClearanceFacts, QuantityFacts, StatementFacts


@transaction.atomic
def record_documents(*, lease: Lease, on: date, by: Actor, at: datetime) -> Lease:
    """Record that the self-attested copies of the documents came in (clause 20 iv, E-085).

    Raises Refusal (LSE-10) for a day before the auction or to come, or when it is recorded already.
    """
    lease = locked(lease, "lease.record_documents", by=by)
    check_step(lease, "documents", on=on, at=at)
    lease.documents_received_on = on
    lease.save(update_fields=["documents_received_on"])
    tell(DocumentsReceived, lease, by=by, at=at, facts={"on": on, "persons": len(lease.members)})
    return lease


@transaction.atomic
def record_assets(
    *, lease: Lease, on: date, members: Iterable[Mapping[str, Any]], assets: Mapping[str, Any], by: Actor, at: datetime
) -> Lease:
    """Record the list of a body's directors, members or partners with the assets of each and of the body (E-086).

    ``members`` have name, pan, capacity, ``movable_rupees`` and ``immovable_rupees``, ``assets`` the latter two; before
    the LoI the persons count in the cap. Raises Refusal (LSE-75) for a list that is not complete, (LSE-10) for a day
    before the auction or to come, or when it is recorded already, and (REG-01) for a PAN that is none.
    """
    lease = locked(lease, "lease.record_assets", by=by)
    check_step(lease, "assets", on=on, at=at)
    persons, own = members_listed(members), assets_stated(assets)
    facts = StatementFacts(
        party={"en": lease.party.name_en, "hi": lease.party.name_hi},
        party_kind=lease.party.kind,
        persons=[person["name"] for person in persons],
        without=[person["name"] for person in persons if not assets_stated(person)],
        own=bool(own),
    )
    check("lease.record_assets", facts, lease=lease, at=at)
    lease.assets_received_on, lease.members, lease.assets = on, persons, own
    lease.save(update_fields=["assets_received_on", "members", "assets"])
    tell(AssetsReceived, lease, by=by, at=at, facts={"on": on, "persons": len(persons)})
    return lease


@transaction.atomic
def record_gst(*, lease: Lease, on: date, by: Actor, at: datetime) -> Lease:
    """Record the party's GST registration, which the mining permission needs (clause 7 chha, E-043)."""
    lease = locked(lease, "lease.record_gst", by=by)
    check_step(lease, "gst", on=on, at=at)
    lease.gst_registered_on = on
    lease.save(update_fields=["gst_registered_on"])
    tell(GstRecorded, lease, by=by, at=at, facts={"on": on})
    return lease


@transaction.atomic
def issue_loi(*, lease: Lease, by: Actor, at: datetime, on: date | None = None) -> Lease:
    """Issue the letter of intent with its number (clause 20 i, E-079).

    Raises Refusal with every gate that is still shut: security (LSE-01), copies (LSE-02), assets of a body (LSE-03),
    a director or partner over the cap (AUC-108) or with a certificate case (AUC-109), not proposed (LSE-60).
    """
    on = on or india_day(at)
    lease = locked_to_issue(lease, "loi", on=on, by=by, at=at)
    check_step(lease, "loi", on=on, at=at)
    check("lease.issue_loi", facts.loi_of(lease, by, at), lease=lease, at=at)
    check_later(lease, "loi", on=on, at=at, than=_before_loi(lease))
    letters = letters_of(lease.block.district)
    lease.loi_number = f"LoI/{letters}/{on.year}/{next_number(f'loi-{letters}-{on.year}'):03d}"
    lease.loi_on = on
    lease.save(update_fields=["loi_number", "loi_on"])
    tell(LoiIssued, lease, by=by, at=at, facts={"loi_number": lease.loi_number, "on": on})
    carry_clearances(lease, by=by, at=at)
    return lease


def _before_loi(lease: Lease) -> dict[str, date | None]:
    """What the LoI rests on, each with its day: the security's verification, papers received."""
    demand = security_demand(lease)
    days = {"documents": lease.documents_received_on, "security": settled_on(demand) if demand else None}
    days["assets"] = lease.assets_received_on
    return {step: day for step, day in days.items() if day}


@transaction.atomic
def record_clearance(
    *,
    lease: Lease,
    kind: str,
    by: Actor,
    at: datetime,
    applied_on: date | None = None,
    reference: str = "",
    grant: ClearanceGrant | None = None,
) -> list[Finding]:
    """Record that a clearance (plan, ec, cte_cto) was applied for, granted, or both (clause 21, E-087…E-092).

    ``reference`` is that of the application. Answers warnings: applied late (LSE-04…06), quantity cut (LSE-15). With
    the last grant the first instalment is demanded. Raises Refusal (LSE-10) out of order.
    """
    lease = locked(lease, "lease.record_clearance", by=by)
    findings: list[Finding] = []
    if applied_on:
        findings += _apply(lease, kind, applied_on, reference=reference, by=by, at=at)
    if grant:
        findings += _grant(lease, kind, grant, by=by, at=at)
    return findings


def _apply(lease: Lease, kind: str, on: date, *, reference: str, by: Actor, at: datetime) -> list[Finding]:
    check_step(lease, f"{kind}_applied", on=on, at=at)
    before_on = facts.step_of(lease, f"{kind}_applied", on=on, at=at).before_on
    if before_on is None:
        raise NotFound(f"step before {kind} of this settlement")
    who = lease.clearances_by if kind in ("plan", "ec") else "settlee"
    applied = ClearanceFacts(kind, on, before_on, extensions_of(lease).get(kind), who)
    findings = check("lease.clearance", applied, lease=lease, at=at)
    Clearance.objects.create(lease=lease, kind=kind, applied_on=on, reference=reference)
    tell(ClearanceApplied, lease, by=by, at=at, facts={"clearance": kind, "on": on, "reference": reference})
    return findings


def _grant(lease: Lease, kind: str, grant: ClearanceGrant, *, by: Actor, at: datetime) -> list[Finding]:
    on, quantity_m3 = grant.granted_on, grant.quantity_m3
    check_step(lease, f"{kind}_granted", on=on, at=at)
    known = clearances_of(lease)[kind]
    known.granted_on, known.quantity_m3, known.valid_until = on, quantity_m3, grant.valid_until
    known.reference = grant.reference or known.reference
    known.month_m3, known.day_m3 = grant.month_m3, grant.day_m3
    known.closed_months = months_of(kind, grant.closed_months)
    keep_version(known, document=grant.document, by=by, at=at)
    granted = {"clearance": kind, "on": on, "reference": known.reference, "quantity_m3": quantity_m3}
    tell(ClearanceGranted, lease, by=by, at=at, facts=granted)
    named = {row.kind: row.quantity_m3 for row in clearances_of(lease).values() if row.quantity_m3}
    findings = check("lease.quantity", QuantityFacts(lease.block.quantity_m3, named), lease=lease, at=at)
    if kind == "cte_cto":
        raise_instalment(lease, plan_of(lease, deed_on=None)[0].instalments[0], by=by, at=at)
    return findings
