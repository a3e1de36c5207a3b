"""Auctions held on E-Proc: taking in a signed export and checking it by our rules (A-03, A-05)."""

import hashlib
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from immis.adapters.eproc import (
    EprocAuction,
    EprocForged,
    EprocUnreachable,
    EprocUnreadable,
    check_signature,
)
from immis.adapters.eproc.http_client import HttpEproc
from immis.adapters.eproc.port import EProc
from immis.auctions.eproc_check import Checked, check_lots
from immis.auctions.events import ExportChecked, ExportDone, ExportNews, VenueChanged
from immis.auctions.models import EprocExport, EprocOutcome, Lot, Notice, TechnicalBid
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import Refusal
from immis.core.events import facts_of
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.papers import uploads
from immis.core.papers.reading import read_upload
from immis.core.services import emit, log_action, record_decision
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.policy import book

log = logging.getLogger(__name__)


def _unusable(why: str, **facts: Any) -> Refusal:
    return Refusal(Finding("EPR-05", {"problem": book().words("EPR-05", why, **facts)}))


def hold_elsewhere(*, notice: Notice, by: Actor, at: datetime) -> int:
    """Mark the lots of a notice as auctioned on E-Proc; answers how many changed.

    Raises Refusal (EPR-07) once anybody applied or bid here, NotPermitted for another district.
    """
    require_grant(by, "eproc.take_in", district=notice.district)
    with transaction.atomic():
        lots = list(Lot.objects.select_for_update().filter(notice=notice).order_by("pk"))
        begun = any(lot.venue == "immis" and (lot.seq or lot.result != "open") for lot in lots)
        if begun or TechnicalBid.objects.filter(lot__in=lots, lot__venue="immis").exists():
            raise Refusal(Finding("EPR-07", {"notice": notice.number}))
        changed = Lot.objects.filter(notice=notice, venue="immis").update(venue="eproc")
        if changed:
            payload, subject = VenueChanged(venue="eproc", lots=changed), ("notice", str(notice.pk))
            log_action(payload.KIND, subject=subject, by=by, at=at, facts=facts_of(payload))
            emit(payload, subject=subject, at=at)
    return changed


def take_in_export(
    *, content: bytes, signature: str, filename: str, source: str, by: Actor, at: datetime
) -> EprocExport:
    """Take in a signed export and check each ghat of it; the same file a second time changes nothing.

    Nothing is settled by this. Raises Refusal (EPR-05) for a file that is not signed, not readable or not of a
    notice that was taken in, (EPR-07) where the auction began here, NotPermitted for another district.
    """
    require_grant(by, "eproc.take_in")
    signer, auction = _read(content, signature, filename)
    notice = _notice_of(auction, by)
    sha256 = hashlib.sha256(content).hexdigest()
    if known := EprocExport.objects.filter(sha256=sha256).first():
        return known
    with transaction.atomic():
        Notice.objects.select_for_update().get(pk=notice.pk)
        if known := EprocExport.objects.filter(sha256=sha256).first():
            return known
        hold_elsewhere(notice=notice, by=by, at=at)
        uploads.keep(content, at=at)
        export = EprocExport.objects.create(
            notice=notice,
            reference=auction.reference,
            sha256=sha256,
            signature=signature.strip()[:200],
            signed_by=signer,
            source=source,
            filename=filename[-200:],
            received_at=at,
            received_by=by.user_id,
        )
        for checked in check_lots(auction, notice, at=at):
            _keep(export, checked, at=at)
        _replace_earlier(export, at=at)
        body = {"reference": export.reference, "sha256": sha256, "signed_by": signer, "source": source}
        log_action("eproc.taken_in", subject=("eproc", str(export.pk)), by=by, at=at, facts=body)
        tell_desk(ExportChecked, export, at=at)
    return export


def _read(content: bytes, signature: str, filename: str) -> tuple[str, EprocAuction]:
    try:
        signer = check_signature(
            content, signature, public_keys=settings.EPROC_PUBLIC_KEYS, shared_key=settings.EPROC_SHARED_KEY
        )
        return signer, read_upload("eproc", content, filename=filename)
    except EprocForged as error:
        raise _unusable("unsigned") from error
    except EprocUnreadable as error:
        raise _unusable("unreadable", error=str(error)) from error


def _notice_of(auction: EprocAuction, by: Actor) -> Notice:
    notice = Notice.objects.filter(number=auction.notice, district=auction.district, replaced_by__isnull=True).first()
    if notice is None:
        raise _unusable("no_notice", notice=auction.notice, district=auction.district)
    require_grant(by, "eproc.take_in", district=notice.district)
    return notice


def _keep(export: EprocExport, checked: Checked, *, at: datetime) -> None:
    findings = [{"code": finding.code, "facts": dict(plain(finding.facts))} for finding in checked.findings]
    done = checked.state == "taken_over"
    EprocOutcome.objects.create(
        export=export,
        lot=checked.lot,
        serial=checked.stated.serial,
        ghat=checked.ghat,
        state=checked.state,
        findings=findings,
        stated=plain(checked.shown),
        taken_at=at if done else None,
    )
    record_decision(
        "EPR-02",
        subject=("eproc", str(export.pk)),
        facts={"sha256": export.sha256, "serial": checked.stated.serial, "findings": findings},
        outcome=checked.state,
        policy_on=india_day(at),
        at=at,
    )


def _replace_earlier(export: EprocExport, *, at: datetime) -> None:
    """A corrected export takes the place of those before it: what they left waiting waits no more."""
    earlier = EprocExport.objects.filter(notice=export.notice, replaced_by__isnull=True).exclude(pk=export.pk)
    for row in earlier.order_by("pk"):
        row.replaced_by = export
        row.save(update_fields=["replaced_by"])
        tell_desk(ExportDone, row, at=at)


def tell_desk(kind: type[ExportNews], export: EprocExport, *, at: datetime) -> None:
    """Tell the triggers how an export stands (TRG-20, TRG-21, TRG-22)."""
    states = list(EprocOutcome.objects.filter(export=export).values_list("state", flat=True))
    payload = kind(
        export=str(export.pk),
        reference=export.reference,
        district=export.notice.district,
        notice=export.notice.number,
        lots=len(states),
        agreed=states.count("agreed"),
        differing=states.count("differs"),
        taken_over=states.count("taken_over"),
    )
    emit(payload, subject=("eproc", str(export.pk)), at=at, key=f"{kind.KIND}:{export.pk}")


def eproc() -> EProc | None:
    """E-Proc's API as the settings name it, or None where only files come."""
    return HttpEproc(settings.EPROC_URL, settings.EPROC_TOKEN) if settings.EPROC_URL else None


def pull_exports(*, at: datetime, client: EProc | None = None) -> int:
    """Take in every export that E-Proc offers and that is new here; answers how many.

    One that cannot be used does not keep the others waiting; it is tried again at the next call.
    """
    client = client or eproc()
    if client is None:
        return 0
    new = 0
    try:
        for reference in client.ended():
            new += _pull(client, reference, at=at)
    except EprocUnreachable as error:
        log.warning("e-proc: %s", error)
    return new


def _pull(client: EProc, reference: str, *, at: datetime) -> int:
    signed = client.export(reference)
    if EprocExport.objects.filter(sha256=hashlib.sha256(signed.content).hexdigest()).exists():
        return 0
    try:
        take_in_export(
            content=signed.content,
            signature=signed.signature,
            filename=signed.filename,
            source="api",
            by=SYSTEM,
            at=at,
        )
    except Refusal as refusal:
        log.warning("e-proc: %s is not taken in: %s", reference, [dict(finding.facts) for finding in refusal.findings])
        return 0
    return 1
