"""How transit passes, their parties and the orders of the switch come to a few states each, for the walk over acts."""

from datetime import date, timedelta

from immis.transit.jobs import settle_passes
from immis.transit.models import Registration, TransitPass
from immis.transit.services.parties import change_registration
from immis.transit.services.passes import record_entry, withdraw
from tests.transit import loads


def before_an_order(world, at):
    """An order was given for a day to come."""
    at.set(loads.ON)
    return loads.switched_on(world, on=date(2026, 7, 30))


def in_force(world, at):
    at.set(loads.NOON)
    return loads.switched_on(world)


def stands(world, at):
    at.set(loads.NOON)
    loads.switched_on(world)
    return loads.registered(world)


def stopped(world, at):
    row = stands(world, at)
    to = Registration.STOPPED
    return change_registration(registration=row, to=to, reason="licence ended", by=world.district, at=loads.NOON)


def applied(world, at):
    at.set(loads.NOON)
    loads.ready(world)
    return loads.asked(world)


def issued(world, at):
    at.set(loads.NOON)
    return loads.issued(world)


def entered(world, at):
    row = issued(world, at)
    at.set(loads.NOON + timedelta(hours=1))
    return record_entry(istp=row, by=world.actor("checkpost"), at=loads.NOON + timedelta(hours=1))[0]


def withdrawn(world, at):
    row = issued(world, at)
    return withdraw(istp=row, order_no="DMO/1", reason="never left", by=world.district, at=loads.NOON)


def lapsed(world, at):
    row, over = applied(world, at), loads.NOON + timedelta(hours=6)
    at.set(over)
    settle_passes(at=over)
    return TransitPass.objects.get(pk=row.pk)


STATES = {
    "istp": (applied, issued, entered, withdrawn, lapsed),
    "istp_party": (stands, stopped),
    "istp_order": (before_an_order, in_force),
}
