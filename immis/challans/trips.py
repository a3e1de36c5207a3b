"""Joining what the fences saw with challans: starts, arrivals, and taking back what late packets have disproved."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.challans import selectors, services
from immis.challans.events import ArrivalWithdrawn
from immis.challans.models import Challan
from immis.core.access.permissions import SYSTEM
from immis.core.services import emit, log_action
from immis.tracking import selectors as tracking


def follow_crossing(event: Any, *, at: datetime) -> None:
    """Leaving the ghat starts a challan, reaching the destination completes one; what comes back is looked at."""
    if event.kind == event.LEFT and event.fence_id.startswith("ghat:"):
        _left_ghat(event, at=at)
    elif event.kind == event.ENTERED and event.fence_id.startswith("ghat:"):
        _came_back(event, at=at)
    elif event.kind == event.ENTERED and event.fence_id.startswith("place:"):
        _reached_place(event, at=at)


def take_back_crossing(event: Any, *, at: datetime) -> None:
    """A crossing was no crossing: what rested on it is undone, and the next one that stands takes its place."""
    if event.kind == event.LEFT and event.fence_id.startswith("ghat:"):
        _take_back_start(event, at=at)
    elif event.kind == event.ENTERED and event.fence_id.startswith("place:"):
        _take_back_arrival(event, at=at)
    challan = _of_device(event)
    if challan is not None and challan.completed_at is not None:
        services.take_back_second_deliveries(challan, at=at)


def _of_device(event: Any) -> Challan | None:
    """The challan on which a device drove at a crossing: its newest one by then, whatever became of it since.

    An older one is over with the next issue (CH-06), so no crossing after that belongs to it.
    """
    issued = Challan.objects.select_related(*selectors.WITH_ALL).filter(imei=event.imei, issued_at__lte=event.at)
    return issued.exclude(state=Challan.CANCELLED).order_by("-issued_at", "-pk").first()


def _left_ghat(event: Any, *, at: datetime) -> None:
    challan = _of_device(event)
    if challan is None or event.at >= challan.valid_until or challan.started_at is not None:
        return
    if challan.lease.block.code == event.fence_id.removeprefix("ghat:"):
        services.record_start(challan.pk, left_at=event.at, at=at)


def _came_back(event: Any, *, at: datetime) -> None:
    challan = _of_device(event)
    if challan is not None and challan.completed_at is None and challan.state in (Challan.ISSUED, Challan.EXPIRED):
        services.came_back(challan, event.at, at=at)


def _reached_place(event: Any, *, at: datetime) -> None:
    challan = _of_device(event)
    if challan is None or challan.place.code != event.fence_id.removeprefix("place:"):
        return
    if challan.completed_at is not None:
        services.came_again(challan, event.at, at=at)
        return
    if event.at >= challan.valid_until and tracking.left_a_source(
        event.imei, after=challan.valid_until, before=event.at
    ):
        return  # it has loaded again since the challan ended: this arrival ends another trip
    services.record_arrival(challan.pk, arrived_at=event.at, at=at)


@transaction.atomic
def _take_back_start(event: Any, *, at: datetime) -> None:
    challan = _locked(event, started_at=event.at, lease__block__code=event.fence_id.removeprefix("ghat:"))
    if challan is None:
        return
    challan.started_at = None
    challan.start_due_at = selectors.start_by(challan)
    challan.save(update_fields=["started_at", "start_due_at"])
    _log(challan, "challan.start_withdrawn", event, at=at)
    _follow_again(_later(event, challan), at=at)


@transaction.atomic
def _take_back_arrival(event: Any, *, at: datetime) -> None:
    challan = _locked(
        event, completed_at=event.at, state=Challan.COMPLETED, place__code=event.fence_id.removeprefix("place:")
    )
    if challan is None:
        return
    arrived_at, challan.completed_at = challan.completed_at, None
    services.reopen_challan(challan, at=at)
    _log(challan, ArrivalWithdrawn.KIND, event, at=at)
    _follow_again(_later(event, challan), at=at)
    challan.refresh_from_db(fields=["completed_at", "state"])
    if challan.completed_at != arrived_at:
        payload = ArrivalWithdrawn(challan=challan.number, was_arrived_at=arrived_at, state=challan.state)
        key = f"{payload.KIND}:{challan.number}:{event.seq}"
        emit(payload, subject=("challan", challan.number), at=at, key=key)


def _locked(event: Any, **rested_on: Any) -> Challan | None:
    rows = Challan.objects.select_for_update(of=("self",)).select_related("lease__block", "place")
    return rows.filter(imei=event.imei, issued_at__lte=event.at, **rested_on).first()


def _later(event: Any, challan: Challan) -> list[Any]:
    """Crossings of the same fence in the same direction since the challan's issue that stand, oldest first."""
    return tracking.crossings(event.imei, kind=event.kind, fence=event.fence_id, after=challan.issued_at)


def _follow_again(crossings: Iterable[Any], *, at: datetime) -> None:
    for crossing in crossings:
        follow_crossing(crossing, at=at)


def _log(challan: Challan, code: str, event: Any, *, at: datetime) -> None:
    facts = {"seen_at": event.at, "fence": event.fence_id, "crossing": event.seq}
    log_action(code, subject=("challan", challan.number), by=SYSTEM, at=at, facts=facts)
