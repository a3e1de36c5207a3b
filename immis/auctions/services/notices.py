"""Taking in a notice: its blocks, its lots, its programme, once for each file."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis import clock
from immis.auctions.models import Lot, LotSuccession, Notice
from immis.auctions.selectors.registers import follow_up_of
from immis.core import uploads
from immis.core.errors import NotPermitted, Refusal
from immis.core.permissions import SYSTEM, Actor, Role, require
from immis.core.services import emit, log_action, plain
from immis.registry.selectors import taken_elsewhere
from immis.registry.services import save_block
from immis.rules.catalogue import find
from immis.rules.ghats import ghat_names
from immis.rules.lease_duties import NoticeObtainerFacts
from immis.rules.notices.facts import GhatFacts, NoticeFacts, slug_of
from immis.rules.policy import book
from immis.rules.tenders import ContactsFacts, NoticeToImport

_NEEDED = ("last_date_at", "auction_starts_at", "auction_ends_at")


@transaction.atomic
def import_notice(
    *,
    facts: NoticeFacts,
    findings: Sequence[Any],
    source: bytes,
    filename: str,
    by: Actor | None = None,
    at: datetime | None = None,
) -> Notice:
    """Take in a checked notice: blocks, lots and programme (E-001…E-008); the same file a second time changes nothing.

    A file with the number of an earlier notice is its corrigendum (E-059, E-060).
    Raises Refusal (AUC-18) for a notice with errors or for lots that have bids,
    NotPermitted for another district's office.
    """
    by, at = by or SYSTEM, at or clock.now()
    require(by, Role.DISTRICT, Role.COLLECTOR, Role.HQ, Role.SYSTEM)
    if not by.sees_district(facts.district):
        raise NotPermitted(f"{by.office_code} imports no notice of {facts.district}")
    sha256 = hashlib.sha256(source).hexdigest()
    if known := Notice.objects.filter(source_sha256=sha256).first():
        return known
    _refuse_unfit(facts, findings, at=at)
    uploads.keep(source, at=at)
    notice = _notice(facts, findings, sha256=sha256, filename=filename, at=at)
    for ghat in facts.ghats:
        _save_lot(notice, facts, ghat, by=by, at=at)
    told = {"number": notice.number, "lots": len(facts.ghats), "sha256": sha256}
    log_action("notice.imported", subject=("notice", str(notice.pk)), by=by, at=at, facts=told)
    emit("notice.imported", subject=("notice", str(notice.pk)), facts={**told, "district": notice.district}, at=at)
    return notice


def _refuse_unfit(facts: NoticeFacts, findings: Sequence[Any], *, at: datetime) -> None:
    codes = [_place_of(facts, ghat).lot for ghat in facts.ghats] if facts.programme.auction_starts_at else []
    if others := taken_elsewhere(codes, facts.district):
        raise NotPermitted(f"{', '.join(others)} stand for ghats of another district")
    running = Lot.objects.filter(code__in=codes, seq__gt=0).values_list("code", flat=True)
    asked = NoticeToImport(
        errors=sum(1 for finding in findings if finding.severity == "error"),
        ghats=len(facts.ghats),
        missing_steps=tuple(step for step in _NEEDED if getattr(facts.programme, step) is None),
        running_lots=tuple(running),
    )
    if found := find("auction.import", asked, policy=book(), at=at):
        raise Refusal(found)


def _code_of(facts: NoticeFacts, ghat: GhatFacts) -> str:
    return slug_of(facts.district, facts.programme.auction_starts_at.year, ghat.serial)


@dataclass(frozen=True)
class _Place:
    """Under which codes a ghat's lot and block stand, and the failed auction that this one follows."""

    lot: str
    block: str
    previous: Lot | None = None


def _place_of(facts: NoticeFacts, ghat: GhatFacts) -> _Place:
    """A ghat whose last auction failed keeps its block; its next auction is numbered after it (``MUN-2026-22-R2``)."""
    names = ghat_names(ghat.name, ghat.code, policy=book(), on=facts.programme.auction_starts_at)
    rows = Lot.objects.filter(block__district=facts.district, block__block_no=ghat.code, block__name_en=names["en"])
    last = rows.filter(succeeded_by__isnull=True).select_related("block").order_by("-opens_at", "-id").first()
    if last is None:
        return _Place(_code_of(facts, ghat), _code_of(facts, ghat))
    if not _failed(last):
        known = LotSuccession.objects.filter(lot=last).first()
        same = last.seq == 0 or last.opens_at == facts.programme.auction_starts_at
        if known and same:  # a corrigendum of the notice that called the re-tender
            return _Place(last.code, last.block.code, known.previous)
        return _Place(_code_of(facts, ghat), _code_of(facts, ghat))
    attempt = follow_up_of(last).attempt + 1
    return _Place(f"{last.block.code}-R{attempt}", last.block.code, last)


def _failed(lot: Lot) -> bool:
    """Whether a lot's auction came to nothing: nobody bid, a single tender not approved, or the winner's default."""
    orders = follow_up_of(lot).orders
    if lot.result == "single_bid":
        return "approve" not in orders or "default" in orders
    return lot.result == "no_bids" or (lot.result == "sold" and "default" in orders)


def _plain_finding(finding: Any) -> dict[str, Any]:
    return plain(asdict(finding) if is_dataclass(finding) else dict(finding))


def _notice(facts: NoticeFacts, findings: Sequence[Any], *, sha256: str, filename: str, at: datetime) -> Notice:
    earlier = Notice.objects.select_for_update().filter(
        number=facts.number, district=facts.district, replaced_by__isnull=True
    )
    replaced = list(earlier) if facts.number else []
    notice = Notice.objects.create(
        number=facts.number,
        district=facts.district,
        title=facts.title[:300],
        programme=plain(asdict(facts.programme)),
        fees=plain(asdict(facts.fees)),
        contacts=[asdict(contact) for contact in facts.contacts],
        findings=[_plain_finding(finding) for finding in findings],
        source_name=filename[-200:],
        source_sha256=sha256,
        imported_at=at,
        clearances_by=replaced[0].clearances_by if replaced else "",
    )
    for one in replaced:
        one.replaced_by = notice
        one.save(update_fields=["replaced_by"])
    return notice


def _save_lot(notice: Notice, facts: NoticeFacts, ghat: GhatFacts, *, by: Actor, at: datetime) -> Lot:
    place, programme = _place_of(facts, ghat), facts.programme
    names = ghat_names(ghat.name, ghat.code, policy=book(), on=programme.auction_starts_at)
    block = save_block(
        code=place.block,
        serial=place.previous.block.serial if place.previous else ghat.serial,
        block_no=ghat.code,
        name_en=names["en"],
        name_hi=names["hi"],
        district=facts.district,
        area_ha=ghat.area_ha,
        quantity_m3=int(ghat.quantity_m3),
        corners=[[corner.lat, corner.lon] for corner in ghat.corners],
        river=place.previous.block.river if place.previous else "",
        by=by,
        at=at,
    )
    fee = facts.fees.document_rupees
    if fee is None:
        fee = book().value("AUC-07", programme.auction_starts_at)["document_fee_rupees"]
    fields = {
        "notice": notice,
        "block": block,
        "serial": ghat.serial,
        "reserve_rupees": ghat.reserve_rupees,
        "emd_rupees": ghat.emd_rupees,
        "document_fee_rupees": fee,
        "opens_at": programme.auction_starts_at,
        "closes_at": programme.auction_ends_at,
        "ends_at": programme.auction_ends_at,
    }
    lot, _new = Lot.objects.update_or_create(code=place.lot, defaults=fields)
    if place.previous:
        attempt = follow_up_of(place.previous).attempt + 1
        LotSuccession.objects.get_or_create(lot=lot, defaults={"previous": place.previous, "attempt": attempt})
    return lot


@transaction.atomic
def name_obtainer(*, notice: Notice, who: str, reference: str, by: Actor, at: datetime) -> Notice:
    """Name who obtains plan and EC for the ghats of a notice, settlee or department, by an order (E-087, E-088).

    A corrigendum of the notice keeps it. Raises Refusal (LSE-54) once a lot has ended, NotPermitted elsewhere.
    """
    require(by, Role.COLLECTOR, Role.HQ)
    if not by.sees_district(notice.district):
        raise NotPermitted(f"{by.office_code} sets no terms of {notice.district}")
    notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    closed = Lot.objects.filter(notice=notice).exclude(result="open").count()
    if found := find("notice.set_obtainer", NoticeObtainerFacts(who, closed, reference), policy=book(), at=at):
        raise Refusal(found)
    notice.clearances_by = who
    notice.save(update_fields=["clearances_by"])
    told = {"who": who, "reference": reference, "district": notice.district}
    log_action("notice.obtainer_named", subject=("notice", str(notice.pk)), by=by, at=at, facts=told)
    return notice


@transaction.atomic
def set_contacts(*, notice: Notice, contacts: Sequence[tuple[str, str]], by: Actor, at: datetime) -> Notice:
    """Write down whom bidders may ask: post and telephone number of each (E-011).

    Raises Refusal (AUC-105) for a line that is none, NotPermitted elsewhere than in the notice's district.
    """
    require(by, Role.DISTRICT, Role.COLLECTOR)
    if not by.sees_district(notice.district):
        raise NotPermitted(f"{by.office_code} keeps no contacts of {notice.district}")
    if found := find("notice.contacts", ContactsFacts(contacts), policy=book(), at=at):
        raise Refusal(found)
    notice.contacts = [{"post": "other", "text": text, "phone": phone} for text, phone in contacts]
    notice.save(update_fields=["contacts"])
    told = {"contacts": [list(one) for one in contacts], "district": notice.district}
    log_action("notice.contacts_set", subject=("notice", str(notice.pk)), by=by, at=at, facts=told)
    return notice
