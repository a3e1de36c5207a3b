"""Debarments in tests: entered, lifted and read by the register's own acts."""

from immis.holds.debarments import DEBARMENTS, Debarment
from immis.registers.models import Entry
from immis.registers.selectors import version_of
from immis.registers.services import Given, do_act, enter


def enter_debarment(*, by, at, **values) -> Debarment:
    return Debarment.of(enter(DEBARMENTS, "enter", values, by=by, at=at))


def lift_debarment(bar: Debarment, *, order, by, at) -> Debarment:
    entry = Entry.objects.get(number=bar.number)
    register = version_of(entry)
    given = Given({"lift_order": order})
    return Debarment.of(do_act(register=register, act=register.acts["lift"], given=given, by=by, at=at, entry=entry))


def debarments() -> list[Debarment]:
    return [Debarment.of(entry) for entry in Entry.objects.filter(register=DEBARMENTS).order_by("id")]


def the_debarment() -> Debarment:
    (bar,) = debarments()
    return bar
