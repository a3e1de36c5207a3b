"""Weighments over HTTP: signed, in order, once each; what cannot be trusted is kept with its reason (A-08, E-158)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.utils import DatabaseError

from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.weighbridges.models import Reading
from immis.weighbridges.services import pairing
from tests.challans.world import AWAY, INSIDE, NOON
from tests.doors.scale import Software

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def said(answer) -> list[tuple[int, str, bool]]:
    return [(row["counter"], row["code"], row["stops"]) for row in answer.json()["findings"]]


@pytest.mark.flow
def test_a_truck_whose_gps_is_inside_is_weighed_and_elsewhere_refused(world, software):
    world.report(NOON, INSIDE)
    near = software.send([software.weigh(NOON)], NOON)
    assert (near.status_code, near.json()["taken_up_to"], said(near)) == (200, 1, [])
    world.report(NOON + MINUTE * 20, AWAY)
    far = software.send([software.weigh(NOON + MINUTE * 20)], NOON + MINUTE * 20)
    assert (1, "WB-11", True) not in said(far) and (2, "WB-11", True) in said(far)
    assert "BR08G1234" in far.json()["findings"][0]["message"]["hi"]
    kept = Reading.objects.get(counter=2)
    assert kept.stops and kept.weight_kg == 31_240 and kept.findings[0]["code"] == "WB-11"
    assert OutboxEvent.objects.filter(kind="weighbridge.reading_refused").count() == 1
    run_triggers(at=NOON + MINUTE * 20)
    task = Task.objects.get(code="TRG-260")
    assert (task.role, task.subject_id, task.facts["plate"]) == ("district", software.bridge, "BR08G1234")
    assert "truck BR08G1234 was 1" in task.facts["reason"]["en"] and "{" not in task.facts["reason"]["hi"]


def test_weighments_are_kept_once_and_in_order(world, software):
    world.report(NOON, INSIDE)
    rows = [software.weigh(NOON + SECOND * n, kind="zero", weight_kg=0, min_kg=0, max_kg=0) for n in range(5)]
    gap = software.send(rows[1:], NOON)
    assert (gap.status_code, gap.json()["taken_up_to"]) == (409, 0)
    assert software.send(rows[:3], NOON).json()["taken_up_to"] == 3
    assert software.send(rows, NOON).json()["taken_up_to"] == 5
    assert software.send(rows, NOON).json()["taken_up_to"] == 5
    assert [row.counter for row in Reading.objects.order_by("id")] == [1, 2, 3, 4, 5]


@pytest.mark.flow
def test_what_is_altered_is_seen(world, software, post):
    world.report(NOON, INSIDE)
    first = software.weigh(NOON)
    assert software.send([first], NOON, signature="AAAA").status_code == 401
    assert software.send([first], NOON).status_code == 200
    other = Software(post)
    other.device, other.counter, other.head = software.device, 0, "0" * 64
    assert other.send([other.weigh(NOON)], NOON).status_code == 401
    forged = {**first, "weight_kg": 9}
    assert (1, "WB-13", True) in said(software.send([forged], NOON))
    torn = software.weigh(NOON + MINUTE, previous="1" * 64)
    assert (2, "WB-13", True) in said(software.send([torn], NOON + MINUTE))
    older = software.weigh(NOON - MINUTE)
    assert (3, "WB-13", True) in said(software.send([older], NOON + MINUTE))
    unsigned = {**software.weigh(NOON + MINUTE * 2), "weight_kg": 9}
    assert (4, "WB-13", True) in said(software.send([unsigned], NOON + MINUTE * 2))
    assert Reading.objects.count() == 4


@pytest.mark.flow
def test_outside_the_fence_drifting_and_two_at_once(world, software, at):
    world.report(NOON, INSIDE)
    away = software.send([software.weigh(NOON, place=list(AWAY))], NOON)
    assert said(away) == [(1, "WB-10", True)]
    at.set(NOON + MINUTE * 5)
    late = software.send([software.weigh(NOON + MINUTE)], NOON + MINUTE)
    assert said(late) == [(2, "WB-12", False)]
    soon = software.send([software.weigh(NOON + MINUTE * 5, plate="BR08G0001")], NOON + MINUTE * 5)
    assert (3, "WB-11", True) in said(soon)
    beside = software.send([software.weigh(NOON + MINUTE * 5 + SECOND * 9)], NOON + MINUTE * 5)
    assert (4, "WB-16", True) in said(beside)
    moving = software.weigh(NOON + MINUTE * 6, stable=False, max_kg=31_900, place=None, plate="")
    assert (5, "WB-14", True) in said(software.send([moving], NOON + MINUTE * 6))


@pytest.mark.flow
def test_the_same_weight_again_is_flagged(world, software):
    world.report(NOON, INSIDE)
    answers = [software.send([software.weigh(NOON + SECOND * n)], NOON + SECOND * n) for n in range(3)]
    assert [said(answer) for answer in answers] == [[], [], [(3, "WB-15", False)]]


def test_the_database_keeps_what_was_weighed(world, software):
    software.send([software.weigh(NOON)], NOON)
    for words in ("UPDATE weighbridges_reading SET weight_kg = 1", "DELETE FROM weighbridges_reading"):
        with pytest.raises((IntegrityError, OperationalError, DatabaseError)), transaction.atomic():
            connection.cursor().execute(words)
    assert Reading.objects.get().weight_kg == 31_240


@pytest.mark.parametrize(
    "change",
    [
        {"counter": 0}, {"counter": 2**60}, {"counter": "x"}, {"at": "2026-13-45T99:00:00+05:30"}, {"at": "now"},
        {"kind": "net"}, {"weight_kg": 1e30}, {"plate": "A\nB"}, {"plate": "\x00"}, {"raw": "\x01"},
        {"raw": "A" * 5000},
        {"place": [1]}, {"place": [float("nan"), 1]}, {"place": [1e9, 1]}, {"previous": "zz"}, {"signature": "A" * 99},
        {"format": "\ud800"}, {"min_kg": None},
    ],
)  # fmt: skip
def test_hostile_weighments_are_refused_and_nothing_is_kept(world, software, change):
    row = {**software.weigh(NOON), **change}
    assert software.send([row], NOON).status_code in (400, 422)
    assert not Reading.objects.exists()


def test_hostile_bodies_and_too_many(world, bridge, software, client, monkeypatch, post):
    for body in ({}, [], {"sent_at": "x", "readings": []}, {"sent_at": NOON.isoformat(), "readings": [1] * 101}):
        assert software.post("readings", body).status_code == 422
    address = f"/api/v1/weighbridges/{software.device}/readings"
    assert client.post(address, b"\xff{", content_type="application/json").status_code in (400, 401, 422)
    assert client.post("/api/v1/weighbridges/WBD-0/readings", b"{}", content_type="application/json").status_code == 422
    wrong = [Software(post).pair("000000", NOON).status_code for _try in range(10)]
    assert wrong[0] == 409 and wrong[-1] == 429
    beat = {"at": NOON.isoformat(), "weight_kg": 0, "stable": True, "indicator": "alive", "queued": 0, "version": "1"}
    answer = software.post("heartbeat", beat)
    assert (answer.status_code, answer.json()["state"], answer.json()["findings"]) == (200, "approved", [])


def test_a_code_serves_once_and_newer_software_cuts_the_older_off(world, bridge, software, client, post):
    code = pairing.make_code(bridge=bridge, by=world.actor, at=NOON).pair_code
    late = Software(post)
    assert late.pair(code, NOON).status_code == 201
    assert Software(post).pair(code, NOON).status_code == 409
    assert software.send([software.weigh(NOON)], NOON).status_code == 404
    pairing.revoke(bridge=bridge, device=late.device, reason="lost", by=world.actor, at=NOON)
    assert late.send([late.weigh(NOON)], NOON).status_code == 404


@pytest.mark.flow
def test_an_empty_weight_that_jumps_is_flagged(world, software):
    world.report(NOON, INSIDE)
    world.vehicle.unladen_kg = 10_000
    world.vehicle.save()
    weights = [10_000, 10_500, 12_000]
    rows = [
        software.weigh(NOON + SECOND * n, kind="tare", weight_kg=kg, min_kg=kg, max_kg=kg)
        for n, kg in enumerate(weights)
    ]
    assert said(software.send(rows, NOON)) == [(3, "WB-17", False)]
    light = software.weigh(NOON + SECOND * 4, weight_kg=9_000, min_kg=9_000, max_kg=9_000)
    assert said(software.send([light], NOON)) == [(4, "WB-17", False)]
