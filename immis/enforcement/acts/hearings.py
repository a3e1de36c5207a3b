"""The acts of a hearing: fixed, put off, held with who came and its minutes."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.enforcement import gates, services
from immis.enforcement.acts.cases import step_gate
from immis.enforcement.models import Case

CAME = (
    ("accused", _("the accused came")),
    ("representative", _("his representative came")),
    ("nobody", _("nobody came")),
)
_STANDS = Gate("case.hearing_stands", gates.hearing_standing_of)
_WHEN = Field("fixed_at", "instant", _("Day and time of the hearing"))


def _hold(*, case: Case, came: str, minutes: str, by: Actor, at: datetime) -> Case:
    return services.hold_hearing(case, held=services.Held(came, minutes), by=by, at=at)


declare(
    Act(
        "case.fix_hearing",
        _("Fix a hearing"),
        "CAS-62",
        services.fix_hearing,
        (_WHEN, Field("place", "text", _("Place"), max_length=200)),
        fits=(step_gate("fix_hearing"), Gate("case.no_hearing", gates.hearing_standing_of)),
        word="fix_hearing",
        done=_("The hearing is fixed."),
        shared_grant="case.decide",
    ),
    Act(
        "case.put_off",
        _("Put the hearing off"),
        "CAS-63",
        services.put_off_hearing,
        (_WHEN, Field("reason", "long_text", _("Reason"), max_length=1000)),
        fits=(step_gate("put_off"), _STANDS),
        word="put_off",
        done=_("The hearing is put off."),
        shared_grant="case.decide",
    ),
    Act(
        "case.hold_hearing",
        _("Write the minutes of the hearing"),
        "CAS-64",
        _hold,
        (
            Field("came", "choice", _("Attendance"), choices=CAME),
            Field("minutes", "long_text", _("Minutes"), max_length=4000),
        ),
        fits=(step_gate("hold_hearing"), _STANDS),
        word="hold_hearing",
        done=_("The minutes are kept."),
        shared_grant="case.decide",
    ),
    place="case",
)
