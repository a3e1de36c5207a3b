"""Proposals on PARIVESH: named by the district, followed, and hinted at by the register of proposals."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from immis.adapters.parivesh.port import Proposal
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.services import emit, log_action
from immis.leases.events.calendar import ProposalChanged, ProposalHinted
from immis.leases.models import Clearance, Lease, ProposalChange, ProposalHint, ProposalWatch
from immis.leases.selectors import lease_facts
from immis.leases.services.clearances import clearance_row
from immis.leases.services.common import locked
from immis.rules.catalogue import Finding
from immis.rules.leases.clearances import KINDS

_PROPOSAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._()-]{3,79}")


ASK_EVERY = timedelta(hours=6)


_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


# -- proposals on PARIVESH


@transaction.atomic
def follow_proposal(*, lease: Lease, kind: str, number: str, by: Actor, at: datetime) -> ProposalWatch:
    """Record the number under which a clearance is applied for on PARIVESH; from now on it is followed (A-20).

    Raises Refusal (LSE-33) for what is no such number, or before the clearance was applied for.
    """
    lease = locked(lease, "clearance.record", by=by)
    row, number = clearance_row(lease, kind), number.strip()
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
