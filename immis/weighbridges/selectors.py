"""Asking about weighbridges: which a viewer sees, whether one may weigh, what each still lacks, the coverage."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.selectors import history_of
from immis.core.written import question
from immis.leases.selectors import Lease
from immis.registers.selectors import Entry, having
from immis.registry.fences import fences, standing
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, find
from immis.rules.land.geometry import contains
from immis.rules.policy import book
from immis.rules.weighbridges.bridges import StandingFacts
from immis.weighbridges.models import Bridge, CellReport, PairedDevice, Reading, Stamp, Visit, WeighmentPhoto

__all__ = ["Bridge", "PairedDevice", "Reading", "Stamp", "Visit"]

Ring = Sequence[tuple[float, float]]
#: What a weighbridge may lack, in the order of its installation.
LACKS = ("visit", "fence", "stamp", "approval", "software")
#: After so long without a heartbeat software counts as silent: six of them.
SILENT_AFTER = timedelta(minutes=1)


def bridges(viewer: Actor, **filters: Any) -> QuerySet[Bridge]:
    """Weighbridges that the viewer may see: a party its own, officers their district's, the State all."""
    reach = visible(viewer, "weighbridge.read", party="party_id")
    return Bridge.objects.filter(reach, **filters).select_related("lease__block", "party")


def bridge_of(number: str, viewer: Actor) -> Bridge:
    """One weighbridge by its number. Raises NotFound."""
    row = bridges(viewer, number__iexact=number.strip()).first()
    if row is None:
        raise NotFound(f"weighbridge {number}")
    return row


def numbered(number: str) -> Bridge:
    """The weighbridge of a number, whoever asks: for what names one. Raises NotFound."""
    row = Bridge.objects.filter(number=number).first()
    if row is None:
        raise NotFound(f"weighbridge {number}")
    return row


def ring_of(bridge: Bridge, on: date) -> Ring:
    """The fence round a weighbridge as it lies on a day; empty where none stands, or it does not hold the bridge."""
    if not bridge.fence:
        return ()
    rows = standing(on, among=fences(SYSTEM, code=bridge.fence))
    return _holding(bridge, rows[0].version.ring) if rows else ()


def _holding(bridge: Bridge, ring: Sequence[Sequence[float]]) -> Ring:
    places = [(lat, lon) for lat, lon in ring]
    return places if contains(places, bridge.lat, bridge.lon) else ()


def rings_of(rows: Iterable[Bridge], on: date) -> Mapping[str, Ring]:
    """The fences of many weighbridges by their numbers, where one stands round them."""
    codes = {row.fence: row for row in rows if row.fence}
    lying = standing(on, among=fences(SYSTEM, code__in=list(codes))) if codes else []
    return {codes[row.fence.code].number: _holding(codes[row.fence.code], row.version.ring) for row in lying}


def standing_facts(bridge: Bridge, at: datetime, *, act: str = "", ring: Ring | None = None) -> StandingFacts:
    """What the rules ask of a weighbridge at an instant."""
    known = ring_of(bridge, india_day(at)) if ring is None else ring
    visited = bridge.state != Bridge.APPLIED or bridge.visits.exists()
    return StandingFacts(bridge.number, act, bridge.state, bool(known), visited, bridge.stamp_until)


def may_weigh(bridge: Bridge, at: datetime) -> list[Finding]:
    """Why a weighbridge may not weigh for an e-challan now (WB-04); nothing where it may."""
    return find("weighbridge.weigh", standing_facts(bridge, at), policy=book(), at=at)


def lacks_of(bridge: Bridge, at: datetime, *, ring: Ring) -> list[str]:
    """What a weighbridge lacks before it weighs for an e-challan, of ``LACKS``."""
    today = india_day(at)
    has = {
        "visit": bridge.state != Bridge.APPLIED,
        "fence": bool(ring),
        "stamp": bridge.stamp_until is not None and bridge.stamp_until >= today,
        "approval": bridge.state == Bridge.APPROVED,
        "software": bridge.paired_at is not None,
    }
    return [name for name in LACKS if not has[name]]


@dataclass
class DistrictCoverage:
    """The weighbridges of a district: how many stand, are fenced, and may weigh; what the others lack."""

    district: str
    bridges: int = 0
    fenced: int = 0
    ready: int = 0
    lacks: Counter[str] = field(default_factory=Counter)

    @property
    def fenced_percent(self) -> int:
        return round(100 * self.fenced / self.bridges) if self.bridges else 0


@dataclass(frozen=True)
class Covered:
    """A weighbridge that is meant to weigh: whether it is fenced, and what it lacks for e-challans."""

    bridge: Bridge
    fenced: bool
    lacks: Sequence[str]


def covered(viewer: Actor, *, at: datetime) -> list[Covered]:
    """The weighbridges of the reach that are neither refused nor taken away, each with what it lacks (A-07)."""
    rows = list(bridges(viewer).exclude(state__in=(Bridge.REFUSED, Bridge.ENDED)).order_by("district", "number"))
    rings = rings_of(rows, india_day(at))
    known = [(row, rings.get(row.number, ())) for row in rows]
    return [Covered(row, bool(ring), lacks_of(row, at, ring=ring)) for row, ring in known]


def by_district(rows: Iterable[Covered]) -> list[DistrictCoverage]:
    """Each district with its share of geofenced weighbridges (A-07)."""
    totals: dict[str, DistrictCoverage] = {}
    for row in rows:
        total = totals.setdefault(row.bridge.district, DistrictCoverage(row.bridge.district))
        total.bridges += 1
        total.fenced += row.fenced
        total.ready += not row.lacks
        total.lacks.update(row.lacks)
    return list(totals.values())


@dataclass(frozen=True)
class Step:
    """One step of an installation: its code in the log, when, and how many minutes after the one before."""

    code: str
    at: datetime
    minutes: int


def steps_of(bridge: Bridge) -> list[Step]:
    """The steps of an installation up to its first weighment, each with its minutes (A-10)."""
    rows = list(history_of("weighbridge", bridge.number).order_by("seq")[:200])
    steps: list[Step] = []
    for row in rows:
        minutes = round((row.at - steps[-1].at).total_seconds() / 60) if steps else 0
        steps.append(Step(row.code, row.at, minutes))
        if row.code == "weighbridge.first_reading":
            break
    return steps


def installing_minutes(bridge: Bridge) -> int | None:
    """Minutes from the pairing of its software to its first weighment; None before that."""
    if bridge.paired_at is None or bridge.first_weighed_at is None:
        return None
    return round((bridge.first_weighed_at - bridge.paired_at).total_seconds() / 60)


def devices_of(bridge: Bridge) -> list[PairedDevice]:
    """The software that was paired with a weighbridge, newest first."""
    return list(bridge.devices.all())


def device_of(number: str) -> PairedDevice:
    """Paired software that is not revoked. Raises NotFound."""
    row = (
        PairedDevice.objects.select_related("bridge__lease__block")
        .filter(number=number, revoked_at__isnull=True)
        .first()
    )
    if row is None:
        raise NotFound(f"device {number}")
    return row


def health_of(device: PairedDevice | None, at: datetime) -> str:
    """How paired software does: unpaired, silent, what it says of its indicator (alive, silent, garbled), drifting."""
    if device is None:
        return "unpaired"
    if device.heard_at is None or at - device.heard_at > SILENT_AFTER:
        return "silent"
    if abs(device.drift_ms) > int(book().value("WB-12", at)) * 1000:
        return "drifting"
    return str(device.beat.get("indicator", "alive"))


def balanced_leases(viewer: Actor | None = None) -> list[Lease]:
    """The settlements at which an approved weighbridge stands, of a viewer's reach or all."""
    rows = bridges(viewer) if viewer else Bridge.objects.select_related("lease__block")
    known = {row.lease_id: row.lease for row in rows.filter(state=Bridge.APPROVED) if row.lease}
    return sorted(known.values(), key=lambda lease: str(lease.number))


def watched() -> list[tuple[Bridge, PairedDevice | None]]:
    """Approved weighbridges, and those of which an alarm was told, each with the software that is paired with it."""
    rows = list(Bridge.objects.filter(Q(state=Bridge.APPROVED) | ~Q(alarm="")))
    devices = newest_devices(rows) if rows else {}
    return [(row, devices.get(row.pk)) for row in rows]


def newest_devices(rows: Iterable[Bridge]) -> dict[int, PairedDevice]:
    """The software that is paired with each of some weighbridges now."""
    live = PairedDevice.objects.filter(bridge__in=list(rows), revoked_at__isnull=True).order_by("pk")
    return {row.bridge_id: row for row in live}


def readings_of(bridge: Bridge, *, most: int = 50) -> list[Reading]:
    """The last weighments of a bridge, newest first."""
    return list(Reading.objects.filter(bridge=bridge).order_by("-id")[:most])


def cells_of(readings: Iterable[Reading]) -> dict[int, int]:
    """What the trucks' load cells said beside some weighments, in kilograms by their keys (E-157)."""
    rows = CellReport.objects.filter(reading__in=[row.pk for row in readings]).order_by("pk")
    return {row.reading_id: row.kg for row in rows}


def entries_of(bridge: Bridge, *, most: int = 20) -> list[Entry]:
    """The faults of a weighbridge and the orders for weights by hand, newest first."""
    rows = having("bridge_faults", "bridge", [bridge.number]) | having("manual_weighings", "bridge", [bridge.number])
    return list(rows.order_by("-id")[:most])


def photos_of(readings: Iterable[Reading]) -> dict[int, list[str]]:
    """The pictures of some weighments, as they are kept, by the weighments' keys."""
    known: dict[int, list[str]] = {}
    for row in WeighmentPhoto.objects.filter(reading__in=[row.pk for row in readings]):
        known.setdefault(row.reading_id, []).append(row.document)
    return known


def photos_of_bridge(bridge: Bridge, sha256: str) -> set[str]:
    """The picture of this content, where a weighment of the bridge has it."""
    rows = WeighmentPhoto.objects.filter(reading__bridge=bridge, document=sha256)
    return set(rows.values_list("document", flat=True)[:1])


@dataclass(frozen=True)
class Weighing:
    """An empty and a laden weight of a truck that may serve for an e-challan, with the weighments that gave them."""

    tare: Reading
    gross: Reading


def bridges_at(lease: Lease) -> Mapping[str, str]:
    """The weighbridges that were ever asked for at a settlement, with their states; each issue asks it."""
    return dict(_at_lease.tuples(lease=lease.pk))


@question
def _at_lease(lease: int) -> QuerySet[Any]:
    return Bridge.objects.filter(lease_id=lease).order_by("pk").values_list("number", "state")


def weighing_bridge(lease: Lease, *, at: datetime) -> str:
    """The number of a settlement's weighbridge that may weigh for its e-challans now; empty where none may (WB-04)."""
    approved = [number for number, state in bridges_at(lease).items() if state == Bridge.APPROVED]
    rows = Bridge.objects.filter(number__in=approved) if approved else []
    return next((row.number for row in rows if not may_weigh(row, at)), "")


def last_weighing(lease: Lease, plate: str, *, at: datetime, after: datetime | None) -> Weighing | None:
    """The newest laden weight of a truck at a settlement's weighbridge with the empty one before it (WB-20).

    ``after`` is the issue of the truck's last e-challan: a weight serves once. None where either is missing, too old,
    or something speaks against it.
    """
    terms = book().value("WB-20", at)
    since = at - timedelta(minutes=int(terms["gross_minutes"]))
    empty_since = at - timedelta(days=int(terms["tare_days"]))
    rows = Reading.objects.filter(bridge__lease=lease, plate=plate, weighed_at__lte=at).order_by("-id")
    gross = rows.filter(kind="gross", weighed_at__gte=max(since, after or since)).first()
    tare = rows.filter(kind="tare", weighed_at__gte=empty_since, stops=False).first()
    if gross is None or gross.stops or tare is None or tare.weight_kg >= gross.weight_kg:
        return None
    return Weighing(tare, gross)


def last_tares(lease: Lease, plates: Iterable[str], *, at: datetime) -> dict[str, int]:
    """What some trucks weighed empty at a settlement's weighbridge the last time, where that serves still (WB-20)."""
    since = at - timedelta(days=int(book().value("WB-20", at)["tare_days"]))
    rows = Reading.objects.filter(bridge__lease=lease, plate__in=list(plates), kind="tare", stops=False)
    return dict(rows.filter(weighed_at__gte=since, weighed_at__lte=at).order_by("id").values_list("plate", "weight_kg"))


def stamps_of(bridge: Bridge) -> list[Stamp]:
    return list(bridge.stamps.all())


def visits_of(bridge: Bridge) -> list[Visit]:
    return list(bridge.visits.all())
