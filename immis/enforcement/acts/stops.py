"""Stopping a settlement, a vehicle, a district or the whole State by a document (A-19, E-162)."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.core.papers.uploads import keep_document
from immis.core.services import Subject
from immis.holds.acts import REASON, REFERENCE
from immis.holds.selectors import Hold
from immis.holds.services import HoldOrder, order_hold
from immis.leases import selectors, services
from immis.registry.selectors import vehicle_of
from immis.rules.districts import NAMES_HI
from immis.rules.holds.orders import GROUNDS, STATE
from immis.rules.holds.stops import CHALLANS
from immis.tracking.devices import vehicle_in_reach

SCOPES = (
    ("lease", _("A settlement")),
    ("vehicle", _("A vehicle")),
    ("district", _("A district (closure)")),
    ("state", _("The whole State (closure)")),
)


def _closed(subject: str, by: Actor) -> str:
    """The district that a closure names; a district's office closes its own, and need not write it."""
    return subject.strip().title() if by.statewide else by.district


def _check(values: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    """What is missing or wrong in an order as a whole."""
    faults = {}
    scope, subject = values.get("scope"), values.get("subject", "")
    if scope in ("lease", "vehicle") and not subject.strip():
        faults["subject"] = _("Give the number of the settlement or vehicle.")
    if scope == "district" and _closed(subject, by) not in NAMES_HI:
        faults["subject"] = _("Give the name of the district, as in Munger.")
    since, until = values.get("since") or at, values.get("until")
    if until and until <= since:
        faults["until"] = _("The end lies before the start.")
    return faults


@transaction.atomic
def _order(*, scope: str, subject: str, ground: str, by: Actor, at: datetime, **order: Any) -> Hold:
    terms = {**order, "since": order["since"] or at, "document": keep_document(order["document"], at=at)}
    if scope in ("district", "state"):
        district = STATE if scope == "state" else _closed(subject, by)
        closure = services.Closure(ground=ground, **terms)
        return services.close_challans(district=district, closure=closure, by=by, at=at)
    stopped, facts = (_lease if scope == "lease" else _vehicle)(subject, by)
    return order_hold(subject=stopped, order=HoldOrder(stops=CHALLANS, **terms), facts=facts, by=by, at=at)


def _lease(number: str, by: Actor) -> tuple[Subject, dict[str, Any]]:
    lease = selectors.lease_of(number.strip(), by)
    return ("lease", lease.number), selectors.lease_facts(lease)


def _vehicle(number: str, by: Actor) -> tuple[Subject, dict[str, Any]]:
    known = vehicle_of(re.sub(r"\s", "", number))
    own = selectors.districts_of_party(known.owner_id) if known and known.owner_id else ()
    vehicle = vehicle_in_reach(by, number, districts=own)
    facts = {"district": by.district, "registration": vehicle.registration, "party_id": vehicle.owner_id}
    return ("vehicle", vehicle.registration), facts


declare(
    Act(
        "hold.order",
        _("Order a hold"),
        "HLD-03",
        _order,
        (
            Field("scope", "choice", _("What is stopped"), choices=SCOPES),
            Field(
                "subject",
                "text",
                _("Number of the settlement or vehicle"),
                required=False,
                max_length=40,
                help=_("For a closure of a district: its name; empty for your own district or the State."),
            ),
            Field("ground", "choice", _("Ground of a closure"), required=False, choices=(("", "—"), *GROUNDS.items())),
            Field("since", "instant", _("Starts"), required=False, help=_("Empty: from now.")),
            Field("until", "instant", _("Until"), required=False, help=_("A closure needs an end.")),
            REFERENCE,
            REASON,
            Field("document", "document", _("Document of the order"), required=False),
        ),
        check=_check,
        opens=True,
    ),
    place="order",
)
