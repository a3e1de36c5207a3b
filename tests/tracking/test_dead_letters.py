"""One event of the gateway that cannot be kept stops no other: it is a dead letter, and is never tried again."""

import logging
import math
from datetime import timedelta

import pytest
from django.db import OperationalError

from immis.challans import jobs
from immis.core.models import Cursor, DeadLetter, OutboxEvent
from immis.enforcement import selectors as enforcement
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import FailedEvent
from immis.rules import catalogue
from immis.tracking import services
from immis.tracking.jobs import take_in_gateway_events
from immis.tracking.models import DeviceEvent
from tests.challans.world import NOON
from tests.tracking.test_take_in import event, trip

POISONS = {
    "a distance that is none": event("trip.completed", NOON, trip(distance_km="far", ended_at=NOON.isoformat())),
    "no fence": event("vehicle.entered_fence", NOON, {"late": False}),
    "no instant": event("trip.started", NOON, trip(started_at="yesterday")),
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_what_cannot_be_kept_is_a_dead_letter_and_the_others_go_on(world, poison):
    world.tell(event("device.login", NOON, {"firmware": "1"}), poison, event("device.login", NOON, {"firmware": "2"}))
    assert take_in_gateway_events(at=NOON) == 3
    assert take_in_gateway_events(at=NOON) == 0
    assert DeviceEvent.objects.filter(kind="device.login").count() == 2
    letter = DeadLetter.objects.get()
    assert (
        (letter.reader, letter.position, letter.kind) == (services.CURSOR, 2, poison.kind)
        and letter.error
        and poison.kind in letter.told
    )
    assert Cursor.objects.get(name=services.CURSOR).position == 3


ODD = ["a\0b", "\ud800", "\udc00x", "x" * 70_000]


@pytest.mark.parametrize("odd", ODD)
def test_text_that_a_database_refuses_is_kept_with_a_mark(world, odd):
    told = {"firmware": odd, odd: 1, "evidence": {"raw": odd, "list": [odd]}, "number": math.nan}
    world.tell(event("device.login", NOON, told, vehicle=odd), event("device.login", NOON, {"firmware": "2"}))
    assert take_in_gateway_events(at=NOON) == 2
    assert DeadLetter.objects.count() == 0
    kept = DeviceEvent.objects.get(seq=1).payload
    assert kept["number"] is None and len(kept["firmware"]) == len(odd)
    assert not set(kept["firmware"]) & {"\0", "\ud800"}
    assert OutboxEvent.objects.filter(key__startswith="gateway:").count() == 2


def test_a_database_that_is_away_makes_no_dead_letters(world, monkeypatch):
    def away(*_, **__):
        raise OperationalError("the server closed the connection")

    world.tell(event("device.login", NOON, {}))
    monkeypatch.setattr(services.intake, "_keep", away)
    with pytest.raises(OperationalError):
        take_in_gateway_events(at=NOON)
    assert DeadLetter.objects.count() == 0


def test_a_crossing_that_cannot_be_followed_stops_no_other(world, monkeypatch):
    def fails(event, *, at):
        if event.seq == 2:
            raise LookupError("no such ghat")
        followed.append(event.seq)

    followed = []
    monkeypatch.setattr(jobs.trips, "follow_crossing", fails)
    world.tell(*[world.fence("left", "ghat:MUN-2026-01", NOON + timedelta(minutes=n)) for n in range(3)])
    take_in_gateway_events(at=NOON)
    assert jobs.follow_trips(at=NOON) == 3 and jobs.follow_trips(at=NOON) == 0
    assert followed[-2:] == [1, 3] and DeadLetter.objects.get().reader == jobs.FENCE_CURSOR


def test_an_event_whose_triggers_always_fail_is_given_up(world, monkeypatch):
    """Its fault may hold any text, and is kept; after some days nobody tries it any more."""
    catalogue.load_all()

    def fails(*_, **__):
        raise ValueError("a\0b \ud800")

    monkeypatch.setattr("immis.enforcement.jobs.gather", fails)
    # half a surrogate pair in a caught log line does not travel between the suite's processes
    monkeypatch.setattr(logging.getLogger("immis.enforcement.jobs"), "disabled", True)
    world.tell(event("device.tamper", NOON, {"signal": "cover", "grade": "strong", "evidence": {}}))
    take_in_gateway_events(at=NOON)
    for day in range(40):
        run_triggers(at=NOON + timedelta(days=day))
    failed = FailedEvent.objects.get()
    assert failed.attempts == FailedEvent.MOST_ATTEMPTS and failed.is_given_up and "\0" not in failed.error
    assert enforcement.waiting_events(at=NOON + timedelta(days=60), most=10) == []
