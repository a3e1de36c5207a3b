"""Vehicles, drivers and places as lists before a reader: his party's, his district's, or the State's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.selectors import history_of
from immis.core.written import question
from immis.registry.models import Driver, Place, Vehicle
from immis.registry.selectors import plate
from immis.rules.policy import book
from immis.rules.registry.places import DESTINATIONS

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


def soon(today: date) -> date:
    """Until when a paper counts as ending soon (REG-34)."""
    return today + timedelta(days=int(book().value("REG-34", today)))


@dataclass(frozen=True)
class PaperEnd:
    """One paper of a vehicle with its end: ``state`` is missing, ended, ending (REG-34) or valid."""

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
        state = "ending" if until <= soon(today) else "valid"
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


def drivers_of(party_id: int, *, most: int = 200) -> list[Driver]:
    """The drivers that a party has entered and that drive."""
    return list(Driver.objects.filter(party_id=party_id, active=True)[:most])


def driver_meant(party_id: int, *, licence_no: str = "", name: str = "") -> Driver | None:
    """The driver whom a settlee means: of this licence, or the only one of his own by this name."""
    if licence_no:
        return Driver.objects.filter(licence_no=plate(licence_no)).first()
    named = _drivers_named.rows(party=party_id, name=name.strip()) if name.strip() else []
    return named[0] if len(named) == 1 else None


@question
def _drivers_named(party: int, name: str) -> QuerySet[Driver]:
    return Driver.objects.alias(large=Upper("name")).filter(party_id=party, large=Upper(name))[:2]


def destinations_like(text: str, *, most: int = 8) -> list[Place]:
    """Destinations whose code or name, in either language, begins with a text; the first so many by name."""
    begun = text.strip()
    found = Q(code__istartswith=begun) | Q(name_en__istartswith=begun) | Q(name_hi__istartswith=begun)
    return list(Place.objects.filter(found, kind__in=DESTINATIONS).order_by("name_en", "code")[:most]) if begun else []


def destinations_named(text: str, *, most: int = 8) -> list[Place]:
    """What somebody means who writes a destination: that of the code behind the last dot, of the name, or all alike."""
    written = text.strip()
    places = Place.objects.filter(kind__in=DESTINATIONS)
    code = written.rpartition("·")[2].strip()
    if row := places.filter(code__iexact=code).first():
        return [row]
    whole = list(places.filter(Q(name_en__iexact=written) | Q(name_hi__iexact=written)).order_by("code")[:most])
    return whole or destinations_like(written, most=most)


def changes_of(kind: str, number: str, *, most: int = 20) -> list[Any]:
    """What the log has of a thing, newest first: who entered and changed it, with before and after."""
    return list(history_of(kind, number).order_by("-seq")[:most])
