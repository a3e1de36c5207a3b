"""What a post may do to a stop that an order made: lift it, or withdraw the order that suspends it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import NotFound
from immis.core.nouns import Noun, declare_noun
from immis.core.papers.uploads import keep_document
from immis.holds import selectors, services
from immis.holds.models import Hold, Suspension
from immis.reading import whole_number
from immis.rules.holds.orders import OnRecordFacts, UndoFacts

REFERENCE = Field("reference", "text", _("Order number"), max_length=120)
REASON = Field("reason", "text", _("Reason"), max_length=500)


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise NotFound(f"number {text}")
    return number


declare_noun(
    Noun(
        name="hold",
        find=lambda number, by: selectors.order_of(_number(number), by),
        number=lambda hold: str(hold.pk),
        pages={"order": ("office_holds",), "lift": ("office_hold",)},
        address="holds",
    )
)
declare_noun(
    Noun(
        name="suspension",
        find=lambda number, by: selectors.suspension_of(_number(number), by),
        number=lambda suspension: str(suspension.pk),
        pages={"withdraw": ("office_suspension",)},
        address="suspensions",
    )
)


def _lifted(hold: Hold, by: Actor, at: datetime) -> OnRecordFacts:
    return OnRecordFacts(hold.reference, hold.until, hold.lifted_at)


def _withdrawn(suspension: Suspension, by: Actor, at: datetime) -> OnRecordFacts:
    return OnRecordFacts(suspension.reference, suspension.until, suspension.withdrawn_at)


def _ordered(hold: Hold, by: Actor, at: datetime) -> UndoFacts:
    return UndoFacts(hold.reference, hold.ordered_role, by.role)


def _entered(suspension: Suspension, by: Actor, at: datetime) -> UndoFacts:
    return UndoFacts(suspension.reference, suspension.entered_role, by.role)


@transaction.atomic
def _lift(*, hold: Hold, reference: str, document: Any, by: Actor, at: datetime) -> Hold:
    return services.lift_hold(hold=hold, reference=reference, document=keep_document(document, at=at), by=by, at=at)


declare(
    Act(
        "hold.lift",
        _("Lift by an order"),
        "HLD-03",
        _lift,
        (
            Field("reference", "text", _("Order that lifts it"), max_length=120),
            Field("document", "document", _("Document of the order"), required=False),
        ),
        fits=(Gate("hold.on_record", _lifted), Gate("hold.undo", _ordered)),
    ),
    place="lift",
)
declare(
    Act(
        "suspension.withdraw",
        _("Withdraw by an order"),
        "HLD-12",
        services.withdraw_suspension,
        (Field("reference", "text", _("Order that withdraws it"), max_length=120),),
        fits=(Gate("hold.on_record", _withdrawn), Gate("hold.undo", _entered)),
        shared_grant="hold.withdraw_suspension",
    ),
    place="withdraw",
)
