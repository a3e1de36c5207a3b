"""The treasury, a sign-in service and the checks of an installation may be slow for one, never for everybody.

A process for pages alone waits for none of them: the front takes the whole request to one that may wait, and there
others work while it does.
"""

import threading

import pytest

from immis.core.access import outside
from immis.core.access.turns import Turns
from immis.ledger.models import Receipt
from immis.ledger.services import note_payment
from immis.ledger.treasury import treasury as the_treasury
from immis.registry import services as registry
from tests.settlement import india, treasury, world

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(world, at):
    at.set(india("2026-10-20"))
    return world.mining()


@pytest.fixture
def asked(client, world, lease, settings):
    """Send a form in a process for pages alone; answers where the front takes it."""

    def ask(name: str, address: str, **form: str) -> str | None:
        client.force_login(world.users[name])
        settings.MAY_WAIT = False
        answer = client.post(address, form)
        settings.MAY_WAIT = True
        return answer.headers.get("X-Accel-Redirect")

    return ask


@pytest.mark.parametrize("word", ["pay", "qr"])
def test_who_pays_is_handed_on_and_no_receipt_is_begun_twice(asked, client, world, lease, word):
    demand = world.instalment(lease, 1, 2)
    before = Receipt.objects.count()
    assert asked("settlee", f"/pay/{demand.number}/", act=word) == "@files"
    assert Receipt.objects.count() == before
    assert "X-Accel-Redirect" not in client.post(f"/pay/{demand.number}/", {"act": word}).headers
    assert Receipt.objects.count() == before + 1


def test_asking_and_verifying_is_handed_on_before_anything_is_written(asked, client, world, lease, at):
    receipt = world.pay(world.instalment(lease, 1, 2), at=at())
    assert asked("settlee", f"/pay/{receipt.demand.number}/", act="ask") == "@files"
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    assert asked("mdo", f"/office/payments/{receipt.number}/", act="verify") == "@files"
    receipt.refresh_from_db()
    assert receipt.state == "paid_unverified"
    client.post(f"/office/payments/{receipt.number}/", {"act": "verify"})
    receipt.refresh_from_db()
    assert receipt.state == "verified"


@pytest.mark.parametrize("address", ["/login/by/sso", "/login/by/sso/back"])
def test_the_sign_in_service_is_asked_elsewhere(client, settings, address):
    settings.MAY_WAIT = False
    send = client.get if "back" in address else client.post
    assert send(address).headers["X-Accel-Redirect"] == "@files"


def test_the_checks_of_an_installation_are_tried_elsewhere(asked, settings, world):
    admin = registry.open_office(code="adm", kind="hq", name_en="A", name_hi="A")
    world.users["admin"] = registry.add_user(username="admin", name_en="A", name_hi="A")
    registry.appoint(user=world.users["admin"], office=admin, role="administrator")
    settings.TREASURY_URL, settings.TREASURY_KEY = "http://treasury.example:9", "k"
    assert asked("admin", "/office/installation/") == "@files"


def test_others_work_while_the_treasury_thinks(world, lease, at, monkeypatch):
    receipt, turns, order = world.pay(world.instalment(lease, 1, 2), at=at()), Turns(), []
    monkeypatch.setattr(outside, "TURNS", turns)
    thinks, over = threading.Event(), threading.Event()

    def pay() -> None:
        with outside.asking_outside():
            thinks.set()
            over.wait(10)
            assert the_treasury().status(receipt.grn).status == "paid"
        order.append("the one who asked")

    first = threading.Thread(target=turns.do, args=(pay,), daemon=True)
    first.start()
    assert thinks.wait(10)
    second = threading.Thread(target=turns.do, args=(lambda: order.append("another"),), daemon=True)
    second.start()
    second.join(10)
    over.set()
    first.join(10)
    assert order == ["another", "the one who asked"]


def test_nothing_is_asked_inside_a_transaction(transactional_db):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError, match="ask first"), outside.asking_outside():
        raise AssertionError("never reached")
