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
    *, answer: selectors.CheckAnswer, by: Actor, at: datetime, lat: float | None = None, lon: float | None = None
) -> tuple[CheckPostScan, Finding | None]:
    """Keep one check by an officer, and answer whether the same challan was just seen too far away (MOV-04)."""
    require_grant(by, "challan.scan")
    warning = _seen_elsewhere(answer.challan, lat=lat, lon=lon, at=at)
    kept = {"genuine": answer.genuine, "in_time": answer.in_time, "rule": answer.rule_code, "facts": answer.facts}
    verdict = "good" if answer.good and not warning else "warn" if answer.good else "bad"
    scan = CheckPostScan.objects.create(
        office_id=by.office_id,
        user_id=by.user_id,
        at=at,
        lat=lat,
        lon=lon,
        asked=answer.asked[:120],
        challan=answer.challan,
        registration=answer.registration[:12],
        verdict=verdict,
        reason=answer.reason,
        facts=plain({"warning": warning.code, "seen": warning.facts, **kept}) if warning else plain(kept),
    )
    subject = ("challan", answer.challan.number) if answer.challan else ("vehicle", answer.registration or "?")
    body = {"verdict": verdict, "reason": answer.reason, "asked": answer.asked[:120]}
    log_action("challan.scanned", subject=subject, by=by, at=at, facts=body)
    if warning and answer.challan:
        facts = {**event_facts(answer.challan), **warning.facts, "scan": scan.pk}
        emit(SeenTwice.of(facts), subject=subject, at=at, key=f"{SeenTwice.KIND}:{scan.pk}")
    return scan, warning


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
