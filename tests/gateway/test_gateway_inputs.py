"""Phones over HTTP, datagrams, and commands out to devices."""

import json
import re
import socket
from datetime import UTC, datetime, timedelta

import pytest

from immis.gateway.commands import commands_folder, queue_command
from immis.gateway.ingest.links import Links
from immis.gateway.ingest.peers import opening_line
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog, raw_folder
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.encode import encode_login, encode_position
from immis.gateway.protocols.framing import Framer
from immis.gateway.store.parquet import count_positions, positions_of
from immis.gateway.store.snapshot import write_snapshot
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


DOCUMENTED = """{
 "location": {
  "timestamp": "2026-06-05T05:30:00.000Z",
  "coords": { "latitude": 25.31, "longitude": 86.45, "accuracy": 0, "speed": 10, "heading": 90, "altitude": 0 },
  "is_moving": false, "odometer": 0, "event": "motionchange",
  "battery": { "level": 1, "is_charging": false },
  "activity": { "type": "still" }, "extras": {}
 },
 "device_id": "ID"
}"""
#: Requests as the Traccar Client sends them by its documentation ("OsmAnd" on traccar.org), by generation of the app,
#: with the identifier left open; after them what its own test generator sends (a request line without a slash).
GENERATIONS = {
    "to 8, query": (
        f"POST /?id=ID&timestamp={STAMP}&lat=25.31&lon=86.45&speed=19.438&bearing=90.0&altitude=50.0&accuracy=5.0"
        "&batt=80.0 HTTP/1.1\r\nUser-Agent: Dalvik/2.1.0 (Linux; U; Android 13)\r\nHost: immis.example:5055\r\n"
        "Connection: Keep-Alive\r\nAccept-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"
    ),
    "documented address": (
        f"GET /?id=ID&lat=25.31&lon=86.45&timestamp={STAMP}&hdop=1&altitude=50&speed=19.438 HTTP/1.1\r\n"
        "Host: immis.example:5055\r\nAccept: */*\r\n\r\n"
    ),
    "9, JSON": http("POST /", DOCUMENTED, "application/json; charset=utf-8").decode(),
    "10, form": http(
        "POST /", f"id=ID&lat=25.31&lon=86.45&timestamp={STAMP}&accuracy=5.0&altitude=50.0&speed=19.44&bearing=90.0&"
        "batt=80.0&charge=false", "application/x-www-form-urlencoded; charset=UTF-8",
    ).decode(),
    "test generator": (
        f"GET ?id=ID&timestamp={STAMP}&lat=25.31&lon=86.45&bearing=90.0&speed=19.438&ignition=true HTTP/1.1\r\n"
        "Host: localhost:5055\r\nAccept-Encoding: identity\r\n\r\n"
    ),
}  # fmt: skip


def sent_by(generation: str, imei: str) -> bytes:
    """A documented request with an identifier in it, its length mended."""
    head, _, body = GENERATIONS[generation].replace("ID", imei).partition("\r\n\r\n")
    if body:
        head = re.sub(r"Content-Length: \d+", f"Content-Length: {len(body)}", head)
    return f"{head}\r\n\r\n{body}".encode()


def test_each_generation_of_the_traccar_client_is_taken_over_a_socket_and_answered_as_it_expects(tmp_path):
    """Letter by letter through the gateway's own links: 200 keeps the app going, 403 lets it keep what it has."""
    road = Road(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 3600}]})
    links = Links("127.0.0.1", 0)
    links.open(100)

    def exchange(request_: bytes, second: int) -> bytes:
        with socket.create_connection(links.address, timeout=10) as app:
            app.sendall(request_)
            now_us, answers = (STAMP + second) * 1_000_000, []
            while not answers:
                links.poll.poll(10)
                answers = road.pipeline.take(road.log.put(links.read(now_us, room=1 << 20)))
            for answer in answers:
                links.answer(answer.connection, [answer.raw_ref, 1], answer.data)
            return app.recv(1000)

    for n, generation in enumerate(GENERATIONS):
        shifted = sent_by(generation, PHONE).replace(f"{STAMP}".encode(), f"{STAMP + 10 * n}".encode())
        shifted = shifted.replace(b"05:30:00.000Z", f"05:30:{10 * n:02d}.000Z".encode())
        assert exchange(shifted, 10 * n + 1) == b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", generation
    stranger = sent_by("9, JSON", "48241179")
    assert exchange(stranger, 60).startswith(b"HTTP/1.1 403 ")
    assert b"PROXY TCP4 127.0.0.1 127.0.0.1 " in next(raw_folder(tmp_path).glob("*.raw")).read_bytes()
    assert exchange(b"GET /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n", 61).startswith(b"HTTP/1.1 400 ")
    assert exchange(sent_by("10, form", PHONE), 3601).startswith(b"HTTP/1.1 403 ")  # its time is over
    road.pipeline.commit()
    kept = positions_of(tmp_path, imei=PHONE)
    assert kept["lat"].to_list() == [25.31] * len(GENERATIONS) and set(kept["dialect"]) == {"osmand-http"}
    assert kept["speed_kmh"].to_list() == pytest.approx([36.0] * len(GENERATIONS), abs=0.01)
    list(links.close(0))


def test_where_a_device_comes_from_is_told_with_what_was_seen_and_never_a_wall(tmp_path):
    """DEV-20: known range, elsewhere, a balancer's line, none entered; every packet is kept all the same."""
    road = Road(tmp_path, SNAPSHOT | {"networks": ["10.64.0.0/10", "2401:db00::/32"]})
    came = [("10.65.1.2", 1), ("10.66.0.9", 2), ("203.0.113.9", 3), ("2401:db00::5", 4)]
    for n, (address, connection) in enumerate(came):
        at = T0 + timedelta(minutes=n)
        road.bytes(opening_line((address, 4000), ("0.0.0.0", 5140)), at=at, connection=connection)
        frame = encode_position(road.report(n, 86.45))
        road.bytes(frame, at=at + timedelta(seconds=1), connection=connection)
        road.bytes(b"PROXY TCP4 nonsense\r\n", at=at + timedelta(seconds=1), connection=90 + connection)
    road.pipeline.commit()
    told = [(e.payload["address"], e.payload["network"], e.payload["known"]) for e in road.events("device.network")]
    assert told == [
        ("10.65.1.2", "10.64.0.0/10", True), ("203.0.113.9", "", False), ("2401:db00::5", "2401:db00::/32", True)
    ]  # fmt: skip
    assert count_positions(tmp_path) == 4
    without = Road(tmp_path / "none")
    without.bytes(opening_line(("203.0.113.9", 4000), ("0.0.0.0", 5140)), at=T0)
    without.send(without.report(0, 86.45))
    assert without.events("device.network") == []


def test_several_fixes_in_one_request_are_several_rows(tmp_path):
    road = Road(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 3600}]})
    fixes = [{"id": "driver", "imei": PHONE, "lat": 25.31, "lon": 86.45, "timestamp": STAMP + n} for n in range(3)]
    [answer] = road.bytes(http("POST /", json.dumps(fixes), "application/json"), at=T0 + timedelta(seconds=5))
    road.pipeline.commit()
    assert answer.data.startswith(b"HTTP/1.1 200") and positions_of(tmp_path, imei=PHONE).height == 3


def test_a_command_goes_out_with_the_answer_to_a_request_and_not_over_its_link(tmp_path):
    """C-DAC's devices wait for nothing but the answer to their own request (specification section 10)."""
    road = Road(tmp_path)
    queue_command(tmp_path, command_id="c-9", imei=IMEI, text="SET UR:30", until_s=T0.timestamp() + 3600)
    record = f"NRM{IMEI}01L1050626110000025.310000N086.450000E404x531A2B000003C4D032.50118.4014072311M"
    assert len(record) == 18 + 78
    asked = http("POST /", f"vltdata={record}")
    answers = road.bytes(asked, at=T0)
    road.pipeline.commit()
    assert answers[0].data.endswith(b"Content-Length: 0\r\n\r\n")  # the command is taken up with the next look
    assert road.pipeline.send_commands(T0.timestamp() + 1) == []
    [answer] = road.bytes(asked.replace(b"110000", b"110010"), at=T0 + timedelta(seconds=10))
    assert answer.data == (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nSET UR:30")
    road.pipeline.commit()
    assert [event.payload["id"] for event in road.events("device.command_sent")] == ["c-9"]


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
    write_snapshot(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 60}]})
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
    assert list(commands_folder(tmp_path).glob("*.json"))  # still there: nothing is committed yet
    road.send(road.report(0, 86.41))
    [answer] = road.pipeline.send_commands(T0.timestamp() + 5)
    assert (answer.connection, answer.data) == (1, b"SET URL 10")
    road.pipeline.commit()
    assert not list(commands_folder(tmp_path).glob("*.json"))
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


def test_a_command_reaches_a_device_that_only_logged_in_or_sends_history(tmp_path):
    road = Road(tmp_path)
    queue_command(tmp_path, command_id="c-3", imei=IMEI, text="GET UR", until_s=T0.timestamp() + 3600)
    road.bytes(encode_login(imei=IMEI, vehicle="BR08G1234"), at=T0, connection=7)
    [answer] = road.pipeline.send_commands(T0.timestamp() + 1)
    assert (answer.connection, answer.data) == (7, b"GET UR")
    road.bytes(encode_position(road.report(-600, 86.41)), at=T0 + timedelta(seconds=5), connection=8)
    [answer] = road.pipeline.send_commands(T0.timestamp() + 70)
    assert answer.connection == 8


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
