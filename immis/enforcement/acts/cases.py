"""The acts on a case of penalty: notice, reply, order, close, drop (A-15, A-24)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.papers.uploads import keep_document
from immis.enforcement import gates, nouns, services
from immis.enforcement.models import Case
from immis.registry.selectors import parties
from immis.rules.money import PAISE, paise
from immis.rules.movement.cases import StepFacts

__all__ = ["nouns"]

#: How a paper is served beside portal, SMS and e-mail.
SERVED = (("post", _("registered post")), ("hand", _("by hand")), ("affixed", _("affixed at the place")))
_REASON = Field("outcome", "long_text", _("Outcome or reason"), max_length=2000)


def step_gate(act: str) -> Gate:
    """Whether it is this act's turn (CAS-06)."""

    def gather(case: Case, by: Actor, at: datetime) -> StepFacts:
        return StepFacts(case.number, act, case.state)

    return Gate("case.step", gather)


def _nobody_is_liable(case: Case, by: Actor, at: datetime) -> bool:
    return case.party_id is None


def _parties(case: Case, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    """Everybody who could be liable."""
    named = [(str(p.pk), {"en": f"{p.name_en} ({p.code})", "hi": f"{p.name_hi} ({p.code})"}) for p in parties()]
    return [("", "—"), *named]


def _table(case: Case, by: Actor, at: datetime) -> Decimal | None:
    """The amount of the table, in rupees."""
    return Decimal(case.proposed_paise) / PAISE if case.proposed_paise else None


def _notice(*, case: Case, by: Actor, at: datetime, party: str = "") -> Case:
    chosen = parties(pk=party).first() if party else None
    return services.send_notice(case, party=chosen, by=by, at=at)


def _order(*, case: Case, amount: Decimal, reason: str, by: Actor, at: datetime) -> Case:
    return services.order_penalty(case, amount_paise=paise(amount), reason=reason, by=by, at=at)


@transaction.atomic
def _service(*, case: Case, document: Any, by: Actor, at: datetime, **proof: Any) -> Case:
    kept = services.Proof(**proof, document=keep_document(document, at=at))
    services.record_service(case, proof=kept, by=by, at=at)
    return case


def _answer(*, case: Case, reply: str, by: Actor, at: datetime, **documents: Any) -> Case:
    files = [file for file in documents.values() if file]
    return services.answer_case(case, reply=reply, documents=files, by=by, at=at)


def _drop(*, case: Case, outcome: str, by: Actor, at: datetime) -> Case:
    return services.drop_case(case, reason=outcome, by=by, at=at)


def _act(name: str, label: Any, clause: str, do: Any, fields: tuple[Field, ...], *fits: Gate, **more: Any) -> Act:
    word = more.pop("word")
    return Act(
        name, label, clause, do, fields, fits=(step_gate(word), *fits), word=word, shared_grant="case.decide", **more
    )


declare(
    _act(
        "case.send_notice",
        _("Send the notice"),
        "CAS-01",
        _notice,
        (
            Field(
                "party",
                "choice",
                _("Liable party"),
                required=False,
                choices=_parties,
                asked=_nobody_is_liable,
            ),
        ),
        word="notice",
        done=_("The notice is sent."),
    ),
    _act(
        "case.order_penalty",
        _("Order the penalty"),
        "CAS-02",
        _order,
        (
            Field("amount", "decimal", _("Penalty (₹)"), initial=_table),
            Field(
                "reason",
                "long_text",
                _("Reason"),
                required=False,
                max_length=2000,
                help=_("Needed when the amount is not that of the table, or the table is not verified."),
            ),
        ),
        Gate("case.no_hearing", gates.hearing_standing_of),
        Gate("case.order", gates.ripe_of),
        word="order",
        done=_("The penalty is ordered and demanded."),
    ),
    _act(
        "case.record_reply",
        _("Record the reply"),
        "CAS-02",
        services.record_reply,
        (
            Field("reply", "long_text", _("Reply"), max_length=4000),
            Field("document", "document", _("Scan of the reply"), required=False),
        ),
        Gate("case.reply", gates.reply_of),
        word="reply",
        done=_("The reply is recorded."),
    ),
    _act(
        "case.record_service",
        _("Record proof of service"),
        "CAS-60",
        _service,
        (
            Field("way", "choice", _("How it was served"), choices=SERVED),
            Field("served_on", "day", _("Served on")),
            Field("reference", "text", _("Number of the receipt"), max_length=120),
            Field("document", "document", _("Scan of the receipt")),
        ),
        word="service",
        done=_("The proof of service is recorded."),
    ),
    _act(
        "case.close",
        _("Close the case"),
        "CAS-21",
        services.close_case,
        (_REASON,),
        Gate("case.close", gates.owed_of),
        Gate("case.close_waits", gates.closing_of),
        word="close",
        done=_("The case is closed."),
    ),
    _act(
        "case.drop",
        _("Drop with reason"),
        "CAS-07",
        _drop,
        (_REASON,),
        word="drop",
        done=_("The case is dropped."),
    ),
    place="case",
)

declare(
    Act(
        "case.answer",
        _("Answer the notice"),
        "CAS-02",
        _answer,
        (
            Field("reply", "long_text", _("Your reply"), max_length=4000),
            Field("document", "document", _("Document"), required=False),
            Field("document_2", "document", _("Second document"), required=False),
        ),
        fits=(step_gate("answer"), Gate("case.reply", gates.reply_of)),
        word="answer",
        done=_("Your reply has reached the office."),
    ),
    place="own",
)
