"""Taking the gateway's news into the records, each event once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import transaction

from immis.core.batches import Reader, take_batch
from immis.core.events import declared, kinds_of
from immis.core.facts import plain
from immis.core.services import emit
from immis.registry import fences
from immis.registry.devices import announced, marks_at
from immis.rules.calendar import india_day
from immis.rules.land.fences import FOLLOWED_AS, FORBIDDEN
from immis.tracking import gateway
from immis.tracking.commands import follow_command
from immis.tracking.events import (
    CommandNews,
    Crossing,
    Emergency,
    EnteredFence,
    InForbiddenArea,
    LeftFence,
    Serviced,
    SignalAmended,
    Tamper,
    TripNews,
    TripStarted,
    UnfittedSignal,
    Withdrawn,
)
from immis.tracking.models import DeviceDay, DeviceEvent, FenceEvent, Sighting, Trip
from immis.tracking.places import fence_districts, fence_names

CURSOR = "gateway.events"
_COUNTS = ("imei", "frames", "bad", "no_fix", "late", "clock_error_s")
#: Signals that concern somebody: of a device in no vehicle they are told as an episode of their own.
UNFITTED_KINDS = (Tamper.KIND, Emergency.KIND)
_FENCE_KINDS = {EnteredFence.KIND: FenceEvent.ENTERED, LeftFence.KIND: FenceEvent.LEFT}


def take_in_batch(*, limit: int, at: datetime) -> int:
    """Rows, outbox events and cursor of the next events of the gateway in one transaction.

    A crash between leaves nothing half done; an event that comes twice is stored once. One that cannot be kept goes to
    the dead letters, and the others are taken in all the same.
    """
    reader = Reader(
        CURSOR,
        read=lambda seq: gateway.events_after(seq, limit=limit),
        position=attrgetter("seq"),
        told=asdict,
        keep=_keep_all,
    )
    return take_batch(reader, at=at)


def _keep_all(events: Sequence[Any], *, at: datetime) -> None:
    marks = _marks(events)
    for event in events:
        _keep(event, registration=marks.get(event.seq, ""), at=at)
    _note_sightings(events, marks)


def _marks(events: Iterable[Any]) -> dict[int, str]:
    """Registrations by the register and the event's own time, by number of the event.

    A device that nobody fitted, or that was taken out, may claim any vehicle's mark and gets none.
    """
    seen = {event.seq: (event.imei, gateway.instant(event.at)) for event in events if event.imei}
    marks = marks_at(seen.values())
    return {seq: marks[key] for seq, key in seen.items() if key in marks}


def _note_sightings(events: Iterable[Any], marks: Mapping[int, str]) -> None:
    """Write down in which districts vehicles were seen at fences."""
    crossed = [event for event in events if event.kind in _FENCE_KINDS and marks.get(event.seq)]
    districts = fence_districts() if crossed else {}
    newest: dict[tuple[str, str], datetime] = {}
    for event in crossed:
        if district := districts.get(event.payload.get("fence", ""), ""):
            key, at = (marks[event.seq], district), gateway.instant(event.at)
            newest[key] = max(at, newest.get(key, at))
    for (registration, district), at in newest.items():
        row, new = Sighting.objects.get_or_create(
            registration=registration, district=district, defaults={"last_at": at}
        )
        if not new and row.last_at < at:
            Sighting.objects.filter(pk=row.pk).update(last_at=at)


def _keep(event: Any, *, registration: str, at: datetime) -> None:
    payload = _payload(event)
    if event.kind == Tamper.KIND and announced(event.imei, gateway.instant(event.at)):
        event = replace(event, kind=Serviced.KIND)  # a late packet out of a window that the gateway knows no more
    news = declared(event.kind)
    if news is Withdrawn:
        _withdraw(event, payload, at=at)
    elif news is SignalAmended:
        _move_signal(event, payload)
    elif issubclass(news, Crossing):
        _keep_fence_event(event, registration, payload)
    elif issubclass(news, TripNews):
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
    emit(news.of(facts), subject=subject, at=at, key=f"gateway:{event.seq}")
    if event.kind in UNFITTED_KINDS and not registration:
        _tell_unfitted(event, payload, at=at)
    if event.kind == EnteredFence.KIND and payload.get("fence_kind") in FORBIDDEN and registration:
        _tell_forbidden(event.seq, registration, facts, at=at)


def _tell_unfitted(event: Any, payload: Mapping[str, Any], *, at: datetime) -> None:
    """Signals of devices that are in no vehicle: one episode a day and address, whatever number of devices it is."""
    seen = payload.get("evidence") or {}
    address = str(payload.get("address") or seen.get("address") or "")[:45]
    signal, seen_at = payload.get("signal", event.kind), gateway.instant(event.at)
    news = UnfittedSignal(imei=event.imei, signal=signal, seen_at=seen_at, address=address)
    key = f"{news.KIND}:{address}:{india_day(at)}"
    emit(news, subject=("address", address or "?"), at=at, key=key)


def _tell_forbidden(seq: int, registration: str, facts: Mapping[str, Any], *, at: datetime) -> None:
    """A vehicle came where none may be (E-151): news of its own, so that only such events have a trigger."""
    fence = facts["fence"]
    news = InForbiddenArea(
        registration=registration,
        fence=fence,
        fence_kind=facts["fence_kind"],
        place=fence_names().get(fence, {"hi": fence, "en": fence}),
        district=fence_districts().get(fence, ""),
        seen_at=facts["seen_at"],
        lat=facts.get("lat"),
        lon=facts.get("lon"),
        late=bool(facts.get("late")),
        imei=facts["imei"],
    )
    emit(news, subject=("vehicle", registration), at=at, key=f"gateway:{seq}:forbidden")


def _payload(event: Any) -> dict[str, Any]:
    payload = event.payload
    return plain(payload) if isinstance(payload, Mapping) else {}


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
    fields = {name: value for name, value in known.items() if value not in (None, "")} | {"withdrawn_at": None}
    started_at = gateway.instant(payload.get("started_at") or event.at)
    Trip.objects.update_or_create(imei=event.imei, started_at=started_at, defaults=fields)


def _withdraw(event: Any, payload: Mapping[str, Any], *, at: datetime) -> None:
    """What was told is not so, by packets that came late: fences and signals are marked, trips go back a step.

    Found by what it says, as numbers of events are given anew where partitions come together.
    """
    kind, seen_at = payload.get("kind", ""), gateway.instant(event.at)
    same = {"imei": event.imei, "at": seen_at, "withdrawn_at": None}
    if kind in _FENCE_KINDS:
        crossing = FenceEvent.objects.filter(kind=_FENCE_KINDS[kind], fence_id=payload["fence"], **same)
        crossing.update(withdrawn_at=at, withdrawn_seq=event.seq)
    elif kind in kinds_of(TripNews):
        started_at = gateway.instant(payload.get("started_at") or event.at)
        trip = Trip.objects.filter(imei=event.imei, started_at=started_at)
        open_again = {"ended_at": None, "destination_fence": "", "distance_km": None}
        trip.update(**open_again, **({"withdrawn_at": at} if kind == TripStarted.KIND else {}))
    else:
        _signals_told(payload).filter(**same).update(withdrawn_at=at)


def _move_signal(event: Any, payload: Mapping[str, Any]) -> None:
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


def _keep_device_event(event: Any, registration: str, payload: Mapping[str, Any]) -> None:
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


@transaction.atomic
def count_day(day: date) -> int:
    """Count the stored packets of a day by device, in place of what was counted before; answers how many devices."""
    rows = [DeviceDay(day=day, **{name: row[name] for name in _COUNTS}) for row in gateway.day_counts(day)]
    DeviceDay.objects.bulk_create(
        rows, batch_size=2000, update_conflicts=True, unique_fields=["imei", "day"],
        update_fields=[name for name in _COUNTS if name != "imei"],
    )  # fmt: skip
    return len(rows)


def snapshot_body(
    *,
    devices: Iterable[Any],
    blocks: Iterable[Any],
    places: Iterable[Any],
    drawn: Iterable[fences.StandingFence] = (),
    services: Mapping[str, tuple[datetime, datetime]] | None = None,
    phones: Mapping[str, datetime] | None = None,
) -> dict[str, Any]:
    """Devices with vehicles, announced work and phones' time; ghats as polygons, places as circles, drawn fences."""
    announced_work, standing_in = services or {}, phones or {}
    fitted = [_fitted(device, announced_work, standing_in) for device in devices if device.vehicle is not None]
    return {"devices": fitted, "fences": _polygons_and_circles(blocks, places, drawn)}


def _fitted(
    device: Any, announced_work: Mapping[str, tuple[datetime, datetime]], standing_in: Mapping[str, datetime]
) -> dict[str, Any]:
    return {
        "imei": device.imei,
        "vehicle": device.vehicle.registration,
        **({"iccid": device.iccid} if device.iccid else {}),
        **_service(announced_work.get(device.imei)),
        **({"phone": int(standing_in[device.imei].timestamp())} if device.imei in standing_in else {}),
    }


def _polygons_and_circles(
    blocks: Iterable[Any], places: Iterable[Any], drawn: Iterable[fences.StandingFence]
) -> list[dict[str, Any]]:
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
    areas = [
        {
            "id": device.id,
            "kind": FOLLOWED_AS[device.fence.kind],
            "name": device.fence.name_en,
            "polygon": [list(corner) for corner in device.version.ring],
        }
        for device in drawn
    ]
    return ghats + circles + areas


def _service(window: tuple[datetime, datetime] | None) -> dict[str, list[int]]:
    return {"service": [int(edge.timestamp()) for edge in window]} if window else {}
