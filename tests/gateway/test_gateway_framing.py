"""The framer finds the same frames however the network cuts the stream."""

# ruff: noqa: E501 (frames are one line)

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.gateway.protocols.framing import Framer
from tests.gateway.test_gateway_frames import RAWS, TAIL

POSITION = f"$PVT,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,1,05032025,091500,{TAIL}".encode()
LOGIN = b"$LGN,OD09X0001,350000000000006,1.0.0,AIS140,21.853300,N,085.346200,E"
DOLLAR_LOGIN = b"$OD09X0001$350000000000006$1.0.0$AIS140$21.853300$N$085.346200$E$"
ARAI_LOGIN = b"$OD09X0001,$350000000000006,$1.0.0,$AIS140,$21.853300N085.346200E"
BATCH = next(raw for raw in RAWS if raw.startswith(b"$,BTH"))
ACTIVATION = next(raw for raw in RAWS if raw.startswith(b"ACTVR"))


def frames_of(*chunks: bytes) -> list[bytes]:
    framer = Framer()
    frames = [frame for chunk in chunks for frame in framer.feed(chunk)]
    rest = framer.flush()
    return frames + ([rest] if rest else [])


STREAMS = {
    "line ends": (POSITION + b",7B*\n" + POSITION + b"*1F\r\n" + LOGIN + b"\n", [POSITION + b",7B*", POSITION + b"*1F", LOGIN]),
    "no line ends": (POSITION + b",7B*" + POSITION + b"*1F" + POSITION + b"*", [POSITION + b",7B*", POSITION + b"*1F", POSITION + b"*"]),
    "checksum behind comma": (POSITION + b",*,00A5" + POSITION + b",*\n", [POSITION + b",*,00A5", POSITION + b",*"]),
    "glued login": (LOGIN + POSITION + b"*", [LOGIN, POSITION + b"*"]),
    "glued without star": (POSITION + POSITION + b"\n", [POSITION, POSITION]),
    "dollar login": (DOLLAR_LOGIN + POSITION + b"*", [DOLLAR_LOGIN, POSITION + b"*"]),
    "arai login": (ARAI_LOGIN + POSITION + b"*", [ARAI_LOGIN, POSITION + b"*"]),
    "batch": (BATCH + POSITION + b"*", [BATCH, POSITION + b"*"]),
    "noise": (b"\x00\xffgarbage\r\nmore" + POSITION + b"*\n\n??" + LOGIN + b"*", [POSITION + b"*", LOGIN + b"*"]),
    "raw star checksum": (POSITION + b",**" + LOGIN + b"*", [POSITION + b",**", LOGIN + b"*"]),
    "raw byte checksum": (POSITION + b",\xb2*" + LOGIN + b"*", [POSITION + b",\xb2*", LOGIN + b"*"]),
    "activation": (ACTIVATION + b"\r\n" + POSITION + b"*" + ACTIVATION, [ACTIVATION, POSITION + b"*", ACTIVATION]),
    "odd bytes in a name": (POSITION.replace(b"AIRTEL", b"A\xe9\x00L") + b"*\n", [POSITION.replace(b"AIRTEL", b"A\xe9\x00L") + b"*"]),
    "http": (
        b"POST /vlt HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nvltdata=" + b"N" * 22 + LOGIN + b"\n",
        [b"POST /vlt HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nvltdata=" + b"N" * 22, LOGIN],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_frames_in_one_piece(name):
    stream, expected = STREAMS[name]
    assert frames_of(stream) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_frames_split_at_every_byte(name):
    stream, expected = STREAMS[name]
    for at in range(1, len(stream)):
        assert frames_of(stream[:at], stream[at:]) == expected, at
    assert frames_of(*(stream[i : i + 1] for i in range(len(stream)))) == expected


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_spoiled_streams_give_the_same_frames_however_they_are_cut(data):
    stream = b""
    for raw in data.draw(st.lists(st.sampled_from(RAWS), min_size=1, max_size=4)):
        at = data.draw(st.integers(0, len(raw)))
        spoilt = data.draw(st.sampled_from([b"", b"$", b"*", b",", b"\xb2", b"$PVT,", b"**", b"()", b"\r", b"9" * 15]))
        stream += raw[:at] + spoilt + raw[at:] + data.draw(st.sampled_from([b"", b"\n", b"\r\n", b"*", b"*7F", b",*"]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert frames_of(*pieces) == frames_of(stream)


def test_all_samples_on_lines_come_out_whole():
    own = [raw for raw in RAWS if raw.startswith((b"$", b"ACTVR")) and not raw.startswith(b"$$")]
    assert frames_of(b"\r\n".join(own) + b"\r\n") == own


def test_endless_line_is_cut_and_the_connection_lives():
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"$PVT" + b"A" * 996) == []
        assert len(framer.rest) <= 5000
    assert framer.oversize > 10
    assert framer.feed(b"\n" + POSITION + b"*\n")[-1] == POSITION + b"*"


def test_batches_may_be_longer_than_positions():
    record = b"$,01,L,1,070826,093000,13.082680,N,80.270718,E,404,045,1A2B,12345678,048.50,135.25,12,01,27,1,1,M,0018.70,AIRTEL"
    long_batch = b"$,BTH,862567078088247,080," + b",".join([record] * 80) + b"*"
    assert 4096 < len(long_batch) < 16384
    assert frames_of(long_batch[:5000], long_batch[5000:] + b"\n") == [long_batch]


def test_noise_without_end_is_not_kept():
    framer = Framer()
    for _ in range(50):
        assert framer.feed(b"\x78\x78\x0d\x01" * 1000) == []
    assert len(framer.rest) < 100
    assert framer.noise_bytes > 190_000


def test_a_frame_that_waits_for_its_checksum_is_held():
    framer = Framer()
    assert framer.feed(POSITION + b"*") == []
    assert framer.held
    assert framer.flush() == POSITION + b"*"
    assert framer.feed(POSITION) == []
    assert not framer.held
