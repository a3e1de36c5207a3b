"""What the gateway drops and what it keeps, whatever the office writes into its retention file."""

from datetime import timedelta

import pytest

from immis.gateway.log import rawlog
from immis.gateway.log.rawlog import RawLog
from immis.gateway.state.events import NewEvent
from immis.gateway.store.compaction import compact_days
from immis.gateway.store.outbox import Outbox, events_after, newest_event
from immis.gateway.store.retention import Retention, retention_path, retire, retire_events, retire_raw, write_retention
from tests.gateway.test_gateway_pipeline import IMEI, T0

DAY = timedelta(days=1)


def stamp(at) -> int:
    return int(at.timestamp() * 1e6)


def order(*, events_through=0, events_before=T0, raw_before=T0, kept=()) -> Retention:
    spans = tuple((start.timestamp(), end.timestamp()) for start, end in kept)
    return Retention(events_through, events_before.timestamp(), raw_before.timestamp(), spans)


@pytest.fixture
def log(tmp_path) -> RawLog:
    """Ten days in ten segments, all of them worked through."""
    log = RawLog(tmp_path, segment_bytes=100)
    for day in range(10):
        log.append([(1, stamp(T0 + day * DAY), b"x" * 100)])
        log.flush()
    outbox = Outbox(tmp_path)
    outbox.keep("checkpoint", log.end)
    outbox.close()
    return log


def days_left(folder) -> list[int]:
    with_bytes = [block for block in rawlog.blocks_between(rawlog.raw_folder(folder), 0, 10**9)]
    return [round((int(block.received_us[0]) - stamp(T0)) / 86_400e6) for block in with_bytes]


def test_old_segments_go_and_reading_begins_behind_them(tmp_path, log):
    # the third day's segment may hold bytes up to the fourth's first: it stays
    assert retire_raw(tmp_path, order(raw_before=T0 + 3 * DAY)) == 2
    assert days_left(tmp_path) == [2, 3, 4, 5, 6, 7, 8, 9]
    again = RawLog(tmp_path, segment_bytes=100)
    assert again.end == log.end
    assert [len(record.data) for record in again.read_from(0)] == [100] * 8


def test_what_an_undecided_case_may_need_stays(tmp_path, log):
    kept = [(T0 + 4 * DAY, T0 + 5 * DAY)]
    assert retire_raw(tmp_path, order(raw_before=T0 + 20 * DAY, kept=kept)) == 6
    assert days_left(tmp_path) == [3, 4, 5, 9]  # the third day's last byte may have come on the fourth


def test_bytes_that_are_not_worked_through_stay_however_old(tmp_path, log):
    outbox = Outbox(tmp_path)
    outbox.keep("checkpoint", 0)
    outbox.close()
    assert retire_raw(tmp_path, order(raw_before=T0 + 100 * DAY)) == 0


def test_events_go_once_the_office_has_taken_them_in_and_numbers_go_on(tmp_path, log):
    outbox = Outbox(tmp_path)
    for day in range(1200):
        at_s = (T0 + day * timedelta(minutes=1)).timestamp()
        with outbox._transaction():
            outbox._db.execute(
                "INSERT INTO event (kind, imei, vehicle, at, received_at, payload) VALUES (?,?,?,?,?,?)",
                NewEvent("device.login", IMEI, "BR01", at_s, at_s, {}).row(),
            )
    assert retire_events(tmp_path, order(events_through=1000, events_before=T0 + DAY)) == 1000
    assert [event.seq for event in events_after(tmp_path, seq=0)][0] == 1001
    assert retire_events(tmp_path, order(events_through=5000, events_before=T0 + timedelta(minutes=1100))) == 100
    assert retire_events(tmp_path, order(events_through=5000, events_before=T0 + 9 * DAY)) == 99
    assert newest_event(tmp_path) == 1200, "the newest stays: its number says how far was told"


@pytest.mark.parametrize("body", ["", "{", "[]", '{"events_through": 1}', '{"events_through": "a"}'])
def test_without_a_readable_order_nothing_goes(tmp_path, log, body):
    retention_path(tmp_path).write_text(body)
    retire(tmp_path, T0 + 400 * DAY)
    assert len(days_left(tmp_path)) == 10


def test_the_hourly_compaction_obeys_it(tmp_path, log):
    write_retention(tmp_path, order(raw_before=T0 + 20 * DAY))
    compact_days(tmp_path, now=T0 + 20 * DAY)
    assert days_left(tmp_path) == [9]
