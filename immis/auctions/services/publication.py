"""A notice in public: where it was released, its tender document, corrigenda of its programme (E-012, E-060)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import transaction

from immis.auctions.events import ProgrammeChanged
from immis.auctions.gates import change_facts
from immis.auctions.models import Notice, TechnicalBid
from immis.auctions.selectors.notices import programme_rows_by_step, steps_in_words
from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.files import type_of
from immis.core.papers.reading import read_upload
from immis.core.services import emit, log_action
from immis.core.signing.facts import Unreadable
from immis.messaging.services import Recipient, send
from immis.rules.catalogue import Finding, find
from immis.rules.notices.facts import LABELS, STEPS
from immis.rules.notices.whole import StepPair
from immis.rules.policy import LANGUAGES, book
from immis.rules.writing.texts import texts

PARTS = texts("auctions/tender_parts")


def _locked(notice: Notice, grant: str, by: Actor) -> Notice:
    require_grant(by, grant, district=notice.district)
    return Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)


@transaction.atomic
def set_release(*, notice: Notice, release: str, release_url: str, by: Actor, at: datetime) -> Notice:
    """Write down under which number a notice was released, and where it stands on the public relations site (E-012)."""
    notice = _locked(notice, "notice.set_release", by)
    before = {"release": notice.release, "release_url": notice.release_url}
    notice.release, notice.release_url = release, release_url
    notice.save(update_fields=["release", "release_url"])
    body = {"before": before, "after": {"release": release, "release_url": release_url}}
    log_action("notice.release_set", subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    return notice


@dataclass(frozen=True)
class PartFile:
    """The file of a paper of the tender document, read: its name, bytes, type and pages (0: not known)."""

    name: str
    content: bytes
    kind: str
    pages: int


def part_file(file: Any) -> PartFile | None:
    """An uploaded paper, read beside people, before any transaction; its form has checked type and size."""
    if not file:
        return None
    content = file.read()
    kind = type_of(content)
    return PartFile(file.name or "", content, kind, pages_of(content, kind))


def pages_of(content: bytes, kind: str) -> int:
    """How many pages a paper has; 0 for a PDF that does not say so."""
    if kind != "PDF":
        return 1
    try:
        return int(read_upload("pdf_pages", content))
    except Unreadable:
        return 0


@transaction.atomic
def add_part(*, notice: Notice, part: str, text: str, document: PartFile | None, by: Actor, at: datetime) -> Notice:
    """Add a paper to the tender document, or replace it: its text for everybody, its file for who paid the fee (E-013).

    ``document`` is the uploaded file, read already (``part_file``), or None.
    """
    notice = _locked(notice, "notice.add_part", by)
    row: dict[str, Any] = {"part": part, "text": text, "at": at.isoformat()}
    if document:
        row |= {"name": document.name[-120:], "size": len(document.content), "type": document.kind}
        row |= {"pages": document.pages, "sha256": uploads.keep(document.content, at=at)}
    order = list(PARTS)
    kept = [*(other for other in notice.parts if other["part"] != part), row]
    notice.parts = sorted(kept, key=lambda other: order.index(other["part"]))
    notice.save(update_fields=["parts"])
    body = {"part": part, "sha256": row.get("sha256", ""), "characters": len(text)}
    log_action("notice.part_added", subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    return notice


@transaction.atomic
def change_programme(
    *, notice: Notice, reason: str, reference: str, by: Actor, at: datetime, **steps: date | datetime | str | None
) -> Notice:
    """Change steps of a programme by corrigendum: kept with time and reason, told to all who applied (E-059, E-060).

    ``steps`` are ``prebid_at``, ``prebid_venue``, ``documents_from_on``, ``last_date_at``, ``result_on``; what is empty
    stays (start and end of an auction are moved by order, AUC-42). Raises Refusal (NTC-30; NTC-05 where the steps would
    not follow each other), NotPermitted for another district.
    """
    notice = _locked(notice, "notice.change_programme", by)
    new = plain({name: value for name, value in steps.items() if value and _stands(notice, name) != value})
    facts = change_facts(notice, reason=reason, changed=bool(new))
    findings = find("notice.change_programme", facts, policy=book(), at=at)
    before = {name: notice.programme.get(name) for name in new}
    notice.programme = {**notice.programme, **new}
    if findings := [*findings, *_out_of_order(notice, at=at)]:
        raise Refusal(findings)
    change = {"at": at.isoformat(), "reason": reason, "reference": reference, "before": before, "after": new}
    notice.changes = [*notice.changes, change]
    notice.save(update_fields=["programme", "changes"])
    payload = ProgrammeChanged(steps=sorted(new), reason=reason, reference=reference, district=notice.district)
    subject = ("notice", str(notice.pk))
    log_action(payload.KIND, subject=subject, by=by, at=at, facts=change)
    emit(payload, subject=subject, at=at)
    _tell(notice, sorted(new), reason, at=at)
    return notice


def _stands(notice: Notice, name: str) -> Any:
    return programme_rows_by_step(notice).get(name, notice.programme.get(name))


def _out_of_order(notice: Notice, *, at: datetime) -> list[Finding]:
    """Steps that would not follow each other any more, each named in words."""
    stated = programme_rows_by_step(notice)
    steps = [(step, stated[step.value]) for step in STEPS if step.value in stated]
    pairs = [StepPair(*earlier, *later) for earlier, later in pairwise(steps)]
    rows = [finding for pair in pairs for finding in find("notice.step", pair, policy=book(), at=at)]
    named = [{name: LABELS[row.facts[name]] for name in ("column", "other")} for row in rows]
    return [Finding(row.code, {**row.facts, **names}) for row, names in zip(rows, named, strict=True)]


def _tell(notice: Notice, names: Sequence[str], reason: str, *, at: datetime) -> None:
    """A message to every party that applied for a ghat of the notice and may still be judged."""
    steps = {lang: steps_in_words(notice.programme, names, lang) for lang in LANGUAGES}
    facts = {"notice": notice.number, "steps": steps, "reason": reason}
    rows = TechnicalBid.objects.select_related("bidder__party").filter(lot__notice=notice).exclude(state="failed")
    for party in {bid.bidder.party_id: bid.bidder.party for bid in rows}.values():
        to = Recipient("party", str(party.pk), email=party.email, phone=party.phone)
        key = f"notice:{notice.pk}:change:{len(notice.changes)}:{party.pk}"
        send("NTC-32", to=to, facts=facts, at=at, subject=("notice", str(notice.pk)), key=key)
