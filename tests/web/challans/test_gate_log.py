"""The gate log: a page for check posts alone, its script of the device, and each entry once in the register."""

import json

import pytest

from tests.challans import world as made
from tests.challans.world import NOON, officer_in
from tests.web.challans.test_challan_pages import as_user

ENTRY = {"passed_at": "2026-06-05T13:00", "registration": "BR08G1234", "direction": "out", "load": "loaded"}


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return made.build(data_dir)


@pytest.fixture
def post(world):
    return as_user(officer_in(world.checkpost, "checkpost", "guard"))


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


def test_others_have_no_gate_log(world):
    assert as_user(world.settlee).get("/checkpost/log/").status_code == 403
