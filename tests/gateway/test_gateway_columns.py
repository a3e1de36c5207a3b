"""The hot path says what the plain one says: frames, fields, checksums, rows, events, states."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy
import pytest

from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols import position
from immis.gateway.protocols.checksums import RULES, sent_checksum
from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.digits import PAD
from immis.gateway.protocols.encode import Report, encode_emergency, encode_login, encode_position
from immis.gateway.protocols.fields import split_end, split_fields
from immis.gateway.protocols.framing import Framer
from immis.gateway.protocols.many.checksum_columns import WAYS, agree
from immis.gateway.protocols.many.columns import LayoutBook, decode_columns, problem_names
from immis.gateway.protocols.many.cut import cut, join
from immis.gateway.state.recent import key_of, position_keys
from immis.gateway.store.outbox import Outbox, counters, events_after, last_positions
from immis.gateway.store.parquet import COLUMNS, positions_folder
from immis.gateway.store.snapshot import write_snapshot
from tests.gateway.test_gateway_frames import RAWS

COMMA_DIALECTS = ("nic", "arai", "itriangle", "roadpoint", "rlp", "maharashtra", "numeric")
T0 = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
ALPHABET = b"0123456789.,*$-+ \r\nNSEWAVLHCOabcXYZ()\x00\xff"


def report(chance: random.Random, number: int, frame_no: int, **more) -> Report:
    said = Report(
        imei=str(860000000000000 + number), vehicle=f"BR08G{number:04d}", at=T0 + timedelta(seconds=10 * frame_no),
        lat=25.3 + chance.random() / 10, lon=86.4 + chance.random() / 10, frame_no=frame_no,
        speed_kmh=chance.choice([0.0, 3.5, 32.5, 61.25]), heading=chance.random() * 360, fix=chance.random() > 0.05,
    )  # fmt: skip
    return replace(said, **more)


def mutated(chance: random.Random, frame: bytes) -> bytes:
    """A frame with a few bytes changed, left out or put in."""
    data = bytearray(frame)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(data))
        what = chance.randrange(3)
        if what == 0:
            data[at] = chance.choice(ALPHABET)
        elif what == 1:
            del data[at]
        else:
            data.insert(at, chance.choice(ALPHABET))
    return bytes(data)


def spoiled(chance: random.Random, frame: bytes) -> bytes:
    """A frame with noise before it, cut short, or with a wrong checksum."""
    what = chance.randrange(3)
    at = len(frame.rstrip(b"\r\n*,"))
    wrong = frame[: at - 1] + (b"0" if frame[at - 1 : at] != b"0" else b"1") + frame[at:]
    return (b"\x00noise" + frame, frame[: chance.randrange(20, 150)], wrong)[what]


def fields_of(x, i: int) -> dict:
    plan = x.plans[x.plan[i]]
    none = {-1: None, 0: False, 1: True}
    number = {
        name: None if numpy.isnan(getattr(x, name)[i]) else float(getattr(x, name)[i])
        for name in ("lat", "lon", "speed", "heading", "hdop", "main_voltage")
    }
    whole = {name: None if getattr(x, name)[i] < 0 else int(getattr(x, name)[i]) for name in ("satellites", "alert")}
    code = int(x.type_code[i])
    return number | whole | {
        "imei": f"{x.imei[i]:015d}", "at": int(x.at_ms[i]), "fix": bool(x.fix[i]), "dialect": plan.dialect,
        "ignition": none[int(x.ignition[i])], "main_power": none[int(x.main_power[i])],
        "emergency": none[int(x.emergency[i])], "cover": chr(x.cover[i]) if x.cover[i] else "",
        "status": chr(x.status[i]), "type": chr(code >> 8) + chr(code & 255), "frame_no": int(x.frame_no[i]),
        "problems": problem_names(int(x.problems[i])),
    }  # fmt: skip


def fields_of_packet(p) -> dict:
    return {
        "lat": p.lat, "lon": p.lon, "speed": p.speed_kmh, "heading": p.heading, "hdop": p.hdop,
        "main_voltage": p.main_voltage, "satellites": p.satellites, "alert": p.alert, "imei": p.imei,
        "at": int(p.at.timestamp() * 1000), "fix": p.fix, "dialect": p.dialect, "ignition": p.ignition,
        "main_power": p.main_power, "emergency": p.emergency, "cover": p.cover, "status": p.status,
        "type": p.type_code, "frame_no": p.frame_no, "problems": p.problems,
    }  # fmt: skip


def columns_of(frames: list[bytes], book: LayoutBook):
    sizes = numpy.array([len(frame) for frame in frames])
    ends = PAD + numpy.cumsum(sizes)
    return decode_columns(join(frames), ends - sizes, ends, book)


def assert_same(frames: list[bytes], book: LayoutBook) -> int:
    """Sure frames read as by the plain reader that remembers the same plan; how many were sure."""
    x = columns_of(frames, book)
    for i in numpy.flatnonzero(x.sure).tolist():
        row = split_fields(split_end(frames[i].decode("latin-1"))[0].lstrip("$"))
        position._plans[next(word for word in row[:2] if word), len(row)] = x.plans[x.plan[i]]
        [packet] = decode_frame(frames[i])
        assert packet.kind == "position", frames[i]
        assert fields_of(x, i) == fields_of_packet(packet), frames[i]
    return int(x.sure.sum())


def trimmed(frame: bytes) -> bytes:
    return frame.rstrip(b"\r\n")


def test_frames_of_every_comma_dialect_are_read_by_columns():
    chance = random.Random(1)
    frames = [
        trimmed(encode_position(report(chance, n % 40, n + 1), dialect=COMMA_DIALECTS[n % 7])) for n in range(1400)
    ]
    assert assert_same(frames, LayoutBook()) == 1400


def test_alerts_flags_and_missing_fixes_read_alike():
    chance = random.Random(2)
    kinds = [("NR", 1), ("NR", 9), ("TA", 9), ("BD", 3), ("EA", 10), ("IN", 7), ("ZZ", 77), ("NR", 2), ("HB", 13)]
    frames = []
    for n in range(2000):
        code, alert = chance.choice(kinds)
        said = report(
            chance, n % 30, n + 1, type_code=code, alert=alert, status=chance.choice("LH"), cover=chance.choice("CO"),
            ignition=chance.random() > 0.5, main_power=chance.random() > 0.2, emergency=chance.random() > 0.9,
            main_voltage=chance.choice([0.0, 5.5, 24.4]), lat=chance.choice([0.0, 25.3, 45.0]),
            lon=chance.choice([0.0, 86.4]),
        )  # fmt: skip
        frames.append(trimmed(encode_position(said, dialect=COMMA_DIALECTS[n % 7])))
    assert assert_same(frames, LayoutBook()) > 1500


def test_public_samples_and_mutated_frames_are_read_alike_or_left_to_the_plain_reader():
    chance = random.Random(3)
    book = LayoutBook()
    good = [encode_position(report(chance, n, n + 1), dialect=COMMA_DIALECTS[n % 7]) for n in range(70)]
    samples = [raw for raw in RAWS if raw.startswith(b"$") and raw.count(b"$") == 1]
    sure = 0
    for _ in range(40):
        frames = [mutated(chance, chance.choice(good + samples)) for _ in range(250)] + good + samples
        frames = [trimmed(x) for x in frames]
        frames = [x for x in frames if x.startswith(b"$") and x.count(b"$") == 1 and len(x) > 1]
        sure += assert_same(frames, book)
    assert sure > 4000


def test_hostile_layouts_do_not_fill_the_book():
    book = LayoutBook()
    for n in range(60):
        columns_of([b"$%05d,%s*" % (n * 100 + i, b"x," * (i % 9 + 20)) for i in range(100)], book)
    assert len(book._tried) <= 4096


def framed(stream: bytes, rest: bytes = b"") -> tuple[list[bytes], bytes]:
    framer = Framer(rest)
    return framer.feed(stream), framer.rest


@pytest.mark.parametrize("seed", range(8))
def test_streams_are_cut_as_their_framer_cuts_them(seed):
    chance = random.Random(seed)
    streams, sure = [], 0
    for n in range(400):
        frames = [
            encode_position(report(chance, n, i + 1), dialect=chance.choice(COMMA_DIALECTS))
            for i in range(chance.randrange(1, 5))
        ]
        if chance.random() < 0.3:
            frames[chance.randrange(len(frames))] = mutated(chance, chance.choice(frames + RAWS))
        stream = b"".join(frames)
        streams.append(stream[: chance.randrange(1, len(stream))] if chance.random() < 0.5 else stream)
    sizes = numpy.array([len(x) for x in streams])
    ends = PAD + numpy.cumsum(sizes)
    found = cut(join(streams), ends - sizes, ends)
    owner = numpy.searchsorted(ends, found.starts, side="right")
    for i, stream in enumerate(streams):
        if found.rests[i] < 0:
            continue
        sure += 1
        mine = [
            found.buffer[a:b].tobytes() for a, b in zip(found.starts[owner == i], found.ends[owner == i], strict=True)
        ]
        rest = found.buffer[found.rests[i] : ends[i]].tobytes()
        assert (mine, rest) == framed(stream), stream
        for end in found.done[owner == i].tolist():
            behind = int(end - (ends[i] - sizes[i]))
            done = len(framed(stream[: behind + 1])[0])
            assert done == len(framed(stream[:behind])[0]) + 1, "a frame is complete with that byte and not before"
    assert sure > 200


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.name in WAYS], ids=lambda rule: rule.name)
def test_checksums_agree_as_the_rule_says(rule):
    chance = random.Random(4)
    frames = []
    for n in range(500):
        raw = trimmed(encode_position(report(chance, n, n + 1), dialect=chance.choice(COMMA_DIALECTS)))
        if chance.random() < 0.5:  # give it this rule's own checksum
            body = raw[: raw.rindex(b",", 0, len(raw) - 9) + 1]
            end = b"*" if rule.trailing else b""
            at = len(body) + len(end)
            frame = body + end + b"0" * rule.digits
            value = rule.compute(_bytes_under(rule, frame, at))
            raw = body + end + f"{value:0{rule.digits}X}".encode() + (b"" if rule.trailing else b"*")
        frames.append(mutated(chance, raw) if chance.random() < 0.3 else raw)
    frames = [x for x in map(trimmed, frames) if x.count(b"$") == 1 and x.count(b"*") <= 1 and x.isascii()]
    frames = [x for x in frames if not any(byte < 32 for byte in x)]
    sizes = numpy.array([len(x) for x in frames])
    ends = PAD + numpy.cumsum(sizes)
    said = agree(rule.name, join(frames), ends - sizes, ends).tolist()
    plain = [_agrees(rule, frame) for frame in frames]
    assert said == plain
    assert 30 < sum(plain) < len(plain)


def _bytes_under(rule, frame: bytes, at: int) -> bytes:
    from immis.gateway.protocols.checksums import _covered

    return _covered(frame, at, rule.covers)


def _agrees(rule, frame: bytes) -> bool:
    sent = sent_checksum(frame)
    return bool(sent and rule.trailing == sent[2] and rule.agrees(sent[0], frame, sent[1]))


def test_keys_of_many_are_keys_of_one():
    at, frame_no, alert = numpy.array([1780637400000, 5]), numpy.array([7, 0]), numpy.array([1, -1])
    one = [
        key_of(at_ms=int(a), frame_no=int(n), kind="position", alert=None if x < 0 else int(x), digest=0)
        for a, n, x in zip(at, frame_no, alert, strict=True)
    ]
    assert position_keys(at, frame_no, alert).tolist() == one


# -- the whole pipeline -----------------------------------------------------------------------

FENCES = [
    {"id": "ghat:1", "kind": "source", "polygon": [[25.30, 86.40], [25.30, 86.43], [25.34, 86.43], [25.34, 86.40]]},
    {"id": "site:1", "kind": "destination", "name": "", "centre": [25.33, 86.47], "radius_m": 3000},
    {"id": "post:1", "kind": "checkpost", "name": "", "centre": [25.35, 86.44], "radius_m": 900},
]  # fmt: skip


def traffic(seed: int, *, devices: int = 40, rounds: int = 30) -> list[list[tuple[int, int, bytes]]]:
    """Groups of reads: trucks on their ways, torn packets, repeats, history, alerts, wrong checksums, noise."""
    chance = random.Random(seed)
    place = {n: [25.30 + chance.random() / 12, 86.40 + chance.random() / 12] for n in range(devices)}
    held = dict.fromkeys(range(devices), b"")
    sent: dict[int, list[bytes]] = {n: [] for n in range(devices)}
    groups = []
    for step in range(1, rounds + 1):
        reads = []
        now = T0 + timedelta(seconds=30 * step + 2)
        for n in chance.sample(range(devices), devices - 3):
            frames = []
            for part in range(chance.choice([1, 1, 1, 3])):
                place[n] = [place[n][0] + chance.uniform(-0.004, 0.004), place[n][1] + chance.uniform(-0.002, 0.006)]
                late = chance.random() < 0.05
                said = report(
                    chance, n, step * 10 + part, lat=place[n][0], lon=place[n][1],
                    at=T0 + timedelta(seconds=30 * step + part * 2) - timedelta(minutes=40 * late),
                    cover=chance.choice("CCCCCCCO"), main_power=chance.random() > 0.03, status="H" if late else "L",
                    main_voltage=chance.choice([24.4, 24.1, 24.1, 5.0]) if chance.random() < 0.1 else 24.3,
                )  # fmt: skip
                if chance.random() < 0.03:
                    said = replace(said, type_code="TA", alert=9)
                if n % 11 == 5:  # keeps Indian time
                    said = replace(said, at=said.at + timedelta(seconds=19_800))
                frame = encode_position(said, dialect=COMMA_DIALECTS[n % 7])
                if chance.random() < 0.05:
                    frame = spoiled(chance, frame)
                frames.append(frame)
            if sent[n] and chance.random() < 0.1:
                frames.append(chance.choice(sent[n][-20:]))
            if chance.random() < 0.03:
                frames.append(encode_login(imei=said.imei, vehicle=said.vehicle))
            if chance.random() < 0.02:
                frames.append(encode_emergency(said))
            sent[n] += frames
            stream = held[n] + b"".join(frames)
            torn = chance.randrange(1, 60) if chance.random() < 0.4 else 0
            held[n], stream = (stream[-torn:], stream[:-torn]) if torn else (b"", stream)
            if not stream:
                continue
            stamp = int(now.timestamp() * 1e6) + chance.randrange(10**6)
            cutting = sorted(chance.randrange(len(stream)) for _ in range(chance.choice([0, 0, 1, 2])))
            for a, b in zip([0, *cutting], [*cutting, len(stream)], strict=True):
                reads.append((n + 1, stamp, stream[a:b]) if b > a else (900, stamp, b"x"))
            if chance.random() < 0.02:
                reads.append((n + 1, stamp, b""))
                held[n] = b""
        groups.append(reads)
    return groups


def run(folder, groups, **how):
    listed = [{"imei": str(860000000000000 + n), "vehicle": f"BR08G{n:04d}"} for n in range(36)]
    write_snapshot(folder, {"version": 1, "devices": listed, "fences": FENCES})
    log, pipeline = RawLog(folder), Pipeline(folder, **how)
    answers = []
    for i, reads in enumerate(groups):
        answers += pipeline.take(log.put(reads))
        answers += pipeline.flush_waiting((T0 + timedelta(seconds=30 * (i + 1) + 25)).timestamp())
        if i % 3 == 2:
            pipeline.commit()
    pipeline.commit()
    pipeline.close()
    log.close()
    return answers


def stored(folder):
    import polars

    files = sorted(positions_folder(folder).glob("*/*.parquet"))
    return polars.concat([polars.read_parquet(file) for file in files]).sort(COLUMNS)


@pytest.mark.parametrize("seed", range(6))
def test_rows_events_and_states_are_those_of_the_plain_way(tmp_path, seed):
    groups = traffic(seed)
    plain, quick = tmp_path / "plain", tmp_path / "quick"
    assert run(plain, groups, columns_from=10**9) == run(quick, groups, columns_from=1, round_from=2)
    assert stored(quick).equals(stored(plain))
    assert stored(plain).height > 1200
    told = [list(events_after(folder, seq=0, limit=10_000)) for folder in (plain, quick)]
    assert [(e.kind, e.imei, e.vehicle, e.at, e.received_at) for e in told[0]] == [
        (e.kind, e.imei, e.vehicle, e.at, e.received_at) for e in told[1]
    ]
    for one, other in zip(*told, strict=True):
        assert one.payload.pop("distance_km", 0) == pytest.approx(other.payload.pop("distance_km", 0), abs=0.0011)
        assert one.payload == other.payload
    assert {e.kind for e in told[0]} >= {"trip.started", "trip.completed", "device.tamper", "device.power_cut"}
    states = [states_of(folder) for folder in (plain, quick)]
    assert states[0].keys() == states[1].keys()
    for imei, before in states[0].items():
        after = states[1][imei]
        assert before.pop("odometer_km") == pytest.approx(after.pop("odometer_km"), abs=1e-6)
        assert _rounded(before) == _rounded(after)
    assert [last.imei for last in last_positions(plain)] == [last.imei for last in last_positions(quick)]
    counted = [counters(folder) for folder in (plain, quick)]
    assert [dict(c, noise_bytes=0, oversize=0) for c in counted][0] == dict(counted[1], noise_bytes=0, oversize=0)


def test_a_device_that_reconnects_every_minute_is_no_clone(tmp_path):
    """Its packets go by columns meanwhile, so that its newest frame number must be known there, too."""
    groups, frame_no = [], 0
    for link in range(1, 6):
        groups.append([])
        for _ in range(75):
            frame_no += 1
            at = T0 + timedelta(seconds=frame_no)
            said = report(random.Random(1), 1, frame_no, at=at, lat=25.3, lon=86.4 + frame_no / 1e5, fix=True)
            groups[-1].append((link, int((at.timestamp() + 2) * 1e6), encode_position(said)))
    run(tmp_path, groups, columns_from=1, round_from=1)
    assert {event.kind for event in events_after(tmp_path, seq=0)} == {"vehicle.entered_fence"}
    assert counters(tmp_path)["frames"] == 375


def states_of(folder) -> dict:
    fleet = Outbox(folder).fleet()
    for state in fleet.states:
        fleet.load(state)
    return {x.imei: {name: getattr(x, name) for name in x.__slots__ if name != "row"} for x in fleet.states}


def _rounded(value):
    if isinstance(value, numpy.ndarray):
        return [_rounded(list(row)) for row in value.tolist()]
    if isinstance(value, list | tuple):
        return [_rounded(x) for x in value]
    if isinstance(value, dict):
        return {key: _rounded(x) for key, x in value.items()}
    if value != value:
        return None
    return round(value, 3) if isinstance(value, float) else value
