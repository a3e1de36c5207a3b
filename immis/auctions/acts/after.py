"""The orders that may follow the end of an auction (clauses 4(v), 19; E-031, E-070 … E-074, E-084)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, selectors, services
from immis.auctions.models import Lot
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare

__all__ = ["KINDS", "nouns"]

#: The orders in words, by the word that their forms send.
KINDS = {
    "forfeit": _("Forfeiture where nobody bid"),
    "default": _("Default of the highest bidder"),
    "retender": _("Short re-tender"),
    "recommend": _("Recommendation to the department"),
    "approve": _("Approval of the department"),
    "reject": _("Rejection by the department"),
    "false_certificate": _("A bidder’s certificate is false"),
}
_CAUSES = (
    ("refused", _("The highest bidder refused")),
    ("late", _("Formalities not completed in time")),
    ("false_certificate", _("False certificate")),
)
_ORDER = (
    Field("number", "text", _("Number of the order"), max_length=80),
    Field("on", "day", _("Day of the order")),
)
_REASON = Field("reason", "long_text", _("Reason"), required=False, max_length=600)


def _applicants(lot: Lot, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    """Everybody who applied; nobody is told of them while the auction runs."""
    deposits = [] if lot.result == "open" else selectors.deposits_of(lot)
    named = [(row.bid, row.bid.bidder.party) for row in deposits]
    return [(str(bid.pk), {"en": party.name_en, "hi": party.name_hi}) for bid, party in named]


def _false_certificate(*, lot: Lot, bid: str, by: Actor, at: datetime, **order: Any) -> Any:
    return services.declare_false_certificate(bid=selectors.technical_bid_of(int(bid), by), by=by, at=at, **order)


def _approve(*, lot: Lot, **order: Any) -> Any:
    return services.decide_single(lot=lot, approved=True, **order)


def _reject(*, lot: Lot, **order: Any) -> Any:
    return services.decide_single(lot=lot, approved=False, **order)


def _follows(act: str) -> Gate:
    """Whether this order follows the lot's result and the orders that were given (AUC-113)."""
    return Gate("lot.follow", lambda lot, by, at: gates.follow_facts(lot, act))


def _order(word: str, name: str, clause: str, do: Any, *fields: Field, **more: Any) -> Act:
    fits = (_follows(word), *more.pop("fits", ()))
    done = _("The order is kept.")
    return Act(f"lot.{name}", KINDS[word], clause, do, (*_ORDER, *fields), fits=fits, word=word, done=done, **more)


declare(
    Act(
        "lot.order_refunds",
        _("Order the returns that are due"),
        "AUC-91",
        services.order_refunds,
        fits=(_follows("refund"),),
        word="refund",
        done=_("The returns that are due are ordered."),
    ),
    _order("forfeit", "forfeit_unsold", "AUC-90", services.forfeit_where_nobody_bid),
    _order(
        "default",
        "declare_default",
        "AUC-90",
        services.declare_default,
        _REASON,
        Field("cause", "choice", _("Cause"), choices=_CAUSES),
    ),
    _order(
        "false_certificate",
        "declare_false_certificate",
        "AUC-90",
        _false_certificate,
        _REASON,
        Field("bid", "choice", _("Bidder"), choices=_applicants),
    ),
    _order("retender", "call_again", "AUC-92", services.call_again),
    _order(
        "recommend",
        "recommend_single",
        "AUC-92",
        services.recommend_single,
        _REASON,
        fits=(Gate("auction.single", gates.to_recommend),),
    ),
    _order(
        "approve",
        "approve_single",
        "AUC-92",
        _approve,
        _REASON,
        fits=(Gate("auction.single", gates.to_approve),),
        shared_grant="lot.decide_single",
    ),
    _order("reject", "reject_single", "AUC-92", _reject, _REASON, shared_grant="lot.decide_single"),
    place="after",
)
