"""The facts of a weighment: what was signed, where the truck's own device was, what came before."""

from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from immis.registry.selectors import Vehicle, vehicle_of
from immis.registry.selectors import device_of as gps_of
from immis.registry.selectors import plate as mark_of
from immis.rules.policy import book
from immis.rules.weighbridges.readings import Place, ReadingFacts
from immis.tracking import selectors as tracking
from immis.weighbridges.models import PairedDevice, Reading, Sighting
from immis.weighbridges.protocol import Weighment
from immis.weighbridges.selectors import Ring

_SAME, _LOADS = 10, 10


def reading_facts(device: PairedDevice, row: Weighment, *, ring: Ring, drift_ms: int, follows: str) -> ReadingFacts:
    """Everything that the rules ask of a weighment at the moment when it comes in."""
    bridge, mark = device.bridge, mark_of(row.plate)
    vehicle = vehicle_of(mark) if mark else None
    before = Reading.objects.filter(device=device, kind__in=("gross", "tare")).order_by("-id").first()
    gap = (row.weighed_at - before.weighed_at) if before else timedelta(0)
    return ReadingFacts(
        bridge=bridge.number, counter=row.counter, kind=row.kind, weighed_at=row.weighed_at,
        weight_kg=row.weight_kg, stable=row.stable, span_kg=row.max_kg - row.min_kg, capacity_kg=bridge.capacity_kg,
        division_kg=bridge.division_kg, ring=ring, bridge_place=(bridge.lat, bridge.lon), plate=mark,
        place=(row.place[0], row.place[1]) if row.place else None, truck_at=_truck_at(vehicle, row),
        drift_s=round(drift_ms / 1000), follows=follows, same=_laden(bridge.pk, mark, row),
        other=before.plate if before else "", other_s=max(0, round(gap.total_seconds())),
        unladen_kg=vehicle.unladen_kg if vehicle else None, last_tare_kg=_last_tare(mark, row), **_load(vehicle, row),
        seen=_seen(device, row),
    )  # fmt: skip


def _seen(device: PairedDevice, row: Weighment) -> tuple[str, ...]:
    """The marks that readers beside the bridge saw up to a weighment, the latest first."""
    since = row.weighed_at - timedelta(seconds=int(book().value("WB-30", row.weighed_at)))
    rows = Sighting.objects.filter(device=device, at__range=(since, row.weighed_at)).exclude(plate="")
    return tuple(dict.fromkeys(rows.order_by("-at").values_list("plate", flat=True)[:_SAME]))


def _load(vehicle: Vehicle | None, row: Weighment) -> dict[str, Any]:
    """Of a laden truck that is known: its last empty weight and the age of that, what it may weigh, its last loads."""
    if vehicle is None or row.kind != "gross":
        return {}
    of_truck = Reading.objects.filter(plate=vehicle.registration, stops=False, weighed_at__lt=row.weighed_at)
    tare = of_truck.filter(kind="tare").order_by("-id").first()
    empty = of_truck.filter(kind="tare", pk__lt=OuterRef("pk")).order_by("-id").values("weight_kg")[:1]
    loads = of_truck.filter(kind="gross").annotate(empty=Subquery(empty)).exclude(empty=None).order_by("-id")
    return {
        "tare_kg": tare.weight_kg if tare else None,
        "tare_days": (row.weighed_at - tare.weighed_at).days if tare else 0,
        "gross_limit_kg": vehicle.gross_kg,
        "nets": tuple(gross - tare for gross, tare in loads.values_list("weight_kg", "empty")[:_LOADS]),
    }


def _truck_at(vehicle: Vehicle | None, row: Weighment) -> Place | None:
    """Where the truck's own device was at that moment: from its fixes round it, or a last one near enough (MOV-03)."""
    gps = gps_of(vehicle) if vehicle else None
    if gps is None or row.kind not in ("gross", "tare"):
        return None
    at = row.weighed_at
    if fix := tracking.position_at(gps.imei, at):
        return fix.lat, fix.lon
    last, near = tracking.last_fix(gps.imei), timedelta(minutes=int(book().value("MOV-03", at)))
    newest = last.fix if last else None
    return (newest.lat, newest.lon) if newest and abs(newest.at - at) <= near else None


def _laden(bridge_id: int, mark: str, row: Weighment) -> tuple[int, ...]:
    """The truck's last laden weights on this bridge, newest first."""
    if row.kind != "gross" or not mark:
        return ()
    rows = Reading.objects.filter(bridge_id=bridge_id, plate=mark, kind="gross").order_by("-id")
    return tuple(rows.values_list("weight_kg", flat=True)[:_SAME])


def _last_tare(mark: str, row: Weighment) -> int | None:
    """What the truck weighed empty the last time, on whichever bridge; None where it was not weighed so yet."""
    if row.kind != "tare" or not mark:
        return None
    known = Reading.objects.filter(plate=mark, kind="tare", stops=False).order_by("-id").first()
    return known.weight_kg if known else None
