"""Orders that bar a PAN from tenders: entered by any office, lifted by its own or headquarters (E-031, E-033)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, services
from immis.auctions.models import Debarment
from immis.clock import now
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.rules.policy import book
from immis.rules.writing.numbers import number_in_words

__all__ = ["CAUSES", "nouns"]

CAUSES = {
    "refused": _("The highest bidder refused"),
    "late": _("Formalities not completed in time"),
    "false_certificate": _("False certificate"),
    "other": _("Order of another office"),
}


def _runs_by_itself() -> str:
    years = int(book().value("AUC-84", now())["years"])
    return gettext("Empty: {years} years from its day.").format(years=number_in_words(years, get_language() or "hi"))


def _check(values: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    until_on, from_on = values.get("until_on"), values.get("from_on")
    wrong = until_on and from_on and until_on < from_on
    return {"until_on": _("The end lies before the beginning.")} if wrong else {}


def _enter(*, by: Actor, at: datetime, **order: Any) -> Debarment:
    return services.enter_debarment(debarment=services.NewDebarment(**order), by=by, at=at)


declare(
    Act(
        "debarment.enter",
        _("Enter a debarment"),
        "AUC-84",
        _enter,
        (
            Field("pan", "text", "PAN", max_length=10),
            Field("name", "text", _("Name"), max_length=160),
            Field("cause", "choice", _("Cause"), choices=tuple(CAUSES.items())),
            Field("order_number", "text", _("Number of the order"), max_length=80),
            Field("source", "text", _("Office that ordered it"), max_length=160),
            Field("from_on", "day", _("From")),
            Field("until_on", "day", _("Until"), required=False, help=lazy(_runs_by_itself, str)()),
        ),
        word="debar",
        shared_grant="debarment.order",
        check=_check,
        opens=True,
        done=_("The entry is kept."),
    ),
    place="register",
)
declare(
    Act(
        "debarment.lift",
        _("Lift the debarment"),
        "AUC-84",
        services.lift_debarment,
        (Field("order", "text", _("Number of the order"), max_length=80),),
        fits=(Gate("debarment.lift", gates.debarment_of),),
        shared_grant="debarment.order",
        done=_("The entry has ended by the order."),
    ),
    place="entry",
)
