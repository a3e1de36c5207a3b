"""The acts in the life of a settlement (clauses 20, 21, 28, 30, 31, 42): orders, notices, endings, duties."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.leases import facts, life, services
from immis.leases.acts.common import AFTER_DEED, AFTER_PERMISSION, ON, REASON, REFERENCE, RUNNING, filled_in, today
from immis.leases.models import Lease
from immis.rules.leases.life import CLOCKS, NOTICES
from immis.rules.money import PAISE, paise


def _clocks(gather: Callable[..., Any]) -> Callable[..., list[tuple[str, Any]]]:
    """The running time limits as choices."""
    return lambda lease, by, at: [(name, CLOCKS[name]) for name in gather(lease, by, at).running]


def _notices(gather: Callable[..., Any]) -> Callable[..., list[tuple[str, Any]]]:
    """The notices that wait as choices."""
    return lambda lease, by, at: [(number, number) for number in gather(lease, by, at).waiting]


_CLOCK = Field("clock", "choice", _("Time limit"), choices=_clocks(facts.clocks_of))
_GROUND = Field("clock", "choice", _("Time limit"), choices=_clocks(facts.grounds_of))
_PLACE = Field("place", "text", _("Place"), max_length=120)


def _issue_notice(*, lease: Lease, by: Actor, at: datetime, other_rupees: int | None, **notice: Any) -> Any:
    return services.issue_notice(lease=lease, other_paise=(other_rupees or 0) * PAISE, by=by, at=at, **notice)


def _close_notice(*, lease: Lease, by: Actor, at: datetime, notice: str, **closing: Any) -> Any:
    return services.close_notice(notice=life.notice_of(notice, by), by=by, at=at, **closing)


def _reply(*, lease: Lease, by: Actor, at: datetime, notice: str, reply: str) -> Any:
    return services.reply_to_notice(notice=life.notice_of(notice, by), reply=reply, by=by, at=at)


def _forfeit(*, clock: str, **order: Any) -> Any:
    return services.forfeit_settlement(ground=clock, **order)


def _check_plan(*, cost: Decimal, **order: Any) -> Any:
    return services.order_plan_check(cost_paise=paise(cost), **order)


def _depth(name: str, label: Any) -> Field:
    return Field(name, "decimal", label, digits=4)


declare(
    Act(
        "lease.extend_clock",
        _("Extend a time limit"),
        "LSE-17",
        services.extend_clock,
        (_CLOCK, Field("until_on", "day", _("New last day")), REFERENCE, REASON),
        fits=(RUNNING, Gate("lease.clock_runs", facts.clocks_of)),
        word="extend",
    ),
    Act(
        "lease.accept_reason",
        _("Accept a valid reason"),
        "LSE-18",
        services.accept_reason,
        (_CLOCK, REFERENCE, REASON),
        fits=(RUNNING, Gate("lease.clock_runs", facts.clocks_of)),
        word="reason",
    ),
    Act(
        "lease.set_obtainer",
        _("Who obtains plan and EC"),
        "LSE-16",
        services.set_obtainer,
        (
            Field(
                "who",
                "choice",
                _("Who obtains plan and EC"),
                choices=(("settlee", _("Settlee")), ("department", _("Department"))),
            ),
            REFERENCE,
        ),
        fits=(RUNNING, Gate("lease.set_obtainer", facts.obtainer_of)),
        word="obtainer",
    ),
    Act(
        "lease.issue_notice",
        _("Issue a notice"),
        "LSE-25",
        _issue_notice,
        (
            Field("kind", "choice", _("Kind of notice"), choices=tuple(NOTICES.items())),
            Field("grounds", "long_text", _("Grounds"), max_length=1000),
            Field(
                "other_rupees",
                "rupees",
                _("GST, income tax, stamp duty or registration fee owed (₹)"),
                required=False,
                most=10**12,
            ),
        ),
        fits=(RUNNING,),
        word="notice",
    ),
    Act(
        "lease.close_notice",
        _("Close a notice"),
        "LSE-25",
        _close_notice,
        (
            Field("notice", "choice", _("Notice"), choices=_notices(facts.notices_to_close)),
            Field(
                "outcome", "choice", _("Outcome"), choices=(("accepted", _("Reply accepted")), ("paid", _("Was paid")))
            ),
            REASON,
        ),
        fits=(Gate("lease.notice_waits", facts.notices_to_close),),
        word="close",
    ),
    Act(
        "lease.open_certificate_case",
        _("Open a certificate case"),
        "LSE-23",
        services.open_certificate_case,
        (Field("number", "text", _("Number of the certificate case"), max_length=60),),
        fits=(Gate("lease.certificate", facts.certificate_of),),
        word="certificate",
    ),
    Act(
        "lease.increase_quantity",
        _("More quantity by a greater depth"),
        "LSE-21",
        filled_in(services.increase_quantity, services.GreaterDepth, "increase"),
        (
            REFERENCE,
            Field("from_on", "day", _("From the day"), initial=today),
            _depth("depth_before_m", _("Depth until now (m)")),
            _depth("depth_m", _("Depth allowed now (m)")),
            Field("quantity_m3", "number", _("Yearly quantity now (cubic metres)"), least=1, most=10**9),
        ),
        fits=(RUNNING, AFTER_DEED),
        word="increase",
    ),
    Act(
        "lease.forfeit",
        _("Forfeit and auction again"),
        "LSE-18",
        _forfeit,
        (_GROUND, REFERENCE, REASON),
        fits=(RUNNING, Gate("lease.clock_runs", facts.grounds_of)),
        ends=_("I know that the deposits are forfeited and the ghat is auctioned again."),
    ),
    Act(
        "lease.cancel",
        _("Cancel the settlement"),
        "LSE-25",
        services.cancel_settlement,
        (REFERENCE, REASON),
        fits=(RUNNING, Gate("lease.cancel", facts.cancelling_of)),
        ends=_("I know that no e-challan is issued from now on and that the deposits are forfeited."),
    ),
    Act(
        "lease.accept_surrender",
        _("Accept the surrender"),
        "LSE-22",
        services.accept_surrender,
        (REFERENCE,),
        fits=(RUNNING, Gate("lease.surrender_wanted", facts.asked_of), Gate("lease.surrender", facts.surrender_of)),
        ends=_("I know that no e-challan is issued from now on and that the deposits are forfeited."),
        word="surrender",
    ),
    Act(
        "lease.refund_security",
        _("Return the security"),
        "LSE-26",
        services.refund_security,
        (REFERENCE,),
        fits=(Gate("lease.refund_security", facts.refund_of),),
        word="refund",
    ),
    Act(
        "lease.annul",
        _("Cancel the auction behind it"),
        "LSE-76",
        services.annul_auction,
        (REFERENCE, REASON),
        fits=(RUNNING, Gate("lease.annul", facts.annul_of)),
        ends=_("I know that the settlement ends, that nothing is forfeited, and that the ghat is auctioned again."),
        word="annul",
    ),
    Act(
        "lease.return_annulled",
        _("Return the deposits after the cancelled auction"),
        "LSE-77",
        services.return_annulled,
        (REFERENCE,),
        fits=(Gate("lease.return_annulled", facts.annulled_of),),
        word="returned",
    ),
    Act(
        "lease.order_plan_check",
        _("Have the mining plan checked"),
        "LSE-50",
        _check_plan,
        (
            REFERENCE,
            Field("agency", "text", _("Agency that checks"), max_length=120),
            Field("cost", "decimal", _("Cost (₹)"), least=Decimal("0.01")),
        ),
        fits=(RUNNING, Gate("lease.after_step", facts.after_plan)),
        word="plan_check",
    ),
    Act(
        "lease.report_refill",
        _("Pits refilled"),
        "LSE-53",
        services.report_refill,
        (ON, Field("quantity_m3", "decimal", _("Quantity (cubic metres)"), digits=9), _PLACE),
        fits=(RUNNING, AFTER_PERMISSION),
        word="refill",
        done=_("The refilling is on record."),
    ),
    Act(
        "lease.record_stored_sand",
        _("Stored sand found"),
        "LSE-28",
        filled_in(services.record_stored_sand, services.StoredSand, "sand"),
        (
            REFERENCE,
            Field("on", "day", _("Seen on"), initial=today),
            Field("quantity_m3", "decimal", _("Quantity (cubic metres)"), digits=10, places=3),
            Field("distance_m", "number", _("Distance from the bank (m)"), most=100_000),
            _PLACE,
        ),
        fits=(AFTER_PERMISSION,),
        word="sand",
    ),
    Act(
        "lease.reply_to_notice",
        _("Send the reply"),
        "LSE-25",
        _reply,
        (
            Field("notice", "choice", _("Notice"), choices=_notices(facts.notices_to_answer)),
            Field("reply", "long_text", _("Your reply"), max_length=4000),
        ),
        fits=(Gate("lease.notice_waits", facts.notices_to_answer),),
        word="reply",
        done=_("Your reply is with the Collector."),
    ),
    Act(
        "lease.ask_surrender",
        _("Ask for the surrender"),
        "LSE-22",
        services.ask_surrender,
        (REASON,),
        fits=(RUNNING, AFTER_DEED, Gate("lease.ask_surrender", facts.asked_of)),
        ends=_(
            "I know that security and other money paid are forfeited and that the storage licence as settlee lapses."
        ),
        word="surrender",
        done=_("Your request is with the Collector. The whole amount of the year is payable first."),
    ),
    place="life",
)
