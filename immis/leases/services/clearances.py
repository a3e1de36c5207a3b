"""Clearances after the grant: newer versions with documents, the water permission, proposals on PARIVESH."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from immis.adapters.parivesh.port import Proposal
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.papers import uploads
from immis.core.papers.files import type_of
from immis.core.papers.reading import refuse_huge_picture
from immis.core.services import emit, log_action, record_decision
from immis.holds.services import end_spell
from immis.leases.clearances import run_out
from immis.leases.events.calendar import ClearanceDeemed, ProposalChanged, ProposalHinted
from immis.leases.events.path import ClearanceApplied, ClearanceGranted, ClearanceRefused, ClearanceRenewed
from immis.leases.models import Clearance, ClearanceVersion, Lease, ProposalChange, ProposalHint, ProposalWatch
from immis.leases.selectors import clearances_of, lease_facts
from immis.leases.services.common import check, check_step, locked, tell
from immis.rules.calendar import india_day
from immis.rules.catalogue import RULES, Finding, apply
from immis.rules.leases.clearances import KINDS, WATER, PaperFacts, SilenceFacts, VersionFacts
from immis.rules.leases.path import QuantityFacts
from immis.rules.policy import book

_PROPOSAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._()-]{3,79}")
ASK_EVERY = timedelta(hours=6)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


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
    """What the order that grants a clearance says; ``quantity_m3`` is that of a year."""

    granted_on: date
    reference: str = ""
    valid_until: date | None = None
    quantity_m3: int | None = None
    closed_months: Iterable[int] | None = None
    document: Document | None = None


@transaction.atomic
def add_version(*, lease: Lease, kind: str, grant: ClearanceGrant, by: Actor, at: datetime) -> list[Finding]:
    """Record a newer order of a clearance that was granted before; the older ones stay as they are (E-087, E-092).

    Answers warnings (LSE-15). Raises Refusal (LSE-31 for its days, LSE-32 for its document).
    """
    lease = locked(lease, "clearance.record", by=by)
    row = _row(lease, kind)
    newer = VersionFacts(KINDS[kind], grant.granted_on, grant.valid_until, row.granted_on if row else None)
    check("clearance.version", newer, lease=lease, at=at)
    assert row is not None  # a version without a grant before it was just refused
    ended = run_out(row, at=at)
    row.granted_on, row.valid_until = grant.granted_on, grant.valid_until
    row.reference, row.quantity_m3 = grant.reference or row.reference, grant.quantity_m3 or row.quantity_m3
    row.closed_months = months_of(kind, grant.closed_months) or row.closed_months
    version = keep_version(row, document=grant.document, by=by, at=at)
    facts = {"clearance": kind, "on": row.granted_on, "until": row.valid_until, "version": version.number}
    tell(ClearanceRenewed, lease, by=by, at=at, facts={**facts, "reference": row.reference})
    if ended and run_out(row, at=at) is None:
        cause = spell_key(row, ended.facts["valid_until"])
        end_spell(cause_key=cause, ended_at=at, cause="renewed", at=at, ended_by=by.user_id, officer=by.name)
    named = {granted.kind: granted.quantity_m3 for granted in clearances_of(lease).values() if granted.quantity_m3}
    return check("lease.quantity", QuantityFacts(lease.block.quantity_m3, named), lease=lease, at=at)


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
        closed_months=row.closed_months,
        rule_code=rule_code,
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


def _row(lease: Lease, kind: str) -> Clearance | None:
    return Clearance.objects.select_for_update(of=("self",)).select_related("lease").filter(
        lease=lease, kind=kind
    ).first()  # fmt: skip


# -- the permission of the water resources engineer


@transaction.atomic
def apply_for_water(*, lease: Lease, on: date, by: Actor, at: datetime, reference: str = "") -> Clearance:
    """Record that the structure over a stream was applied for; from now on the month of clause 38 runs (E-123)."""
    lease = locked(lease, "clearance.record", by=by)
    check_step(lease, "water_applied", on=on, at=at)
    row = Clearance.objects.create(lease=lease, kind=WATER, applied_on=on, reference=reference)
    tell(ClearanceApplied, lease, by=by, at=at, facts={"clearance": WATER, "on": on, "reference": reference})
    return row


@transaction.atomic
def answer_water(
    *,
    lease: Lease,
    on: date,
    granted: bool,
    by: Actor,
    at: datetime,
    reference: str = "",
    document: Document | None = None,
) -> Clearance:
    """Record the engineer's answer: it grants or refuses; after it no silence is counted (E-123)."""
    lease = locked(lease, "clearance.record", by=by)
    row = _row(lease, WATER)
    check_step(lease, "water_answered", on=on, at=at)
    assert row is not None  # the order was just checked
    row.reference = reference or row.reference
    facts = {"clearance": WATER, "on": on, "reference": row.reference}
    if granted:
        row.granted_on = on
        keep_version(row, document=document, by=by, at=at)
    else:
        row.refused_on = on
        row.save()
    tell(ClearanceGranted if granted else ClearanceRefused, lease, by=by, at=at, facts=facts)
    return row


@transaction.atomic
def deem_granted(clearance: Clearance, *, at: datetime) -> bool:
    """Where the month of clause 38 passed in silence the permission counts as given, once; answers whether (E-123)."""
    row = Clearance.objects.select_for_update(of=("self",)).select_related("lease__block", "lease__party").get(
        pk=clearance.pk
    )  # fmt: skip
    facts = SilenceFacts(row.lease.number, row.applied_on, row.granted_on or row.refused_on)
    finding = apply(RULES["LSE-30"], facts, policy=book(), at=at)
    if finding is None:
        return False
    row.granted_on = finding.facts["deemed_on"]
    keep_version(row, by=SYSTEM, at=at, rule_code=finding.code)
    body = {"clearance": dict(KINDS[WATER]), **finding.facts}
    subject = ("lease", row.lease.number)
    record_decision(finding.code, subject=subject, facts=vars(facts), outcome="deemed", policy_on=india_day(at), at=at)
    log_action("lease.clearance_deemed", subject=subject, by=SYSTEM, at=at, facts=body)
    emit(ClearanceDeemed(**lease_facts(row.lease), **body), subject=subject, at=at, key=f"deemed:{row.pk}")
    return True


# -- proposals on PARIVESH


@transaction.atomic
def follow_proposal(*, lease: Lease, kind: str, number: str, by: Actor, at: datetime) -> ProposalWatch:
    """Record the number under which a clearance is applied for on PARIVESH; from now on it is followed (A-20).

    Raises Refusal (LSE-33) for what is no such number, or before the clearance was applied for.
    """
    lease = locked(lease, "clearance.record", by=by)
    row, number = _row(lease, kind), number.strip()
    if row is None or not _PROPOSAL.fullmatch(number):
        raise Refusal(Finding("LSE-33", {"clearance": dict(KINDS[kind]), "number": number[:80] or "—"}))
    fresh = {"number": number, "status": "", "status_on": None, "problem": "", "failures": 0, "next_ask_at": at}
    watch = ProposalWatch.objects.filter(clearance=row, number=number).first()
    if watch is None:
        watch = ProposalWatch.objects.update_or_create(clearance=row, defaults=fresh)[0]
        facts = {"clearance": kind, "reference": number}
        log_action("lease.proposal_named", subject=("lease", lease.number), by=by, at=at, facts=facts)
    return watch


@transaction.atomic
def note_standing(watch: ProposalWatch, proposal: Proposal, *, at: datetime) -> bool:
    """Keep how a proposal stands; a change becomes a row of history and an event, once. Answers whether it changed."""
    row = ProposalWatch.objects.select_for_update().get(pk=watch.pk)
    if row.number != watch.number:  # another number was recorded while the portal was asked
        return False
    was, news = row.status, proposal.status != row.status
    row.answered_at, row.failures, row.problem, row.next_ask_at = at, 0, "", at + ASK_EVERY
    if news:
        row.status, row.status_on, row.changed_at = proposal.status, proposal.status_on, at
    row.save()
    if not news:
        return False
    lease = watch.clearance.lease
    change = ProposalChange.objects.create(
        clearance=watch.clearance, number=row.number, at=at, was=was, status=proposal.status,
        status_on=proposal.status_on, body=dict(proposal.body),
    )  # fmt: skip
    body = {"proposal": row.number, "was": was or "—", "status": proposal.status, "status_on": proposal.status_on}
    log_action("lease.proposal_changed", subject=("lease", lease.number), by=SYSTEM, at=at, facts=body)
    payload = ProposalChanged(**lease_facts(lease), clearance=dict(KINDS[watch.clearance.kind]), **body)
    emit(payload, subject=("lease", lease.number), at=at, key=f"proposal:{change.pk}")
    return True


@transaction.atomic
def note_hint(row: Clearance, proposal: Proposal, *, at: datetime) -> bool:
    """Keep a proposal that may be a settlement's, once; the district confirms it. Answers whether it is new (A-20)."""
    fields = {"status": proposal.status, "status_on": proposal.status_on, "agency": proposal.agency, "found_at": at}
    _hint, new = ProposalHint.objects.get_or_create(clearance=row, number=proposal.number, defaults=fields)
    if new:
        body = {"proposal": proposal.number, "agency": proposal.agency, "status": proposal.status}
        subject = ("lease", row.lease.number)
        log_action("lease.proposal_hinted", subject=subject, by=SYSTEM, at=at, facts=body)
        key = f"hint:{row.pk}:{proposal.number}"
        emit(ProposalHinted(**lease_facts(row.lease), **body), subject=subject, at=at, key=key)
    return new


@transaction.atomic
def note_silence(watch: ProposalWatch, problem: str, *, at: datetime) -> Mapping[str, Any]:
    """The portal did not answer, or knows no such proposal: ask again later, each time later than before."""
    row = ProposalWatch.objects.select_for_update().get(pk=watch.pk)
    row.failures = min(row.failures + 1, 1000)
    row.problem = problem[:200]
    row.next_ask_at = at + min(_FIRST_WAIT * 2 ** min(row.failures - 1, 10), _LONGEST_WAIT)
    row.save()
    return {"failures": row.failures, "next_ask_at": row.next_ask_at}
