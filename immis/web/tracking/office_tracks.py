"""The track player: one trip or one day of a vehicle, its stops and signals, and the track taken along (E-159)."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from immis import clock
from immis.challans import selectors as challans
from immis.core.errors import NotFound
from immis.core.events import words_of
from immis.core.papers.documents import Bilingual
from immis.reading import iso_day, whole_number, written_day
from immis.registry import selectors as registry
from immis.rules.calendar import end_of, india_day, start_of
from immis.rules.catalogue import find
from immis.rules.land.geometry import distance_m
from immis.rules.movement import tracks as rules
from immis.rules.policy import book
from immis.tracking import places
from immis.tracking import selectors as tracking
from immis.tracking.bundles.evidence import evidence_bundle
from immis.web.challans import words as challan_words
from immis.web.enforcement.words import SIGNALS as SIGNAL_WORDS
from immis.web.shell.components import Signal
from immis.web.shell.views import page
from immis.web.tracking import office_looks as looks
from immis.web.tracking.office_monitoring import SIGNALS, fence_names, ghat_feature

_DRAWN_M = 8.0  # the line on the map is drawn to so many metres; exports and evidence have every point
_MOST_DRAWN = 20_000


@dataclass(frozen=True)
class Asked:
    """What of which vehicle is asked for: a trip, or a day in India."""

    device: Any
    start: datetime
    end: datetime
    trip: Any = None

    @property
    def mark(self) -> str:
        return str(self.device.vehicle.registration)

    @property
    def query(self) -> str:
        return f"trip={self.trip.pk}" if self.trip else f"day={india_day(self.start).isoformat()}"


def _asked(request: HttpRequest, registration: str) -> Asked:
    device = looks.device_seen(request, registration)
    vehicle = device.vehicle
    at, trip_id = clock.now(), whole_number(request.GET.get("trip", ""))
    if trip_id is not None:
        trip = tracking.trip_of(request.actor, trip_id)
        if trip.registration != vehicle.registration:
            raise NotFound(f"trip {trip_id} of {registration}")
        margin = tracking.TRIP_MARGIN
        return Asked(device, trip.started_at - margin, (trip.ended_at or at) + margin, trip)
    day = written_day(iso_day(request.GET.get("day", ""))) or india_day(at)
    return Asked(device, start_of(day), end_of(day))


def _trail(request: HttpRequest, asked: Asked, reason: str) -> tracking.Trail:
    return tracking.trail(
        request.actor, imei=asked.device.imei, start=asked.start, end=asked.end, at=clock.now(), reason=reason
    )


@page("vehicle.track")
def track(request: HttpRequest, registration: str) -> HttpResponse:
    """The player with the list of what happened; the look is logged with its reason."""
    asked = _asked(request, registration)
    reason = looks.reason_for(request, asked.mark)
    if not reason:
        return looks.ask(request, asked.mark)
    trail = _trail(request, asked, reason)
    stops = rules.stops(trail.points, policy=book(), at=clock.now())
    day = india_day(asked.start)
    context = {
        "asked": asked,
        "reason": reason,
        "trail": trail,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < india_day(clock.now()) else None,
        "length_km": round(rules.length_km(trail.points), 1),
        "signals": _signals(trail, stops),
        "track_url": f"{reverse('track_json', args=[asked.mark])}?{asked.query}",
        "exports": [(name, f"{reverse('track_file', args=[asked.mark, name])}?{asked.query}") for name in _WRITERS],
        "trips": [{"trip": row, **_names(row)} for row in trail.trips],
        **(_trip_facts(request, asked.trip, trail) if asked.trip else {}),
    }
    return render(request, "tracking/track.html", context)


def _names(trip: Any) -> dict[str, str]:
    names = fence_names()
    return {
        "source": names.get(trip.source_fence, trip.source_fence),
        "destination": names.get(trip.destination_fence, trip.destination_fence),
    }


def _trip_facts(request: HttpRequest, trip: Any, trail: tracking.Trail) -> dict[str, Any]:
    """What the page of a trip shows beside the player: its challan and whether it left its usual way."""
    driven = [point for point in trail.points if trip.started_at <= point.at <= (trip.ended_at or point.at)]
    finding = None
    if len(driven) > 1 and trip.ended_at:
        straight = distance_m(driven[0].lat, driven[0].lon, driven[-1].lat, driven[-1].lon) / 1000
        way = rules.WayFacts(rules.length_km(driven), straight, rules.furthest_km(driven, tracking.usual_way(trip)))
        finding = next(iter(find("trip.way", way, policy=book(), at=trip.ended_at)), None)
    challan = challans.challan_of_trip(request.actor, imei=trip.imei, started_at=trip.started_at)
    chip = challan_words.state_chip(challan, at=clock.now()) if challan else None
    return {
        "trip": trip,
        **_names(trip),
        "deviation": finding,
        "challan": challan,
        "challan_code": challan.number if challan else "",
        "challan_chip": chip,
    }


def _signals(trail: tracking.Trail, stops: list[rules.Stop]) -> list[Signal]:
    """Stops, fences and what the device told, on one time axis."""
    names = fence_names()
    results = [
        Signal(event.at, _("Device"), _signal_words(event), SIGNALS[event.kind])
        for event in trail.events
        if event.kind in SIGNALS
    ]
    stood = [
        Signal(stop.at, _("Stops"), _("stood %(n)d min") % {"n": stop.minutes}, "info", until=stop.until)
        for stop in stops
    ]
    crossed = [
        Signal(
            crossing.at,
            _("Fences"),
            (_("into %(place)s") if crossing.kind == crossing.ENTERED else _("out of %(place)s"))
            % {"place": names.get(crossing.fence_id, crossing.fence_id)},
            "warn" if crossing.late else "good",
        )
        for crossing in trail.crossings
    ]
    return crossed + stood + results


def _signal_words(event: Any) -> str:
    seen = SIGNAL_WORDS.get(event.payload.get("signal", ""))
    return f"{words_of(event.kind)}: {seen}" if seen else words_of(event.kind)


@page("vehicle.track")
def track_json(request: HttpRequest, registration: str) -> HttpResponse:
    """The track as columns for the player: seconds, degrees, speed; and the marks of its time line."""
    asked = _asked(request, registration)
    trail = _trail(request, asked, looks.reason_for(request, asked.mark))
    points = trail.points[:: max(1, len(trail.points) // _MOST_DRAWN)]
    drawn = rules.simplified(trail.points, metres=_DRAWN_M)
    body = {
        "t": [round(point.at.timestamp()) for point in points],
        "lat": [point.lat for point in points],
        "lon": [point.lon for point in points],
        "speed": [round(point.speed_kmh, 1) for point in points],
        "heading": [round(point.heading) for point in points],
        "late": [int(point.late) for point in points],
        "phone": [int(point.imei in trail.phones) for point in points],
        "line": [[trail.points[index].lon, trail.points[index].lat] for index in drawn],
        "marks": [
            {"t": round(signal.at.timestamp()), "state": signal.state, "label": signal.label}
            for signal in _signals(trail, rules.stops(trail.points, policy=book(), at=clock.now()))
        ],
        "stops": [
            {"lon": stop.lon, "lat": stop.lat, "label": _("stood %(n)d min") % {"n": stop.minutes}}
            for stop in rules.stops(trail.points, policy=book(), at=clock.now())
        ],
        "ghats": [ghat_feature(block) for block in registry.blocks()],
    }
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


@page("vehicle.track")
def track_file(request: HttpRequest, registration: str, form: str) -> HttpResponse:
    """The whole track as CSV, GPX or GeoJSON, every stored point of it; this look is logged as well."""
    if form not in _WRITERS:
        raise NotFound(f"form {form}")
    asked = _asked(request, registration)
    reason = looks.reason_for(request, asked.mark)
    if not reason:
        return looks.ask(request, asked.mark)
    write, kind = _WRITERS[form]
    name = f"{asked.mark}-{asked.query.replace('=', '-')}.{form}"
    return HttpResponse(
        write(_trail(request, asked, reason)),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page("vehicle.track")
def trip_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed bundle of a trip for a court; making it is logged with the reason."""
    trip = tracking.trip_of(request.actor, pk)
    reason = looks.reason_for(request, trip.registration)
    if not reason:
        return looks.ask(request, trip.registration)
    challan = challans.challan_of_trip(request.actor, imei=trip.imei, started_at=trip.started_at)
    body = evidence_bundle(
        request.actor,
        trip=trip,
        names=_both_names(),
        challan=_challan_facts(challan) if challan else None,
        reason=reason,
        at=clock.now(),
    )
    name = f"evidence-{trip.registration}-{trip.pk}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="application/zip", headers=headers)


def _both_names() -> dict[str, Bilingual]:
    return {fence: Bilingual(names["hi"], names["en"]) for fence, names in places.fence_names().items()}


def _challan_facts(challan: Any) -> dict[str, Any]:
    """What a court needs of the challan; the driver's telephone number stays in the office."""
    names = ("number", "state", "mineral", "quantity_m3", "issued_at", "valid_until", "started_at", "completed_at",
             "issue_lat", "issue_lon", "issue_fix_at", "driver_name", "pass_text")  # fmt: skip
    return {"lease": challan.lease.number, **{name: getattr(challan, name) for name in names}}


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _csv(trail: tracking.Trail) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        ["registration", "imei", "time_utc", "received_utc", "lat", "lon", "speed_kmh", "heading", "late", "ignition",
         "main_power", "satellites", "raw_ref", "phone"]
    )  # fmt: skip
    flag = {None: "", True: 1, False: 0}
    for point in trail.points:
        received = _instant(point.received_at) if point.received_at else ""
        table.writerow(
            [trail.registration, point.imei, _instant(point.at), received, point.lat, point.lon, point.speed_kmh,
             point.heading, int(point.late), flag[point.ignition], flag[point.main_power], point.satellites,
             point.raw_ref, int(point.imei in trail.phones)]
        )  # fmt: skip
    return out.getvalue().encode()


def _gpx(trail: tracking.Trail) -> bytes:
    points = "".join(
        f'<trkpt lat="{point.lat}" lon="{point.lon}"><time>{_instant(point.at)}</time></trkpt>\n'
        for point in trail.points
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="IMMIS" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><name>{escape(trail.registration)}</name><trkseg>\n{points}</trkseg></trk></gpx>\n"
    ).encode()


def _geojson(trail: tracking.Trail) -> bytes:
    line = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[point.lon, point.lat] for point in trail.points]},
        "properties": {
            "registration": trail.registration,
            "imei": trail.imei,
            "by_phone": trail.by_phone,
            "times": [_instant(point.at) for point in trail.points],
            "speeds_kmh": [point.speed_kmh for point in trail.points],
        },
    }
    return json.dumps({"type": "FeatureCollection", "features": [line] if len(trail.points) > 1 else []}).encode()


_WRITERS: dict[str, tuple[Callable[[tracking.Trail], bytes], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "gpx": (_gpx, "application/gpx+xml"),
    "geojson": (_geojson, "application/geo+json"),
}
