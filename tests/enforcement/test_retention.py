"""What the records keep no longer: news without consequence goes, and nothing that may still be needed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction

from immis.core.models import Decision, OutboxEvent
from immis.core.retention import forget_decisions, forget_sessions
from immis.core.services import emit, record_decision
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Outcome
from immis.enforcement.retention import forget_news, tell_gateway_what_may_go
from immis.rules.policy import book
from immis.schedule import JOBS
from immis.tracking.models import DeviceEvent, FenceEvent
from immis.tracking.retention import forget_signals
from tests.examples import example

THEN = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def days(code: str) -> timedelta:
    return timedelta(days=int(book().value(code, THEN)))


def test_handled_news_of_vehicles_goes_after_its_days_and_no_sooner(world):
    emit(example("vehicle.left_fence"), subject=("vehicle", "BR01"), at=THEN, key="gateway:1")
    run_triggers(at=THEN)
    assert forget_news(at=THEN + days("RET-03")) == 0
    assert forget_news(at=THEN + days("RET-03") + DAY) == 1
    assert not OutboxEvent.objects.exists() and not Outcome.objects.exists()


def test_news_that_waits_stays_however_old(world):
    emit(example("vehicle.left_fence"), subject=("vehicle", "BR01"), at=THEN)
    assert forget_news(at=THEN + 3 * days("RET-03")) == 0


def test_news_that_is_told_once_by_its_key_stays(world):
    emit(example("instalment.overdue"), subject=("lease", "MUN-2026-01"), at=THEN, key="instalment.overdue:D1")
    OutboxEvent.objects.update(handled_at=THEN)
    assert forget_news(at=THEN + 3 * days("RET-03")) == 0
    assert not emit(
        example("instalment.overdue"), subject=("lease", "MUN-2026-01"), at=THEN, key="instalment.overdue:D1"
    )


def test_what_had_a_consequence_stays_with_its_event(world):
    emit(example("device.tamper"), subject=("vehicle", "BR01"), at=THEN)
    event = OutboxEvent.objects.get()
    OutboxEvent.objects.update(handled_at=THEN)
    Outcome.objects.create(
        trigger_code="TRG-12", event=event, policy_on=THEN.date(), consequences=[{"kind": "task"}], at=THEN
    )
    assert forget_news(at=THEN + 3 * days("RET-03")) == 0
    assert Outcome.objects.get().event == event


def test_decisions_stay_for_their_years_and_the_database_refuses_less(world):
    facts = {"subject": ("challan", "1"), "facts": {}, "outcome": "issued", "policy_on": THEN.date()}
    record_decision("CH-01", at=datetime(2010, 1, 1, tzinfo=UTC), **facts)
    young = record_decision("CH-01", at=THEN, **facts)
    assert forget_decisions(at=THEN) == 1
    with pytest.raises(DatabaseError, match="5 years"), transaction.atomic():
        young.delete()
    assert Decision.objects.get() == young


def test_signals_and_crossings_go_after_their_days(world):
    old, at = THEN - days("RET-05") - DAY, {"at": THEN, "received_at": THEN}
    FenceEvent.objects.create(seq=1, kind="left", imei="1", fence_id="f", fence_kind="ghat", at=old, received_at=old)
    FenceEvent.objects.create(seq=2, kind="left", imei="1", fence_id="f", fence_kind="ghat", **at)
    DeviceEvent.objects.create(seq=3, kind="device.login", imei="1", at=old, received_at=old)
    assert forget_signals(at=THEN) == 2
    assert [row.seq for row in FenceEvent.objects.all()] == [2]


def test_log_ins_that_are_over_go(world):
    Session.objects.create(session_key="a", session_data="", expire_date=THEN - DAY)
    Session.objects.create(session_key="b", session_data="", expire_date=THEN + DAY)
    assert forget_sessions(at=THEN) == 1
    assert Session.objects.get().session_key == "b"


def test_the_gateway_learns_what_may_go_and_what_undecided_cases_need(world, data_dir):
    office = world.actors[next(iter(world.actors))].office_id
    for number, occurred_at, state in (
        ("1", THEN - 200 * DAY, "opened"),
        ("2", THEN - 199 * DAY, "noticed"),
        ("3", THEN - 100 * DAY, "closed"),
    ):
        Case.objects.create(
            number=number, offence="tamper", office_id=office, district="Munger", occurred_at=occurred_at,
            state=state, opened_at=occurred_at,
        )  # fmt: skip
    assert tell_gateway_what_may_go(at=THEN) == 1
    written = json.loads((data_dir / "gateway" / "retention.json").read_text())
    assert written["raw_before_s"] == (THEN - days("RET-01")).timestamp()
    assert written["events_before_s"] == (THEN - days("RET-02")).timestamp()
    assert written["kept_spans"] == [[(THEN - 201 * DAY).timestamp(), (THEN - 198 * DAY).timestamp()]]


def test_the_worker_runs_all_of_it():
    names = {job.name for job in JOBS}
    assert names >= {"tell_gateway_what_may_go", "forget_news", "forget_signals", "forget_decisions", "forget_sessions"}
