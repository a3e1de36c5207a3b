"""What a post may do to a weighbridge: apply, visit, fence, approve, stamp, pair, cut off, move, take away."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.leases.selectors import leases
from immis.registry.acts.common import CORNERS, read_corners
from immis.registry.acts.vehicles import districts_of
from immis.rules.land.earth import circle
from immis.rules.weighbridges.bridges import StandingFacts
from immis.weighbridges import nouns
from immis.weighbridges.models import Bridge
from immis.weighbridges.selectors import devices_of, standing_facts
from immis.weighbridges.services import bridges, pairing

__all__ = ["nouns"]

SITES = {
    "ghat": _("at a sand ghat"),
    "k_licence": _("at a storage site (K-licence)"),
    "public": _("a public weighbridge"),
}
_MOST = 200


def _gate(act: str) -> Gate:
    """Whether an act fits the weighbridge in its state (WB-05)."""

    def gather(bridge: Bridge, by: Actor, at: datetime) -> StandingFacts:
        return standing_facts(bridge, at, act=act)

    return Gate("weighbridge.change", gather)


def _approval_facts(bridge: Bridge, by: Actor, at: datetime) -> StandingFacts:
    return standing_facts(bridge, at, act="approve")


def _settlements(bridge: Bridge | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    rows = leases(by)[:_MOST]
    return [("", gettext("none"))] + [
        (row.number, {"en": f"{row.number} · {row.block.name_en}", "hi": f"{row.number} · {row.block.name_hi}"})
        for row in rows
    ]


def _place(typed: Mapping[str, Any]) -> tuple[float, float]:
    return float(typed["lat"]), float(typed["lon"])


def _district(bridge: Bridge | None, by: Actor, at: datetime) -> str:
    return by.district


def _districts(bridge: Bridge | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return districts_of(None, by, at)


def _of_site(typed: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """A ghat is named by its settlement, a storage site by its licence."""
    if typed.get("site") == "ghat" and not typed.get("lease"):
        return {"lease": gettext("Name the settlement of the ghat.")}
    if typed.get("site") != "ghat" and not typed.get("district"):
        return {"district": gettext("Choose the district.")}
    if typed.get("site") == "k_licence" and not typed.get("licence", "").strip():
        return {"licence": gettext("Write the number of the K-licence.")}
    return {}


def _apply(*, by: Actor, at: datetime, **typed: Any) -> Bridge:
    stamp = bridges.Certificate(**{name: typed.pop(name) for name in ("certificate", "stamped_on", "document")})
    number = typed.pop("lease", "")
    lease = leases(by, number=number).first() if number and typed["site"] == "ghat" else None
    lat, lon = _place(typed)
    new = bridges.NewBridge(**{**typed, "lat": lat, "lon": lon, "lease": lease})
    return bridges.apply_for(bridge=new, stamp=stamp, by=by, at=at)


def _visit(*, bridge: Bridge, by: Actor, at: datetime, photo: Any, remark: str = "", **typed: Any) -> Bridge:
    return bridges.record_visit(bridge=bridge, place=_place(typed), photo=photo, remark=remark, by=by, at=at)


def _fence(*, bridge: Bridge, by: Actor, at: datetime, radius_m: Any = None, corners: Any = (), **order: str) -> Bridge:
    drawn = corners or circle((bridge.lat, bridge.lon), radius_m)
    return bridges.fence_in(bridge=bridge, corners=drawn, by=by, at=at, **order)


def _of_shape(typed: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """A circle round the bridge, or the corners of a polygon."""
    if typed.get("radius_m") or typed.get("corners"):
        return {}
    return {"radius_m": gettext("Write the radius of a circle, or the corners.")}


def _restamp(*, bridge: Bridge, by: Actor, at: datetime, **typed: Any) -> Bridge:
    return bridges.restamp(bridge=bridge, stamp=bridges.Certificate(**typed), by=by, at=at)


def _move(*, bridge: Bridge, by: Actor, at: datetime, reason: str, **typed: Any) -> Bridge:
    return bridges.move(bridge=bridge, place=_place(typed), reason=reason, by=by, at=at)


def _of_bridge(service: Callable[..., Bridge]) -> Callable[..., Bridge]:
    """The service with the record under the noun's name."""

    def do(*, weighbridge: Bridge, **typed: Any) -> Bridge:
        return service(bridge=weighbridge, **typed)

    return do


def _paired(bridge: Bridge, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(row.number, row.number) for row in devices_of(bridge) if row.revoked_at is None]


def _to_bridge(bridge: Bridge) -> Page:
    return Page("weighbridge", (bridge.number,))


_DEGREES = {"least": 0, "most": 180, "digits": 10, "places": 7}
_PLACE = (
    Field("lat", "decimal", _("Latitude (degrees)"), mark="lat", **_DEGREES),  # type: ignore[arg-type]
    Field("lon", "decimal", _("Longitude (degrees)"), mark="lon", **_DEGREES),  # type: ignore[arg-type]
)
_STAMP = (
    Field("certificate", "text", _("Number of the certificate of stamping"), max_length=60),
    Field("stamped_on", "day", _("Stamped on")),
    Field("document", "document", _("Certificate of stamping"), required=False),
)
_REASON = Field("reason", "text", _("Reason"), max_length=300)

declare(
    Act(
        "weighbridge.apply",
        "",
        "WB-01",
        _apply,
        (
            Field("name_hi", "text", _("Name in Hindi"), max_length=120),
            Field("name_en", "text", _("Name in English"), max_length=120),
            Field("site", "choice", _("Where it stands"), choices=tuple(SITES.items())),
            Field("lease", "choice", _("Settlement of the ghat"), required=False, choices=_settlements),
            Field("licence", "text", _("Number of the K-licence"), required=False, max_length=60),
            Field(
                "district",
                "choice",
                _("District"),
                required=False,
                help=_("Of a ghat it is known from its settlement."),
                choices=_districts,
                initial=_district,
            ),
            *_PLACE,
            Field("indicator", "text", _("Make and model of the indicator"), max_length=80),
            Field("capacity_kg", "number", _("Capacity (kg)"), least=1, most=1_000_000),
            Field("division_kg", "number", _("One division (kg)"), least=1, most=1000),
            *_STAMP,
        ),
        check=_of_site,
        done=_("Applied for: the district visits, fences and approves it."),
        leads_to=_to_bridge,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "weighbridge.visit",
        "",
        "WB-02",
        _of_bridge(_visit),
        (
            *_PLACE,
            Field("photo", "document", _("Photo of the weighbridge")),
            Field("remark", "long_text", _("Remark"), required=False, max_length=500),
        ),
        fits=(_gate("visit"),),
    ),
    Act(
        "weighbridge.fence",
        _("Fence it"),
        "DEV-40",
        _of_bridge(_fence),
        (
            Field("radius_m", "number", _("Circle round it (metres)"), required=False, least=5, most=500, one_of=True),
            Field(
                "corners",
                "long_text",
                _("Corners, one a line: latitude, longitude"),
                required=False,
                max_length=20_000,
                pattern=CORNERS,
                mark="corners",
                read=read_corners,
                one_of=True,
            ),
            _REASON,
            Field("reference", "text", _("Order number"), max_length=120),
        ),
        fits=(_gate("fence"),),
        check=_of_shape,
        shared_grant="fence.draw",
        done=_("It is fenced; the settlees near it are told by SMS and e-mail."),
    ),
    Act(
        "weighbridge.approve",
        "",
        "WB-06",
        _of_bridge(bridges.approve),
        (Field("reference", "text", _("Order number"), max_length=120),),
        fits=(_gate("approve"), Gate("weighbridge.approve", _approval_facts)),
    ),
    Act(
        "weighbridge.pair",
        "",
        "WB-07",
        _of_bridge(pairing.make_code),
        fits=(_gate("pair"),),
        done=_("The code stands on this page; it serves once."),
    ),
    Act("weighbridge.restamp", "", "WB-03", _of_bridge(_restamp), _STAMP, fits=(_gate("restamp"),)),
    Act("weighbridge.move", "", "WB-04", _of_bridge(_move), (*_PLACE, _REASON), fits=(_gate("move"),)),
    Act(
        "weighbridge.revoke",
        "",
        "WB-05",
        _of_bridge(pairing.revoke),
        (Field("device", "choice", _("Paired software"), choices=_paired), _REASON),
        fits=(_gate("revoke"),),
        ends=_("I know that its weighments are taken no more."),
    ),
    Act(
        "weighbridge.refuse",
        "",
        "WB-05",
        _of_bridge(bridges.refuse),
        (_REASON,),
        fits=(_gate("refuse"),),
        ends=_("I know that the application ends with this."),
    ),
    Act(
        "weighbridge.end",
        "",
        "WB-05",
        _of_bridge(bridges.take_away),
        (_REASON,),
        fits=(_gate("end"),),
        ends=_("I know that it weighs no more and its software is cut off."),
    ),
    place="weighbridge",
)
