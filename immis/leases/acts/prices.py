"""The price of sand by order (clause 28): the one act that opens a price order."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.leases import services
from immis.leases.acts.common import today
from immis.leases.models import PriceOrder
from immis.registry.selectors import blocks
from immis.rules.districts import NAMES_HI
from immis.rules.money import paise


def _districts(record: None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The districts of the post's reach."""
    names = [name for name in sorted(NAMES_HI) if by.sees_district(name)] or [by.district]
    return [(name, {"en": name, "hi": NAMES_HI.get(name, name)}) for name in names]


def _ghats(record: None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """The ghats of the post's reach, and all of the district together."""
    mine = [(block.code, block) for block in blocks() if by.sees_district(block.district)]
    return [("", _("All ghats of the district")), *mine]


def _fix(
    *, district: str, ghat: str, from_on: date, price: Decimal | None, by: Actor, at: datetime, **order: Any
) -> PriceOrder:
    block = next((row for row in blocks() if row.code == ghat), None) if ghat else None
    sums = {f"{name}_paise": paise(order.pop(name) or 0) for name in ("amount", "costs", "margin")}
    where = block.district if block else district
    fixed = paise(price) if price else None
    price_order = services.NewPrice(district=where, block=block, from_on=from_on, price_paise=fixed, **sums, **order)
    return services.fix_price(price=price_order, by=by, at=at)


def _sum(name: str, label: Any, help: Any = "") -> Field:
    return Field(name, "decimal", label, required=False, least=Decimal("0.01"), digits=8, help=help)


declare(
    Act(
        "price.fix",
        _("Fix a price"),
        "LSE-51",
        _fix,
        (
            Field("district", "choice", _("District"), choices=_districts),
            Field("ghat", "choice", _("Ghat"), required=False, choices=_ghats),
            Field("number", "text", _("Order number"), max_length=120),
            Field("from_on", "day", _("From the day"), initial=today),
            _sum("amount", _("Auction amount (₹ a cubic metre)")),
            _sum("costs", _("Costs (₹ a cubic metre)")),
            _sum("margin", _("Settlee's margin (₹ a cubic metre)")),
            _sum("price", _("Price (₹ a cubic metre)"), _("Empty: the market sets the price again.")),
            Field("reason", "long_text", _("Reason"), max_length=500),
        ),
        done=_("The order is kept."),
        opens=True,
    ),
    place="prices",
)
