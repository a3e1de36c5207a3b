"""The pass on its driver's phone: by a secret link alone, without a log-in, and by SMS."""

from decimal import Decimal

import pytest
from django.test import Client

from immis.challans import services
from immis.challans.selectors.driver_link import link_of, token_of
from immis.enforcement.jobs import run_triggers
from immis.messaging.models import Message
from immis.registry import services as registry
from tests.challans import world as made
from tests.challans.world import NOON, PLATE

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    world = made.build(data_dir)
    world.report(NOON)
    return world


def issue(world, phone: str):
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"),
        driver_name="राम बहादुर", driver_phone=phone,
    )  # fmt: skip
    return services.issue_challan(load=load, by=world.actor)


def test_the_link_opens_pass_print_and_slip_and_says_nothing_of_the_driver(world):
    challan = issue(world, "9000000001")
    anybody = Client(headers={"accept-language": "hi"})
    page = anybody.get(f"/p/{token_of(challan)}")
    text = page.content.decode()
    assert page.status_code == 200 and PLATE in text and 'class="qr"' in text
    assert "राम बहादुर" not in text and "9000000001" not in text
    assert page["Cache-Control"] == "private, no-store" and page["Referrer-Policy"] == "no-referrer"
    assert anybody.get(f"/p/{token_of(challan)}.pdf").content.startswith(b"%PDF")
    assert PLATE in anybody.get(f"/p/{token_of(challan)}/slip/").content.decode()
    services.cancel_challan(challan=challan, reason="x", by=world.actor, at=NOON)
    assert "रद्द" in anybody.get(f"/p/{token_of(challan)}/slip/").content.decode()


def test_who_reads_the_qr_cannot_make_the_link(world):
    challan = issue(world, "")
    anybody = Client()
    for token in (challan.pass_id, challan.pass_id + "0" * 24, challan.number, token_of(challan)[:-1], "é" * 40):
        assert anybody.get(f"/p/{token}").status_code == 404


@pytest.mark.flow
def test_the_driver_gets_one_sms_with_the_link(world):
    challan = issue(world, "+91 90000 00001")
    run_triggers(at=NOON)
    run_triggers(at=NOON)
    message = Message.objects.get(to_kind="phone")
    assert (message.to_id, message.template) == ("9000000001", "MSG-194")
    assert message.facts["link"] == link_of(challan)
    client = Client()
    client.force_login(world.settlee)
    assert token_of(challan) in client.get(f"/challans/{challan.number}/").content.decode()


def test_a_number_that_is_none_gets_nothing(world):
    issue(world, "12345")
    run_triggers(at=NOON)
    assert not Message.objects.filter(to_kind="phone").exists()


def test_the_owner_of_a_truck_sees_its_passes_whoever_issued_them_and_nobody_else_s(world):
    challan = issue(world, "")
    owner_user = registry.add_user(username="owner", name_en="Owner", name_hi="स्वामी", password="a long password")
    owner = registry.add_party(
        party=registry.NewParty(
            code="trucks", kind="individual", name_en="Ram", name_hi="राम", pan="ABCPE1234F", email="o@example.org"
        ),
        users=[owner_user],
    )
    client = Client()
    client.force_login(owner_user)
    assert PLATE not in client.get("/own/challans/").content.decode()
    world.vehicle.owner = owner
    world.vehicle.save()
    text = client.get("/own/challans/").content.decode()
    assert PLATE in text and token_of(challan) in text
    assert client.get("/own/cases/").status_code == 200
    client.force_login(world.settlee)
    assert PLATE not in client.get("/own/challans/").content.decode()
