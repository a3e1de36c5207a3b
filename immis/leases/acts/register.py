"""The register of a settlement (clauses 24 to 27): cheques and drafts lodged and moved, taxes recorded, deposited."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.leases.acts.common import ON
from immis.leases.models import Lease
from immis.leases.selectors import demands_of
from immis.ledger import selectors, services
from immis.ledger.selectors import Demand, Instrument, TaxItem
from immis.rules.catalogue import Finding
from immis.rules.ledger.instruments import WaitingFacts
from immis.rules.money import paise
from immis.rules.writing.numbers import shown_paise

INSTRUMENT_KINDS = {"cheque": _("Cheque"), "draft": _("Bank draft")}
TAX_KINDS = {"gst": _("GST proof"), "income_tax": _("Income tax")}
_MOVES = (
    ("presented", _("Presented at the bank")),
    ("honoured", _("Honoured")),
    ("bounced", _("Bounced")),
    ("returned", _("Given back")),
)
_NUMBER = "[A-Za-z0-9/-]{1,20}"
_Asked = Callable[[Lease, Actor, datetime], Any]


def _unpaid(lease: Lease) -> list[Demand]:
    """The demands that a cheque or draft could be for."""
    return list(demands_of(lease, settled_at__isnull=True, cancelled_at__isnull=True, kind__in=["instalment", "dmf"]))


def _instalments(lease: Lease) -> list[Demand]:
    return list(demands_of(lease, kind="instalment"))


def _moving(lease: Lease) -> list[Instrument]:
    """The cheques and drafts that are with the office or the bank."""
    return [row for row in selectors.instruments_on(("lease", lease.number)) if row.state in ("lodged", "presented")]


def _collected(lease: Lease) -> list[TaxItem]:
    """The income tax that the office has collected and not deposited."""
    rows = selectors.tax_items_on(("lease", lease.number))
    return [row for row in rows if row.kind == "income_tax" and row.deposited_on is None]


def _waiting(rows: Callable[[Lease], list[Any]]) -> _Asked:
    return lambda lease, by, at: WaitingFacts([str(row.pk) for row in rows(lease)])


def _demands(rows: Callable[[Lease], list[Demand]]) -> _Asked:
    """Demands as choices: what for, and what is left of it."""

    def choices(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, Any]]:
        return [
            (row.number, {lang: f"{row.label[lang]} · {shown_paise(row.balance_paise)}" for lang in ("en", "hi")})
            for row in rows(lease)
        ]

    return choices


def _instruments(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(str(row.pk), f"{row.number} · {row.bank} · {shown_paise(row.amount_paise)}") for row in _moving(lease)]


def _taxes(lease: Lease, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(str(row.pk), f"{row.reference} · {shown_paise(row.amount_paise)}") for row in _collected(lease)]


def _lodge(
    *, lease: Lease, demand: str, amount: Decimal, by: Actor, at: datetime, **handed_in: Any
) -> tuple[Instrument, list[Finding]]:
    instrument = services.NewInstrument(amount_paise=paise(amount), **handed_in)
    return services.lodge_instrument(demand=selectors.demand_of(demand, by), instrument=instrument, by=by, at=at)


def _move(*, lease: Lease, pk: str, to: str, on: date, said: str, by: Actor, at: datetime) -> Instrument:
    row = selectors.instrument_on(("lease", lease.number), int(pk))
    words = {"reference": said} if to == "honoured" else {"reason": said}
    return services.move_instrument(instrument=row, to=to, on=on, by=by, at=at, **words)


def _record_tax(*, lease: Lease, demand: str, amount: Decimal, by: Actor, **tax: Any) -> TaxItem:
    return services.record_tax(demand=selectors.demand_of(demand, by), amount_paise=paise(amount), by=by, **tax)


def _deposit(*, lease: Lease, pk: str, **deposit: Any) -> TaxItem:
    return services.deposit_tax(item=selectors.tax_item_on(("lease", lease.number), int(pk)), **deposit)


def _number(text: str) -> str:
    if not re.fullmatch(_NUMBER, text):
        raise Unreadable(lambda: gettext("Letters, digits, / and - only."))
    return text


def _tax_entered(tax: TaxItem) -> str:
    return gettext("%(number)s is entered in the register.") % {"number": tax.reference}


_AMOUNT = Field("amount", "decimal", _("Amount (₹)"), least=Decimal("0.01"), digits=15)
_ENTERED = _("%(number)s is entered in the register.")

declare(
    Act(
        "lease.lodge_instrument",
        _("Lodge a cheque or draft"),
        "CHQ-01",
        _lodge,
        (
            Field("demand", "choice", _("For"), choices=_demands(_unpaid)),
            Field("kind", "choice", _("Kind"), choices=tuple(INSTRUMENT_KINDS.items())),
            Field("number", "text", _("Number"), max_length=20, pattern=_NUMBER, read=_number),
            Field("bank", "text", _("Bank and branch"), max_length=80),
            Field("dated_on", "day", _("Date on it")),
            _AMOUNT,
        ),
        fits=(Gate("register.demand_waits", _waiting(_unpaid)),),
        word="lodge",
        done=_ENTERED,
        shared_grant="instrument.keep",
    ),
    Act(
        "lease.move_instrument",
        _("Move a cheque or draft on"),
        "CHQ-04",
        _move,
        (
            Field("pk", "choice", _("Cheque or draft"), choices=_instruments),
            Field("to", "choice", _("What became of it"), choices=_MOVES),
            ON,
            Field(
                "said",
                "text",
                _("Bank's reference or reason"),
                required=False,
                max_length=60,
                help=_("Credit reference when honoured; the bank's reason when bounced."),
            ),
        ),
        fits=(Gate("register.instrument_waits", _waiting(_moving)),),
        word="move",
        done=_ENTERED,
        shared_grant="instrument.keep",
    ),
    Act(
        "lease.record_tax",
        _("Record GST proof or income tax"),
        "TAX-03",
        _record_tax,
        (
            Field("demand", "choice", _("For"), choices=_demands(_instalments)),
            Field("kind", "choice", _("Kind"), choices=tuple(TAX_KINDS.items())),
            Field("reference", "text", _("Challan number"), max_length=60),
            Field("paid_on", "day", _("Paid on")),
            _AMOUNT,
        ),
        fits=(Gate("register.demand_waits", _waiting(_instalments)),),
        word="tax",
        done=_tax_entered,
        shared_grant="instrument.keep",
    ),
    Act(
        "lease.deposit_tax",
        _("Deposited under the tax head"),
        "TAX-04",
        _deposit,
        (
            Field("pk", "choice", _("Income tax"), choices=_taxes),
            replace(ON, label=_("Deposited on")),
            Field("reference", "text", _("Challan number"), max_length=60),
        ),
        fits=(Gate("register.tax_waits", _waiting(_collected)),),
        word="deposit",
        done=_tax_entered,
        shared_grant="instrument.keep",
    ),
    place="register",
)
