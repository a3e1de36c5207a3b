"""Orders on a running auction: one officer asks, another one confirms; nobody does both (clauses 11 and 18, AUC-41)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, services
from immis.auctions.models import AuctionOrder, Lot
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare

__all__ = ["nouns"]

_SCOPE = Field(
    "scope",
    "choice",
    _("For"),
    choices=(("lot", _("this auction")), ("notice", _("all auctions of the notice"))),
)
_REASON = Field("reason", "long_text", _("Reason (published)"), max_length=600)
_TIMES = (
    Field("opens_at", "instant", _("New start (corrigendum)"), required=False),
    Field("closes_at", "instant", _("New end (corrigendum)"), required=False),
)


def _ask(act: str, label: Any, *fields: Field) -> Act:
    """An order that is asked for; it takes effect when somebody else confirms it."""

    def ask(*, lot: Lot, scope: str, by: Actor, at: datetime, **order: Any) -> AuctionOrder:
        about = lot if scope == "lot" else None
        return services.ask_order(act=act, notice=lot.notice, lot=about, by=by, **order)

    return Act(
        f"lot.{act}",
        label,
        "AUC-42",
        ask,
        (_SCOPE, _REASON, *fields),
        fits=(Gate("auction.order", lambda lot, by, at: gates.orders_of(lot, act, at)),),
        shared_grant="auction.ask_order",
        done=_("The order is asked for. It takes effect when a second officer confirms it."),
    )


def _confirm(*, auction_order: AuctionOrder, by: Actor, at: datetime) -> AuctionOrder:
    return services.confirm_order(order=auction_order, by=by)


def _withdraw(*, auction_order: AuctionOrder, by: Actor, at: datetime) -> AuctionOrder:
    return services.withdraw_order(order=auction_order, by=by)


_WAITS = Gate("auction_order.waits", gates.asked_of)

declare(
    _ask("pause", _("Pause bidding")),
    _ask("resume", _("Resume bidding")),
    _ask("reschedule", _("Corrigendum of the times"), *_TIMES),
    _ask("abort", _("Cancel the auction")),
    place="orders",
)
declare(
    Act(
        "auction_order.confirm",
        _("Confirm as the second officer"),
        "AUC-41",
        _confirm,
        fits=(_WAITS, Gate("auction.order_confirm", gates.second_of)),
        shared_grant="auction.confirm_order",
        done=_("The order is in effect. Bidders and the public can read it."),
    ),
    Act(
        "auction_order.withdraw",
        _("Withdraw"),
        "AUC-41",
        _withdraw,
        fits=(_WAITS,),
        shared_grant="auction.withdraw_order",
        done=_("The order is withdrawn."),
    ),
    place="order",
)
