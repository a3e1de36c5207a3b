"""Taking weighments: in order, once each, whole; what cannot be trusted is kept with its reason (A-08, E-158)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM
from immis.core.services import log_action
from immis.registry.selectors import plate as mark_of
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.policy import book
from immis.rules.weighbridges.readings import ON
from immis.rules.weighbridges.watch import is_loaded
from immis.weighbridges import protocol
from immis.weighbridges.facts import reading_facts
from immis.weighbridges.models import Bridge, PairedDevice, Reading
from immis.weighbridges.protocol import Weighment
from immis.weighbridges.selectors import ring_of, standing_facts
from immis.weighbridges.services.alarms import tell
from immis.weighbridges.services.cells import compared, note_compared, report_near

_MOST_CHALLAN = 24
#: How often a heartbeat that says nothing new is written, and from which change of the clock on it is news.
_WRITTEN_EACH, _DRIFT_MS = timedelta(seconds=25), 1_000


@dataclass
class Taken:
    """What became of what was sent: up to which counter it is kept, whether one is missing behind that, findings."""

    up_to: int
    gap: bool = False
    findings: list[tuple[int, Finding]] = field(default_factory=list)


@transaction.atomic
def take_readings(*, device: PairedDevice, rows: Sequence[Weighment], sent_at: datetime, at: datetime) -> Taken:
    """Keep weighments in the order of their counters; what is kept already is answered the same.

    Stops before a missing one (``gap``): the software sends from there.
    """
    held = PairedDevice.objects.select_for_update(of=("self",)).select_related("bridge").get(pk=device.pk)
    taken = Taken(held.counter)
    drift_ms = round((at - sent_at).total_seconds() * 1000)
    for row in rows:
        if row.counter <= held.counter:
            taken.findings += [(row.counter, finding) for finding in _known(held, row, at=at)]
        elif row.counter > held.counter + 1:
            taken.gap = True
            _tell_gap(held, row, at=at)
            break
        else:
            reading = _keep(held, row, drift_ms=drift_ms, at=at)
            taken.findings += [(row.counter, finding) for finding in findings_of(reading)]
    held.drift_ms, held.heard_at = drift_ms, at
    held.save(update_fields=["counter", "head", "weighed_at", "drift_ms", "heard_at", "spoke_at", "moved_at"])
    taken.up_to = held.counter
    return taken


def findings_of(reading: Reading) -> list[Finding]:
    """What the rules said of a weighment when it came in."""
    return [Finding(row["code"], row["facts"], row["severity"]) for row in reading.findings]


def _known(device: PairedDevice, row: Weighment, *, at: datetime) -> list[Finding]:
    """What is answered to a counter that is kept already: the same, or that it was used for another content."""
    kept = Reading.objects.get(device=device, counter=row.counter)
    if kept.hash == row.hash:
        return findings_of(kept)
    facts = {"device": device.number, "counter": row.counter, "weight_kg": row.weight_kg, "hash": row.hash}
    subject = ("weighbridge", device.bridge.number)
    log_action("weighbridge.reading_twice", subject=subject, by=SYSTEM, at=at, facts=facts)
    findings = find(ON, reading_facts(device, row, ring=(), drift_ms=0, follows="twice"), policy=book(), at=at)
    refused = [finding for finding in findings if finding.code == "WB-13"]
    tell(device.bridge, row, refused, at=at)
    return refused


def _tell_gap(device: PairedDevice, row: Weighment, *, at: datetime) -> None:
    """A counter that jumped is told once a day; software that lost nothing sends what is missing at once."""
    facts = reading_facts(device, row, ring=(), drift_ms=0, follows="gap")
    jumped = [finding for finding in find(ON, facts, policy=book(), at=at) if finding.code == "WB-13"]
    tell(device.bridge, row, [replace(finding, severity="warning") for finding in jumped], at=at)


def _keep(device: PairedDevice, row: Weighment, *, drift_ms: int, at: datetime) -> Reading:
    bridge = device.bridge
    ring = ring_of(bridge, india_day(at))
    facts = reading_facts(device, row, ring=ring, drift_ms=drift_ms, follows=_follows(device, row))
    findings = find(ON, facts, policy=book(), at=at)
    if facts.of_truck:
        findings += find("weighbridge.weigh", standing_facts(bridge, at, ring=ring), policy=book(), at=at)
    reading = Reading(
        device=device, bridge=bridge, counter=row.counter, kind=row.kind, weighed_at=row.weighed_at, taken_at=at,
        weight_kg=row.weight_kg, stable=row.stable, min_kg=row.min_kg, max_kg=row.max_kg, plate=mark_of(row.plate),
        challan=row.challan[:_MOST_CHALLAN], raw=row.raw, format=row.format, previous=row.previous, hash=row.hash,
        signature=row.signature, drift_ms=drift_ms,
        **({"lat": row.place[0], "lon": row.place[1]} if row.place else {}),
    )  # fmt: skip
    report = report_near(reading)
    apart = compared(reading, report, at=at) if report else []
    findings += apart
    reading.findings = [_plain(finding) for finding in findings]
    reading.stops = any(finding.severity == "refuse" for finding in findings)
    reading.save(force_insert=True)
    if report:
        note_compared(report, reading, apart)
    device.counter, device.head, device.weighed_at = row.counter, row.hash, row.weighed_at
    device.spoke_at, device.moved_at = at, at if facts.of_truck else device.moved_at
    _note_first(bridge, reading, at=at)
    tell(bridge, row, findings, at=at)
    return reading


def _follows(device: PairedDevice, row: Weighment) -> str:
    """What breaks the chain: its hash, its signature, its clock; empty where it goes on."""
    if row.previous != device.head:
        return "chain"
    if not protocol.is_signed(row.text.encode(), row.signature, key=device.public_key):
        return "signature"
    return "clock" if device.weighed_at and row.weighed_at < device.weighed_at else ""


def _plain(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "facts": dict(finding.facts), "severity": finding.severity}


def _note_first(bridge: Bridge, reading: Reading, *, at: datetime) -> None:
    """The first signed weighment ends the installation (A-10)."""
    if bridge.first_weighed_at is not None:
        return
    bridge.first_weighed_at = at
    bridge.save(update_fields=["first_weighed_at"])
    facts = {"counter": reading.counter, "weight_kg": reading.weight_kg}
    log_action("weighbridge.first_reading", subject=("weighbridge", bridge.number), by=SYSTEM, at=at, facts=facts)


def take_heartbeat(*, device: PairedDevice, beat: dict[str, Any], sent_at: datetime, at: datetime) -> bool:
    """What the software says of itself, each ten seconds: the newest only is kept, in one write; answers if it was.

    What says nothing new is written each half minute only: a thousand weighbridges beat a hundred times a second.
    """
    drift_ms = round((at - sent_at).total_seconds() * 1000)
    on_it = has_load(beat, device.bridge, at=at)
    news = {"heard_at": at, "drift_ms": drift_ms, "beat": beat}
    if beat["indicator"] == "alive":
        news["spoke_at"] = at
    if on_it:
        news["moved_at"] = at
    same = _told(beat) == _told(device.beat) and on_it == has_load(device.beat, device.bridge, at=at)
    drifts = abs(drift_ms - device.drift_ms) > _DRIFT_MS
    if same and not drifts and device.heard_at and timedelta(0) <= at - device.heard_at < _WRITTEN_EACH:
        return False
    PairedDevice.objects.filter(pk=device.pk).update(**news)
    return True


def _told(beat: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a heartbeat is news when it changes."""
    return beat.get("indicator"), beat.get("version"), bool(beat.get("queued"))


def has_load(beat: Mapping[str, Any], bridge: Bridge, *, at: datetime) -> bool:
    """Whether something stands on a weighbridge by a heartbeat (WB-25)."""
    return is_loaded(beat.get("weight_kg") or 0, bridge.division_kg, policy=book(), at=at)
