"""What running trips show: off their way, standing long, back undelivered, a second delivery; each told once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction

from immis.challans import selectors
from immis.challans.events import (
    LeftWay,
    Repeated,
    SecondDelivery,
    SecondDeliveryWithdrawn,
    SeenOnTheRoad,
    Stands,
    UnloadedElsewhere,
)
from immis.challans.facts import event_facts
from immis.challans.models import Challan, RoadWay
from immis.challans.roads import line_of
from immis.core.batches import each
from immis.core.facts import typed
from immis.core.selectors import events_of
from immis.core.services import emit
from immis.rules import catalogue
from immis.rules.catalogue import Finding
from immis.rules.land.geometry import distance_m, distance_to_polygon_m
from immis.rules.movement import tracks
from immis.rules.movement.watch import AgainFacts, AwayFacts, BackFacts, ExpectedWay, RepeatFacts, StandingFacts, Stood
from immis.rules.policy import NotInForce, book
from immis.tracking import selectors as tracking
from immis.tracking.gateway import LastFix
from immis.tracking.selectors import FenceEvent


def next_look(at: datetime) -> datetime | None:
    """When a trip that runs now is looked at next (MOV-47); None where trips are not watched."""
    try:
        return at + timedelta(minutes=int(book().value("MOV-47", at)))
    except NotInForce:
        return None


def watch(due: Sequence[Challan], last: Mapping[str, LastFix], *, at: datetime) -> int:
    """Look at running trips by the last positions of their vehicles; answers how many showed something new.

    One that cannot be looked at is logged, and keeps no other waiting.
    """

    def look(row: Challan) -> int:
        seen = last.get(row.imei)
        if seen is None or row.started_at is None or seen.at < row.started_at:
            return 0
        return _off_the_way(row, seen, at=at) + _stands(row, seen, at=at)

    shown = each("challans.watch", due, look, name=lambda row: row.number, writes=False)
    Challan.objects.filter(pk__in=[row.pk for row in due]).update(watch_at=next_look(at))
    return shown


def _off_the_way(row: Challan, seen: LastFix, *, at: datetime) -> int:
    if row.road_id is None or row.road is None:
        return 0
    away_m = _way(row.road_id, row.road.told_at).away_m(seen.lat, seen.lon)
    facts = AwayFacts(row.number, seen.registration, row.district, away_m, seen.lat, seen.lon, seen.at)
    return _tell(LeftWay, row.pk, _finding("MOV-42", facts, at), f"{LeftWay.KIND}:{row.number}", at=at)


@lru_cache(maxsize=4096)
def _way(road_id: int, told_at: datetime) -> ExpectedWay:
    """A way is never changed; the instant tells one database's from another's."""
    return ExpectedWay(line_of(RoadWay.objects.get(pk=road_id)))


def _stands(row: Challan, seen: LastFix, *, at: datetime) -> int:
    """Only what changes is written: where it came to stand, and that it goes on."""
    stands = seen.speed_kmh < book().value("MOV-06", at) and not any(_is_end(fence) for fence in seen.fences)
    if not stands or not _same_place(row, seen, at):
        here = (seen.at, seen.lat, seen.lon) if stands else (None, None, None)
        if (row.still_since, row.still_lat, row.still_lon) != here:
            stood = dict(zip(("still_since", "still_lat", "still_lon"), here, strict=True))
            Challan.objects.filter(pk=row.pk).update(**stood)
        return 0
    assert row.still_since is not None
    facts = StandingFacts(row.number, seen.registration, row.district, row.still_since, seen.at, seen.lat, seen.lon)
    key = f"{Stands.KIND}:{row.number}:{row.still_since.isoformat()}"
    return _tell(Stands, row.pk, _finding("MOV-43", facts, at), key, at=at)


def _is_end(fence: str) -> bool:
    return fence.startswith(("ghat:", "place:"))


def _same_place(row: Challan, seen: LastFix, at: datetime) -> bool:
    if row.still_since is None or row.still_lat is None or row.still_lon is None:
        return False
    return distance_m(row.still_lat, row.still_lon, seen.lat, seen.lon) <= book().value("DEV-14", at)["metres"]


def came_back(challan: Challan, returned_at: datetime, *, at: datetime) -> int:
    """The vehicle is at a source again and its e-challan is not delivered: did it unload elsewhere (MOV-44)?"""
    if challan.started_at is None or returned_at <= challan.started_at:
        return 0
    points = tracking.points(challan.imei, start=challan.started_at, end=returned_at)
    stops = tracks.stops(points, policy=book(), at=at)
    outside = [Stood(stop.at, stop.until, stop.lat, stop.lon) for stop in stops if not _at_ghat(challan, stop, at)]
    facts = BackFacts(
        challan=challan.number,
        vehicle=challan.vehicle.registration,
        district=challan.district,
        returned_at=returned_at,
        end_lat=challan.place.lat,
        end_lon=challan.place.lon,
        end_radius_m=challan.place.radius_m,
        stood=tuple(outside),
    )
    finding = _finding("MOV-44", facts, at)
    return _tell(UnloadedElsewhere, challan.pk, finding, f"{UnloadedElsewhere.KIND}:{challan.number}", at=at)


def _at_ghat(challan: Challan, stop: tracks.Stop, at: datetime) -> bool:
    limit_m = int(book().value("CH-04", at, district=challan.district))
    return distance_to_polygon_m(challan.lease.block.corners, stop.lat, stop.lon) <= limit_m


def came_again(challan: Challan, arrived_at: datetime, *, at: datetime) -> int:
    """The vehicle is at the destination of its used e-challan again: was that a second load (MOV-45)?"""
    key = f"{SecondDelivery.KIND}:{challan.number}:{arrived_at.isoformat()}"
    return _tell(SecondDelivery, challan.pk, _again(challan, arrived_at, at), key, at=at)


def _again(challan: Challan, arrived_at: datetime, at: datetime) -> Finding | None:
    if challan.completed_at is None or arrived_at <= challan.completed_at:
        return None
    facts = AgainFacts(
        challan=challan.number,
        vehicle=challan.vehicle.registration,
        district=challan.district,
        delivered_at=challan.completed_at,
        arrived_at=arrived_at,
        loaded_between=tracking.left_a_source(challan.imei, after=challan.completed_at, before=arrived_at, silent=True),
    )
    return _finding("MOV-45", facts, at)


@transaction.atomic
def take_back_second_deliveries(challan: Challan, *, at: datetime) -> int:
    """Take back each second delivery that was told and that the crossings which stand now do not bear (MOV-45)."""
    events = events_of(SecondDelivery, subject_kind="challan", subject_id=challan.number)
    arrivals = [arrived_at for row in events if isinstance(arrived_at := typed(row.facts["arrived_at"]), datetime)]
    stand = {row.at for row in _arrivals(challan)} if arrivals else set()
    gone = [arrived_at for arrived_at in arrivals if arrived_at not in stand or _again(challan, arrived_at, at) is None]
    for arrived_at in gone:
        payload = SecondDeliveryWithdrawn.of({**event_facts(challan), "was_arrived_at": arrived_at})
        key = f"{payload.KIND}:{challan.number}:{arrived_at.isoformat()}"
        emit(payload, subject=("challan", challan.number), at=at, key=key)
    return len(gone)


def _arrivals(challan: Challan) -> list[FenceEvent]:
    fence = f"place:{challan.place.code}"
    return tracking.crossings(challan.imei, kind=FenceEvent.ENTERED, fence=fence, after=challan.issued_at)


def tell_repeated(challan: Challan, *, at: datetime) -> None:
    """Count the trips of vehicle and settlement that did not start lately, this one with them (MOV-46)."""
    try:
        limits = book().value("MOV-46", at, district=challan.district)
    except NotInForce:
        return
    of_vehicle, of_lease = selectors.not_started_lately(challan, since=at - timedelta(days=int(limits["days"])))
    facts = RepeatFacts(
        challan.number, challan.vehicle.registration, challan.lease.number, challan.district, of_vehicle, of_lease
    )
    finding = _finding("MOV-46", facts, at)
    if finding is not None:
        payload = Repeated.of({**event_facts(challan), **finding.facts})
        emit(payload, subject=("challan", challan.number), at=at, key=f"{Repeated.KIND}:{challan.number}")


def _finding(code: str, facts: Any, at: datetime) -> Finding | None:
    return catalogue.apply(catalogue.RULES[code], facts, policy=book(), at=at)


def _tell(kind: type[SeenOnTheRoad], pk: int, finding: Finding | None, key: str, *, at: datetime) -> int:
    return 0 if finding is None else _told(kind, pk, finding, key, at=at)


@transaction.atomic
def _told(kind: type[SeenOnTheRoad], pk: int, finding: Finding, key: str, *, at: datetime) -> int:
    row = Challan.objects.select_related(*selectors.WITH_ALL).get(pk=pk)
    payload = kind.of({**event_facts(row), **finding.facts, "rule": finding.code})
    return int(emit(payload, subject=("challan", row.number), at=at, key=key))
