"""Taking in what the gateway tells, batch by batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from immis.core.batches import Reader, take_batch
from immis.core.events import declared
from immis.core.facts import plain
from immis.core.services import emit
from immis.registry.devices import announced, marks_at
from immis.rules.calendar import india_day
from immis.rules.land.fences import FORBIDDEN
from immis.tracking import gateway
from immis.tracking.events import (
    Crossing,
    Emergency,
    EnteredFence,
    InForbiddenArea,
    Serviced,
    SignalAmended,
    Tamper,
    TripNews,
    UnfittedSignal,
    Withdrawn,
)
from immis.tracking.models import Sighting
from immis.tracking.places import fence_districts, fence_names
from immis.tracking.services.records import (
    FENCE_KINDS,
    keep_device_event,
    keep_fence_event,
    keep_trip,
    move_signal,
    withdraw,
)

CURSOR = "gateway.events"
#: Signals that concern somebody: of a device in no vehicle they are told as an episode of their own.
UNFITTED_KINDS = (Tamper.KIND, Emergency.KIND)


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
    crossed = [event for event in events if event.kind in FENCE_KINDS and marks.get(event.seq)]
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
        withdraw(event, payload, at=at)
    elif news is SignalAmended:
        move_signal(event, payload)
    elif issubclass(news, Crossing):
        keep_fence_event(event, registration, payload)
    elif issubclass(news, TripNews):
        keep_trip(event, registration, payload)
    else:
        keep_device_event(event, registration, payload)
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
