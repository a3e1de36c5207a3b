"""Asking where vehicles are, where they were, and what their devices told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Max, QuerySet

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import reach_of, require_grant
from immis.core.scope import visible
from immis.core.selectors import known_position
from immis.core.services import log_action
from immis.late import late
from immis.leases.selectors import districts_of_party
from immis.registry import selectors as registry
from immis.registry.devices import district_of_device, fittings_of
from immis.registry.selectors import Device
from immis.rules.catalogue import find
from immis.rules.movement.devices import LookFacts
from immis.rules.movement.issue_facts import Fix
from immis.rules.movement.trips import place_at
from immis.rules.policy import book
from immis.tracking import gateway, live
from immis.tracking.gateway import LastFix, TrackPoint
from immis.tracking.models import DeviceDay, DeviceEvent, FenceEvent, Sighting, Trip
from immis.tracking.places import fence_districts
from immis.tracking.services import CURSOR

if TYPE_CHECKING:
    import numpy
else:
    numpy = late("numpy")

#: What a vehicle can be doing, in the order in which the map lists it: worst first.
STATES = live.STATES


_USUAL_OF = 15
TRIP_MARGIN = timedelta(minutes=5)  # shown before and after a trip, so that its fences are seen entered and left


@dataclass(frozen=True)
class LiveVehicle:
    """A vehicle as it is now: its last fix, what it is doing (one of ``STATES``), whether a phone says so."""

    registration: str
    kind: str
    state: str
    last: LastFix
    phone: bool = False


@dataclass(frozen=True)
class Trail:
    """Where one vehicle drove in a span of time, with its trips and what its device told."""

    registration: str
    imei: str
    points: Sequence[TrackPoint]
    trips: Sequence[Trip]
    events: Sequence[DeviceEvent]
    crossings: Sequence[FenceEvent] = ()
    phones: frozenset[str] = frozenset()  # identifiers of the phones among those that reported

    @property
    def by_phone(self) -> int:
        """How many of the points a phone told."""
        return sum(point.imei in self.phones for point in self.points)


def taken_in_up_to() -> int:
    """The number of the last event that was taken in from the gateway; takes no lock."""
    return known_position(CURSOR)


def last_counted_day() -> date | None:
    """The last day of which packets were counted by device."""
    return DeviceDay.objects.aggregate(last=Max("day"))["last"]


def last_fix(imei: str) -> LastFix | None:
    """The last position of a device; None before its first."""
    return next(iter(gateway.last_fixes([imei])), None) if imei else None


def last_fixes(imeis: Iterable[str]) -> dict[str, LastFix]:
    """The last position of each of some devices that has sent one, by its IMEI."""
    wanted = sorted({imei for imei in imeis if imei})
    return {fix.imei: fix for fix in gateway.last_fixes(wanted)} if wanted else {}


def position_at(imei: str, at: datetime) -> Fix | None:
    """Where a device was at an instant, from fixes near enough in time to prove it (MOV-03); else None."""
    within = timedelta(minutes=int(book().value("MOV-03", at)))
    return place_at(gateway.fixes_round(imei, at, within=within), at)


def points(imei: str, *, start: datetime, end: datetime) -> list[TrackPoint]:
    """Stored positions of a device for a rule to judge by; what a person reads goes through ``trail``."""
    return gateway.track(imei, start=start, end=end)


def fence_events_after(last_id: int, *, limit: int) -> list[FenceEvent]:
    """Fence events in the order in which they were taken in, after a row id."""
    return list(FenceEvent.objects.filter(pk__gt=last_id, withdrawn_at=None).order_by("pk")[:limit])


def newest_fence_event_id() -> int:
    newest = FenceEvent.objects.filter(withdrawn_at=None).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


def withdrawals_after(last_seq: int, *, limit: int) -> list[FenceEvent]:
    """Fence events that packets disproved, in the order in which the gateway took them back."""
    return list(FenceEvent.objects.filter(withdrawn_seq__gt=last_seq).order_by("withdrawn_seq", "pk")[:limit])


def newest_withdrawal() -> int:
    """The gateway's number of the last crossing that it took back; 0 while there is none."""
    taken_back = FenceEvent.objects.filter(withdrawn_seq__isnull=False)  # the index has these alone
    return taken_back.aggregate(seq=Max("withdrawn_seq"))["seq"] or 0


def crossings(imei: str, *, kind: str, fence: str, after: datetime) -> list[FenceEvent]:
    """Crossings of one fence by a device in one direction from an instant on that stand, oldest first."""
    same = FenceEvent.objects.filter(fence_id=fence, at__gte=after, imei=imei, kind=kind, withdrawn_at=None)
    return list(same.order_by("at", "pk")[:100])


def entered(fence: str, *, since: datetime, until: datetime, most: int = 5000) -> list[FenceEvent]:
    """Vehicles that came into a fence between two instants, oldest first."""
    came = FenceEvent.objects.filter(fence_id=fence, at__gte=since, at__lte=until, kind=FenceEvent.ENTERED)
    return list(came.filter(withdrawn_at=None).order_by("at", "pk")[:most])


def left_a_source(imei: str, *, after: datetime, before: datetime, silent: bool = False) -> bool:
    """Whether a device left any source of sand between two instants.

    ``silent``: also where it said nothing on its way, so that leaving one place and coming to another is one fix.
    """
    span = {"at__gt": after, "at__lte" if silent else "at__lt": before}
    left = FenceEvent.objects.filter(imei=imei, kind=FenceEvent.LEFT, withdrawn_at=None, **span)
    return left.filter(fence_kind="source").exists()


def trips(**filters: Any) -> QuerySet[Trip]:
    """Trips that stand, newest first. The caller has checked that the viewer may see the vehicle."""
    return Trip.objects.filter(withdrawn_at=None, **filters)


def device_events(**filters: Any) -> QuerySet[DeviceEvent]:
    """What devices told and stands, newest first. The caller has checked that the viewer may see the vehicle."""
    return DeviceEvent.objects.filter(withdrawn_at=None, **filters).order_by("-at", "-seq")


def own_district(registration: str, imei: str) -> str:
    """The district that entered the device, saw the vehicle last or has its owner's settlements; empty where none is
    known or the owner has them in several: then it is the State's, for no district is guessed."""
    if district := district_of_device(imei) or last_district(registration):
        return district
    vehicle = registry.vehicle_of(registration) if registration else None
    districts = set(districts_of_party(vehicle.owner_id)) if vehicle and vehicle.owner_id else set()
    return districts.pop() if len(districts) == 1 else ""


def seen_for(viewer: Actor) -> QuerySet[Sighting]:
    """Registrations that the gateway has seen at a fence within a post's reach; none for a party."""
    rows = Sighting.objects.filter(visible(viewer, "vehicle.see"))
    return rows.values_list("registration", flat=True)


def sees_vehicle(viewer: Actor, registration: str, fences: Sequence[str]) -> bool:
    """Whether a post may see a vehicle: the State all, a district those seen at its fences, a party its own."""
    reach = reach_of(viewer, "vehicle.see")
    if reach == "state":
        return True
    if reach != "own_party":
        known = fence_districts()
        seen = seen_for(viewer).filter(registration=registration).exists()
        return seen or any(viewer.sees_district(known.get(fence, "")) for fence in fences)
    return registry.vehicles(owner_id=viewer.party_id or 0, registration=registration).exists()


def state_of(last: LastFix, *, at: datetime) -> str:
    """What a vehicle is doing by its last fix (MOV-05, MOV-06)."""
    if last.trouble not in ("", "no_fix"):
        return "trouble"
    if last.trouble or at - last.at > timedelta(minutes=int(book().value("MOV-05", at))):
        return "silent"
    return "moving" if last.speed_kmh >= book().value("MOV-06", at) else "standing"


def live_vehicles(
    viewer: Actor, *, at: datetime, state: str = "", text: str = "", fence: str = "", district: str = "",
    limit: int | None = None,
) -> list[LiveVehicle]:  # fmt: skip
    """Vehicles with a known position that this post may see; trouble first, then by registration."""
    now = live.fleet()
    states = now.states(at=at)
    keep = live.seen_by(viewer, now)
    if state:
        keep &= states == (STATES.index(state) if state in STATES else -1)
    if text:
        keep &= numpy.char.find(now.columns["plate"], registry.plate(text).encode()) >= 0
    if fence:
        keep &= now.inside(fence)
    if district:
        keep &= now.columns["district"] == (now.districts.index(district) + 1 if district in now.districts else 256)
    rows = numpy.flatnonzero(keep)
    rows = rows[numpy.lexsort((now.columns["plate"][rows], states[rows]))][:limit]
    return _vehicles(now, rows, states)


def state_counts(viewer: Actor, *, at: datetime) -> dict[str, int]:
    """How many vehicles are in each state, of those that this post may see."""
    now = live.fleet()
    result = numpy.bincount(now.states(at=at)[live.seen_by(viewer, now)], minlength=len(STATES))
    return dict(zip(STATES, result.tolist(), strict=True))


def last_district(registration: str) -> str:
    """The district at whose fences a vehicle was seen last; empty where it never was."""
    rows = Sighting.objects.filter(registration=registration).order_by("-last_at")
    return rows.values_list("district", flat=True).first() or ""


def districts_seen() -> list[str]:
    """Districts at whose fences any vehicle was seen."""
    return list(Sighting.objects.order_by("district").values_list("district", flat=True).distinct())


def vehicles_at_ghat(block_code: str, *, at: datetime) -> list[LiveVehicle]:
    """Vehicles that stand in a ghat's fence now, for the settlee who loads them; silent ones are left out."""
    result = live_vehicles(SYSTEM, at=at, fence=f"ghat:{block_code}")
    return sorted((row for row in result if row.state != "silent"), key=lambda row: row.registration)


def _vehicles(now: live.Fleet, rows: Any, states: Any) -> list[LiveVehicle]:
    """Rows of the fleet with all that is known of them; whose vehicle it is comes from the register, not the device."""
    imeis = [f"{imei:015d}" for imei in now.columns["imei"][rows].tolist()]
    last = {item.imei: item for item in gateway.last_fixes(imeis)}
    return [
        LiveVehicle(
            now.columns["plate"][row].decode(),
            now.kinds[now.columns["kind"][row] - 1],
            STATES[states[row]],
            last[imei],
            bool(now.columns["phone"][row]),
        )
        for row, imei in zip(rows.tolist(), imeis, strict=True)
        if imei in last
    ]


def trail(viewer: Actor, *, imei: str, start: datetime, end: datetime, at: datetime, reason: str) -> Trail:
    """Where the vehicle of a device drove, whichever device it had then; the look is logged with its reason (DPDP).

    Raises NotPermitted for posts that see no trails, NotFound for a device that is unknown or none of theirs and
    Refusal (DEV-10) without a reason.
    """
    device = seen_device(viewer, imei)
    mark = device.vehicle.registration
    if end <= start:
        raise NotFound(f"trail of {imei}")
    if findings := find("trail.read", LookFacts(mark, reason), policy=book(), at=at):
        raise Refusal(findings)
    body = {"imei": imei, "start": start, "end": end, "reason": reason}
    log_action("trail.read", subject=("vehicle", mark), by=viewer, at=at, facts=body)
    spans = _fitted_spans(device, start, end)
    imeis = [span for span, _start, _end in spans]
    return Trail(
        registration=mark,
        imei=imei,
        points=[point for span, begins, ends in spans for point in gateway.track(span, start=begins, end=ends)],
        trips=list(trips(registration=mark, imei__in=imeis, started_at__gte=start, started_at__lte=end)),
        events=list(device_events(registration=mark, imei__in=imeis, at__gte=start, at__lte=end)),
        crossings=list(_crossings(mark, start, end)),
        phones=frozenset(registry.devices(imei__in=imeis, kind=Device.PHONE).values_list("imei", flat=True)),
    )


def _crossings(mark: str, start: datetime, end: datetime) -> QuerySet[FenceEvent]:
    fence_events = FenceEvent.objects.filter(registration=mark, at__gte=start, at__lte=end, withdrawn_at=None)
    return fence_events.order_by("at", "seq")


def seen_device(viewer: Actor, imei: str) -> Any:
    """A device in a vehicle whose trail this post may see. Raises NotPermitted and NotFound."""
    require_grant(viewer, "vehicle.trail")
    device = registry.devices(imei=imei).first()
    last = last_fix(imei)
    fences = last.fences if last else ()
    if not device or not device.vehicle or not sees_vehicle(viewer, device.vehicle.registration, fences):
        raise NotFound(f"trail of {imei}")
    return device


def _fitted_spans(device: Any, start: datetime, end: datetime) -> list[tuple[str, datetime, datetime]]:
    """Which device was in the vehicle from when to when within a span, in order of time.

    Before a device's first fitting nobody else's way can be told by it: its first span has no beginning.
    """
    spans = []
    for fitting in reversed(fittings_of(vehicle=device.vehicle)):
        first = not fitting.device.fittings.filter(fitted_at__lt=fitting.fitted_at).exists()
        begins = start if first else max(start, fitting.fitted_at)
        ends = min(end, fitting.removed_at or end)
        if begins < ends:
            spans.append((fitting.device.imei, begins, ends))
    return spans or [(device.imei, start, end)]


def trip_of(viewer: Actor, pk: int) -> Trip:
    """One trip whose vehicle this person may see. Raises NotFound."""
    trip = Trip.objects.filter(pk=pk).first()
    last = last_fix(trip.imei) if trip else None
    fences = last.fences if last else ()
    if trip is None or not trip.registration or not sees_vehicle(viewer, trip.registration, fences):
        raise NotFound(f"trip {pk}")
    return trip


def usual_way(trip: Trip) -> list[TrackPoint]:
    """The way of the middle one (by length) of the last trips between the same places; empty where there are none."""
    same = Trip.objects.filter(
        source_fence=trip.source_fence, destination_fence=trip.destination_fence, distance_km__isnull=False,
        ended_at__isnull=False, started_at__lt=trip.started_at, withdrawn_at=None,
    )  # fmt: skip
    result = sorted(same.order_by("-started_at")[:_USUAL_OF], key=lambda row: (row.distance_km, row.pk))
    if not result or not trip.destination_fence:
        return []
    middle = result[len(result) // 2]
    return gateway.track(middle.imei, start=middle.started_at, end=middle.ended_at)
