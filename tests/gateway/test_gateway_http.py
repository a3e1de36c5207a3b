"""Legal HTTP in all its spellings: chunks, names in any case, Expect, keep-alive, zones with a raw plus."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer
from immis.gateway.store.parquet import positions_of
from tests.gateway.test_gateway_inputs import JSON_BODY, PHONE, QUERY, STAMP
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, T0, Road

FORM = "application/x-www-form-urlencoded"
RECORD = f"NRM{IMEI}01L1050626110000025.310000N086.450000E404x531A2B000003C4D032.50118.4014072311M"


def chunked(body: str, *, size: int = 7, more: str = "") -> str:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return "".join(f"{len(part):x}{more}\r\n{part}\r\n" for part in parts) + "0\r\n\r\n"


def post(body: str, *heads: str, line: str = "POST / HTTP/1.1") -> bytes:
    return "\r\n".join([line, "Host: immis.example", *heads, "", body]).encode()


PHONES = {
    "chunked form": post(chunked(QUERY), f"Content-Type: {FORM}", "Transfer-Encoding: chunked"),
    "chunked JSON": post(chunked(JSON_BODY, size=50), "Content-Type: application/json", "Transfer-Encoding: chunked"),
    "lower case": post(QUERY, f"content-type: {FORM}", f"content-length: {len(QUERY)}"),
    "upper case": post(QUERY, f"CONTENT-TYPE: {FORM}", f"CONTENT-LENGTH:{len(QUERY)}"),
    "chunk extensions": post(chunked(QUERY, more=";x=1"), "transfer-encoding: Chunked"),
    "trailers": post(chunked(QUERY)[:-2] + "X-Sum: 1\r\n\r\n", "Transfer-Encoding: chunked"),
    "expect": post(QUERY, f"Content-Length: {len(QUERY)}", "Expect: 100-continue"),
    "no host": f"POST / HTTP/1.1\r\nContent-Length: {len(QUERY)}\r\n\r\n{QUERY}".encode(),
    "no version": f"GET /?{QUERY}\r\n\r\n".encode(),
    "whole address": f"GET http://immis.example:5055/?{QUERY} HTTP/1.1\r\nHost: immis.example\r\n\r\n".encode(),
    "bare line ends": f"GET /?{QUERY} HTTP/1.1\nHost: x\n\n".encode(),
    "a path": f"GET /osmand/?{QUERY} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
}


@pytest.mark.parametrize("name", PHONES)
def test_each_spelling_is_one_frame_and_one_position_however_it_is_cut(name):
    request = PHONES[name]
    for step in (1, 5, 64, 4096):
        framer = Framer()
        frames = [raw for i in range(0, len(request), step) for raw in framer.feed(request[i : i + step])]
        assert len(frames) == 1 and not framer.rest.strip() and framer.oversize == 0
        [packet] = decode_frame(frames[0])
        assert (packet.kind, packet.imei, packet.lat, packet.lon) == ("position", PHONE, 25.31, 86.45)


def test_requests_behind_one_another_on_one_link_are_answered_each(tmp_path):
    road = Road(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 3600}]})
    stream = b"".join(
        request.replace(f"{STAMP}".encode(), f"{STAMP + n}".encode()).replace(b"05:30:00.000Z", b"05:30:09.000Z")
        for n, request in enumerate(PHONES.values())
    )
    answers = road.bytes(stream, at=T0 + timedelta(seconds=20))
    road.pipeline.commit()
    assert [answer.data[:15] for answer in answers] == [b"HTTP/1.1 200 OK"] * len(PHONES)
    assert positions_of(tmp_path, imei=PHONE).height == len(PHONES)


def test_a_client_that_asks_before_it_sends_the_body_is_told_to_go_on(tmp_path):
    road = Road(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 3600}]})
    head, body = PHONES["expect"].split(b"\r\n\r\n")
    [go_on] = road.bytes(head + b"\r\n\r\n", at=T0)
    assert go_on.data == b"HTTP/1.1 100 Continue\r\n\r\n"
    [answer] = road.bytes(body, at=T0 + timedelta(seconds=1))
    assert answer.data.startswith(b"HTTP/1.1 200 OK")
    assert road.bytes(PHONES["expect"], at=T0 + timedelta(seconds=9))[0].data.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("size", [3, 40, 2000])
def test_a_device_of_the_c_dac_profile_may_send_its_record_in_chunks(tmp_path, size):
    road = Road(tmp_path)
    [answer] = road.bytes(post(chunked(f"vltdata={RECORD}", size=size), "Transfer-Encoding: chunked"), at=T0)
    road.pipeline.commit()
    assert answer.data.startswith(b"HTTP/1.1 200 OK") and positions_of(tmp_path, imei=IMEI).height == 1


BAD = [
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /?id=\x00\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET / HTTP/1.1\r\n: none\r\n\r\n",
]


@pytest.mark.parametrize("request_", BAD)
def test_what_is_no_http_is_answered_in_words_and_the_next_frame_is_read(tmp_path, request_):
    road = Road(tmp_path, SNAPSHOT | {"devices": [{"imei": PHONE, "vehicle": "BR08G1234", "phone": STAMP + 3600}]})
    [bad, good] = road.bytes(request_ + PHONES["no host"], at=T0)
    assert bad.data.startswith(b"HTTP/1.1 400") and good.data.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-05T11:00:00+05:30", "2026-06-05T11:00:00%2B05:30", "2026-06-05T11:00:00.000+05:30",
        "2026-06-05T11:00:00+0530", "2026-06-05+11:00:00+05:30", "2026-06-05%2011:00:00%2B05:30",
        "2026-06-05T11:00+05:30", "2026-06-05T05:30:00Z", "2026-06-05T05:30:00+00", "2026-06-05+05:30:00",
        "2026-06-05T00:30:00-05:00", "2026-06-05T05:30:00", f"{STAMP}", f"{STAMP}.0", f"{STAMP}000",
    ],
)  # fmt: skip
def test_every_spelling_of_one_instant_is_that_instant(text):
    request = f"GET /?id={PHONE}&lat=25.31&lon=86.45&timestamp={text} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    [packet] = decode_frame(request)
    assert packet.at == datetime(2026, 6, 5, 5, 30, tzinfo=UTC), text


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:30", "1e400", "²²²²²²²²²²", "9" * 13]
)
def test_an_instant_that_none_can_be_is_a_broken_clock(text):
    body = json.dumps({"id": PHONE, "lat": 25.31, "lon": 86.45, "timestamp": text})
    [packet] = decode_frame(post(body, f"Content-Length: {len(body)}"))
    assert (packet.kind, packet.problems) == ("position", ["clock_bad"])
