"""Taking in a notice: its blocks, its lots, its programme, once for each file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from immis import clock
from immis.auctions.events import NoticeImported
from immis.auctions.gates import obtainer_facts
from immis.auctions.models import Lot, LotEvent, LotSuccession, Notice
from immis.auctions.selectors.ghat_rows import Place, block_code_of, corners_of, lot_code_of, places_of
from immis.auctions.selectors.places import corrected_by
from immis.auctions.selectors.registers import follow_up_of
from immis.auctions.steps import instant_of
from immis.clock import INDIA
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound, Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.reading import read_upload
from immis.core.services import emit, log_action, next_number
from immis.leases.selectors import lease_of_lot
from immis.registry.rivers import river_on_record
from immis.registry.selectors import Block
from immis.registry.services import NewBlock, save_block
from immis.rules.auctions.tenders import ContactsFacts, NoticeToImport
from immis.rules.catalogue import find
from immis.rules.districts import letters_of
from immis.rules.land.blocks import CorrigendumFacts
from immis.rules.notices.check import NoticeFinding, check_notice, policy_day
from immis.rules.notices.facts import NoticeFacts, Programme
from immis.rules.policy import book

_NEEDED = ("last_date_at", "auction_starts_at", "auction_ends_at")
_TIMES = ("auction_starts_at", "auction_ends_at")


@dataclass(frozen=True)
class _Taken:
    """The file of a notice, who gave it and when."""

    sha256: str
    filename: str
    by: Actor
    at: datetime


def read_notice(content: bytes, filename: str, *, at: datetime) -> tuple[NoticeFacts, list[NoticeFinding]]:
    """A notice as its file says it, and what the check finds by the rules of its day (E-001…E-008).

    Raises NoticeUnreadable for what is no notice, Refusal (UPL-01) for what is not understood within the limits.
    """
    facts: NoticeFacts = read_upload("notice", content, filename=filename)
    return facts, check_notice(facts, policy=book(), on=policy_day(facts, otherwise=at))


@transaction.atomic
def import_notice(
    *,
    facts: NoticeFacts,
    findings: Sequence[Any],
    source: bytes,
    filename: str,
    by: Actor | None = None,
    at: datetime | None = None,
    same_blocks: Mapping[int, str] | None = None,
) -> Notice:
    """Take in a checked notice: blocks, lots and programme (E-001…E-008); the same file a second time changes nothing.

    A file with the number of a notice that is not over is its corrigendum (E-059, E-060); any other is a notice of its
    own, with lots of its own. ``same_blocks`` is the officer's word on rows in doubt: serial number to the code of a
    ghat, or ``new``. Raises Refusal: errors or lots that have bids (AUC-18), a row in doubt (AUC-160), a ghat that is
    not free (AUC-161), times set by order (AUC-162), a river that is not known (GHT-04). Raises NotPermitted for
    another district's office or ground.
    """
    by, at = by or SYSTEM, at or clock.now()
    require_grant(by, "notice.import", district=facts.district)
    sha256 = hashlib.sha256(source).hexdigest()
    if known := Notice.objects.filter(source_sha256=sha256).first():
        return known
    _refuse_unfit(facts, findings, at=at)
    earlier = list(Notice.objects.select_for_update().filter(pk__in=[row.pk for row in corrected_by(facts)]))
    places = places_of(facts, earlier, same_blocks=same_blocks or {})
    _refuse_unfit(facts, findings, at=at, running=_with_bids(places))
    _refuse_moved(places, earlier, facts, at=at)
    uploads.keep(source, at=at)
    taken = _Taken(sha256, filename, by, at)
    notice = _notice(facts, findings, taken, earlier)
    for place in places:
        _save_lot(notice, facts, place, earlier, taken)
    body = {"code": notice.code, "number": notice.number, "lots": len(facts.ghats), "sha256": sha256}
    log_action(NoticeImported.KIND, subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    emit(NoticeImported(**body, district=notice.district), subject=("notice", str(notice.pk)), at=at)
    return notice


def _refuse_unfit(facts: NoticeFacts, findings: Sequence[Any], *, at: datetime, running: Sequence[str] = ()) -> None:
    asked = NoticeToImport(
        errors=sum(1 for finding in findings if finding.severity == "error"),
        ghats=len(facts.ghats),
        missing_steps=tuple(step for step in _NEEDED if getattr(facts.programme, step) is None),
        running_lots=tuple(running),
    )
    if unfit := find("auction.import", asked, policy=book(), at=at):
        raise Refusal(unfit)


def _with_bids(places: Sequence[Place]) -> list[str]:
    lots = [place.standing.pk for place in places if place.standing]
    rows = LotEvent.objects.filter(lot__in=lots, kind__in=("bid_accepted", "bid_refused"))
    return sorted(set(rows.values_list("lot__code", flat=True)))


def _refuse_moved(places: Sequence[Place], earlier: Sequence[Notice], facts: NoticeFacts, *, at: datetime) -> None:
    """Raises Refusal (AUC-162) where a file moves times that an order of two officers has set."""
    for lot in (place.standing for place in places if place.standing):
        asked = CorrigendumFacts(lot.code, moves_times=_moves(lot, earlier, facts.programme), chained=lot.seq > 0)
        if findings := find("auction.corrigendum", asked, policy=book(), at=at):
            raise Refusal(findings)


def _moves(lot: Lot, earlier: Sequence[Notice], programme: Programme) -> bool:
    """Whether a file sets other times than the notice that it corrects, and than the lot has now."""
    new = (programme.auction_starts_at, programme.auction_ends_at)
    results = [tuple(instant_of(row.programme, step) for step in _TIMES) for row in earlier]
    return new not in results and new != (lot.opens_at, lot.closes_at)


def _plain_finding(finding: Any) -> dict[str, Any]:
    return plain(asdict(finding) if is_dataclass(finding) else dict(finding))


def _notice(facts: NoticeFacts, findings: Sequence[Any], taken: _Taken, earlier: Sequence[Notice]) -> Notice:
    """The notice as it is in force from now on; a corrigendum has the number of its notice and its open lots."""
    Notice.objects.filter(pk__in=[row.pk for row in earlier]).update(
        replaced_by=F("pk")
    )  # until its successor is there
    notice = Notice.objects.create(
        code=earlier[0].code if earlier else _next_code(facts),
        number=facts.number,
        district=facts.district,
        title=facts.title[:300],
        programme=plain(asdict(facts.programme)),
        fees=plain(asdict(facts.fees)),
        contacts=[asdict(contact) for contact in facts.contacts],
        findings=[_plain_finding(finding) for finding in findings],
        source_name=taken.filename[-200:],
        source_sha256=taken.sha256,
        imported_at=taken.at,
        clearances_by=earlier[0].clearances_by if earlier else "",
        release=facts.release[:120],
        issued_by=facts.issued_by[:200],
        **_kept_of(earlier),
    )
    Notice.objects.filter(pk__in=[row.pk for row in earlier]).update(replaced_by=notice)
    Lot.objects.filter(notice__in=earlier, result="open").update(notice=notice)
    return notice


def _kept_of(earlier: Sequence[Notice]) -> dict[str, Any]:
    """What a corrigendum keeps of its notice: where it was released, the tender document, what was changed before."""
    names = ("release_url", "parts", "changes")
    return {name: getattr(earlier[0], name) for name in names} if earlier else {}


def _next_code(facts: NoticeFacts) -> str:
    """The number of a new notice: ``MUN-2026``, then ``MUN-2026-2`` for the next of its district and year."""
    starts_at = facts.programme.auction_starts_at
    if starts_at is None:
        raise NotFound("start of the auction in this notice")
    base = f"{letters_of(facts.district)}-{starts_at.astimezone(INDIA).year}"
    count = next_number(f"auction-notice:{base}")
    return base if count == 1 else f"{base}-{count}"


def _save_lot(notice: Notice, facts: NoticeFacts, place: Place, earlier: Sequence[Notice], taken: _Taken) -> None:
    if place.restated:
        return
    ghat, block = place.ghat, _save_block(notice, facts, place, taken)
    fee = facts.fees.document_rupees
    if fee is None:
        fee = book().value("AUC-07", facts.programme.auction_starts_at)["document_fee_rupees"]
    fields = {
        "notice": notice,
        "block": block,
        "serial": ghat.serial,
        "reserve_rupees": ghat.reserve_rupees,
        "emd_rupees": ghat.emd_rupees,
        "document_fee_rupees": fee,
    }
    if place.standing is None or _moves(place.standing, earlier, facts.programme):
        ends_at = facts.programme.auction_ends_at
        fields |= {"opens_at": facts.programme.auction_starts_at, "closes_at": ends_at, "ends_at": ends_at}
    if place.standing is not None:
        Lot.objects.filter(pk=place.standing.pk).update(**fields)
        return
    lot = Lot.objects.create(code=lot_code_of(notice, place, block), **fields)
    if place.previous:
        LotSuccession.objects.create(lot=lot, previous=place.previous, attempt=_attempt_after(place.previous))


def _save_block(notice: Notice, facts: NoticeFacts, place: Place, taken: _Taken) -> Block:
    ghat, known = place.ghat, place.block
    return save_block(
        block=NewBlock(
            code=known.code if known else block_code_of(notice, ghat.serial),
            serial=known.serial if known else ghat.serial,
            block_no=ghat.code,
            name_en=place.names["en"],
            name_hi=place.names["hi"],
            district=facts.district,
            area_ha=ghat.area_ha,
            quantity_m3=int(ghat.quantity_m3),
            corners=corners_of(ghat),
            river=river_on_record(ghat.river, at=taken.at) or (known.river if known else ""),
        ),
        by=taken.by,
        at=taken.at,
    )


def _attempt_after(last: Lot) -> int:
    """Which auction of a ghat comes next (E-073): one more after a failed one, as many after an abort, else the first.

    A settlement that ended after its deed was an auction's full success; what follows is a first auction again.
    """
    follow = follow_up_of(last)
    if last.result == "aborted":
        return follow.attempt
    lease = lease_of_lot(last.code)
    return 1 if lease is not None and lease.deed_on else follow.attempt + 1


@transaction.atomic
def name_obtainer(*, notice: Notice, who: str, reference: str, by: Actor, at: datetime) -> Notice:
    """Name who obtains plan and EC for the ghats of a notice, settlee or department, by an order (E-087, E-088).

    A corrigendum of the notice keeps it. Raises Refusal (LSE-54) once a lot has ended, NotPermitted elsewhere.
    """
    require_grant(by, "notice.name_obtainer", district=notice.district)
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    facts = obtainer_facts(notice, who=who, reference=reference)
    if findings := find("notice.set_obtainer", facts, policy=book(), at=at):
        raise Refusal(findings)
    notice.clearances_by = who
    notice.save(update_fields=["clearances_by"])
    body = {"who": who, "reference": reference, "district": notice.district}
    log_action("notice.obtainer_named", subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    return notice


@transaction.atomic
def set_contacts(*, notice: Notice, contacts: Sequence[tuple[str, str]], by: Actor, at: datetime) -> Notice:
    """Write down whom bidders may ask: post and telephone number of each (E-011).

    Raises Refusal (AUC-105) for a line that is none, NotPermitted elsewhere than in the notice's district.
    """
    require_grant(by, "notice.set_contacts", district=notice.district)
    if findings := find("notice.contacts", ContactsFacts(contacts), policy=book(), at=at):
        raise Refusal(findings)
    notice.contacts = [{"post": "other", "text": text, "phone": phone} for text, phone in contacts]
    notice.save(update_fields=["contacts"])
    body = {"contacts": [list(contact) for contact in contacts], "district": notice.district}
    log_action("notice.contacts_set", subject=("notice", str(notice.pk)), by=by, at=at, facts=body)
    return notice
