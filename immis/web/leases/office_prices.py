"""Prices of sand by order before the offices: the register, and a new order of Collector or headquarters (E-106)."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis import clock
from immis.leases.life import price_orders
from immis.rules.money import PAISE
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.tables import Column, ListPage, Table, list_response, to
from immis.web.shell.views import page


@page("price.read", write="price.fix")
def index(request: HttpRequest) -> HttpResponse:
    """Price orders, newest first, with export; a new one where the post may give it."""
    acts = PageActs(request, "price", None, place="prices", at=clock.now(), default="fix")
    if request.method == "POST" and (answer := acts.take()):
        return answer
    shown = ListPage(template="leases/prices.html", more={"acts": acts}, status=acts.status)
    return list_response(request, _table(), price_orders(request.actor), shown)


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
