"""What the worker does for tracking: takes in the gateway's events and hands it devices and fences."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from immis import clock
from immis.registry import selectors as registry
from immis.registry.devices import service_windows
from immis.registry.fences import standing
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.tracking import gateway
from immis.tracking.figures import gateway_figures
from immis.tracking.selectors import last_counted_day, taken_in_up_to
from immis.tracking.services import count_day, snapshot_body, take_in_batch
from immis.tracking.services.phones import phones_until

BATCH = 500
_published: dict[str, Any] = {}  # by what marks this worker last wrote the snapshot
_counted: dict[date, tuple[int, int]] = {}  # what this worker has seen of each day


def take_in_gateway_events(*, at: datetime) -> int:
    """Take in all that the gateway has told since last time; answers how many events were new."""
    # A look before the lock: an idle worker must not keep taking the database's one write lock.
    if not gateway.events_after(taken_in_up_to(), limit=1):
        return 0
    total = 0
    while taken := take_in_batch(limit=BATCH, at=at):
        total += taken
    return total


def publish_snapshot(*, at: datetime) -> int:
    """Write the gateway's snapshot when devices, places, fences, announced work or figures changed; 1 when written."""
    services, phones = service_windows(at=at), phones_until()
    marks = (sorted(services.items()), sorted(phones.items()))
    mark = (str(clock.data_dir()), registry.register_mark(), india_day(at), *marks)
    if _published.get("mark") == mark:
        return 0
    before = gateway.published_snapshot() or {}
    body = gateway_figures(at) | snapshot_body(
        devices=registry.devices(active=True),
        blocks=registry.blocks().order_by("code"),
        places=registry.places(),
        drawn=standing(india_day(at)),
        services=services,
        phones=phones,
    )
    changed = any(before.get(name) != body[name] for name in body)
    if changed:
        gateway.publish_snapshot({"version": int(before.get("version", 0)) + 1, **body})
    _published["mark"] = mark
    return int(changed)


def count_packets(*, at: datetime) -> int:
    """Count packets by device where anything was stored since; answers how many devices.

    Today's and yesterday's, and each day since the last that was counted: a worker that slept loses none.
    """
    today = at.astimezone(UTC).date()
    counted = 0
    last = last_counted_day() or today
    first = max(min(last, today - timedelta(days=1)), today - timedelta(days=int(book().value("TRG-120", at))))
    for day in (first + timedelta(days=n) for n in range((today - first).days + 1)):
        stamp = gateway.day_stamp(day)
        if stamp != _counted.get(day, (0, 0)):
            counted += count_day(day)
            _counted[day] = stamp
    for day in [day for day in _counted if day < first]:
        del _counted[day]
    return counted
