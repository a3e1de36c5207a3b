"""Entering destinations and check posts."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.registry.models import Place
from immis.registry.services.common import entered


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """A destination or check post, with the circle round it that counts as being there."""

    code: str
    kind: str
    name_en: str
    name_hi: str
    lat: float
    lon: float
    radius_m: int = 500
    district: str = ""


@transaction.atomic
def add_place(*, place: NewPlace, by: Actor = SYSTEM, at: datetime | None = None) -> Place:
    """Enter a destination or check post; changed, with what it was before in the log."""
    return entered(Place, vars(place), "place", by=by, at=at)[0]
