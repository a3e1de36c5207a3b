"""Taking the gateway's news into the records, each event once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.selectors import cursor_position, move_cursor
from immis.core.services import emit
from immis.registry import selectors as registry
from immis.tracking import gateway
from immis.tracking.models import DeviceEvent, FenceEvent, Trip

CURSOR = "gateway.events"
_FENCE_KINDS = {"vehicle.entered_fence": FenceEvent.ENTERED, "vehicle.left_fence": FenceEvent.LEFT}


@transaction.atomic
def take_in_batch(*, limit: int, at: datetime) -> int:
    """Rows, outbox events and cursor of the next events of the gateway in one transaction.

    A crash between leaves nothing half done; an event that comes twice is stored once.
    """
    events = gateway.events_after(cursor_position(CURSOR), limit=limit)
    marks = _marks(events)
    for event in events:
        _keep(event, registration=marks.get(event.imei, ""), at=at)
    if events:
        move_cursor(CURSOR, events[-1].seq)
    return len(events)


def _marks(events: Iterable[Any]) -> dict[str, str]:
    """Registrations by the register: a device that nobody fitted may claim any vehicle's mark and gets none."""
    fitted = registry.devices(imei__in={event.imei for event in events}, vehicle__isnull=False)
    return dict(fitted.values_list("imei", "vehicle__registration"))


def _keep(event: Any, *, registration: str, at: datetime) -> None:
    payload = _payload(event)
    if event.kind in _FENCE_KINDS:
        _keep_fence_event(event, registration, payload)
    elif event.kind.startswith("trip."):
        _keep_trip(event, registration, payload)
    else:
        _keep_device_event(event, registration, payload)
    subject = ("vehicle", registration) if registration else ("device", event.imei)
    facts = {
        **payload,
        "seq": event.seq,
        "imei": event.imei,
        "registration": registration,
        "claimed_registration": event.vehicle or "",
        "seen_at": gateway.instant(event.at),
        "received_at": gateway.instant(event.received_at),
    }
    emit(event.kind, subject=subject, facts=facts, at=at, key=f"gateway:{event.seq}")


def _payload(event: Any) -> dict[str, Any]:
    payload = event.payload
    return dict(payload) if isinstance(payload, Mapping) else {}


def _keep_fence_event(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    FenceEvent.objects.get_or_create(
        seq=event.seq,
        defaults={
            "kind": _FENCE_KINDS[event.kind],
            "imei": event.imei,
            "registration": registration,
            "fence_id": payload["fence"],
            "fence_kind": payload.get("fence_kind", ""),
            "at": gateway.instant(event.at),
            "received_at": gateway.instant(event.received_at),
            "lat": payload.get("lat"),
            "lon": payload.get("lon"),
            "late": bool(payload.get("late")),
        },
    )


def _keep_trip(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    known = {
        "registration": registration,
        "source_fence": payload.get("source") or "",
        "destination_fence": payload.get("destination") or "",
        "ended_at": gateway.instant(payload["ended_at"]) if payload.get("ended_at") else None,
        "distance_km": _decimal(payload.get("distance_km")),
        "max_speed_kmh": payload.get("max_speed_kmh"),
    }
    fields = {name: value for name, value in known.items() if value not in (None, "")}
    started_at = gateway.instant(payload.get("started_at") or event.at)
    Trip.objects.update_or_create(imei=event.imei, started_at=started_at, defaults=fields)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), 3)


def _keep_device_event(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    DeviceEvent.objects.get_or_create(
        seq=event.seq,
        defaults={
            "kind": event.kind,
            "imei": event.imei,
            "registration": registration,
            "at": gateway.instant(event.at),
            "received_at": gateway.instant(event.received_at),
            "payload": payload,
        },
    )


def snapshot_body(*, devices: Iterable[Any], blocks: Iterable[Any], places: Iterable[Any]) -> dict[str, Any]:
    """Devices with their vehicles, ghats as source polygons, destinations and check posts as circles."""
    fitted = [{"imei": one.imei, "vehicle": one.vehicle.registration} for one in devices if one.vehicle is not None]
    ghats = [
        {
            "id": f"ghat:{block.code}",
            "kind": "source",
            "name": block.name_en,
            "polygon": [list(c) for c in block.corners],
        }
        for block in blocks
    ]
    circles = [
        {
            "id": f"place:{place.code}",
            "kind": place.kind,
            "name": place.name_en,
            "centre": [place.lat, place.lon],
            "radius_m": place.radius_m,
        }
        for place in places
    ]
    return {"devices": fitted, "fences": ghats + circles}
