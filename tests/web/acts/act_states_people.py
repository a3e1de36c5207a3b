"""How offices, people, charges, authorities and requests about data come to a few states (test_act_walk.py)."""

from datetime import timedelta

from immis.registry.models import Office, Post
from immis.registry.offices import close_office
from immis.registry.people import authorities, charges, data_rights, logins
from immis.registry.services import add_user
from tests.settlement import india

NOON = india("2026-10-20", "12:00:00")
ORDER = {"reason": "x", "reference": "HQ/1"}


def office(world, at):
    at.set(NOON)
    return Office.objects.get(code="munger")


def closed_office(world, at):
    """An office that nobody is in, closed by headquarters."""
    at.set(NOON)
    empty = Office.objects.create(code="empty", kind="district", name_en="Empty", name_hi="E", district="Munger")
    return close_office(office=empty, **ORDER, by=world.actor("hq"), at=NOON)


def person(world, at):
    at.set(NOON)
    return world.users["mdo"]


def disabled(world, at):
    """Somebody of the check post whose log-in the Collector disabled."""
    at.set(NOON)
    guard = add_user(username="guard", name_en="G", name_hi="G")
    munger = Office.objects.get(code="munger")
    charges.give_charge(user=guard, office=munger, role="checkpost", by=world.actor("hq"), at=NOON)
    logins.disable_login(user=guard, **ORDER, by=world.collector, at=NOON)
    guard.refresh_from_db()
    return guard


def charge(world, at):
    at.set(NOON)
    return Post.objects.get(user=world.users["mdo"])


def additional_charge(world, at):
    at.set(NOON)
    terms = charges.Terms(additional=True, ends_at=NOON + timedelta(days=30), reference="HQ/2")
    giver, munger = world.actor("hq"), Office.objects.get(code="munger")
    return charges.give_charge(
        user=world.users["patna"], office=munger, role="district", terms=terms, by=giver, at=NOON
    )


def ended_charge(world, at):
    row = additional_charge(world, at)
    return charges.end_charge(charge=row, **ORDER, by=world.collector, at=NOON)


def authority(world, at):
    at.set(NOON)
    user = add_user(username="operator", name_en="O", name_hi="O")
    limits = authorities.Limits(grants=["challan.issue"], challans_a_day=5)
    return authorities.give_authority(user=user, kind="operator", limits=limits, by=world.settlee, at=NOON)


def ended_authority(world, at):
    row = authorities.end_authority(authority=authority(world, at), reason="x", by=world.settlee, at=NOON)
    row.refresh_from_db()
    return row


def data_request(world, at):
    at.set(NOON)
    return data_rights.make_request(kind="correction", text="my name", by=world.settlee, at=NOON)


def answered_request(world, at):
    row = data_request(world, at)
    return data_rights.answer_request(data_request=row, granted=True, answer="x", by=world.actor("hq"), at=NOON)


STATES = {
    "office": (office, closed_office),
    "user": (person, disabled),
    "charge": (charge, additional_charge, ended_charge),
    "authority": (authority, ended_authority),
    "data_request": (data_request, answered_request),
}
