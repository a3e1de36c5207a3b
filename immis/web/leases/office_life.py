"""Orders and notices of a settlement before the office: clocks, notices, endings, amounts, each with its clause."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.core.permissions import Actor
from immis.leases import life, selectors, services
from immis.registry.selectors import users
from immis.rules.calendar import india_day
from immis.rules.lease_life import CLOCKS, NOTICES
from immis.rules.money import PAISE, paise
from immis.rules.policy import book
from immis.web.leases import life_words
from immis.web.shell import wording
from immis.web.shell.fields import DayField
from immis.web.shell.views import page


def _clocks() -> list[tuple[str, str]]:
    return [(name, wording.name_of(words)) for name, words in CLOCKS.items()]


class _Order(forms.Form):
    """The order that an act stands on."""

    reference = forms.CharField(label=gettext_lazy("Order number"), max_length=120)


class _Reasoned(_Order):
    """An order with its reason."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class _Clock(_Reasoned):
    """An order on one time limit."""

    clock = forms.ChoiceField(label=gettext_lazy("Time limit"), choices=_clocks)
    field_order = ("clock",)


class Extension(_Clock):
    """A time limit extended to a day."""

    until_on = DayField(label=gettext_lazy("New last day"), widget=forms.DateInput({"type": "date"}))
    field_order = ("clock", "until_on")


class Obtainer(_Order):
    """Who must obtain plan and EC."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who obtains plan and EC"),
        choices=[("settlee", gettext_lazy("Settlee")), ("department", gettext_lazy("Department"))],
    )


class Notice(forms.Form):
    """A notice to the settlee."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of notice"),
        choices=lambda: [(name, wording.name_of(words)) for name, words in NOTICES.items()],
    )
    grounds = forms.CharField(label=gettext_lazy("Grounds"), max_length=1000, widget=forms.Textarea({"rows": 3}))
    other_rupees = forms.IntegerField(
        label=gettext_lazy("GST, income tax, stamp duty or registration fee owed (₹)"),
        required=False,
        min_value=0,
        max_value=10**12,
    )


class Closing(forms.Form):
    """Closing a notice."""

    notice = forms.ChoiceField(label=gettext_lazy("Notice"))
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("accepted", gettext_lazy("Reply accepted")), ("paid", gettext_lazy("Was paid"))],
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class Certificate(forms.Form):
    """A certificate case."""

    number = forms.CharField(label=gettext_lazy("Number of the certificate case"), max_length=60)


class Increase(_Order):
    """A greater depth allowed."""

    from_on = DayField(label=gettext_lazy("From the day"), widget=forms.DateInput({"type": "date"}))
    depth_before_m = forms.DecimalField(label=gettext_lazy("Depth until now (m)"), min_value=0, max_digits=4)
    depth_m = forms.DecimalField(label=gettext_lazy("Depth allowed now (m)"), min_value=0, max_digits=4)
    quantity_m3 = forms.IntegerField(
        label=gettext_lazy("Yearly quantity now (cubic metres)"), min_value=1, max_value=10**9
    )


class StoredSand(_Order):
    """Sand found stored near the bank."""

    on = DayField(label=gettext_lazy("Seen on"), widget=forms.DateInput({"type": "date"}))
    quantity_m3 = forms.DecimalField(label=gettext_lazy("Quantity (cubic metres)"), min_value=0, max_digits=10)
    distance_m = forms.IntegerField(label=gettext_lazy("Distance from the bank (m)"), min_value=0, max_value=100_000)
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120)


class PlanCheck(_Order):
    """A check of the mining plan by another agency."""

    agency = forms.CharField(label=gettext_lazy("Agency that checks"), max_length=120)
    cost = forms.DecimalField(
        label=gettext_lazy("Cost (₹)"), max_digits=12, decimal_places=2, min_value=Decimal("0.01")
    )


class Refill(forms.Form):
    """Pits that were refilled."""

    on = DayField(label=gettext_lazy("Refilled on"), widget=forms.DateInput({"type": "date"}))
    quantity_m3 = forms.DecimalField(
        label=gettext_lazy("Quantity (cubic metres)"), min_value=0, max_digits=9, decimal_places=2
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=120)


@dataclass(frozen=True)
class Act:
    """One act of the page: its label, clause, form, who may do it, what does it, and whether it ends something."""

    label: Any
    code: str
    form: type[forms.Form]
    grant: str
    do: Callable[..., Any]
    danger: bool = False


def _issue(*, lease: Any, by: Any, at: Any, kind: str, grounds: str, other_rupees: int | None) -> None:
    other = (other_rupees or 0) * PAISE
    services.issue_notice(lease=lease, kind=kind, grounds=grounds, other_paise=other, by=by, at=at)


def _close(*, lease: Any, by: Any, at: Any, notice: str, outcome: str, reason: str) -> None:
    row = life.notice_of(notice, by)
    services.close_notice(notice=row, outcome=outcome, reason=reason, by=by, at=at)


def _check_plan(*, cost: Decimal, **said: Any) -> None:
    services.order_plan_check(cost_paise=paise(cost), **said)


def _forfeit(*, clock: str, **said: Any) -> None:
    services.forfeit_settlement(ground=clock, **said)


ACTS: dict[str, Act] = {
    "extend": Act(
        gettext_lazy("Extend a time limit"), "LSE-17", Extension, "lease.extend_clock", services.extend_clock
    ),
    "reason": Act(
        gettext_lazy("Accept a valid reason"), "LSE-18", _Clock, "lease.accept_reason", services.accept_reason
    ),
    "obtainer": Act(
        gettext_lazy("Who obtains plan and EC"), "LSE-16", Obtainer, "lease.set_obtainer", services.set_obtainer
    ),
    "notice": Act(gettext_lazy("Issue a notice"), "LSE-25", Notice, "lease.issue_notice", _issue),
    "close": Act(gettext_lazy("Close a notice"), "LSE-25", Closing, "lease.close_notice", _close),
    "certificate": Act(
        gettext_lazy("Open a certificate case"),
        "LSE-23",
        Certificate,
        "lease.open_certificate_case",
        services.open_certificate_case,
    ),
    "increase": Act(
        gettext_lazy("More quantity by a greater depth"),
        "LSE-21",
        Increase,
        "lease.increase_quantity",
        services.increase_quantity,
    ),
    "forfeit": Act(gettext_lazy("Forfeit and auction again"), "LSE-18", _Clock, "lease.forfeit", _forfeit, True),
    "cancel": Act(
        gettext_lazy("Cancel the settlement"), "LSE-25", _Reasoned, "lease.cancel", services.cancel_settlement, True
    ),
    "surrender": Act(
        gettext_lazy("Accept the surrender"),
        "LSE-22",
        _Order,
        "lease.accept_surrender",
        services.accept_surrender,
        True,
    ),
    "refund": Act(
        gettext_lazy("Return the security"), "LSE-26", _Order, "lease.refund_security", services.refund_security
    ),
    "plan_check": Act(
        gettext_lazy("Have the mining plan checked"), "LSE-50", PlanCheck, "lease.order_plan_check", _check_plan
    ),
    "refill": Act(gettext_lazy("Pits refilled"), "LSE-53", Refill, "lease.report_refill", services.report_refill),
    "sand": Act(
        gettext_lazy("Stored sand found"), "LSE-28", StoredSand, "lease.record_stored_sand", services.record_stored_sand
    ),
}


@page("lease.oversee")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """Clocks, notices, orders and deposits of a settlement, with the acts that this post may do now."""
    lease, at = selectors.lease_of(code, request.actor), clock.now()
    possible = _possible(lease, request.actor)
    tried, status = None, 200
    if request.method == "POST":
        name = request.POST.get("act", "")
        if name not in possible:
            return redirect("office_lease_life", code)
        tried = _form(name, lease, request.POST)
        if tried.is_valid():
            return _done(request, lease, name, tried.cleaned_data, at)
        status = 422
    context = {
        "lease": lease,
        **life_words.life_context(lease, at),
        "officers": {user.pk: wording.name_of(user) for user in users()},
        "acts": [_shown(name, lease, request, tried, at) for name in possible],
        "stops": bool(selectors.standing_holds(lease, at)) and may(request.actor, "hold.suspend"),
        "ghat_page": may(request.actor, "ghat.correct"),
    }
    return render(request, "leases/office_life.html", context, status=status)


def _done(request: HttpRequest, lease: Any, name: str, said: dict[str, Any], at: Any) -> HttpResponse:
    findings = ACTS[name].do(lease=lease, by=request.actor, at=at, **said)
    messages.success(request, _("Recorded: %(act)s") % {"act": ACTS[name].label})
    if name == "sand":
        for finding in findings:
            messages.warning(request, wording.say(finding))
    return redirect("office_lease_life", lease.code)


def _possible(lease: Any, by: Actor) -> list[str]:
    """The acts that fit where the settlement stands and that the post may do."""
    open_notices = {notice.kind for notice in life.notices_of(lease, closed_at__isnull=True)}
    asked = bool(life.acts_of(lease, "surrender_asked"))
    running = lease.cancelled_at is None
    fits = {
        "extend": running and bool(life.open_clocks(lease)),
        "reason": running and bool(life.open_clocks(lease)),
        "obtainer": running and not selectors.clearances_of(lease),
        "notice": running,
        "close": bool(open_notices),
        "certificate": bool(open_notices & {"non_payment", "surrender_dues"}),
        "increase": running and lease.deed_on is not None,
        "forfeit": running and bool(_grounds(lease)),
        "cancel": running and bool(open_notices & {"show_cause", "non_payment"}),
        "surrender": running and asked,
        "refund": running and lease.period_to is not None and not life.acts_of(lease, "refund"),
        "sand": lease.permitted_at is not None,
        "refill": running and lease.permitted_at is not None,
        "plan_check": running and "plan" in selectors.clearances_of(lease),
    }
    return [name for name, act in ACTS.items() if fits[name] and may(by, act.grant)]


def _grounds(lease: Any) -> list[str]:
    """The running clocks whose clause names a forfeiture (LSE-18)."""
    named = book().value("LSE-18", lease.auction_closed_at)["grounds"]
    return [clock for clock in life.open_clocks(lease) if clock in named]


def _form(name: str, lease: Any, data: Any = None, at: Any = None) -> forms.Form:
    first = {"on": india_day(at), "from_on": india_day(at)} if at else None
    form = ACTS[name].form(data, initial=first, auto_id=f"{name}_%s")
    if "clock" in form.fields:
        running = _grounds(lease) if name == "forfeit" else list(life.open_clocks(lease))
        form.fields["clock"].choices = [(one, word) for one, word in _clocks() if one in running]
    if "notice" in form.fields:
        rows = life.notices_of(lease, closed_at__isnull=True)
        form.fields["notice"].choices = [(row.number, row.number) for row in rows]
    return form


def _shown(name: str, lease: Any, request: HttpRequest, tried: forms.Form | None, at: Any) -> dict[str, Any]:
    act = ACTS[name]
    is_tried = tried is not None and request.POST.get("act") == name
    form = tried if is_tried else _form(name, lease, at=at)
    return {"name": name, "label": act.label, "code": act.code, "form": form, "open": is_tried, "danger": act.danger}
