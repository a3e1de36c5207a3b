"""How far a link is believed: what of a signal's evidence no stranger can send; a flood is one event (MOV-30)."""

from datetime import timedelta

import pytest

from immis.gateway.ingest.peers import opening_line
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.store.outbox import counters
from immis.gateway.store.parquet import count_positions
from immis.gateway.tolerances import FLOOD_QUIET_S
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, T0, Road

MINE, THEIRS = "10.65.1.2", "203.0.113.9"
ICCID = "89910012345678901234"


@pytest.fixture
def road(tmp_path) -> Road:
    return Road(tmp_path, SNAPSHOT | {"networks": ["10.64.0.0/10"]})


def connect(road, connection: int, address: str, *, at=T0):
    road.bytes(opening_line((address, 4000), ("0.0.0.0", 5140)), at=at, connection=connection)


def send(road, connection: int, minute: float, *, frame_no: int, lon: float = 86.45, imei: str = IMEI, **more):
    at = T0 + timedelta(minutes=minute)
    report = Report(
        imei=imei, vehicle="BR08G1234", at=at, lat=25.31, lon=lon, frame_no=frame_no, speed_kmh=20.0, **more
    )
    road.bytes(encode_position(report), at=at + timedelta(seconds=2), connection=connection)
    road.pipeline.commit()


def links(road, kind="device.tamper") -> list[dict]:
    return [event.payload["evidence"]["link"] for event in road.events(kind)]


def drive(road, connection: int, *, minutes: int, first_no: int = 1000):
    for minute in range(minutes):
        send(road, connection, minute, frame_no=first_no + minute, lon=86.45 + minute * 0.0001)


TAMPER = {"type_code": "TA", "alert": 9}


def test_a_device_on_its_own_link_is_all_that_it_can_be(road):
    connect(road, 1, MINE)
    drive(road, 1, minutes=150)
    send(road, 1, 150, frame_no=1150, **TAMPER)
    assert links(road) == [
        {"fitted": True, "known_range": True, "continuous_frames": True, "continuous_place": True}
    ]  # fmt: skip


def test_a_stranger_with_the_imei_of_a_real_truck_has_nothing_that_is_the_truck_s_own(road):
    connect(road, 1, MINE)
    drive(road, 1, minutes=150)
    connect(road, 2, THEIRS)
    send(road, 2, 150, frame_no=7, lon=87.9, **TAMPER)
    [link] = links(road)
    assert link == {"fitted": True, "known_range": False, "continuous_frames": False, "continuous_place": False}
    for minute in range(151, 200):  # and does not get it by going on for a while
        send(road, 2, minute, frame_no=minute, lon=87.9)
    send(road, 2, 200, frame_no=200, lon=87.9, type_code="WD", alert=16)
    assert links(road)[-1] == link


def test_the_true_device_is_believed_again_as_soon_as_it_goes_on(road):
    connect(road, 1, MINE)
    drive(road, 1, minutes=150)
    connect(road, 2, THEIRS)
    send(road, 2, 150, frame_no=7, lon=87.9)
    send(road, 1, 151, frame_no=1151, lon=86.465)
    send(road, 1, 152, frame_no=1152, lon=86.465, **TAMPER)
    assert (links(road)[0]["continuous_frames"], links(road)[0]["continuous_place"]) == (True, True)


def test_a_new_device_earns_its_numbers_and_a_restart_loses_no_place(road):
    connect(road, 1, MINE)
    drive(road, 1, minutes=30)
    send(road, 1, 30, frame_no=1030, **TAMPER)
    for minute in range(31, 150):
        send(road, 1, minute, frame_no=1000 + minute)
    connect(road, 2, MINE)
    send(road, 2, 150, frame_no=1, type_code="WD", alert=16)
    assert [(one["continuous_frames"], one["continuous_place"]) for one in links(road)] == [
        (False, False), (False, True)
    ]  # fmt: skip


def test_what_is_known_of_a_link_outlives_the_worker(road):
    connect(road, 1, MINE)
    drive(road, 1, minutes=150)
    road.pipeline.close()
    road.pipeline = Pipeline(road.folder)
    send(road, 1, 150, frame_no=1150, **TAMPER)
    assert all(links(road)[0].values()) and links(road)[0]["known_range"]


def test_a_sim_is_known_by_the_login(tmp_path):
    listed = [{"imei": IMEI, "vehicle": "BR08G1235", "iccid": ICCID}]
    road = Road(tmp_path, SNAPSHOT | {"devices": listed})
    for connection, iccid in ((5, ICCID), (6, "89910099999999999999")):
        login = f"$LGN,BR08G1235,{IMEI},{iccid},1.0.0,0100,25.310000,N,086.450000,E*\n".encode()
        road.bytes(login, at=T0, connection=connection)
        send(road, connection, 40 * connection, frame_no=connection, **TAMPER)
    assert [one["sim"] for one in links(road)] == [True, False]


def invented(n: int) -> str:
    return f"87{n:013d}"


def test_a_hundred_invented_devices_of_one_address_are_one_flood_and_nothing_strong(road):
    connect(road, 1, THEIRS)
    for n in range(100):
        send(road, 1, n / 60, frame_no=1, imei=invented(n), **TAMPER)
    told = [event for event in road.all_events() if event.kind in ("device.tamper", "device.power_cut")]
    assert 0 < len(told) <= 20
    assert {event.payload["grade"] for event in told} == {"suspect"}
    assert all(event.payload["evidence"]["link"]["fitted"] is False for event in told)
    [flood] = road.events("gateway.flood")
    assert (flood.payload["address"], flood.payload["cap"]) == (THEIRS, 20)
    road.pipeline.flush_waiting((T0 + timedelta(seconds=200 + FLOOD_QUIET_S)).timestamp())
    road.pipeline.commit()
    [over] = road.events("gateway.flood_ended")
    assert (over.payload["new_imeis"], over.payload["episode"]) == (80, flood.payload["episode"])
    assert count_positions(road.folder) == 20
    assert counters(road.folder)["new_imeis_folded"] == 80


def test_a_flood_counts_on_where_the_worker_died(road):
    connect(road, 1, THEIRS)
    for n in range(30):
        send(road, 1, n / 60, frame_no=1, imei=invented(n))
    road.pipeline.close()
    road.pipeline = Pipeline(road.folder)
    for n in range(30, 60):
        send(road, 1, n / 60, frame_no=1, imei=invented(n))
    assert len(road.events("gateway.flood")) == 1 and count_positions(road.folder) == 20


def test_fitted_devices_are_taken_up_however_many_strangers_share_their_address(tmp_path):
    listed = [{"imei": invented(n), "vehicle": f"BR08G{n:04d}"} for n in range(60)]
    road = Road(tmp_path, SNAPSHOT | {"devices": listed})
    connect(road, 1, THEIRS)
    for n in range(100, 130):
        send(road, 1, n / 60, frame_no=1, imei=invented(n))
    for n in range(60):
        send(road, 1, n / 60, frame_no=1, imei=invented(n))
    assert count_positions(tmp_path) == 80


def test_alerts_in_the_name_of_real_trucks_are_capped_by_address_but_no_emergency_is(tmp_path):
    listed = [{"imei": invented(n), "vehicle": f"BR08G{n:04d}"} for n in range(50)]
    road = Road(tmp_path, SNAPSHOT | {"devices": listed})
    connect(road, 1, THEIRS)
    for n in range(50):
        send(road, 1, n / 60, frame_no=1, imei=invented(n), **TAMPER)
    assert len(road.events("device.tamper")) == 20
    assert len(road.events("gateway.flood")) == 1
    for n in range(50):
        send(road, 1, 2 + n / 60, frame_no=2, imei=invented(n), type_code="EA", alert=10)
    assert len(road.events("device.emergency")) == 50


def test_one_device_that_rings_without_end_is_one_flood_of_that_device(road):
    connect(road, 1, MINE)
    for minute in range(58):  # power goes and comes
        cut = {"type_code": "BD", "alert": 3, "main_power": False} if minute % 2 else {}
        send(road, 1, minute, frame_no=1 + minute, ignition=False, **cut)
        send(road, 1, minute + 0.2, frame_no=100 + minute, ignition=False, **({} if minute % 2 else TAMPER))
        send(road, 1, minute + 0.4, frame_no=200 + minute, main_power=bool(minute % 3), ignition=False)
    told = road.events("device.power_cut") + road.events("device.tamper")
    assert len(told) <= 30
    assert [event.payload["address"] for event in road.events("gateway.flood")] in ([], [""])


def test_a_whole_ipv6_subscriber_is_one_source(road):
    for n in range(40):
        connect(road, 10 + n, f"2401:db00::{n + 1:x}")
        send(road, 10 + n, n / 60, frame_no=1, imei=invented(n))
    assert count_positions(road.folder) == 20 and len(road.events("gateway.flood")) == 1
