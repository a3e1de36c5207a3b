"""What is done with the register of vehicles: one is registered, and changed with the reason (E-150)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Refusal
from immis.core.nouns import Page
from immis.core.papers.uploads import keep_document
from immis.registry.acts.common import district_choices, districts_in_reach
from immis.registry.models import Party, Vehicle
from immis.registry.selectors import parties, party_of
from immis.registry.services import NewVehicle, register_vehicle
from immis.registry.services.looked import confirm_vehicle, fill_from_vahan
from immis.registry.sheets.kinds import VEHICLES
from immis.rules.districts import NAMES_HI
from immis.rules.policy import book
from immis.rules.registry.cells import misfit
from immis.rules.registry.looks import UnseenFacts
from immis.rules.writing.texts import texts

Vehicle_ = Vehicle | None
_KG = {"required": False, "most": 200_000}


def _of_vehicle(name: str, default: Any = "") -> Callable[[Vehicle_, Actor, datetime], Any]:
    """What the register says of a vehicle; the default for a new one."""
    return lambda vehicle, by, at: getattr(vehicle, name) if vehicle else default


def _kinds(vehicle: Vehicle_, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(kind, dict(texts("registry/kinds")[kind])) for kind in VEHICLES]


def _classes(vehicle: Vehicle_, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The classes of VAHAN in which vehicles carry mineral; one that is on record stays among them."""
    known = [name for names in book().value("REG-24", at).values() for name in names]
    own = [vehicle.vehicle_class] if vehicle and vehicle.vehicle_class and vehicle.vehicle_class not in known else []
    return [("", _("not known")), *((name, {"en": name, "hi": name}) for name in (*known, *own))]


def _owner_name(vehicle: Vehicle_, by: Actor, at: datetime) -> str:
    if vehicle:
        return vehicle.owner_name
    return party_of(by.party_id).name_en if by.party_id else ""


def _owner(vehicle: Vehicle_, by: Actor, at: datetime) -> str:
    return vehicle.owner.pan if vehicle and vehicle.owner else ""


def _trolley(vehicle: Vehicle_, by: Actor, at: datetime) -> str:
    return vehicle.trolley.registration if vehicle and vehicle.trolley else ""


def districts_of(vehicle: Vehicle_, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    if by.party_id:
        return district_choices(vehicle, by, at)
    reach = districts_in_reach(vehicle, by, at)
    own = vehicle.district if vehicle else ""
    return reach if not own or own in dict(reach) else [*reach, (own, {"en": own, "hi": NAMES_HI.get(own, own)})]


def district_of(vehicle: Vehicle_, by: Actor, at: datetime) -> str:
    return (vehicle.district if vehicle else "") or by.district


def _is_office(vehicle: Vehicle_, by: Actor, at: datetime) -> bool:
    return not by.party_id


def _owner_of(text: str) -> Party | None:
    """The party of a PAN or code. Raises Refusal (REG-31) for nobody's."""
    if not text:
        return None
    row = parties(pan=text.upper(), pan_proved_at__isnull=False).first() or parties(code=text.lower()).first()
    if row is None:
        raise Refusal(misfit("owner_pan", text, "owner"))
    return row


def _register(*, by: Actor, at: datetime, owner: str = "", reason: str = "", **typed: Any) -> Vehicle:
    vehicle = NewVehicle(owner=_owner_of(owner), **_filled(typed))
    return register_vehicle(vehicle=vehicle, by=by, at=at, reason=reason)


def _change(*, vehicle: Vehicle, by: Actor, at: datetime, owner: str = "", reason: str, **typed: Any) -> Vehicle:
    changed = NewVehicle(registration=vehicle.registration, owner=_owner_of(owner), **_filled(typed))
    return register_vehicle(vehicle=changed, by=by, at=at, reason=reason)


def _filled(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed; a number of wheels that was left open is the register's usual one."""
    return {name: value for name, value in typed.items() if name != "wheels" or value is not None}


def _paper(name: str, label: Any) -> Field:
    return Field(name, "day", label, required=False, initial=_of_vehicle(name, None))


def _number(name: str, label: Any) -> Field:
    return Field(name, "text", label, required=False, max_length=40, initial=_of_vehicle(name))


def _unseen(vehicle: Vehicle, by: Actor, at: datetime) -> UnseenFacts:
    return UnseenFacts(vehicle.registration, is_seen=bool(vehicle.checked_how))


def _confirm(*, vehicle: Vehicle, document: Any, reason: str, by: Actor, at: datetime) -> Vehicle:
    kept = keep_document(document, at=at)
    return confirm_vehicle(vehicle=vehicle, reason=reason, document=kept, by=by, at=at)


_RECORD = (
    Field("kind", "choice", _("Kind"), choices=_kinds, initial=_of_vehicle("kind", "truck")),
    Field("vehicle_class", "choice", _("Class as VAHAN prints it"), required=False, choices=_classes,
          initial=_of_vehicle("vehicle_class")),
    Field("body", "text", _("Body"), required=False, max_length=60, initial=_of_vehicle("body")),
    Field("capacity_m3", "decimal", _("Capacity (cubic metres)"), least=1, digits=6,
          initial=_of_vehicle("capacity_m3")),
    Field("axles", "number", _("Axles"), required=False, most=30, initial=_of_vehicle("axles", None)),
    Field("wheels", "number", _("Wheels"), required=False, most=60, initial=_of_vehicle("wheels", None)),
    Field("unladen_kg", "number", _("Unladen weight (kg)"), initial=_of_vehicle("unladen_kg", None), **_KG),
    Field("gross_kg", "number", _("Gross weight (kg)"), initial=_of_vehicle("gross_kg", None), **_KG),
    Field("combination_kg", "number", _("Weight with trailer (kg)"),
          initial=_of_vehicle("combination_kg", None), **_KG),
    Field("trolley", "text", _("Trolley of a tractor (its own mark)"), required=False, max_length=14, initial=_trolley),
    Field("owner_name", "text", _("Owner as the certificate names him"), max_length=160, initial=_owner_name),
    Field("owner", "text", _("PAN or code of the party that it belongs to"), required=False, max_length=40,
          initial=_owner, asked=_is_office),
    Field("district", "choice", _("District whose office keeps it"), choices=districts_of, initial=district_of),
    Field("commercial", "yes_no", _("Registered as commercial"), required=False,
          initial=_of_vehicle("commercial", True)),
    _paper("registered_until", _("Registration valid until")),
    _paper("fitness_until", _("Fitness valid until")),
    _number("permit_no", _("Permit number")),
    _paper("permit_until", _("Permit valid until")),
    _number("insurance_no", _("Insurance number")),
    _paper("insurance_until", _("Insurance valid until")),
    _number("pollution_no", _("Pollution certificate number")),
    _paper("pollution_until", _("Pollution certificate valid until")),
)  # fmt: skip


def _to_vehicle(vehicle: Vehicle) -> Page:
    return Page("vehicle", (vehicle.registration,))


def _done(vehicle: Vehicle) -> str:
    return gettext("Vehicle %(mark)s is in the register.") % {"mark": vehicle.registration}


def _ended(values: Any, by: Actor, at: datetime) -> dict[str, Any]:
    """A day in the far past is a slip of the hand."""
    early = date(1950, 1, 1)
    days = {name: value for name, value in values.items() if name.endswith("_until") and value and value < early}
    return dict.fromkeys(days, _("This day is too long ago for a paper."))


declare(
    Act(
        "vehicle.register",
        "",
        "REG-24",
        _register,
        (Field("registration", "text", _("Registration mark"), max_length=14), *_RECORD),
        done=_done,
        leads_to=_to_vehicle,
        opens=True,
        check=_ended,
    ),
    place="new",
)
declare(
    Act(
        "vehicle.look",
        _("Fill from VAHAN"),
        "REG-37",
        fill_from_vahan,
        done=_("Class, weights and papers stand as VAHAN has them."),
    ),
    Act(
        "vehicle.confirm",
        _("Papers seen: the record counts"),
        "REG-37",
        _confirm,
        (
            Field("document", "document", _("Registration certificate and papers (PDF, JPG or PNG)")),
            Field("reason", "text", _("What was seen"), max_length=300),
        ),
        fits=(Gate("vehicle.confirm", _unseen),),
    ),
    place="vehicle",
)
declare(
    Act(
        "vehicle.change",
        _("Change the record"),
        "REG-10",
        _change,
        (
            *_RECORD,
            Field("active", "yes_no", _("Registration active"), required=False, initial=_of_vehicle("active", True)),
            Field("reason", "text", _("Reason"), max_length=300),
        ),
        shared_grant="vehicle.register",
        check=_ended,
    ),
    place="vehicle",
)
