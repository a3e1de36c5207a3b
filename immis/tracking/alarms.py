"""What rings on an open screen: the gateway's urgent news as they are told, before anything is made of them.

Read from the gateway's own table, so that a screen need not wait for the worker, which takes the same news into the
records, runs their triggers and lays the task on a desk. News that came late rings no bell.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.grants import reach_of
from immis.registry import selectors as registry
from immis.registry.devices import announced
from immis.tracking import gateway
from immis.tracking.events import Emergency, PowerCut, Tamper
from immis.tracking.selectors import sees_vehicle

KINDS = (Emergency.KIND, Tamper.KIND, PowerCut.KIND)
RECENT = timedelta(minutes=15)
MOST_RECENT = 10
_LOOK_BACK = 2_000  # numbers of events


@dataclass(frozen=True)
class Alarm:
    """One thing that an officer should see at once; instants aware, ``signal`` and ``grade`` of tampering only."""

    seq: int
    kind: str
    imei: str
    registration: str
    at: datetime
    received_at: datetime
    lat: float | None
    lon: float | None
    signal: str = ""
    grade: str = ""


def newest_event() -> int:
    """The number of the last event that the gateway has told."""
    return gateway.newest_event()


def alarms_after(seq: int, *, limit: int = 1_000) -> tuple[int, list[Alarm]]:
    """The alarms among the next events of the gateway, and the number of the last event looked at."""
    events = gateway.events_after(seq, limit=limit)
    loud = [event for event in events if event.kind in KINDS and not event.payload.get("late")]
    marks = _registrations({event.imei for event in loud})
    heard = [event for event in loud if not (_is_announced(event) or _is_strangers(event))]
    made = [_alarm(event, marks.get(event.imei, "")) for event in heard]
    return (events[-1].seq if events else seq), made


def recent_alarms(viewer: Actor, *, upto: int, at: datetime) -> list[Alarm]:
    """The last alarms that this post may see, the oldest first; none later than event ``upto``."""
    begins, alarms = max(0, upto - _LOOK_BACK), []
    while begins < upto:
        begins, some = alarms_after(begins)
        alarms += [row for row in some if row.seq <= upto and at - row.received_at <= RECENT]
        if not some and begins >= upto:
            break
    sees = sees_by(viewer)
    return [alarm for alarm in alarms if sees(alarm)][-MOST_RECENT:]


def sees_by(viewer: Actor) -> Callable[[Alarm], bool]:
    """Whether a post may see an alarm: as it sees the vehicle; a device in no vehicle is the State's matter."""

    def sees(alarm: Alarm) -> bool:
        statewide = reach_of(viewer, "vehicle.see") == "state"
        if statewide or not alarm.registration:
            return statewide
        last = gateway.last_fixes([alarm.imei])
        return sees_vehicle(viewer, alarm.registration, last[0].fences if last else ())

    return sees


def _registrations(imeis: Iterable[str]) -> dict[str, str]:
    fitted = registry.devices(imei__in=imeis, vehicle__isnull=False)
    return dict(fitted.values_list("imei", "vehicle__registration")) if imeis else {}


def _is_announced(event: Any) -> bool:
    return event.kind == Tamper.KIND and announced(event.imei, gateway.instant(event.at))


def _is_strangers(event: Any) -> bool:
    """Whether it came by a device that nobody fitted: anybody can send such, and it rings no bell."""
    link = (event.payload.get("evidence") or {}).get("link") or {}
    return link.get("fitted") is False


def _alarm(event: Any, registration: str) -> Alarm:
    payload, seen = event.payload, event.payload.get("evidence") or {}
    return Alarm(
        event.seq, event.kind, event.imei, registration, gateway.instant(event.at), gateway.instant(event.received_at),
        seen.get("lat"), seen.get("lon"), payload.get("signal", ""), payload.get("grade", ""),
    )  # fmt: skip
