"""Prices of sand by order before the offices: the register, and a new order of Collector or headquarters (E-106)."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.grants import may
from immis.leases.life import price_orders
from immis.leases.services import NewPrice, fix_price
from immis.registry.selectors import blocks
from immis.rules.calendar import india_day
from immis.rules.money import PAISE, paise
from immis.web.shell import wording
from immis.web.shell.districts import NAMES_HI, district_name
from immis.web.shell.fields import DayField
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page

_A_PAGE = 50
_SUM = {"max_digits": 8, "decimal_places": 2, "min_value": Decimal("0.01"), "required": False}


class PriceForm(forms.Form):
    """A price with the parts of which it is made, in rupees a cubic metre."""

    district = forms.ChoiceField(label=gettext_lazy("District"))
    ghat = forms.ChoiceField(label=gettext_lazy("Ghat"), required=False)
    number = forms.CharField(label=gettext_lazy("Order number"), max_length=120)
    from_on = DayField(label=gettext_lazy("From the day"), widget=forms.DateInput({"type": "date"}))
    amount = forms.DecimalField(label=gettext_lazy("Auction amount (₹ a cubic metre)"), **_SUM)
    costs = forms.DecimalField(label=gettext_lazy("Costs (₹ a cubic metre)"), **_SUM)
    margin = forms.DecimalField(label=gettext_lazy("Settlee's margin (₹ a cubic metre)"), **_SUM)
    price = forms.DecimalField(
        label=gettext_lazy("Price (₹ a cubic metre)"),
        help_text=gettext_lazy("Empty: the market sets the price again."),
        **_SUM,
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, actor: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        names = [name for name in sorted(NAMES_HI) if actor.sees_district(name)] or [actor.district]
        self.fields["district"].choices = [(name, district_name(name, wording.lang())) for name in names]
        mine = [block for block in blocks() if actor.sees_district(block.district)]
        every = [("", gettext_lazy("All ghats of the district"))]
        self.fields["ghat"].choices = every + [(block.code, wording.name_of(block)) for block in mine]


@page("price.read", write="price.fix")
def index(request: HttpRequest) -> HttpResponse:
    """Price orders, newest first, with export; a new one where the post may give it."""
    fixes, status = may(request.actor, "price.fix"), 200
    form = PriceForm(actor=request.actor, initial={"from_on": india_day(clock.now())}) if fixes else None
    if request.method == "POST":
        form = PriceForm(request.POST, actor=request.actor)
        if form.is_valid():
            return _fix(request, dict(form.cleaned_data))
        status = 422
    result = price_orders(request.actor)
    shown = ListPage(template="leases/prices.html", more={"order": form}, status=status)
    return list_response(request, _table(), result, shown)


def _fix(request: HttpRequest, said: dict[str, Any]) -> HttpResponse:
    block = next((row for row in blocks() if row.code == said["ghat"]), None) if said["ghat"] else None
    sums = {f"{name}_paise": paise(said[name]) if said[name] else 0 for name in ("amount", "costs", "margin")}
    price = NewPrice(
        district=block.district if block else said["district"],
        block=block,
        number=said["number"],
        from_on=said["from_on"],
        price_paise=paise(said["price"]) if said["price"] else None,
        reason=said["reason"],
        **sums,
    )
    fix_price(price=price, by=request.actor, at=clock.now())
    messages.success(request, _("The order is kept."))
    return redirect("office_prices")


def _table() -> Table:
    def part(label: str, head: str, name: str) -> list[Column]:
        """One part of a price: beneath it on the page with its word, in a column of its own in the file."""

        def shown(row: Any) -> str:
            return f"{label} {wording.paise(getattr(row, name))}" if row.price_paise else ""

        def kept(row: Any) -> Decimal | None:
            return Decimal(getattr(row, name)) / PAISE if getattr(row, name) else None

        return [Column(_("Of which"), shown, under=True, on="page"), Column(head, kept, on="file")]

    price = _("Price (₹ a cubic metre)")
    columns = [
        Column(_("Order number"), "number"),
        Column("", "reason", under=True, on="page"),
        Column(_("District"), "district", "district"),
        Column(_("Ghat"), "block", "name", link=to("ghat", "block.code"), under=True),
        Column(_("From the day"), "from_on", "day"),
        Column(price, lambda row: wording.paise(row.price_paise) if row.price_paise else _("the market"), on="page"),
        Column(price, lambda row: Decimal(row.price_paise) / PAISE if row.price_paise else None, on="file"),
        *part(_("auction amount"), _("Auction amount (₹ a cubic metre)"), "amount_paise"),
        *part(_("costs"), _("Costs (₹ a cubic metre)"), "costs_paise"),
        *part(_("margin"), _("Settlee's margin (₹ a cubic metre)"), "margin_paise"),
        Column(_("Reason"), "reason", on="file"),
    ]
    hint = _("An order that fixes the price of sand appears here with its parts and its day.")
    return Table("prices", _("Prices of sand by order"), columns, (_("The market sets the price"), hint))
