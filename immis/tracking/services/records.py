"""Fence crossings, trips and device events as they are kept, withdrawn or amended."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from immis.core.events import declared, kinds_of
from immis.tracking import gateway
from immis.tracking.events import (
    CommandNews,
    EnteredFence,
    LeftFence,
    Serviced,
    Tamper,
    TripNews,
    TripStarted,
)
from immis.tracking.models import DeviceEvent, FenceEvent, Trip
from immis.tracking.services.commands import follow_command

FENCE_KINDS = {EnteredFence.KIND: FenceEvent.ENTERED, LeftFence.KIND: FenceEvent.LEFT}


def keep_fence_event(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    FenceEvent.objects.get_or_create(
        seq=event.seq,
        defaults={
            "kind": FENCE_KINDS[event.kind],
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


def keep_trip(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    known = {
        "registration": registration,
        "source_fence": payload.get("source") or "",
        "destination_fence": payload.get("destination") or "",
        "ended_at": gateway.instant(payload["ended_at"]) if payload.get("ended_at") else None,
        "distance_km": _decimal(payload.get("distance_km")),
        "max_speed_kmh": payload.get("max_speed_kmh"),
    }
    fields = {name: value for name, value in known.items() if value not in (None, "")} | {"withdrawn_at": None}
    started_at = gateway.instant(payload.get("started_at") or event.at)
    Trip.objects.update_or_create(imei=event.imei, started_at=started_at, defaults=fields)


def withdraw(event: Any, payload: Mapping[str, Any], *, at: datetime) -> None:
    """What was told is not so, by packets that came late: fences and signals are marked, trips go back a step.

    Found by what it says, as numbers of events are given anew where partitions come together.
    """
    kind, seen_at = payload.get("kind", ""), gateway.instant(event.at)
    same = {"imei": event.imei, "at": seen_at, "withdrawn_at": None}
    if kind in FENCE_KINDS:
        crossing = FenceEvent.objects.filter(kind=FENCE_KINDS[kind], fence_id=payload["fence"], **same)
        crossing.update(withdrawn_at=at, withdrawn_seq=event.seq)
    elif kind in kinds_of(TripNews):
        started_at = gateway.instant(payload.get("started_at") or event.at)
        trip = Trip.objects.filter(imei=event.imei, started_at=started_at)
        open_again = {"ended_at": None, "destination_fence": "", "distance_km": None}
        trip.update(**open_again, **({"withdrawn_at": at} if kind == TripStarted.KIND else {}))
    else:
        _signals_told(payload).filter(**same).update(withdrawn_at=at)


def move_signal(event: Any, payload: Mapping[str, Any]) -> None:
    """A signal's episode began at another instant than was told."""
    told_at = gateway.instant(payload["told_at"])
    same = _signals_told(payload).filter(imei=event.imei, at=told_at, withdrawn_at=None).order_by("seq").first()
    if same:
        DeviceEvent.objects.filter(pk=same.pk).update(at=gateway.instant(event.at), payload=dict(payload))


def _signals_told(payload: Mapping[str, Any]) -> Any:
    """Stored signals of a kind, and of its signal and grade where it has them; announced work was told as such."""
    kind = payload.get("kind", "")
    same = (Tamper.KIND, Serviced.KIND)
    kinds = same if kind in same else (kind,)
    named = {f"payload__{name}": payload[name] for name in ("signal", "grade") if name in payload}
    return DeviceEvent.objects.filter(kind__in=kinds, **named)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else round(Decimal(str(value)), 3)


def keep_device_event(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
    if issubclass(declared(event.kind), CommandNews):
        follow_command(event.kind, payload, at=gateway.instant(event.at))
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
