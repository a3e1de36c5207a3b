"""The acts on the clearances of a settlement (clauses 21, 37, 38): newer orders, proposals, the water engineer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.leases import facts, services
from immis.leases.acts.common import ON, REFERENCE, today
from immis.leases.acts.path import CLOSED_MONTHS, DAY, DOCUMENT, MONTH, QUANTITY, VALID_UNTIL, step_gate
from immis.leases.models import Lease
from immis.leases.selectors import clearances_of
from immis.rules.catalogue import Finding
from immis.rules.leases.clearances import KINDS


def _kinds(*, granted: bool) -> Callable[[Lease, Actor, datetime], list[tuple[str, Any]]]:
    """The clearances on record as choices: all that were applied for, or those that were granted."""

    def known(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, Any]]:
        return [(row.kind, KINDS[row.kind]) for row in clearances_of(lease).values() if row.granted_on or not granted]

    return known


def _kind(*, granted: bool) -> Field:
    return Field("kind", "choice", _("Which clearance"), choices=_kinds(granted=granted))


def _renew(*, lease: Lease, kind: str, by: Actor, at: datetime, **grant: Any) -> list[Finding]:
    return services.add_version(lease=lease, kind=kind, grant=services.ClearanceGrant(**grant), by=by, at=at)


def _answer_water(*, lease: Lease, on: date, answer: str, by: Actor, at: datetime, **letter: Any) -> Any:
    return services.answer_water(lease=lease, on=on, granted=answer == "yes", by=by, at=at, **letter)


_LETTER = Field("reference", "text", _("Number of the letter"), required=False, max_length=120)

declare(
    Act(
        "lease.renew_clearance",
        _("Record a newer order"),
        "LSE-31",
        _renew,
        (
            _kind(granted=True),
            REFERENCE,
            Field("granted_on", "day", _("Date of the order"), initial=today),
            VALID_UNTIL,
            replace(QUANTITY, required=False),
            MONTH,
            DAY,
            Field(
                "ends_limits",
                "yes_no",
                _("It ends the quantities of month and day that it does not name"),
                required=False,
            ),
            CLOSED_MONTHS,
            DOCUMENT,
        ),
        fits=(Gate("lease.after_step", facts.after_grant),),
        word="version",
        shared_grant="clearance.record",
    ),
    Act(
        "lease.follow_proposal",
        _("Follow a proposal"),
        "LSE-33",
        services.follow_proposal,
        (_kind(granted=False), Field("number", "text", _("Proposal number on PARIVESH"), max_length=80)),
        fits=(Gate("lease.after_step", facts.after_application),),
        word="proposal",
        shared_grant="clearance.record",
    ),
    Act(
        "lease.apply_for_water",
        _("Water Resources permission applied for"),
        "LSE-30",
        services.apply_for_water,
        (replace(ON, label=_("Applied on")), _LETTER),
        fits=(step_gate("water_applied"),),
        word="water",
        shared_grant="clearance.record",
    ),
    Act(
        "lease.answer_water",
        _("Water Resources permission answered"),
        "LSE-30",
        _answer_water,
        (
            replace(ON, label=_("Answered on")),
            Field(
                "answer",
                "choice",
                _("Answer of the engineer"),
                choices=(("yes", _("permission given")), ("no", _("permission refused"))),
            ),
            _LETTER,
            DOCUMENT,
        ),
        fits=(step_gate("water_answered"),),
        word="answer",
        shared_grant="clearance.record",
    ),
    place="clearances",
)
