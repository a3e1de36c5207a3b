"""From bytes in the raw log to positions, fence events, trips and tamper evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import DIALECTS, Report, encode_emergency, encode_login, encode_position
from immis.gateway.store.outbox import counters, events_after, last_positions
from immis.gateway.store.parquet import count_positions, merge_small, positions_folder, positions_of
from immis.gateway.store.snapshot import write_snapshot
from immis.gateway.tolerances import COMPACT_FILES

IMEI = "860000000000017"
T0 = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
SOURCE = {
    "id": "ghat:MUN-2026-01",
    "kind": "source",
    "name": "Ghat",
    "polygon": [[25.30, 86.40], [25.30, 86.42], [25.32, 86.42], [25.32, 86.40]],
}
DESTINATION = {"id": "site:K-1", "kind": "destination", "name": "Store", "centre": [25.31, 86.50], "radius_m": 500}
SNAPSHOT = {"version": 1, "devices": [{"imei": IMEI, "vehicle": "BR08G1234"}], "fences": [SOURCE, DESTINATION]}


class Road:
    """A vehicle that reports into a gateway without sockets: same log, same pipeline."""

    def __init__(self, folder, snapshot=SNAPSHOT):
        self.folder = folder
        if snapshot:
            write_snapshot(folder, snapshot)
        self.log = RawLog(folder)
        self.pipeline = Pipeline(folder)
        self.frame_no = 0

    def report(self, minute: float, lon: float, **changes) -> Report:
        self.frame_no += 1
        at = T0 + timedelta(minutes=minute)
        base = Report(imei=IMEI, vehicle="BR08G1234", at=at, lat=25.31, lon=lon, frame_no=self.frame_no, speed_kmh=40.0)
        return replace(base, **changes)

    def send(self, *reports, dialect="nic", received_at=None):
        """Each report arrives two seconds after its own time, or all at ``received_at``."""
        for report in reports:
            self.bytes(encode_position(report, dialect=dialect), at=received_at or report.at + timedelta(seconds=2))
        self.pipeline.commit()

    def bytes(self, data: bytes, *, at: datetime, connection: int = 1):
        return self.pipeline.take(self.log.put([(connection, int(at.timestamp() * 1e6), data)]))

    def kinds(self) -> list[str]:
        return [event.kind for event in events_after(self.folder, seq=0)]

    def events(self, kind: str):
        return [event for event in events_after(self.folder, seq=0) if event.kind == kind]

    def all_events(self):
        return list(events_after(self.folder, seq=0))

    def last(self):
        return last_positions(self.folder)[0]


@pytest.fixture
def road(tmp_path) -> Road:
    return Road(tmp_path)


LONS = [86.41, 86.415, 86.43, 86.45, 86.47, 86.49, 86.5, 86.5]


def drive(road: Road, **changes) -> list[Report]:
    return [road.report(i, lon, **changes) for i, lon in enumerate(LONS)]


def test_nothing_to_read_before_the_gateway_ran(tmp_path):
    assert events_after(tmp_path, seq=0) == []
    assert last_positions(tmp_path) == []
    assert count_positions(tmp_path) == 0
    assert positions_of(tmp_path, imei=IMEI).is_empty()


def test_a_trip_from_source_to_destination(road):
    road.send(*drive(road))
    assert road.kinds() == [
        "vehicle.entered_fence",
        "vehicle.left_fence",
        "trip.started",
        "vehicle.entered_fence",
        "trip.completed",
    ]
    started, completed = road.events("trip.started")[0], road.events("trip.completed")[0]
    assert started.at == T0 + timedelta(minutes=2)
    assert started.vehicle == "BR08G1234"
    trip = completed.payload
    assert (trip["source"], trip["destination"]) == ("ghat:MUN-2026-01", "site:K-1")
    assert completed.at == T0 + timedelta(minutes=6)
    assert trip["started_at"] == "2026-06-05T05:32:00Z"
    assert trip["distance_km"] == pytest.approx(8.54, abs=0.1)  # 0.085 degrees of longitude at 25.31 N
    assert trip["max_speed_kmh"] == 40.0
    assert trip["late"] is False
    left = road.events("vehicle.left_fence")[0].payload
    assert (left["fence"], left["fence_kind"], left["lat"], left["lon"], left["late"]) == (
        "ghat:MUN-2026-01",
        "source",
        25.31,
        86.43,
        False,
    )


def test_last_position_shows_fence_and_running_trip(road):
    road.send(*drive(road)[:5])
    last = road.last()
    assert last.fences == []
    assert last.trip["source"] == "ghat:MUN-2026-01"
    assert last.trip["distance_km"] > 5
    assert (last.lat, last.lon, last.ignition, last.trouble) == (25.31, 86.47, True, "")
    assert last.at == T0 + timedelta(minutes=4)
    assert last_positions(road.folder, imeis=["860000000000018"]) == []
    assert last_positions(road.folder, imeis=[IMEI]) == [last]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_drives_the_same_trip(tmp_path, dialect):
    road = Road(tmp_path)
    road.send(*drive(road), dialect=dialect)
    road.pipeline.flush_waiting((T0 + timedelta(hours=1)).timestamp())
    road.pipeline.commit()
    assert road.kinds()[-1] == "trip.completed"
    assert positions_of(tmp_path, imei=IMEI)["lon"].to_list() == LONS
    assert positions_of(tmp_path, imei=IMEI)["at"].to_list() == [T0 + timedelta(minutes=i) for i in range(len(LONS))]


def test_one_stray_fix_crosses_no_border(road):
    road.send(
        road.report(0, 86.41),
        road.report(1, 86.41),
        road.report(2, 86.60),
        road.report(3, 86.41),
        road.report(4, 86.41),
    )
    assert road.kinds() == ["vehicle.entered_fence"]


def test_drift_along_the_border_is_not_leaving(road):
    metre = 1 / 100_600  # degrees of longitude here
    lons = [86.41, 86.41] + [86.42 + metre * (20 if i % 2 else -5) for i in range(10)]
    road.send(*(road.report(i, lon) for i, lon in enumerate(lons)))
    assert road.kinds() == ["vehicle.entered_fence"]


def test_without_a_fix_no_fence_is_crossed(road):
    road.send(road.report(0, 86.41), *(road.report(i, 86.45, fix=False) for i in range(1, 5)))
    assert road.kinds() == ["vehicle.entered_fence"]
    assert road.last().trouble == "no_fix"
    kept = positions_of(road.folder, imei=IMEI)
    assert kept.height == 5
    assert kept["lat"].null_count() == 4


def test_history_behind_the_newest_fix_is_kept_and_raises_nothing(road):
    reports = drive(road)
    arrived = T0 + timedelta(hours=2)
    road.send(road.report(110, 86.50), received_at=arrived)
    before = road.kinds()
    road.send(*reversed(reports), received_at=arrived)
    assert road.kinds() == before
    assert count_positions(road.folder) == 9
    assert positions_of(road.folder, imei=IMEI)["late"].to_list() == [True] * 8 + [True]


def test_backlog_in_order_moves_the_trip_and_is_marked_late(road):
    road.send(*drive(road), received_at=T0 + timedelta(hours=3))
    assert road.kinds()[-1] == "trip.completed"
    assert all(event.payload["late"] for event in events_after(road.folder, seq=0))


def test_an_unset_clock_counts_as_of_arrival_and_holds_nothing_up(road):
    bad = encode_position(road.report(0, 86.41)).replace(b"05062026,053000", b"00000000,000000")
    road.bytes(bad, at=T0 + timedelta(seconds=30))
    road.send(road.report(1, 86.41), road.report(2, 86.45), road.report(3, 86.46))
    assert road.kinds()[-1] == "trip.started"
    rows = positions_of(road.folder, imei=IMEI)
    assert rows["at"][0] == T0 + timedelta(seconds=30)
    assert rows["device_at"][0] is None
    assert "clock_bad" in rows["problems"][0]


def test_a_packet_that_comes_twice_counts_once(road):
    reports = drive(road)
    road.send(*reports)
    kinds = road.kinds()
    for report in reports:  # over a second link, as two addresses are served
        road.bytes(encode_position(report), at=report.at + timedelta(minutes=20), connection=2)
    road.pipeline.commit()
    assert road.kinds() == kinds
    assert count_positions(road.folder) == len(reports)
    assert counters(road.folder)["duplicates"] == len(reports)


def test_rows_made_again_after_a_crash_are_read_once(road):
    road.send(*drive(road))
    for path in list(positions_folder(road.folder).glob("*/*.parquet")):
        path.with_name("0000000000000000-0000000000000001-00000001.parquet").write_bytes(path.read_bytes())
    assert count_positions(road.folder) == len(LONS)
    assert positions_of(road.folder, imei=IMEI).height == len(LONS)


@given(order=st.permutations(range(8)))
@settings(max_examples=25, deadline=None)
def test_what_is_stored_does_not_depend_on_arrival_order(tmp_path_factory, order):
    road = Road(tmp_path_factory.mktemp("road"))
    reports = drive(road)
    road.send(*(reports[i] for i in order), *(reports[i] for i in order[:3]), received_at=T0 + timedelta(hours=1))
    assert positions_of(road.folder, imei=IMEI)["lon"].to_list() == LONS


@pytest.mark.parametrize(
    ("changes", "signal", "grade"),
    [
        ({"type_code": "TA", "alert": 9}, "cover_opened", "strong"),
        ({"type_code": "DT", "alert": 16}, "emergency_wire_cut", "strong"),
        ({"type_code": "NR", "alert": 16}, "emergency_wire_cut", "suspect"),
        ({"cover": "O"}, "cover_opened", "strong"),
        ({"type_code": "BD", "alert": 3, "main_power": False}, "power_cut", "suspect"),
        ({"main_voltage": 3.0}, "voltage_fell", "suspect"),
        ({"type_code": "OT", "alert": 12}, "settings_changed", "suspect"),
    ],
)
def test_tamper_evidence_is_told_once_an_episode(road, changes, signal, grade):
    road.send(road.report(0, 86.45), road.report(1, 86.45))
    seen = [road.report(2 + i, 86.45, **changes) for i in range(5)]
    road.send(*seen)
    told = road.events("device.tamper")
    assert [(event.payload["signal"], event.payload["grade"]) for event in told] == [(signal, grade)]
    evidence = told[0].payload["evidence"]
    shown = seen[1] if signal == "voltage_fell" else seen[0]  # a supply is low when it stays low
    assert evidence["raw"] == encode_position(shown).decode().strip()
    assert (evidence["lat"], evidence["lon"], evidence["ignition"]) == (25.31, 86.45, True)
    assert told[0].at == shown.at
    road.send(road.report(60, 86.45), road.report(61, 86.45, **changes))
    if "type_code" in changes and "main_power" not in changes:
        assert len(road.events("device.tamper")) == 2  # a new episode, half an hour later


def test_a_cover_flag_that_is_always_open_is_no_evidence(road):
    road.send(*(road.report(i, 86.45, cover="O") for i in range(4)))
    assert road.events("device.tamper") == []


def test_power_cut_at_rest_is_told_but_not_suspect(road):
    rest = {"ignition": False, "speed_kmh": 0.0}
    road.send(
        road.report(0, 86.45, **rest), road.report(1, 86.45, main_power=False, **rest), road.report(2, 86.45, **rest)
    )
    assert road.kinds() == ["device.power_cut", "device.power_restored"]


def test_old_tamper_alert_is_valid_evidence_but_late(road):
    stored = road.report(0, 86.45, type_code="TA", alert=9, status="H")
    road.send(road.report(120, 86.45), stored, received_at=T0 + timedelta(minutes=121))
    told = road.events("device.tamper")
    assert len(told) == 1
    assert told[0].payload["late"] is True
    assert told[0].at == T0


def test_an_alert_in_the_same_second_as_a_position_is_in_order(road):
    first = road.report(0, 86.45)
    road.send(first, replace(road.report(0, 86.45), type_code="BD", alert=3, main_power=False), received_at=T0)
    assert road.kinds() == ["device.power_cut", "device.tamper"]
    assert not any(event.payload["late"] for event in events_after(road.folder, seq=0))


def test_one_fix_sent_twice_in_a_second_confirms_no_crossing(road):
    road.send(road.report(0, 86.41), road.report(1, 86.45), road.report(1, 86.45))
    assert road.kinds() == ["vehicle.entered_fence"]
    road.send(road.report(2, 86.46))
    assert road.kinds()[1:] == ["vehicle.left_fence", "trip.started"]


def test_the_latched_emergency_button_is_told_once(road):
    for minute in range(4):
        report = road.report(minute, 86.45)
        road.bytes(encode_emergency(report), at=report.at)
        road.bytes(encode_position(replace(report, type_code="EA", alert=10, emergency=True)), at=report.at)
    road.pipeline.commit()
    assert road.kinds() == ["device.emergency"]
    assert road.last().trouble == "emergency"
    released = road.report(5, 86.45)
    road.bytes(encode_emergency(released, on=False), at=released.at)
    again = road.report(6, 86.45)
    road.bytes(encode_emergency(again), at=again.at)
    road.pipeline.commit()
    assert road.kinds() == ["device.emergency", "device.emergency"]


def test_strangers_are_told_once_and_their_data_kept(tmp_path):
    road = Road(tmp_path, {"version": 1, "devices": [], "fences": []})
    road.send(*drive(road))
    assert road.kinds() == ["device.unknown"]
    assert count_positions(tmp_path) == 8


def test_login_is_told_and_answered(road):
    answers = road.bytes(encode_login(imei=IMEI, vehicle="BR08G1234"), at=T0)
    road.pipeline.commit()
    assert [(a.connection, a.data) for a in answers] == [(1, b"$LGN05062026053000*")]
    assert road.events("device.login")[0].payload["registration"] == "BR08G1234"


def test_indian_time_sent_as_utc_is_learned(road):
    ahead = timedelta(seconds=19_800)
    for minute in range(12):
        report = road.report(minute, 86.41)
        road.bytes(encode_position(replace(report, at=report.at + ahead)), at=report.at)
    road.pipeline.commit()
    assert road.last().at == T0 + timedelta(minutes=11)
    rows = positions_of(road.folder, imei=IMEI, start=T0, end=T0 + timedelta(hours=1))
    assert rows["at"].to_list() == [T0 + timedelta(minutes=m) for m in (9, 10, 11)]


def test_snapshot_is_taken_up_while_running(road):
    road.send(road.report(0, 86.46), road.report(1, 86.46))
    assert road.kinds() == []
    post = {"id": "post:1", "kind": "checkpost", "name": "Post", "centre": [25.31, 86.46], "radius_m": 300}
    write_snapshot(road.folder, SNAPSHOT | {"version": 2, "fences": [SOURCE, DESTINATION, post]})
    road.send(road.report(2, 86.46), road.report(3, 86.46))
    assert [e.payload["fence"] for e in road.events("vehicle.entered_fence")] == ["post:1"]
    assert road.last().fences == ["post:1"]


def test_broken_snapshots_change_nothing(road):
    road.send(road.report(0, 86.41))
    for text in ("{", "[]", '{"devices": 7}', '{"version": 3, "fences": [{"id": "x"}], "devices": [{}]}'):
        (road.folder / "gateway" / "snapshot.json").write_text(text)
        road.send(road.report(road.frame_no, 86.41))
    assert road.last().fences == ["ghat:MUN-2026-01"]


def test_state_survives_a_restart_in_the_middle_of_a_frame(road):
    first, second = drive(road)[:4], drive(road)[4:]
    road.send(*first)
    frame = encode_position(first[0]).replace(b",000001,", b",000099,")
    road.bytes(frame[:100], at=T0 + timedelta(minutes=4))
    road.pipeline.commit()
    road.pipeline.close()
    road.pipeline = Pipeline(road.folder)
    road.bytes(frame[100:], at=T0 + timedelta(minutes=4))
    road.send(*second)
    assert road.kinds()[-1] == "trip.completed"
    assert 99 in positions_of(road.folder, imei=IMEI)["frame_no"].to_list()


def test_uncommitted_work_is_done_again_with_the_same_result(road):
    reports = drive(road)
    road.send(*reports[:4])
    for report in reports[4:]:
        road.bytes(encode_position(report), at=report.at)
    road.pipeline.close()  # as a crash leaves it: logged, not committed
    before = count_positions(road.folder)
    again = Pipeline(road.folder)
    again.take(RawLog(road.folder).blocks_from(again.checkpoint))
    again.commit()
    assert (before, count_positions(road.folder)) == (4, 8)
    assert road.kinds().count("trip.completed") == 1


def test_compaction_loses_and_doubles_nothing(road):
    reports = [road.report(i / 10, 86.45) for i in range(COMPACT_FILES + 5)]
    for report in reports:
        road.send(report)
    before = positions_of(road.folder, imei=IMEI)
    assert merge_small(road.folder, commits=10**6) == COMPACT_FILES + 5
    assert len(list(positions_folder(road.folder).glob("*/*"))) == 1
    assert positions_of(road.folder, imei=IMEI).equals(before)


def test_wild_dates_make_no_folder_each(road):
    for year in range(2011, 2040):
        road.bytes(encode_position(replace(road.report(0, 86.45), at=T0.replace(year=year))), at=T0)
    road.pipeline.commit()
    assert sorted(p.name for p in positions_folder(road.folder).iterdir()) == ["2026-06-05", "other"]
    assert count_positions(road.folder) == 29


def test_huge_numbers_do_not_stop_the_store(road):
    frame = encode_position(road.report(0, 86.45)).replace(b",10,0052.0", b",999999999999,999999999999.9")
    road.bytes(frame, at=T0)
    road.send(road.report(1, 86.45))
    assert count_positions(road.folder) == 2


def test_frames_that_waited_in_vain_are_stored_beside_each_other(road):
    """Two frames without a line end, given up waiting for at different times with nothing logged between."""
    for number in (1, 2):
        report = road.report(number, 86.45)
        frame = encode_position(report, dialect="arai")
        road.bytes(frame.replace(IMEI.encode(), str(int(IMEI) + number).encode()), at=report.at, connection=number)
    road.pipeline.commit()
    for second in (1, 61):
        road.pipeline.flush_waiting((T0 + timedelta(minutes=1, seconds=second)).timestamp())
        road.pipeline.commit()
    assert count_positions(road.folder) == 2
    assert Pipeline(road.folder).checkpoint == road.pipeline.checkpoint
    assert count_positions(road.folder) == 2


def test_a_link_that_stalls_in_the_middle_of_a_frame_loses_nothing(road):
    report = road.report(0, 86.45)
    frame = encode_position(report)
    road.bytes(frame[:120], at=report.at)
    road.pipeline.flush_waiting((report.at + timedelta(seconds=10)).timestamp())
    road.bytes(frame[120:], at=report.at + timedelta(seconds=12))
    road.pipeline.commit()
    assert positions_of(road.folder, imei=IMEI)["problems"].to_list() == [""]
