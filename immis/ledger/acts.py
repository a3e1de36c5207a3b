"""What a post may do to money: pay a demand, verify or refuse a payment, return what is not the State's."""

from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.ledger import facts, services
from immis.ledger.models import Receipt, RefundClaim, RefundOrder
from immis.ledger.services import claims, refunds
from immis.rules.writing.numbers import shown_paise


def _used(paise: int) -> str:
    return gettext("%(sum)s of the credit was used.") % {"sum": shown_paise(paise)}


def _propose_return(*, receipt: Receipt, **order: Any) -> RefundClaim:
    return claims.claim_refused(receipt=receipt, **order)


def _resend(*, refund: RefundOrder, **order: Any) -> RefundOrder:
    return refunds.resend_refund(order=refund, **order)


def _resent(order: RefundOrder) -> str:
    if order.proposed_account:
        return gettext("Proposed. An officer of another post confirms the account; the party is told.")
    return gettext("The return goes to the treasury again.")


def _account_to_try(refund: RefundOrder, by: Actor, at: datetime) -> str:
    """The account that the other officer proposed, else the one that the return went to."""
    return refund.proposed_account or refund.account


def _why_refused(receipt: Receipt, by: Actor, at: datetime) -> str:
    return receipt.reason


def _to_claim(claim: RefundClaim) -> Page:
    return Page("office_claim", (claim.number,))


def _to_payments(receipt: Receipt) -> Page:
    return Page("office_payments")


_PAYABLE = (Gate("payment.begin", facts.payment_of),)
_WAITING = (Gate("receipt.decide", facts.waiting_of),)
_REASON = _("Reason")

declare(
    Act(
        "demand.use_credit",
        _("Use the credit for this demand"),
        "PAY-08",
        services.apply_credit,
        fits=(Gate("credit.use", facts.credit_of),),
        done=_used,
        shared_grant="credit.use",
    ),
    place="office",
)
declare(
    Act(
        "demand.pay",
        _("Pay at the treasury"),
        "PAY-03",
        services.begin_payment,
        fits=_PAYABLE,
        outside=lambda start: start.pay_url,
        key="p",
        shared_grant="receipt.pay",
    ),
    Act(
        "demand.show_code",
        _("Show a QR for UPI"),
        "PAY-03",
        services.begin_payment,
        fits=_PAYABLE,
        outside=lambda start: "",
        word="qr",
        done=_("The payment is open at the treasury."),
        shared_grant="receipt.pay",
    ),
    Act(
        "demand.ask_treasury",
        _("Ask the treasury now"),
        "PAY-10",
        services.ask_about_payments,
        fits=(Gate("demand.ask_treasury", facts.open_payments_of),),
        word="ask",
        done=_("The treasury was asked."),
        shared_grant="receipt.pay",
    ),
    place="pay",
)
declare(
    Act(
        "receipt.verify",
        _("Verify the payment"),
        "PAY-06",
        services.verify_receipt,
        (
            Field(
                "reason",
                "long_text",
                _REASON,
                required=False,
                max_length=500,
                help=_("Needed for a payment from another account, or of another amount."),
            ),
        ),
        fits=_WAITING,
        done=_("Receipt %(number)s verified"),
        leads_to=_to_payments,
        key="v",
    ),
    Act(
        "receipt.refuse",
        _("Refuse with reason"),
        "PAY-06",
        services.refuse_receipt,
        (Field("reason", "long_text", _REASON, max_length=500, help=_("Write the reason for refusing.")),),
        fits=_WAITING,
        done=_("Receipt %(number)s refused"),
        leads_to=_to_payments,
        shared_grant="receipt.verify",
    ),
    Act(
        "receipt.propose_return",
        _("Propose the return to the Collector"),
        "PAY-20",
        _propose_return,
        (Field("reason", "text", _REASON, required=False, initial=_why_refused),),
        fits=(Gate("claim.ask", facts.refused_payment_of),),
        done=_("Claim %(number)s is with the Collector."),
        leads_to=_to_claim,
        shared_grant="claim.propose_return",
    ),
    place="office",
)
declare(
    Act(
        "claim.approve",
        _("Approve the return"),
        "PAY-21",
        partial(claims.decide_claim, approve=True),
        (Field("reason", "long_text", _REASON, required=False),),
        fits=(Gate("claim.decide", facts.deciding(approve=True)),),
        done=_("Decided: claim %(number)s"),
        shared_grant="claim.decide",
    ),
    Act(
        "claim.reject",
        _("Reject with reason"),
        "PAY-21",
        partial(claims.decide_claim, approve=False),
        (Field("reason", "long_text", _REASON, help=_("Needed to reject.")),),
        fits=(Gate("claim.decide", facts.deciding(approve=False)),),
        done=_("Decided: claim %(number)s"),
        shared_grant="claim.decide",
    ),
    place="office",
)
declare(
    Act(
        "refund.resend",
        _("Send again"),
        "PAY-51",
        _resend,
        (
            Field(
                "account",
                "text",
                _("Account"),
                max_length=30,
                help=_("To another account than the party's own it goes when an officer of another post confirms it."),
                initial=_account_to_try,
            ),
            Field("reason", "text", _REASON),
        ),
        fits=(Gate("refund.came_back", facts.failed_return_of),),
        done=_resent,
    ),
    place="office",
)
