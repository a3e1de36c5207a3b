"""The acts by which an officer opens a case of what he found, and enters what its penalty is reckoned of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import NotFound, NotPermitted
from immis.core.nouns import Page
from immis.core.papers.uploads import keep_document
from immis.enforcement import gates, services
from immis.enforcement.acts.cases import step_gate
from immis.enforcement.models import Case
from immis.leases.selectors import lease_of
from immis.registry.selectors import vehicle_of
from immis.rules.movement.offences import offence, offences
from immis.rules.policy import book


def _offences(record: Any, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    return [(code, row.words) for code, row in offences().items()]


def _check(values: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """What is missing or wrong in a find as a whole."""
    faults: dict[str, Any] = {}
    registration, lease = values.get("registration") or "", values.get("lease") or ""
    if not registration and not lease:
        faults["registration"] = _("Give the vehicle or the settlement.")
    if registration and vehicle_of(registration) is None:
        faults["registration"] = _("This vehicle is not registered; register it first.")
    if lease:
        try:
            lease_of(lease, by)
        except (NotFound, NotPermitted):
            faults["lease"] = _("There is no such settlement in your district.")
    if (values.get("lat") is None) != (values.get("lon") is None):
        faults["lat"] = _("Give latitude and longitude together.")
    if values.get("seen_at") and values["seen_at"] > at:
        faults["seen_at"] = _("This time has not come yet.")
    return faults


@transaction.atomic
def _open(*, document: Any, by: Actor, at: datetime, **found: Any) -> Case:
    kept = services.Found(**found, document=keep_document(document, at=at))
    return services.open_found_case(kept, by=by, at=at)


def _to_case(case: Case) -> Page:
    return Page("office_case", (case.number,))


def _vehicles(case: Case, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    return [("", "—"), *book().entry("PEN-60").words.items()]


def _vehicle_now(case: Case, by: Actor, at: datetime) -> str:
    return gates.measured_of(case).vehicle


def _rivers(case: Case, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    """The rivers with a royalty of their own; the empty one is any other."""
    rivers = book().value("PEN-62", case.occurred_at)["rivers"] if _by_royalty(case, by, at) else {}
    return [("", _("another river")), *((name, name) for name in rivers)]


def _add_ons(case: Case, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    return [(code, dict(book().entry(code).title)) for code in offence(case.offence).add_ons]


def _by_royalty(case: Case, by: Actor, at: datetime) -> bool:
    return offence(case.offence).by_royalty


def _has_add_ons(case: Case, by: Actor, at: datetime) -> bool:
    return bool(offence(case.offence).add_ons)


def _measure(*, case: Case, by: Actor, at: datetime, **measured: Any) -> Case:
    return services.measure_case(case, measured=services.Measurement(**measured), by=by, at=at)


declare(
    Act(
        "case.open",
        _("Open a case"),
        "CAS-20",
        _open,
        (
            Field("offence", "choice", _("Offence"), choices=_offences),
            Field("registration", "text", _("Vehicle"), required=False, max_length=20, one_of=True),
            Field("lease", "text", _("Settlement"), required=False, max_length=30, one_of=True),
            Field("seen_at", "instant", _("Seen at")),
            Field("lat", "decimal", _("Latitude"), required=False, least=-90, most=90, digits=9, places=6),
            Field("lon", "decimal", _("Longitude"), required=False, least=-180, most=180, digits=9, places=6),
            Field("found", "long_text", _("What was found"), max_length=2000),
            Field(
                "document",
                "document",
                _("Photo, satellite image or paper"),
                help=_("An image of Google Earth or Bhuvan is evidence: its day is the time above."),
            ),
        ),
        word="open",
        done=_("The case is opened."),
        shared_grant="case.decide",
        check=_check,
        leads_to=_to_case,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "case.measure",
        _("Enter what the penalty is reckoned of"),
        "PEN-60",
        _measure,
        (
            Field("vehicle", "choice", _("Class of vehicle"), required=False, choices=_vehicles, initial=_vehicle_now),
            Field(
                "quantity_m3",
                "decimal",
                _("Mineral (cubic metres)"),
                required=False,
                digits=12,
                places=3,
                asked=_by_royalty,
            ),
            Field("river", "choice", _("River"), required=False, choices=_rivers, asked=_by_royalty),
            Field("add_ons", "choices", _("To be added"), required=False, choices=_add_ons, asked=_has_add_ons),
        ),
        fits=(step_gate("measure"), Gate("case.measure", gates.measuring_of)),
        word="measure",
        done=_("The penalty is reckoned anew."),
        shared_grant="case.decide",
    ),
    place="case",
)
