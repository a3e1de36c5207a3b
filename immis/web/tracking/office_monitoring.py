"""The monitoring map: vehicles as they move, one followed, its trail read and logged (A-27, E-157)."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.challans import selectors as challans
from immis.core.events import words_of
from immis.reading import whole_number
from immis.registry import selectors as registry
from immis.tracking import places
from immis.tracking import selectors as tracking
from immis.tracking.events import (
    Emergency,
    Flood,
    FloodEnded,
    Login,
    Network,
    PowerCut,
    PowerRestored,
    Serviced,
    Tamper,
    Unknown,
)
from immis.tracking.live import packed
from immis.web.challans import words as challan_words
from immis.web.shell import wording
from immis.web.shell.components import Signal
from immis.web.shell.districts import district_name
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page
from immis.web.tracking import office_looks as looks

STATES = {
    "trouble": ("bad", gettext_lazy("Trouble")),
    "silent": ("warn", gettext_lazy("Silent")),
    "moving": ("good", gettext_lazy("Moving")),
    "standing": ("info", gettext_lazy("Standing")),
}
#: how the signals of a device are drawn; their words are the events'
SIGNALS = {
    Tamper.KIND: "bad",
    PowerCut.KIND: "warn",
    PowerRestored.KIND: "good",
    Serviced.KIND: "info",
    Emergency.KIND: "bad",
    Login.KIND: "info",
    Network.KIND: "info",
    Unknown.KIND: "warn",
    Flood.KIND: "bad",
    FloodEnded.KIND: "info",
}
HOURS = (1, 6, 24)
MOST_LISTED = 100  # rows beside the map; the map itself has all


class FilterForm(forms.Form):
    """Which vehicles the map shows."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    q = forms.CharField(label=gettext_lazy("Vehicle"), required=False, max_length=12)
    district = forms.ChoiceField(label=gettext_lazy("District"), required=False)
    ghat = forms.ChoiceField(label=gettext_lazy("At the ghat"), required=False)

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        every = [("", gettext_lazy("all"))]
        self.fields["state"].choices = every + [(state, label) for state, (_drawn, label) in STATES.items()]
        blocks = list(registry.blocks())
        self.fields["ghat"].choices = every + [(block.code, wording.name_of(block)) for block in blocks]
        names = sorted({*(block.district for block in blocks), *tracking.districts_seen()})
        self.fields["district"].choices = every + [
            (name, district_name(name, wording.lang())) for name in names if name
        ]
        if not viewer.statewide:
            del self.fields["district"]

    def chosen(self) -> dict[str, str]:
        payload = self.cleaned_data if self.is_valid() else {}
        ghat = payload.get("ghat", "")
        return {
            "state": payload.get("state", ""),
            "text": payload.get("q", ""),
            "district": payload.get("district", ""),
            "fence": f"ghat:{ghat}" if ghat else "",
        }


def _vehicles(request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    form = FilterForm(request.GET, viewer=request.actor)
    result = tracking.live_vehicles(request.actor, at=at, limit=MOST_LISTED, **form.chosen())
    live = challans.live_challans_of([row.registration for row in result], viewer=request.actor)
    return [_row(row, live.get(row.registration)) for row in result]


def _row(live_vehicle: tracking.LiveVehicle, challan: Any) -> dict[str, Any]:
    drawn, label = STATES[live_vehicle.state]
    return {
        "one": live_vehicle,
        "chip": drawn,
        "label": str(label),
        "seen": wording.ago_or_in(live_vehicle.last.at),
        "speed": round(live_vehicle.last.speed_kmh),
        "url": reverse("monitoring_vehicle", args=[live_vehicle.registration]),
        "challan": challan,
        "challan_code": challan.number if challan else "",
        "where": f"{wording.name_of(challan.lease.block)} → {wording.name_of(challan.place)}" if challan else "",
    }


@page("vehicle.track")
def monitoring(request: HttpRequest) -> HttpResponse:
    """Moving vehicles on a map and in a list beside it, read anew every two seconds."""
    at = clock.now()
    form = FilterForm(request.GET or None, viewer=request.actor)
    if wanted_format(request):
        chosen = FilterForm(request.GET, viewer=request.actor).chosen()
        result = tracking.live_vehicles(request.actor, at=at, **chosen)
        return table_response(request, columns=_columns(), rows=result, name="vehicles")
    context = {"form": form, "rows": _vehicles(request, at), "counts": _counts(request, at), "most": MOST_LISTED}
    return render(request, "tracking/monitoring.html", {**context, **_map_context(request)})


def _map_context(request: HttpRequest) -> dict[str, Any]:
    """What the live map's script is told by the page."""
    follow = registry.plate(request.GET.get("follow", ""))[:12]
    return {
        "states": [(state, drawn, label) for state, (drawn, label) in STATES.items()],
        "follow": follow,
        "vehicle_url": reverse("monitoring_vehicle", args=["PLATE"]),
        "trail_url": reverse("monitoring_trail", args=["PLATE"]),
    }


@page("vehicle.track")
def wall(request: HttpRequest) -> HttpResponse:
    """The wall of the monitoring cell: the whole screen a map, big figures, districts by key, no hands needed."""
    at = clock.now()
    names = [(row, district_name(row, wording.lang())) for row in tracking.districts_seen()]
    context = {"counts": _counts(request, at), "districts": names if request.actor.statewide else []}
    return render(request, "tracking/wall.html", {**context, **_map_context(request)})


def _counts(request: HttpRequest, at: datetime) -> list[dict[str, Any]]:
    result = tracking.state_counts(request.actor, at=at)
    return [
        {"state": state, "chip": drawn, "label": label, "count": result[state]}
        for state, (drawn, label) in STATES.items()
    ]


def _columns() -> list[Column]:
    return [
        Column(_("Vehicle"), "registration"),
        Column(_("State"), lambda row: str(STATES[row.state][1])),
        Column(_("Position at"), "last.at", "at"),
        Column(_("Latitude"), "last.lat"),
        Column(_("Longitude"), "last.lon"),
        Column(_("Speed (km/h)"), lambda item: round(item.last.speed_kmh)),
        Column("IMEI", "last.imei"),
        Column(_("phone"), lambda entry: _("phone") if entry.phone else ""),
    ]


@page("vehicle.track")
def monitoring_vehicles(request: HttpRequest) -> JsonResponse:
    """The vehicles of the list as GeoJSON (the first ones by the filters), with the ghats under them."""
    rows = _vehicles(request, clock.now())
    features = [ghat_feature(block) for block in registry.blocks()] + [_feature(row) for row in rows]
    return _geojson(features)


@page("vehicle.track")
def monitoring_live(request: HttpRequest) -> HttpResponse:
    """Every vehicle that this post may see, in columns (see ``tracking.live.packed``); only news with ``?since=``."""
    since, mark = (whole_number(request.GET.get(name, "")) or 0 for name in ("since", "set"))
    fence = FilterForm(request.GET, viewer=request.actor).chosen()["fence"]
    body = packed(request.actor, at=clock.now(), since=since, set_mark=mark, fence=fence)
    return HttpResponse(body, content_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def _geojson(features: list[dict[str, Any]]) -> JsonResponse:
    body = {"type": "FeatureCollection", "features": features}
    return JsonResponse(body, content_type="application/geo+json", headers={"Cache-Control": "no-store"})


def ghat_feature(block: Any) -> dict[str, Any]:
    """A ghat as maps draw it."""
    ring = [[lon, lat] for lat, lon in block.corners]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {
            "id": f"ghat:{block.code}",
            "kind": "ghat",
            "name": wording.name_of(block),
            "url": reverse("ghat", args=[block.code]),
        },
    }


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    item = row["one"]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [item.last.lon, item.last.lat]},
        "properties": {
            "id": item.registration,
            "kind": "vehicle",
            "name": item.registration,
            "state": row["chip"],
            "label": row["label"],
            "heading": item.last.heading,
            "speed": row["speed"],
            "seen": row["seen"],
            "where": row["where"],
            "challan": row["challan"].number if row["challan"] else "",
            "phone": item.phone,
            "url": row["url"],
        },
    }


def _span(request: HttpRequest, at: datetime) -> tuple[datetime, datetime, int]:
    hours = {str(row): row for row in HOURS}.get(request.GET.get("hours", ""), HOURS[1])
    return at - timedelta(hours=hours), at, hours


@page("vehicle.track")
def monitoring_vehicle(request: HttpRequest, registration: str) -> HttpResponse:
    """One vehicle: where it is, trips, challans, what its device told; reading its trail is logged."""
    at = clock.now()
    start, end, hours = _span(request, at)
    device = looks.device_seen(request, registration)
    reason = looks.reason_for(request, device.vehicle.registration)
    if not reason:
        return looks.ask(request, device.vehicle.registration)
    trail = tracking.trail(request.actor, imei=device.imei, start=start, end=end, at=at, reason=reason)
    last = tracking.last_fix(device.imei)
    state = tracking.state_of(last, at=at) if last else "silent"
    context = {
        "vehicle": device.vehicle,
        "device": device,
        "last": last,
        "chip": STATES[state],
        "trail": trail,
        "trips": _trips(trail),
        "signals": _signals(trail),
        "reason": reason,
        "challans": _challans(request, device.vehicle, at),
        "hours": hours,
        "spans": HOURS,
        "start": start,
        "end": end,
        "source": f"{reverse('monitoring_trail', args=[device.vehicle.registration])}?hours={hours}",
    }
    return render(request, "tracking/vehicle.html", context)


def _challans(request: HttpRequest, vehicle: Any, at: datetime) -> list[dict[str, Any]]:
    challan = challans.challans(request.actor, vehicle=vehicle)[:10]
    return [{"challan": row, "code": row.number, "chip": challan_words.state_chip(row, at=at)} for row in challan]


def fence_names() -> dict[str, str]:
    """The name of each fence in the reader's language, by its id."""
    return {fence: wording.name_of(names) for fence, names in places.fence_names().items()}


def _trips(trail: tracking.Trail) -> list[dict[str, Any]]:
    names = fence_names()
    return [
        {
            "trip": trip,
            "source": names.get(trip.source_fence, trip.source_fence),
            "destination": names.get(trip.destination_fence, trip.destination_fence),
        }
        for trip in trail.trips
    ]


def _signals(trail: tracking.Trail) -> list[Signal]:
    results = [
        Signal(event.at, _("Device"), words_of(event.kind), SIGNALS[event.kind])
        for event in trail.events
        if event.kind in SIGNALS
    ]
    driven = [Signal(trip.started_at, _("Trips"), _("Trip"), "info", until=trip.ended_at) for trip in trail.trips]
    return results + driven


@page("vehicle.track")
def monitoring_trail(request: HttpRequest, registration: str) -> JsonResponse:
    """The trail as GeoJSON for the map of the vehicle's page; this reading is logged as well."""
    at = clock.now()
    start, end, _hours = _span(request, at)
    device = looks.device_seen(request, registration)
    reason = looks.reason_for(request, device.vehicle.registration)
    trail = tracking.trail(request.actor, imei=device.imei, start=start, end=end, at=at, reason=reason)
    features = [ghat_feature(block) for block in registry.blocks()]
    if len(trail.points) > 1:
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": [[p.lon, p.lat] for p in trail.points]},
                "properties": {"id": "trail", "kind": "trail", "name": trail.registration},
            }
        )
    last = tracking.last_fix(device.imei)
    if last is not None:
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [last.lon, last.lat]},
                "properties": {
                    "id": trail.registration,
                    "kind": "vehicle",
                    "name": trail.registration,
                    "state": STATES[tracking.state_of(last, at=at)][0],
                    "heading": last.heading,
                },
            }
        )
    return _geojson(features)
