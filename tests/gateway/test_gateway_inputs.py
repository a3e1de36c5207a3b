"""Phones over HTTP, datagrams, and commands out to devices."""

import json
import socket
from datetime import UTC, datetime, timedelta

import pytest

from immis.gateway.links import Links
from immis.gateway.orders import orders_folder, queue_command
from immis.gateway.pipeline import Pipeline
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.encode import encode_position
from immis.gateway.protocols.framing import Framer
from immis.gateway.rawlog import RawLog
from immis.gateway.snapshot import write_snapshot
from immis.gateway.store import count_positions, positions_of
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, T0, Road

PHONE = "356938035643809"
STAMP = int(T0.timestamp())
JSON_BODY = json.dumps(
    {
        "location": {
            "timestamp": "2026-06-05T05:30:00.000Z",
            "coords": {
                "latitude": 25.31,
                "longitude": 86.45,
                "accuracy": 5,
                "speed": 10,
                "heading": 90,
                "altitude": 50,
            },
            "battery": {"level": 0.8},
        },
        "device_id": PHONE,
    }
)


def http(line: str, body: str = "", kind: str = "application/x-www-form-urlencoded") -> bytes:
    head = f"{line} HTTP/1.1\r\nHost: immis.example:5055\r\nUser-Agent: TraccarClient/9\r\nContent-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


QUERY = f"id={PHONE}&timestamp={STAMP}&lat=25.31&lon=86.45&speed=19.438&bearing=90&altitude=50&accuracy=5&batt=80"
REQUESTS = [
    http(f"POST /?{QUERY}"),
    f"GET /?{QUERY} HTTP/1.0\r\n\r\n".encode(),
    http("POST /", QUERY),
    http(f"POST /?{QUERY}".replace(f"{STAMP}", f"{STAMP}000")),
    http("POST /", JSON_BODY, "application/json"),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_the_same_position_in_every_spelling_of_a_phone(request_):
    framer = Framer()
    frames = [frame for i in range(0, len(request_), 9) for frame in framer.feed(request_[i : i + 9])]
    [packet] = decode_frame(frames[0])
    said = packet.report()
    assert len(frames) == 1 and said.pop("speed_kmh") == pytest.approx(36, abs=0.01)
    assert {k: said[k] for k in ("kind", "imei", "time", "lat", "lon", "heading", "fix", "dialect", "problems")} == {
        "kind": "position", "imei": PHONE, "time": "2026-06-05T05:30:00Z", "lat": 25.31, "lon": 86.45, "heading": 90.0,
        "fix": True, "dialect": "osmand-http", "problems": [],
    }  # fmt: skip


@pytest.mark.parametrize("query", ["", "?id=7&lat=1&lon=2", f"?id={PHONE}", "?lat=25&lon=86", "?id=%00&lat=x&lon=y"])
def test_requests_that_say_nothing_are_no_position(query):
    assert decode_frame(http(f"POST /{query}"))[0].kind == "unknown"


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"location": 5}', '{"location":{"coords":[]},"device_id":"1"}', "{" * 3000]
)
def test_json_that_is_none_is_no_position(body):
    assert decode_frame(http("POST /", body))[0].kind == "unknown"


def test_only_a_phone_of_the_office_s_list_may_report(tmp_path):
    road = Road(tmp_path)
    [answer] = road.bytes(REQUESTS[0], at=T0)
    assert answer.data.startswith(b"HTTP/1.1 403") and road.kinds() == []
    write_snapshot(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": True}]})
    [answer] = road.bytes(REQUESTS[0], at=T0 + timedelta(seconds=1), connection=2)
    road.pipeline.commit()
    assert answer.data.startswith(b"HTTP/1.1 200") and positions_of(tmp_path, imei=PHONE)["vehicle"].to_list() == [
        "BR08G1234"
    ]


def test_a_command_is_sent_where_the_device_was_heard_and_its_answer_is_logged(tmp_path):
    road = Road(tmp_path)
    until = (T0 + timedelta(hours=1)).timestamp()
    queue_command(tmp_path, command_id="c-1", imei=IMEI, text="SET URL 10", until_s=until)
    assert road.pipeline.send_commands(T0.timestamp()) == []  # never heard
    assert list(orders_folder(tmp_path).glob("*.json"))  # still there: nothing is committed yet
    road.send(road.report(0, 86.41))
    [answer] = road.pipeline.send_commands(T0.timestamp() + 5)
    assert (answer.connection, answer.data) == (1, b"SET URL 10\r\n")
    road.pipeline.commit()
    assert not list(orders_folder(tmp_path).glob("*.json"))
    road.pipeline.close()
    again = Pipeline(tmp_path)  # it knows what is under way
    assert again.send_commands(T0.timestamp() + 30) == []
    [answer] = again.send_commands(T0.timestamp() + 70)
    frame = encode_position(road.report(2, 86.41, type_code="OA", alert=12))
    log = RawLog(tmp_path)
    again.take(log.put([(1, int((T0 + timedelta(minutes=2)).timestamp() * 1e6), frame)]))
    again.commit()
    told = [event for event in road.all_events() if event.kind.startswith("device.command_")]
    assert [(e.kind.rpartition("_")[2], e.payload["id"]) for e in told] == [
        ("sent", "c-1"),
        ("sent", "c-1"),
        ("answered", "c-1"),
    ]
    assert again.send_commands(T0.timestamp() + 500) == []


def test_a_command_that_nobody_answers_is_given_up_and_told(tmp_path):
    road = Road(tmp_path)
    road.send(road.report(0, 86.41))
    queue_command(tmp_path, command_id="c-2", imei=IMEI, text="CLR EMR", until_s=T0.timestamp() + 100)
    for second in (5, 70, 140, 200):
        road.pipeline.send_commands(T0.timestamp() + second)
    road.pipeline.commit()
    assert [k for k in road.kinds() if "command" in k] == ["device.command_sent"] * 2 + ["device.command_failed"]


@pytest.mark.parametrize(("number", "text"), [("../x", "SET A"), ("c", ""), ("c", "SET\nA"), ("c", "x" * 513)])
def test_a_command_that_no_device_could_take_is_refused(tmp_path, number, text):
    with pytest.raises(ValueError):
        queue_command(tmp_path, command_id=number, imei=IMEI, text=text, until_s=0)


def test_a_datagram_is_a_link_of_its_own_and_is_answered(tmp_path):
    links = Links("127.0.0.1", 0, udp=("127.0.0.1", 0))
    links.open(100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        device.settimeout(10)
        device.bind(("127.0.0.1", 0))
        frame = encode_position(Road(tmp_path).report(0, 86.45), dialect="arai")
        device.sendto(frame.rstrip(b"\r\n"), links._datagrams.getsockname())
        links.poll.poll(10)
        now_us = int((T0 + timedelta(seconds=2)).timestamp() * 1e6)
        reads = links.read(now_us, room=0)
        assert [(number, bool(data)) for number, _, data in reads] == [(101, True), (101, False)]
        road = Road(tmp_path, None)
        road.pipeline.take(road.log.put(reads))
        road.pipeline.commit()
        assert count_positions(tmp_path) == 1
        links.answer(101, [5, 1], b"$,1,*")
        assert device.recv(100) == b"$,1,*"
    assert list(links.close(now_us)) == []
    assert datetime.fromtimestamp(now_us / 1e6, UTC) == T0 + timedelta(seconds=2)
