"""Every public sample frame says what the specification says it does."""

# ruff: noqa: E501 (frames are one line)

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer
from immis.gateway.protocols.packet import Packet

SAMPLES = [
    json.loads(line) for line in (Path(__file__).parent / "frames" / "ais140_samples.jsonl").read_text().splitlines()
]
RAWS = [sample["raw"].encode("latin-1") for sample in SAMPLES]
KINDS = {"login", "position", "emergency", "health", "ack", "batch", "command", "unknown"}


def say(text: str) -> dict:
    return decode_frame(text.encode("latin-1"))[0].report()


def test_there_are_42_samples():
    assert len(SAMPLES) == 42


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s["raw"][:24])
def test_sample_meets_its_expectation(sample):
    said = say(sample["raw"])
    if sample["kind"] == "other":
        assert said["kind"] == "unknown"
        return
    assert said["kind"] == ("batch" if sample["raw"].startswith("$,BTH") else sample["kind"])
    assert {key: said.get(key) for key in sample["expect"]} == sample["expect"]
    for absent in {"lat", "lon", "speed_kmh", "vehicle"} - set(sample["expect"]):
        assert absent not in said or sample["raw"].startswith("$EPB,EMR,8913")  # its registration stands in the note


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("$LGN,OD09X0001,350000000000006,1.0.0,AIS140,21.853300,N,085.346200,E,1A2B*", {"vehicle": "OD09X0001", "lat": 21.8533, "lon": 85.3462}),
        ("$,LGN,DEMO,OD09X0001,350000000000006,1.0.0,AIS140,21.853300,N,085.346200,E,*", {"vehicle": "OD09X0001", "lat": 21.8533}),
        ("$OD09X0001$350000000000006$1.0.0$AIS140$21.853300$N$085.346200$E$", {"vehicle": "OD09X0001", "lon": 85.3462}),
        ("$OD09X0001,$350000000000006,$1.0.0,$AIS140,$21.853300N085.346200E", {"vehicle": "OD09X0001", "lat": 21.8533, "lon": 85.3462}),
        ("$LGN,DEMO,OD09X0001,350000000000006,1.0.0,AIS140,21.853300,N,085.346200,E*", {"vehicle": "OD09X0001"}),
        ("$LGN,OD09X0001,350000000000006,89910473121803853296,1.0.0,0100,21.853300,N,085.346200,E*1F\r\n", {"vehicle": "OD09X0001", "lat": 21.8533}),
        ("$,LGN,OD09X0001,350000000000006,89910473121803853296,1.0.0,0100,21.853300,N,085.346200,E,*,1F", {"vehicle": "OD09X0001"}),
        ("$,,350000000000006,1.0.0,VERSION1.0,21.853300,N,085.346200,E", {"lat": 21.8533}),
        ("$,01,DEMO,1.0.0,350000000000006,OD09X0001,", {"vehicle": "OD09X0001"}),
        ("$LI,DEMO,1.0.0,350000000000006,89910473121803853296,OD09X0001,21.853300,N,085.346200,E,1A2B*", {"vehicle": "OD09X0001", "lat": 21.8533}),
        ("LGN350000000000006ABCDEFGHIJKLMNOP021.853300N085.346200E050326144500032.50", {"lat": 21.8533, "time": "2026-03-05T14:45:00+05:30"}),
    ],
)  # fmt: skip
def test_login_layouts(frame, expected):
    said = say(frame)
    assert said["kind"] == "login"
    assert said["imei"] == "350000000000006"
    assert {key: said.get(key) for key in expected} == expected


TAIL = "21.853300,N,085.346200,E,032.5,118.40,14,0512.0,1.10,0.70,AIRTEL,1,1,24.6,4.1,0,C,23,404,53,1A2B,3C4D,3C4E,1A2B,18,3C50,1A2B,15,3C51,1A2B,12,3C52,1A2B,09,0010,00,000123"
HERE = {"imei": "350000000000006", "lat": 21.8533, "lon": 85.3462, "speed_kmh": 32.5, "time": "2025-03-05T09:15:00Z"}


@pytest.mark.parametrize(
    ("frame", "more"),
    [
        (f"$PVT,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,1,05032025,091500,{TAIL},7B*", {"vehicle": "OD09X0001", "alert": 1, "frame_no": 123}),
        (f"$,NRM,DEMO,1.0.0,BD,3,L,350000000000006,OD09X0001,1,050325,091500,{TAIL},7B,*", {"alert": 3}),
        (f"$RLP,DEMO,1.0.0,IN,07,H,350000000000006,UNKNOWN,05032025,091500,1,{TAIL},7B,*", {"alert": 7, "status": "H"}),
        (f"$NMP,DEMO,1.0.0,NR,L,350000000000006,OD09X0001,1,050325,091500,{TAIL}*", {"vehicle": "OD09X0001", "dialect": "P4-no-alert"}),
        (f"$NRM,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,1,05032025091500,{TAIL}*", {"dialect": "P5-merged-time"}),
        (f"$,03,DEMO,1.0.0,OS,17,L,350000000000006,OD09X0001,1,05,03,2025,09,15,00,{TAIL},0376e6e7", {"alert": 17, "dialect": "P6-numeric"}),
        (f"$NMP,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,,1,05032025,091500,{TAIL},0.4,0.4,0,(0,0,0)*", {"dialect": "P7-maharashtra", "frame_no": 123}),
        (f"$TEL123,DEMO,1.0.0,TA,16,L,350000000000006,OD09X0001,1,05032025,091500,{TAIL}*", {"alert": 16}),
        (f"$EPB,DEMO,1.0.0,EA,10,L,350000000000006,OD09X0001,1,05032025,091500,{TAIL}*", {"alert": 10}),
        ("DEMO|1.0.0|NMR|350000000000006|OD09X0001|000123|L|05032025|091500|A|21.853300|N|085.346200|E|032.5*1F", {"vehicle": "OD09X0001"}),
    ],
)  # fmt: skip
def test_position_dialects(frame, more):
    said = say(frame)
    assert said["kind"] == "position"
    wanted = HERE | more
    assert {key: said.get(key) for key in wanted} == wanted


BODY = "01L1050326144500021.853300N085.346200E404x531A2B     3C4D032.50118.40140123" + "11M"


def test_cdac_fixed_width_is_indian_time():
    assert len(BODY) == 78
    wanted = {
        "imei": "350000000000006",
        "time": "2026-03-05T14:45:00+05:30",
        "lat": 21.8533,
        "speed_kmh": 32.5,
        "alert": 1,
    }
    for body in (BODY, BODY + "0512.00AIRTEL"):
        for frame in (f"NRM350000000000006{body}", f"vltdata=NRM350000000000006{body}"):
            said = say(frame)
            assert said["kind"] == "position"
            assert said["problems"] == []
            assert {key: said[key] for key in wanted} == wanted


def test_cdac_batch_tells_both_widths_apart():
    second = BODY.replace("01L", "07H", 1)
    for filler in ("", "0512.00AIRTEL"):
        packets = decode_frame(f"BTH350000000000006002{BODY}{filler}{second}{filler}".encode())
        assert [(p.kind, p.alert, p.status, p.lat) for p in packets] == [
            ("batch", 1, "L", 21.8533),
            ("batch", 7, "H", 21.8533),
        ]


def test_cdac_full_packet_and_health():
    full = (
        f"FUL350000000000006{BODY}DEMO  1.0.0 {'OD09X0001':>16}0512.0010AIRTEL{'23' + '1A2B' + '     3C4D':s}"
        + "181A2B     3C4D" * 3
    )
    full += "024.6004.10C001000001230000ABCD"[:0] + "024.6" + "004.1" + "C" + "10" + "00" + "000123" + "0000ABCD"
    assert len(full) == 228
    said = say(full)
    assert (said["vehicle"], said["frame_no"], said["main_voltage"], said["problems"]) == ("OD09X0001", 123, 24.6, [])
    health = (
        "HLM"
        + "DEMO  "
        + "1.0.0 "
        + "350000000000006"
        + "010"
        + "060"
        + "085"
        + "20"
        + "012"
        + "0010"
        + "00"
        + "050326144500"
    )
    assert len(health) == 62
    assert say(health)["kind"] == "health"
    assert say(health)["imei"] == "350000000000006"


def test_text_batch_gives_every_record():
    raw = next(raw for raw in RAWS if raw.startswith(b"$,BTH"))
    packets = decode_frame(raw)
    assert [(p.alert, p.status, p.lat) for p in packets] == [(1, "L", 13.08268), (2, "H", 13.08195), (7, "H", 13.0812)]
    assert packets[0].report()["records"] == 3


def test_noise_before_the_dollar_is_noted_and_skipped():
    said = say(f"\x00\x7f?$PVT,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,1,05032025,091500,{TAIL}*")
    assert said["kind"] == "position"
    assert said["problems"] == ["noise_before"]


def test_no_fix_gives_no_place_and_bad_clock_no_time():
    said = say(f"$PVT,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,0,00000000,000000,{TAIL}*")
    assert not {"lat", "lon", "speed_kmh", "time"} & set(said)
    assert "clock_bad" in said["problems"]


def test_degrees_and_minutes_are_recognised_and_far_places_flagged():
    frame = (
        "$PVT,DEMO,1.0.0,NR,01,L,350000000000006,OD09X0001,1,05032025,091500,{},0,0,9,1,1,1,A,1,1,12,4,0,C,9,404,5,1,2*"
    )
    assert say(frame.format("2151.1980,N,08520.7720,E"))["lat"] == pytest.approx(21.8533)
    far = say(frame.format("48.853300,N,002.346200,E"))
    assert far["lat"] == 48.8533
    assert "outside_india" in far["problems"]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ("SET PIP:10.0.0.1,PPT:5000", "command"), ("GET VN", "command"), ("CLR EO", "command"),
        ("$350000000000006,000006,SET,009:60*1F", "command"), ("^GETINFO 1#", "command"), ("@SET#RLP,OP1,", "command"),
        ("$,1,*", "ack"), ("$LGN05032025091500*", "ack"), ("$HBT*", "ack"), ("$HLP,DEMO,1.0.0,350000000000006,85%,20%,12.5,10,60,0010,0.0*", "health"),
        ("$,HBT,DEMO,1.0.0,350000000000006,85,20,12,10,60,0010,0.0,*", "health"),
        ("$,101,DEMO,1.0.0,350000000000006,85,20,12,10,60,0010,0.0,", "health"), ("", "unknown"), ("$", "unknown"), ("$,,,,,*", "unknown"),
    ],
)  # fmt: skip
def test_other_kinds(frame, kind):
    assert say(frame)["kind"] == kind


@given(st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_bring_the_decoder_down(data):
    """Samples with bytes cut, doubled, swapped and invented still decode to something of a known kind."""
    raw = bytearray(data.draw(st.sampled_from(RAWS)))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 12))] = data.draw(
            st.binary(max_size=8) | st.sampled_from([b",", b"$", b"*", b"\xb2", b"1" * 400])
        )
    for packet in decode_frame(bytes(raw)):
        assert packet.kind in KINDS
        json.dumps(packet.report())


@given(st.lists(st.binary(max_size=200) | st.sampled_from(RAWS), max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_stream_brings_the_framer_down(chunks):
    framer = Framer()
    for chunk in chunks:
        for frame in framer.feed(chunk):
            assert all(isinstance(packet, Packet) for packet in decode_frame(frame))
    assert len(framer.rest) <= 16 * 1024
