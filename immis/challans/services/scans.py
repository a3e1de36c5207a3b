"""Keeping what officers check on the road."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.challans import selectors
from immis.challans.models import CheckPostScan
from immis.challans.services import seen
from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.rules.catalogue import Finding
from immis.tracking import selectors as tracking


@dataclass(frozen=True)
class FromPhone:
    """A check that a phone kept while it had no network: its own number of it, and when it was sent."""

    mark: str
    sent_at: datetime


@transaction.atomic
def record_scan(
    *,
    answer: selectors.CheckAnswer,
    by: Actor,
    at: datetime,
    lat: float | None = None,
    lon: float | None = None,
    loaded: bool | None = None,
    phone: FromPhone | None = None,
) -> tuple[CheckPostScan, Finding | None]:
    """Keep one check by an officer; answers also the first reason to look again (MOV-04, MOV-60 to MOV-62).

    ``loaded`` is what the officer saw; an empty vehicle needs no e-challan. ``at`` is when it was checked, which may
    lie before ``phone.sent_at``.
    """
    require_grant(by, "challan.scan")
    scan = CheckPostScan(
        office_id=by.office_id,
        user_id=by.user_id,
        at=at,
        lat=lat,
        lon=lon,
        asked=answer.asked[:120],
        challan=answer.challan,
        registration=answer.registration[:12],
        loaded=loaded,
        reason=answer.reason,
        mark=phone.mark if phone else "",
        sent_at=phone.sent_at if phone else None,
    )
    findings = seen.findings_of(scan)
    scan.verdict = "warn" if findings and answer.good else selectors.verdict_on(answer, loaded=loaded)
    scan.facts = _facts(answer, findings)
    scan.device_checked_at = _device_spoke(scan)
    scan.save()
    _log(scan, answer, by=by, at=phone.sent_at if phone else at)
    for finding in findings:
        seen.tell(scan, finding, at=phone.sent_at if phone else at)
    return scan, findings[0] if findings else None


def _facts(answer: selectors.CheckAnswer, findings: list[Finding]) -> dict[str, Any]:
    kept = {"genuine": answer.genuine, "in_time": answer.in_time, "rule": answer.rule_code, "facts": answer.facts}
    if findings:
        kept |= {"warning": findings[0].code, "seen": findings[0].facts}
        kept["warnings"] = [{"code": row.code, "facts": row.facts} for row in findings]
    return plain(kept)


def _device_spoke(scan: CheckPostScan) -> datetime | None:
    """The instant of the check where the vehicle's device has spoken since; else it is compared when it has."""
    if scan.challan is None or scan.lat is None:
        return None
    last = tracking.last_fixes([scan.challan.imei]).get(scan.challan.imei)
    return scan.at if last and last.at >= scan.at else None


def _log(scan: CheckPostScan, answer: selectors.CheckAnswer, *, by: Actor, at: datetime) -> None:
    subject = ("challan", answer.challan.number) if answer.challan else ("vehicle", answer.registration or "?")
    if istp := answer.facts.get("istp"):
        subject = ("istp", istp)
    body = {"verdict": scan.verdict, "reason": answer.reason, "asked": answer.asked[:120], "loaded": scan.loaded}
    if scan.sent_at:
        body |= {"seen_at": scan.at, "mark": scan.mark}
    log_action("challan.scanned", subject=subject, by=by, at=at, facts=body)


@transaction.atomic
def compare_with_device(scan: CheckPostScan, *, at: datetime) -> bool:
    """Look at a check again when its vehicle's device has spoken (MOV-60); answers whether it was elsewhere."""
    row = CheckPostScan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if row.device_checked_at is not None:
        return False
    row.device_checked_at = at
    row.save(update_fields=["device_checked_at"])
    finding = seen.far_from_device(scan)
    if finding and finding.code not in {said["code"] for said in row.facts.get("warnings", ())}:
        seen.tell(scan, finding, at=at)
        return True
    return False


@transaction.atomic
def settle_scan(*, scan: CheckPostScan, outcome: str, note: str = "", by: Actor, at: datetime) -> CheckPostScan:
    """Record that a checked vehicle is held, or that it was let go, with the reason where the verdict is another."""
    require_grant(by, "checkpost.work")
    scan = selectors.locked_scan(scan.pk, by)
    before = scan.outcome
    scan.outcome, scan.outcome_note, scan.outcome_at = outcome, note[:300], at
    scan.save(update_fields=["outcome", "outcome_note", "outcome_at"])
    kind = "scan.held" if outcome == CheckPostScan.HELD else "scan.let_go"
    facts = {"vehicle": scan.registration or scan.asked, "verdict": scan.verdict, "before": before, "note": note}
    log_action(kind, subject=("scan", str(scan.pk)), by=by, at=at, facts=facts)
    return scan
