"""What is done with the register of places: a destination or another place is entered, and changed with the reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.core.nouns import Page
from immis.registry.acts.vehicles import district_of, districts_of
from immis.registry.models import Place
from immis.registry.services.places import KINDS, NewPlace, enter_place
from immis.rules.registry.places import DESTINATIONS
from immis.rules.writing.texts import texts


def _of_place(name: str, default: Any = "") -> Callable[[Place | None, Actor, datetime], Any]:
    return lambda place, by, at: getattr(place, name) if place else default


def _kinds(place: Place | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The kinds that this reader enters; a place keeps the kind that it has."""
    kinds = [place.kind] if place else DESTINATIONS if by.party_id else KINDS
    return [(kind, dict(texts("registry/kinds").get(kind, {"en": kind, "hi": kind}))) for kind in kinds]


def _enter(*, by: Actor, at: datetime, **typed: Any) -> Place:
    typed = {**typed, "lat": float(typed["lat"]), "lon": float(typed["lon"])}
    return enter_place(place=NewPlace(code="", **typed), by=by, at=at)


def _change(*, place: Place, reason: str, by: Actor, at: datetime, **typed: Any) -> Place:
    typed = {**typed, "lat": float(typed["lat"]), "lon": float(typed["lon"])}
    return enter_place(place=NewPlace(code=place.code, **typed), by=by, at=at, reason=reason)


def _to_place(place: Place) -> Page:
    return Page("place", (place.code,))


_DEGREES = {"least": -180, "most": 180, "digits": 10, "places": 7}
_RECORD = (
    Field("kind", "choice", _("Kind"), choices=_kinds, initial=_of_place("kind", "destination")),
    Field("name_hi", "text", _("Name in Hindi"), max_length=120, initial=_of_place("name_hi")),
    Field("name_en", "text", _("Name in English"), max_length=120, initial=_of_place("name_en")),
    Field("lat", "decimal", _("Latitude (degrees)"), initial=_of_place("lat", None), **_DEGREES),
    Field("lon", "decimal", _("Longitude (degrees)"), initial=_of_place("lon", None), **_DEGREES),
    Field("radius_m", "number", _("Circle round it (metres)"), least=1, most=100_000,
          initial=_of_place("radius_m", 500)),
    Field("district", "choice", _("District"), choices=districts_of, initial=district_of),
)  # fmt: skip
declare(
    Act("place.enter", "", "REG-29", _enter, _RECORD, leads_to=_to_place, opens=True),
    place="new",
)
declare(
    Act(
        "place.change",
        _("Change the record"),
        "REG-29",
        _change,
        (*_RECORD, Field("reason", "text", _("Reason"), max_length=300)),
    ),
    place="place",
)
