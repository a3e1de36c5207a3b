"""Certificate cases in tests: entered, closed and read by the register's own acts."""

from decimal import Decimal

from immis.ledger.entries import CASES
from immis.registers.models import Entry
from immis.registers.selectors import version_of
from immis.registers.services import Given, do_act, enter


def enter_case(*, amount_paise, by, at, **values) -> Entry:
    return enter(CASES, "enter", {**values, "amount": Decimal(amount_paise) / 100}, by=by, at=at)


def close_case(entry: Entry, *, order, by, at) -> Entry:
    register = version_of(entry)
    given = Given({"close_order": order})
    return do_act(register=register, act=register.acts["close"], given=given, by=by, at=at, entry=entry)


def the_case() -> Entry:
    return Entry.objects.get(register=CASES)
