"""What a check on the road says beside its verdict: two places, a device elsewhere, delivered, a post passed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from immis.challans import selectors
from immis.challans.events import SeenTwice, ShownAfterDelivery, ShownAgainAtPost, ShownFar, ShownNews
from immis.challans.facts import event_facts
from immis.challans.models import CheckPostScan
from immis.core.services import emit
from immis.rules import catalogue
from immis.rules.catalogue import Finding
from immis.rules.movement.issue_facts import Fix
from immis.rules.movement.scans import CheckedFacts
from immis.rules.movement.trips import ScanFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking

Names = Mapping[str, str]


def findings_of(scan: CheckPostScan) -> list[Finding]:
    """Every reason to look again at a check, the plainest first (MOV-04, MOV-60 to MOV-62)."""
    if scan.challan is None:
        return []
    found = [_two_places(scan, other) for other in selectors.scans_beside(scan)]
    facts = _checked_facts(scan, passed_at=selectors.passed_at(scan))
    found += [_apply(code, facts, at=scan.at) for code in ("MOV-60", "MOV-61", "MOV-62")]
    return list({row.code: row for row in reversed(found) if row}.values())[::-1]


def far_from_device(scan: CheckPostScan) -> Finding | None:
    """MOV-60 alone, when the device has spoken at last."""
    return _apply("MOV-60", _checked_facts(scan), at=scan.at)


def tell(scan: CheckPostScan, finding: Finding, *, at: datetime) -> None:
    """Emit what a finding is called as news; the same check tells each once, however often it is looked at."""
    if scan.challan is None:
        return
    kind, more = _NEWS[finding.code]
    facts = {**event_facts(scan.challan), **_said_of(scan), **more(finding.facts)}
    emit(kind.of(facts), subject=("challan", scan.challan.number), at=at, key=f"{kind.KIND}:{scan.pk}")


def post_names(scan: CheckPostScan) -> Names:
    """The check post in both languages; the position where the officer belongs to none."""
    if scan.office is not None:
        return {"en": scan.office.name_en, "hi": scan.office.name_hi}
    place = "" if scan.lat is None or scan.lon is None else f"{scan.lat:.4f}, {scan.lon:.4f}"
    return {"en": place, "hi": place}


def _apply(code: str, facts: Any, *, at: datetime) -> Finding | None:
    return catalogue.apply(catalogue.RULES[code], facts, policy=book(), at=at)


def _two_places(scan: CheckPostScan, other: CheckPostScan) -> Finding | None:
    if scan.challan is None or None in (scan.lat, scan.lon, other.lat, other.lon):
        return None
    facts = ScanFacts(
        challan=scan.challan.number,
        before=other.office.name_hi if other.office else "",
        before_at=other.at,
        before_lat=other.lat or 0.0,
        before_lon=other.lon or 0.0,
        at=scan.at,
        lat=scan.lat or 0.0,
        lon=scan.lon or 0.0,
    )
    finding = _apply("MOV-04", facts, at=scan.at)
    return finding and replace(finding, facts={**finding.facts, "before": post_names(other)})


def _checked_facts(scan: CheckPostScan, *, passed_at: datetime | None = None) -> CheckedFacts:
    challan = scan.challan
    assert challan is not None
    known = scan.lat is not None and scan.lon is not None
    fix = tracking.position_at(challan.imei, scan.at) if known else None
    return CheckedFacts(
        challan=challan.number,
        vehicle=scan.registration,
        lat=scan.lat,
        lon=scan.lon,
        at=scan.at,
        loaded=scan.loaded,
        fix=Fix(fix.at, fix.lat, fix.lon) if fix else None,
        delivered_at=challan.completed_at,
        passed_at=passed_at,
    )


def _said_of(scan: CheckPostScan) -> dict[str, Any]:
    return {"scan": scan.pk, "post": post_names(scan), "seen_at": scan.at}


def _places(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: facts[name] for name in ("before", "before_at", "distance_km", "minutes")}


def _device(facts: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: facts[name] for name in ("distance_m", "fix_at")}
    return {**shown, "lat": facts["fix_lat"], "lon": facts["fix_lon"]}


def _since(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return lambda facts: {"minutes": facts["minutes"], "since_at": facts[name]}


#: By what finds it: the news, and what of the finding it carries.
_NEWS: Mapping[str, tuple[type[ShownNews], Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "MOV-04": (SeenTwice, _places),
    "MOV-60": (ShownFar, _device),
    "MOV-61": (ShownAfterDelivery, _since("delivered_at")),
    "MOV-62": (ShownAgainAtPost, _since("passed_at")),
}
