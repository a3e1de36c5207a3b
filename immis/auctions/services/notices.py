"""Taking in a notice: its blocks, its lots, its programme, once for each file."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis import clock
from immis.auctions.files import keep_file
from immis.auctions.models import Lot, Notice
from immis.core.errors import NotPermitted, Refusal
from immis.core.permissions import SYSTEM, Actor, Role, require
from immis.core.services import emit, log_action, plain
from immis.registry.selectors import taken_elsewhere
from immis.registry.services import save_block
from immis.rules.catalogue import find
from immis.rules.ghats import ghat_names
from immis.rules.notices.facts import GhatFacts, NoticeFacts, slug_of
from immis.rules.policy import book
from immis.rules.tenders import NoticeToImport

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
    keep_file(source)
    notice = _notice(facts, findings, sha256=sha256, filename=filename, at=at)
    for ghat in facts.ghats:
        _save_lot(notice, facts, ghat, by=by, at=at)
    told = {"number": notice.number, "lots": len(facts.ghats), "sha256": sha256}
    log_action("notice.imported", subject=("notice", str(notice.pk)), by=by, at=at, facts=told)
    emit("notice.imported", subject=("notice", str(notice.pk)), facts={**told, "district": notice.district}, at=at)
    return notice


def _refuse_unfit(facts: NoticeFacts, findings: Sequence[Any], *, at: datetime) -> None:
    codes = [_code_of(facts, ghat) for ghat in facts.ghats] if facts.programme.auction_starts_at else []
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
    )
    for one in replaced:
        one.replaced_by = notice
        one.save(update_fields=["replaced_by"])
    return notice


def _save_lot(notice: Notice, facts: NoticeFacts, ghat: GhatFacts, *, by: Actor, at: datetime) -> Lot:
    code, programme = _code_of(facts, ghat), facts.programme
    names = ghat_names(ghat.name, ghat.code, policy=book(), on=programme.auction_starts_at)
    block = save_block(
        code=code,
        serial=ghat.serial,
        block_no=ghat.code,
        name_en=names["en"],
        name_hi=names["hi"],
        district=facts.district,
        area_ha=ghat.area_ha,
        quantity_m3=int(ghat.quantity_m3),
        corners=[[corner.lat, corner.lon] for corner in ghat.corners],
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
    return Lot.objects.update_or_create(code=code, defaults=fields)[0]
