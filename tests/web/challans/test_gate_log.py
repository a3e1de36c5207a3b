"""The gate log: a page for check posts alone, its script of the device, and each entry once in the register."""

import json

import pytest

from tests.challans.world import build, officer_in

ENTRY = {"passed_at": "2026-06-05T13:00", "registration": "BR08G1234", "direction": "out", "load": "loaded"}


@pytest.fixture
def post(client, db, data_dir, at):
    world = build(data_dir)
    client.force_login(officer_in(world.checkpost, "checkpost", "post"), "django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_names_its_script_and_where_entries_go(post):
    page = post.get("/checkpost/log/").content.decode()
    assert "/api/v1/registers/gate_log/acts/note" in page and "/checkpost/log/worker.js" in page
    worker = post.get("/checkpost/log/worker.js")
    assert worker.headers["Content-Type"] == "text/javascript" and "no-store" in worker.headers["Cache-Control"]


def test_an_entry_that_is_sent_twice_stands_once(post):
    body = json.dumps({"values": {**ENTRY, "cover": "no"}, "key": "a-key-of-the-device"})
    sent = [post.post("/api/v1/registers/gate_log/acts/note", body, "application/json") for _turn in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json()["number"] == sent[1].json()["number"]


def test_others_have_no_gate_log(client, db, data_dir, at):
    world = build(data_dir)
    client.force_login(world.settlee, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/checkpost/log/").status_code == 403
