"""Frames without an end mark are cut by the shape of what follows, whatever a vendor calls it; no byte stops us."""

from datetime import timedelta

import pytest

from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer
from immis.gateway.store.outbox import counters
from immis.gateway.store.parquet import positions_of
from tests.gateway.test_gateway_frames import TAIL
from tests.gateway.test_gateway_framing import ARAI_LOGIN, DOLLAR_LOGIN, frames_of
from tests.gateway.test_gateway_pipeline import IMEI, T0, Road

PLACE = "21.853300,N,085.346200,E"
LOGINS = [
    f"$LGN,OD09X0001,{IMEI},1.0.0,AIS140,{PLACE}",
    f"$,LGN,DEMO,OD09X0001,{IMEI},1.0.0,AIS140,{PLACE}",
    f"$OD09X0001,{IMEI},1.0.0,0100,{PLACE}",
    f"$,,{IMEI},1.0.0,VERSION1.0,{PLACE}",
    f"$Header,DEMO,OD09X0001,{IMEI},1.0.0,AIS140,{PLACE}",
    f"$TR20-LIN,OD09X0001,{IMEI},1.0.0,AIS140,{PLACE}",
]
HEADS = ["$,C,CTPL", "$A,DEMO", "$TEL123,DEMO", "$200,DEMO", "$10,DEMO", "$,XyZ9,DEMO", "$Tele.T-7,DEMO", "$,C,"]


def position(head: str, imei: str = IMEI, frame: str = "000123") -> bytes:
    tail = TAIL.replace("000123", frame)
    return f"{head},1.0.0,NR,01,L,{imei},OD09X0001,1,05062026,053000,{tail}".encode()


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("login", LOGINS)
def test_a_login_without_an_end_does_not_swallow_the_frame_behind_it(login, head):
    first, second = login.encode(), position(head) + b",7B*"
    for at in range(1, len(first + second), 7):
        stream = first + second
        assert frames_of(stream[:at], stream[at:]) == [first, second]
    [said], [place] = decode_frame(first), decode_frame(second)
    assert (said.kind, said.lat, said.lon) == ("login", 21.8533, 85.3462)
    assert (place.kind, place.imei) == ("position", IMEI)


@pytest.mark.parametrize("behind", [DOLLAR_LOGIN, ARAI_LOGIN, f"$,HLM,DEMO,1.0.0,{IMEI},085,20".encode()])
def test_a_position_without_an_end_does_not_swallow_a_login_or_health(behind):
    first = position("$,C,CTPL")
    assert frames_of(first + behind + b"\n")[:2] == [first, behind]


def test_fixed_width_records_behind_one_another_are_two():
    record = f"NRM{IMEI}01L1050626110000025.310000N086.450000E404x531A2B000003C4D032.50118.4014072311M".encode()
    assert frames_of(record + record + b"\n") == [record, record]


def test_a_stray_dollar_in_a_field_loses_no_position():
    spoilt = position("$PVT,DE$MO") + b"*"
    assert [p.imei for raw in frames_of(spoilt) for p in decode_frame(raw) if p.kind == "position"] == [IMEI]


def test_dollars_without_end_are_passed_over_in_one_go():
    framer = Framer()
    framer.feed(b"$PVT," * 100_000)
    assert framer.oversize <= 200


def test_the_login_gets_its_own_place_through_the_gateway(tmp_path):
    road = Road(tmp_path)
    glued = f"$LGN,OD09X0001,{IMEI},1.0.0,AIS140,".encode() + position("$,C,CTPL").replace(b"21.8533", b"25.3100")
    road.bytes(glued + b",7B*\n", at=T0 + timedelta(seconds=2))
    road.pipeline.commit()
    [login] = road.events("device.login")
    assert (login.payload["lat"], login.payload["lon"]) == (None, None)
    assert positions_of(tmp_path, imei=IMEI)["kind"].to_list() == ["position"]


ODD = [b"\x00", b"\x01", b"\x85", b"\xff", b"\xed\xa0\x80"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("at", range(4, 260, 9))
def test_no_byte_in_a_frame_reaches_an_event_that_a_database_refuses(tmp_path, odd, at):
    road = Road(tmp_path, None)
    frame = position("$PVT,DEMO").replace(b",NR,01,", b",TA,09,") + b",7B*\n"
    road.bytes(frame[:at] + odd + frame[at:], at=T0 + timedelta(seconds=2))
    road.pipeline.commit()
    assert counters(tmp_path).get("faults", 0) == 0
    for event in road.all_events():
        text = f"{event.vehicle}{event.payload}{event.payload.get('raw')}{event.payload.get('evidence', {}).get('raw')}"
        assert not any(letter < " " or "\ud800" <= letter <= "\udfff" for letter in text)


def test_a_frame_that_the_gateway_cannot_follow_stops_nobody(tmp_path, monkeypatch):
    road = Road(tmp_path)
    from immis.gateway.ingest import advance

    true = advance.read_signals

    def fails(state, packet, *given, **named):
        if packet.frame_no == 1:
            raise OverflowError
        return true(state, packet, *given, **named)

    monkeypatch.setattr(advance, "read_signals", fails)
    road.send(road.report(0, 86.41), road.report(1, 86.41))
    assert positions_of(tmp_path, imei=IMEI)["frame_no"].to_list() == [2]
    assert counters(tmp_path)["faults"] == 1
