"""What cases tell, words of the steps of cases and tasks, and facts that triggers need from several domains."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from immis.challans.events import ChallanIssued, NotStarted
from immis.core.events import Names, Payload, event, gathers, shared, step
from immis.enforcement import nouns
from immis.enforcement.facts import (
    device_facts,
    forbidden_facts,
    issued_facts,
    not_started_facts,
    receipt_facts,
)
from immis.ledger.events import ReceiptPaid, ReceiptRefused, ReceiptReversed, ReceiptVerified
from immis.tracking.events import InForbiddenArea, PowerCut, Tamper

__all__ = ["nouns"]

step("decision.asked_again", _("A decision was decided again, for an appeal"))
step("task.opened", _("The task landed on the desk"))
step("task.raised", _("More came of it: the task is a case's now"))
step("task.done", _("Done"))
step("task.dismissed", _("Dismissed"))
step("task.escalated", _("Escalated to headquarters: the due time passed"))
step("task.urged", _("The post was reminded of the task"))
step("task.reminded", _("The settlee was reminded"))
step("case.opened", _("Case opened"))
step("case.evidence", _("Further evidence"))
step("case.noticed", _("Notice sent"))
step("case.served", _("The notice was served"))
step("case.hearing_fixed", _("A hearing was fixed"))
step("case.hearing_put_off", _("The hearing was put off"))
step("case.heard", _("The hearing was held"))
step("case.measured", _("What the penalty is reckoned of was entered"))
step("case.stayed", _("The order is stayed"))
step("case.appeal_decided", _("The appeal is decided"))
step("case.ordered", _("Penalty ordered"))
step("case.paid", _("Penalty paid and verified"))
step("case.unpaid", _("The bank took the payment back: the penalty is owed again"))
step("case.closed", _("Case closed"))
step("case.dropped", _("Case dropped"))


@event("case.penalty", _("Penalty of a case ordered or paid"), about="case")
class CasePenalty(Payload):
    """A step of the penalty of a case: ``order`` or ``payment`` (A-16)."""

    case: str
    offence: str
    step: str
    step_at: datetime
    registration: str
    district: str
    party_id: int | None


@event("case.replied", _("Reply received"), about="case")
class CaseReplied(Payload):
    """The accused answered a notice himself, in time or late."""

    case: str
    offence: str
    registration: str
    district: str
    party_id: int | None
    reply: int
    is_late: bool


@event("case.appealed", _("An appeal was filed"), about="case")
class CaseAppealed(Payload):
    """The accused appeals against an order, or asks for a revision; ``to_role`` is the post that decides."""

    case: str
    offence: str
    registration: str
    district: str
    party_id: int | None
    appeal: str
    to_role: str


@shared
class DeadlineNews(Payload):
    """A day by which something was to be done (``enforcement.deadlines``)."""

    ABOUT = ("deadline",)

    deadline: str
    clock: str
    noun: str
    number: str
    district: str
    about: Names
    due_on: date


@event("deadline.passed", _("A day is over and what was to be done is not"))
class DeadlinePassed(DeadlineNews):
    """Nobody did it by its day."""


@event("deadline.kept", _("What was overdue is done"))
class DeadlineKept(DeadlineNews):
    """It was done after all, or its day was moved."""


@event("complaint.landed", _("A complaint landed with an office"), about="complaint")
class ComplaintLanded(Payload):
    """A complaint was made, or referred on; ``district`` is empty where headquarters answers."""

    complaint: str
    subject: Names
    district: str
    due_at: datetime
    due_on: date


@event("complaint.answered", _("A complaint was answered"), about="complaint")
class ComplaintAnswered(Payload):
    """The answer stands in the register; ``to_kind`` and ``to_id`` are the inbox of who made it, where he has one."""

    complaint: str
    subject: Names
    district: str
    to_kind: str
    to_id: str


gathers(Tamper, PowerCut)(device_facts)
gathers(InForbiddenArea)(forbidden_facts)
gathers(ChallanIssued)(issued_facts)
gathers(NotStarted)(not_started_facts)
gathers(ReceiptPaid, ReceiptRefused, ReceiptVerified, ReceiptReversed)(receipt_facts)
