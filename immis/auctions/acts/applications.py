"""What the committee does to a technical bid: its papers, successful or not (clause 8; E-006, E-056)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, services
from immis.auctions.models import PaperDecision, TechnicalBid
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Asked, Field, Gate, declare

__all__ = ["nouns"]

_IN_TIME = Gate("auction.technical_decision", gates.in_time_of)


def _again(gather: Asked) -> Gate:
    """Whether what was decided before leaves room for this (AUC-176)."""
    return Gate("auction.technical_again", gather)


_KEPT = _("The decision is kept and the bidder can see it.")


def _pass(*, application: TechnicalBid, reasons: str, by: Actor, at: datetime) -> TechnicalBid:
    return services.decide_technical(bid=application, passed=True, reasons=reasons, by=by, at=at)


def _fail(*, application: TechnicalBid, reasons: str, by: Actor, at: datetime) -> TechnicalBid:
    return services.decide_technical(bid=application, passed=False, reasons=reasons, by=by, at=at)


def _correct(*, application: TechnicalBid, reasons: str, by: Actor, at: datetime) -> TechnicalBid:
    return services.correct_reasons(bid=application, reasons=reasons, by=by, at=at)


def _judge(*, application: TechnicalBid, by: Actor, at: datetime, **finding: Any) -> PaperDecision:
    return services.judge_paper(bid=application, by=by, at=at, **finding)


def _reasons(bid: TechnicalBid, by: Actor, at: datetime) -> str:
    return str(bid.reasons)


_REASONS = Field(
    "reasons", "long_text", _("Reasons (needed where a bid fails)"), required=False, max_length=600, initial=_reasons
)

declare(
    Act(
        "application.declare_successful",
        _("Declare successful"),
        "AUC-14",
        _pass,
        (_REASONS,),
        fits=(_IN_TIME, _again(gates.pass_again), Gate("auction.technical_pass", gates.pass_of)),
        word="pass",
        shared_grant="application.decide",
        done=_KEPT,
    ),
    Act(
        "application.declare_unsuccessful",
        _("Declare not successful"),
        "AUC-12",
        _fail,
        (_REASONS,),
        fits=(_IN_TIME, _again(gates.fail_again)),
        word="fail",
        shared_grant="application.decide",
        done=_KEPT,
    ),
    Act(
        "application.correct_reasons",
        _("Correct the reasons"),
        "AUC-176",
        _correct,
        (_REASONS,),
        fits=(_IN_TIME, _again(gates.reasons_again)),
        word="reasons",
        shared_grant="application.decide",
        done=_KEPT,
    ),
    place="application",
)
declare(
    Act(
        "application.judge_paper",
        _("Judge a paper"),
        "AUC-12",
        _judge,
        (
            Field("letter", "text", _("Letter of the paper"), max_length=4),
            Field(
                "fit",
                "choice",
                _("Finding"),
                choices=(("1", _("Fit")), ("0", _("Unfit"))),
                read=lambda value: value == "1",
            ),
            Field("reason", "text", _("Reason"), required=False, max_length=300),
        ),
        fits=(_IN_TIME,),
        word="judge",
        shared_grant="application.decide",
        done=_KEPT,
    ),
    place="papers",
)
