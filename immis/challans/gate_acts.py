"""What is done at the gate of a ghat: a batch of e-challans, a load found heavier, more time by a rule."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis.challans import changing, facts, loading, nouns, services
from immis.challans.models import Challan
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.leases.selectors import Lease
from immis.rules.catalogue import Finding

__all__ = ["nouns"]


def _new_batch(lease: Lease, by: Actor, at: datetime) -> str:
    return uuid4().hex[:24]


def _may_load(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """The vehicles at the ghat that may have an e-challan and have loaded here before: what a batch is made of."""
    rows = loading.loadable_vehicles(lease, by, at)
    return [(row.registration, _usual(row)) for row in rows if row.fits and row.seen and row.last]


def _usual(row: loading.Loadable) -> str:
    assert row.last is not None
    place = row.last.place.name_hi if get_language() == "hi" else row.last.place.name_en
    return f"{row.registration} · {row.capacity_m3 or row.last.quantity_m3:f} m³ · {place} · {row.last.driver_name}"


def _issue_all(
    *, lease: Lease, vehicles: Sequence[str], key: str, by: Actor, at: datetime
) -> tuple[list[Challan], list[Finding]]:
    return services.issue_usual_loads(lease=lease, marks=vehicles, key=key, by=by)


def _how_many(made: Sequence[Challan]) -> str:
    return gettext("E-challans issued: %(count)s.") % {"count": len(made)}


def weight_field(name: str, label: Any) -> Field:
    return Field(name, "number", label, required=False, least=1, most=200_000)


declare(
    Act(
        "lease.issue_challans",
        _("Issue an e-challan to each chosen vehicle"),
        "CH-01",
        _issue_all,
        (
            Field("vehicles", "choices", _("Vehicles at the ghat, each with its usual load"), choices=_may_load),
            Field("key", "text", _("Key"), required=False, max_length=24, initial=_new_batch, look="hidden"),
        ),
        fits=(Gate("challan.issue", facts.before_a_load), Gate("challan.operate", facts.operator_facts)),
        word="issue_all",
        shared_grant="challan.issue",
        done=_how_many,
    ),
    place="gate",
)
declare(
    Act(
        "challan.amend",
        _("Amend: the load is heavier"),
        "CH-42",
        services.amend_challan,
        (
            Field(
                "quantity_m3",
                "decimal",
                _("Quantity in cubic metres"),
                required=False,
                digits=7,
                places=3,
                help=_("Leave it open to have it reckoned from the weights."),
                read=lambda value: value or 0,
            ),
            weight_field("tare_kg", _("Empty weight (kg)")),
            weight_field("gross_kg", _("Gross weight (kg)")),
            Field("reason", "text", _("Reason")),
        ),
        fits=(Gate("challan.amend", changing.amend_facts),),
    ),
    Act(
        "challan.extend",
        _("More time: the vehicle broke down"),
        "CH-44",
        services.extend_challan,
        (Field("reason", "text", _("What broke down, and where?")),),
        fits=(Gate(changing.BREAKDOWN, changing.extend_facts),),
    ),
    Act(
        "challan.extend_outage",
        _("More time for the closure"),
        "CH-45",
        services.extend_for_outage,
        fits=(Gate(changing.OUTAGE, changing.extend_facts),),
        shared_grant="challan.extend",
    ),
    place="challan",
)
