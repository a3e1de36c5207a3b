"""Vehicles, drivers and places as lists before a reader: his party's, his district's, or the State's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.selectors import history_of
from immis.registry.models import Place, Vehicle
from immis.registry.selectors import plate
from immis.registry.thing_models import Driver

#: The papers of a vehicle that end, in the order of its certificate.
PAPERS = ("registered_until", "fitness_until", "permit_until", "insurance_until", "pollution_until")


def vehicles_listed(viewer: Actor, **filters: Any) -> QuerySet[Vehicle]:
    """Vehicles with their papers: the own ones of a party, those that a district's office keeps, or all."""
    reach = visible(viewer, "vehicle.list", party="owner")
    return Vehicle.objects.filter(reach, **filters).select_related("owner", "trolley").order_by("registration")


def vehicle_listed(mark: str, viewer: Actor) -> Vehicle:
    """One vehicle with its papers. Raises NotFound unless this viewer may see it."""
    row = vehicles_listed(viewer, registration=plate(mark)).first()
    if row is None:
        raise NotFound(f"vehicle {mark}")
    return row


def with_ending_paper(rows: QuerySet[Vehicle], *, until: date) -> QuerySet[Vehicle]:
    """Those of some vehicles of which a paper ends by a day."""
    ending = Q()
    for name in PAPERS:
        ending |= Q(**{f"{name}__lte": until})
    return rows.filter(ending)


@dataclass(frozen=True)
class PaperEnd:
    """One paper of a vehicle with its end: ``state`` is missing, ended, ending (within thirty days) or valid."""

    name: str
    until: date | None
    number: str
    state: str


def papers_of(vehicle: Vehicle, *, today: date) -> Sequence[PaperEnd]:
    """The papers of a vehicle and how each stands on a day."""
    return [_paper(vehicle, name, today) for name in PAPERS]


def _paper(vehicle: Vehicle, name: str, today: date) -> PaperEnd:
    until = getattr(vehicle, name)
    number = getattr(vehicle, name.replace("_until", "_no"), "")
    if until is None:
        state = "missing"
    elif until < today:
        state = "ended"
    else:
        state = "ending" if until <= today + timedelta(days=30) else "valid"
    return PaperEnd(name, until, number, state)


def drivers_listed(viewer: Actor, **filters: Any) -> QuerySet[Driver]:
    """Drivers: the own ones of a party, those that a district's office keeps, or all."""
    reach = visible(viewer, "driver.list", party="party")
    return Driver.objects.filter(reach, **filters).select_related("party")


def driver_of(licence_no: str, viewer: Actor) -> Driver:
    """One driver by his licence. Raises NotFound unless this viewer may see him."""
    row = drivers_listed(viewer, licence_no=plate(licence_no)).first()
    if row is None:
        raise NotFound(f"driver {licence_no}")
    return row


def places_listed(viewer: Actor, **filters: Any) -> QuerySet[Place]:
    """Places of the reach; to a party every destination stands open."""
    return Place.objects.filter(visible(viewer, "place.list"), **filters).order_by("code")


def changes_of(kind: str, number: str, *, most: int = 20) -> list[Any]:
    """What the log has of a thing, newest first: who entered and changed it, with before and after."""
    return list(history_of(kind, number).order_by("-seq")[:most])
