"""Keeping what officers check on the road."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from immis.challans import selectors
from immis.challans.events import (
    SeenTwice,
)
from immis.challans.facts import event_facts
from immis.challans.models import Challan, CheckPostScan
from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.rules import catalogue
from immis.rules.catalogue import Finding
from immis.rules.movement.trips import ScanFacts
from immis.rules.policy import book


@transaction.atomic
def record_scan(
    *,
    answer: selectors.CheckAnswer,
    by: Actor,
    at: datetime,
    lat: float | None = None,
    lon: float | None = None,
    loaded: bool | None = None,
) -> tuple[CheckPostScan, Finding | None]:
    """Keep one check by an officer, and answer whether the same challan was just seen too far away (MOV-04).

    ``loaded`` is what the officer saw; an empty vehicle needs no e-challan.
    """
    require_grant(by, "challan.scan")
    warning = _seen_elsewhere(answer.challan, lat=lat, lon=lon, at=at)
    kept = {"genuine": answer.genuine, "in_time": answer.in_time, "rule": answer.rule_code, "facts": answer.facts}
    verdict = "warn" if warning and answer.good else selectors.verdict_on(answer, loaded=loaded)
    scan = CheckPostScan.objects.create(
        office_id=by.office_id,
        user_id=by.user_id,
        at=at,
        lat=lat,
        lon=lon,
        asked=answer.asked[:120],
        challan=answer.challan,
        registration=answer.registration[:12],
        loaded=loaded,
        verdict=verdict,
        reason=answer.reason,
        facts=plain({"warning": warning.code, "seen": warning.facts, **kept}) if warning else plain(kept),
    )
    subject = ("challan", answer.challan.number) if answer.challan else ("vehicle", answer.registration or "?")
    body = {"verdict": verdict, "reason": answer.reason, "asked": answer.asked[:120], "loaded": loaded}
    log_action("challan.scanned", subject=subject, by=by, at=at, facts=body)
    if warning and answer.challan:
        facts = {**event_facts(answer.challan), **warning.facts, "scan": scan.pk}
        emit(SeenTwice.of(facts), subject=subject, at=at, key=f"{SeenTwice.KIND}:{scan.pk}")
    return scan, warning


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


def _seen_elsewhere(challan: Challan | None, *, lat: float | None, lon: float | None, at: datetime) -> Finding | None:
    before = selectors.scan_before(challan, at=at) if challan and lat is not None else None
    if challan is None or before is None or before.lat is None or before.lon is None or lat is None or lon is None:
        return None
    facts = ScanFacts(
        challan=challan.number,
        before=before.office.name_hi if before.office else "",
        before_at=before.at,
        before_lat=before.lat,
        before_lon=before.lon,
        at=at,
        lat=lat,
        lon=lon,
    )
    finding = catalogue.apply(catalogue.RULES["MOV-04"], facts, policy=book(), at=at)
    if finding is None or before.office is None:
        return finding
    names = {"en": before.office.name_en, "hi": before.office.name_hi}
    return replace(finding, facts={**finding.facts, "before": names})
