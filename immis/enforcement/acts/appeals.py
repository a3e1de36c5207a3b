"""The acts of an appeal against an order of penalty: filed by the accused, stayed and decided by a higher post."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.enforcement import gates, services
from immis.enforcement.acts.cases import step_gate
from immis.enforcement.models import Case

OUTCOMES = (
    ("dismissed", _("Dismiss the appeal: the order stands")),
    ("set_aside", _("Set the order aside: the demand is withdrawn")),
    ("remanded", _("Send it back to be heard again")),
)


def _file(*, case: Case, grounds: str, document: Any, by: Actor, at: datetime) -> Case:
    kind = gates.next_kind(case)
    return services.file_appeal(case, kind=kind, grounds=grounds, document=document, by=by, at=at)


def _stay(*, case: Case, until: date, reference: str, by: Actor, at: datetime) -> Case:
    return services.stay_order(case, stay=services.Stay(until, reference), by=by, at=at)


declare(
    Act(
        "case.appeal",
        _("Appeal against the order"),
        "CAS-70",
        _file,
        (
            Field("grounds", "long_text", _("Grounds"), max_length=4000),
            Field("document", "document", _("Document"), required=False),
        ),
        fits=(step_gate("appeal"), Gate("case.appeal", gates.next_appeal_of)),
        word="appeal",
        done=_("The appeal is filed."),
    ),
    place="own",
)
declare(
    Act(
        "case.stay",
        _("Stay the order"),
        "CAS-74",
        _stay,
        (
            Field("until", "day", _("Stayed until")),
            Field("reference", "text", _("Order number"), max_length=120),
        ),
        fits=(step_gate("stay"), Gate("case.decide_appeal", gates.hearing_of)),
        word="stay",
        done=_("The order is stayed."),
    ),
    Act(
        "case.decide_appeal",
        _("Decide the appeal"),
        "CAS-72",
        services.decide_appeal,
        (
            Field("outcome", "choice", _("Decision"), choices=OUTCOMES),
            Field("decision", "long_text", _("Reasons"), max_length=4000),
        ),
        fits=(step_gate("decide_appeal"), Gate("case.decide_appeal", gates.hearing_of)),
        word="decide_appeal",
        done=_("The appeal is decided."),
    ),
    place="case",
)
