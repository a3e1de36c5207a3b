"""The doors of a gate's page: what is kept on the device, the line of a settlee, hostile bodies, quotas as pages."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.challans.offline import keys
from immis.registers.models import Entry
from immis.registers.services import enter
from tests.challans import world as made
from tests.challans.world import INSIDE, NOON, officer_in
from tests.doors.gate import Gate
from tests.web.challans.test_challan_pages import as_user

LINE = "/gate/line.json"


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return made.build(data_dir)


def post(client, body):
    return client.post(LINE, body if isinstance(body, str | bytes) else json.dumps(body), "application/json")


def test_the_worker_names_every_file_that_the_page_needs_and_each_is_there(world):
    worker = Client().get("/gate/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/gate/app/"
    assets = json.loads(worker.content.decode().partition("const ASSETS = ")[2].partition(";\n")[0])
    urls = {row["url"].partition("?")[0] for row in assets}
    assert {"/gate/app/hi/", "/gate/app/en/", "/gate/app.json"} <= urls and len(assets) > 20
    assert Client().get("/gate/app.json").json()["scope"] == "/gate/app/"
    page = Client().get("/gate/app/hi/").content.decode()
    assert "गेट: काँटा एवं ई-चालान" in page and 'data-line="/gate/line.json"' in page
    assert Client().get("/gate/app/fr/").status_code == 404


def test_who_is_not_signed_in_is_told_so_and_hands_nothing_in(world):
    assert Client().get(LINE).json() == {"name": ""}
    assert post(Client(), {"do": "send", "lines": []}).status_code in (401, 403)
    officer = as_user(world.officer)
    assert officer.get(LINE).json() == {"name": ""}
    assert post(officer, {"do": "ask", **Gate().asks(world.lease.number)}).status_code in (401, 403)
    assert not Entry.objects.filter(register=keys.KEYS).exists()


def test_a_settlee_hands_in_a_key_of_his_own_settlement_alone(world):
    settlee, gate = as_user(world.settlee), Gate()
    told = settlee.get(LINE).json()
    assert told["token"] and [row["number"] for row in told["leases"]] == [world.lease.number] and told["key"] is None
    assert post(settlee, {"do": "ask", **gate.asks("MUN-2026-77")}).status_code in (400, 404)
    forged = {**gate.asks(world.lease.number), "proof": Gate().asks(world.lease.number)["proof"]}
    assert post(settlee, {"do": "ask", **forged}).status_code == 409
    handed = post(settlee, {"do": "ask", **gate.asks(world.lease.number)}).json()["key"]
    assert handed["state"] == "asked"
    told = settlee.get(f"{LINE}?kid={gate.kid.hex()}&pack=1").json()
    assert told["key"]["number"] == handed["number"] and told["pack"] is None
    assert Entry.objects.get(register=keys.KEYS).values["code"] == gate.code


def test_the_screen_knows_the_trucks_inside_and_the_department_issues_each_load_once(world):
    settlee = as_user(world.settlee)
    world.report(NOON, INSIDE)
    yard = settlee.get(f"{LINE}?yard={world.lease.number}").json()["yard"]
    truck = next(row for row in yard["vehicles"] if row["mark"] == world.vehicle.registration)
    assert (truck["here"], truck["stops"], yard["density"]) == (True, [], 1417) and yard["weights"]["tare_days"] == 30
    load = {"lease": world.lease.number, "truck": truck["mark"], "place": world.place.code, "driver": "Ram"}
    asked = {"do": "issue", **load, "quantity": 8500, "key": "k1"}
    issued = post(settlee, asked).json()
    assert issued["shown"]["quantity"] == 8500 and issued["text"].endswith(post(settlee, asked).json()["text"][-40:])
    again = post(settlee, {**asked, "key": "k2"})
    assert again.status_code == 409 and "CH-06" in [row["code"] for row in again.json()["findings"]]
    assert again.json()["findings"][0]["hi"] and post(settlee, {**asked, "lease": "X"}).status_code == 404
    assert post(as_user(world.officer), asked).status_code in (401, 403)


def test_hostile_bodies_are_answered_in_kind(world):
    settlee = as_user(world.settlee)
    for body in ("", "{", "[]", "null", "7", '{"do": "send"}', '{"do": "send", "lines": 7}', "[" * 5000, b"\xff\xfe"):
        assert post(settlee, body).status_code == 400, body
    assert post(settlee, {"do": "send", "now": "x", "lines": [None, 1, {}]}).json()["kept"] == {}

    names = st.sampled_from(["do", "lease", "device", "public", "proof", "lines", "now", "kid", "truck", "quantity"])
    values = st.none() | st.integers() | st.text(max_size=50) | st.lists(st.integers(), max_size=3)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names, values, max_size=6), st.sampled_from(["ask", "send", "issue", "x", ""]))
    def throw(body, do):
        assert post(settlee, {**body, "do": do}).status_code < 500

    throw()


def test_a_quota_shows_each_of_its_numbers_to_its_own_and_to_nobody_else(world):
    gate = Gate()
    key = enter(keys.KEYS, "ask", gate.asks(world.lease.number), by=world.actor, at=NOON)
    district = as_user(world.officer)
    done = district.post(f"/api/v1/entries/{key.number}/acts/approve", '{"values": {}}', "application/json")
    assert done.status_code == 201
    order = {"order_no": "DMO/9", "ordered_on": "2026-06-05", "key": key.number, "passes": "3"}
    made_it = district.post(
        "/api/v1/registers/offline_quotas/acts/grant", json.dumps({"values": order}), "application/json"
    )
    number = made_it.json()["number"]
    for reader in (district, as_user(world.settlee)):
        assert number in reader.get("/offline/").content.decode()
        assert reader.get(f"/offline/{number}/").content.decode().count("MUN-26-00000") >= 3
    assert district.get(f"/offline/{key.number}/").status_code == 404
    assert as_user(officer_in(world.checkpost, "checkpost", "guard")).get("/offline/").status_code == 403


def test_anybody_reads_the_uptime(world):
    page = Client().get("/uptime/").content.decode()
    assert "CH-87" in page and Client().get("/uptime/?format=csv").status_code == 200
