"""What a person asks about the own data, and what the office answers (DPDP)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.registry.models import DataRequest
from immis.registry.people import data_rights

REQUEST_KINDS = (
    ("correction", _("Correct something")),
    ("erasure", _("Erase something")),
    ("grievance", _("Complaint")),
)


def _answer(*, data_request: DataRequest, outcome: str, answer: str, by: Actor, at: datetime) -> DataRequest:
    granted = outcome == DataRequest.GRANTED
    return data_rights.answer_request(data_request=data_request, granted=granted, answer=answer, by=by, at=at)


declare(
    Act(
        "data_request.make",
        "",
        "PPL-09",
        data_rights.make_request,
        (
            Field("kind", "choice", _("What you ask for"), choices=REQUEST_KINDS),
            Field("text", "long_text", _("Which data, and what is right"), max_length=2000),
        ),
        done=_("Sent as %(number)s; you find the answer here."),
        leads_to=lambda row: Page("my_data"),
        opens=True,
    ),
    place="mine",
)
declare(
    Act(
        "data_request.answer",
        "",
        "PPL-10",
        _answer,
        (
            Field(
                "outcome",
                "choice",
                _("Decision"),
                choices=((DataRequest.GRANTED, _("Granted")), (DataRequest.REFUSED, _("Refused, by law"))),
            ),
            Field("answer", "long_text", _("Answer with its reason"), max_length=2000),
        ),
        fits=(Gate("data_request.answer", data_rights.standing_facts),),
        done=_("The request is answered."),
    ),
    place="answer",
)
