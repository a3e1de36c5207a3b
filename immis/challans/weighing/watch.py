"""Watching weighbridges: which are silent, which stay at zero while e-challans are issued (WB-24, WB-25)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from immis.challans.models import Challan
from immis.core.batches import each
from immis.core.services import emit
from immis.rules.catalogue import Finding, find
from immis.rules.policy import LANGUAGES, book
from immis.rules.weighbridges.watch import WatchFacts
from immis.weighbridges.events import AlarmNews, BridgeHeard, BridgeSilent, BridgeStuck, BridgeWeighsAgain
from immis.weighbridges.orders import hand_orders
from immis.weighbridges.selectors import Bridge, PairedDevice, watched
from immis.weighbridges.services.alarms import reason_of, set_alarm

_JOB = "challans.watch_bridges"
SILENT, STUCK = "silent", "stuck"
_KINDS = {"WB-24": SILENT, "WB-25": STUCK}
_BEGINS: dict[str, type[AlarmNews]] = {SILENT: BridgeSilent, STUCK: BridgeStuck}
_ENDS: dict[str, type[AlarmNews]] = {SILENT: BridgeHeard, STUCK: BridgeWeighsAgain}


def watch_bridges(*, at: datetime) -> int:
    """Tell of weighbridges that begin to be silent or stay at zero, and of those that do so no more; how many."""
    rows = watched()
    if not rows:
        return 0
    by_hand, loads = hand_orders(at=at), _loads_past(rows, at=at)

    def look(row: tuple[Bridge, PairedDevice | None]) -> bool:
        bridge, device = row
        facts = watch_facts(bridge, device, loads=loads.get(bridge.pk, 0), by_hand=bridge.number in by_hand)
        findings = find("weighbridge.watch", facts, policy=book(), at=at) if facts else []
        return _tell(bridge, findings[0] if findings else None, at=at)

    return each(_JOB, rows, look, name=lambda row: row[0].number)


def watch_facts(bridge: Bridge, device: PairedDevice | None, *, loads: int, by_hand: bool) -> WatchFacts | None:
    """How a weighbridge was heard; None where no software is paired with it, or it is no longer approved."""
    if device is None or bridge.state != Bridge.APPROVED:
        return None
    heard_at, moved_at = device.heard_at or device.paired_at, device.moved_at or device.paired_at
    return WatchFacts(bridge.number, heard_at, device.spoke_at or device.paired_at, moved_at, loads, by_hand)


def _loads_past(rows: Iterable[tuple[Bridge, PairedDevice | None]], *, at: datetime) -> dict[int, int]:
    """How many e-challans were issued at the ghat of each weighbridge since a weight stood on it, within the hours."""
    since = at - timedelta(hours=int(book().value("WB-25", at)["hours"]))
    known = {bridge.pk: (bridge.lease_id, device) for bridge, device in rows if bridge.lease_id and device}
    leases = {lease for lease, _device in known.values()}
    busy = set(_issued(leases, since).values_list("lease_id", flat=True))
    return {
        pk: _issued([lease], max(since, device.moved_at or device.paired_at)).aggregate(n=Count("pk"))["n"]
        for pk, (lease, device) in known.items()
        if lease in busy
    }


def _issued(leases: Iterable[int | None], since: datetime) -> Any:
    return Challan.objects.filter(lease__in=list(leases), issued_at__gt=since).order_by()


def _tell(bridge: Bridge, finding: Finding | None, *, at: datetime) -> bool:
    """What is new about a weighbridge: an alarm begins, another takes its place, or it is over."""
    alarm = _KINDS[finding.code] if finding else ""
    if alarm == bridge.alarm:
        return False
    with transaction.atomic():
        before = set_alarm(bridge, alarm, at=at)
        if before == alarm:
            return False
        if before:
            _emit(_ENDS[before], bridge, dict.fromkeys(LANGUAGES, ""), at=at)
        if finding:
            _emit(_BEGINS[alarm], bridge, reason_of(finding), at=at)
    return True


def _emit(kind: type[AlarmNews], bridge: Bridge, words: dict[str, str], *, at: datetime) -> None:
    news = kind(
        bridge=bridge.number, name={"en": bridge.name_en, "hi": bridge.name_hi}, district=bridge.district,
        reason=words, since=at, party_id=bridge.party_id,
    )  # fmt: skip
    emit(news, subject=("weighbridge", bridge.number), at=at)
