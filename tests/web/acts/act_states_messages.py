"""How registered SMS texts and addresses come to a few states each, for the walk over acts (test_act_walk.py)."""

from immis.messaging import services
from immis.messaging.models import Contact, SmsText
from tests.messaging.operators import HQ, register
from tests.settlement import india

NOON = india("2026-10-05", "12:00:00")


def registered(world, at):
    at.set(NOON)
    register("MSG-10")
    return SmsText.objects.get(lang="hi")


def ended(world, at):
    text = registered(world, at)
    services.end_text(sms_text=text, reason="inactive", by=HQ, at=NOON)
    text.refresh_from_db()
    return text


def dead(world, at):
    at.set(NOON)
    whose = {"to_kind": "party", "to_id": "7", "district": "Munger"}
    return Contact.objects.create(channel="sms", address="9000000000", dead_at=NOON, why="often", misses=3, **whose)


def working(world, at):
    contact = dead(world, at)
    contact.dead_at = None
    contact.save()
    return contact


STATES = {"sms_text": (registered, ended), "contact": (dead, working)}
