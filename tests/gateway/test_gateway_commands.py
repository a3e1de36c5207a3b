"""The gateway's commands as a shell sees them."""

import json
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from immis.commands.road import decode, gateway, positions
from immis.commands.simulate import simulate
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import Report, encode_position
from tests.gateway.test_gateway_frames import RAWS, SAMPLES

IMEI = "860000000000017"
T0 = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)


def call(command, *arguments, **more):
    return CliRunner().invoke(command, arguments, **more)


def test_decode_gives_one_line_for_each_frame():
    answer = call(decode.command, input=b"\n".join(RAWS) + b"\n")
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 0
    assert len(lines) == len(SAMPLES)
    assert all(set(line) >= {"kind", "dialect", "problems"} for line in lines)


def test_decode_stream_finds_glued_frames():
    answer = call(decode.command, "--stream", input=b"noise" + RAWS[0] + RAWS[1] + b"\r\n" + RAWS[9])
    kinds = [json.loads(line)["kind"] for line in answer.stdout.splitlines()]
    assert kinds == ["emergency", "position", "position"]


def test_decode_survives_binary():
    answer = call(decode.command, input=bytes(range(256)) * 20)
    assert answer.exit_code == 0
    assert {json.loads(line)["kind"] for line in answer.stdout.splitlines()} == {"unknown"}


@pytest.mark.parametrize(
    "command", [decode.command, gateway.command, simulate.command, simulate.devices, positions.command]
)
def test_help_has_an_example(command):
    assert "Example: " in call(command, "--help").stdout


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (gateway.command, ["--listen", "nowhere"]),
        (gateway.command, ["--listen", "203.0.113.1:5140"]),
        (simulate.devices, ["--target", "127.0.0.1:1", "--devices", "1", "--rate", "1", "--seconds", "1"]),
        (simulate.devices, ["--target", "127.0.0.1:1", "--devices", "0", "--rate", "1", "--seconds", "1"]),
        (positions.command, ["--imei", "12", "--from", "2026-06-05", "--to", "2026-06-06"]),
        (positions.command, ["--imei", IMEI, "--from", "yesterday"]),
        (positions.command, ["--imei", IMEI, "--from", "2026-06-06", "--to", "2026-06-05"]),
    ],
)  # fmt: skip
def test_unusable_calls_end_with_2_and_a_reason(command, arguments, data_dir):
    answer = call(command, *arguments)
    assert answer.exit_code == 2
    assert answer.stderr
    assert "Traceback" not in answer.output


@pytest.fixture
def track(data_dir):
    log, pipeline = RawLog(data_dir), Pipeline(data_dir)
    for second in (30, 10, 20):
        report = Report(imei=IMEI, vehicle="=BR08", at=T0.replace(second=second), lat=25.31, lon=86.41, frame_no=second)
        pipeline.take(log.put([(1, int(T0.timestamp() * 1e6), encode_position(report))]))
    pipeline.commit()
    return data_dir


def test_positions_come_in_device_time_order(track):
    answer = call(
        positions.command, "--imei", IMEI, "--from", "2026-06-05T11:00:10+05:30", "--to", "2026-06-05T11:00:30"
    )
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [row["time"] for row in rows] == ["2026-06-05T05:30:10Z", "2026-06-05T05:30:20Z", "2026-06-05T05:30:30Z"]
    assert [row["frame_no"] for row in rows] == [10, 20, 30]
    assert call(positions.command, "--imei", IMEI, "--from", "2026-06-06").stdout == ""


def test_positions_as_csv_and_gpx(track):
    header, *lines = call(positions.command, "--imei", IMEI, "--format", "csv").stdout.splitlines()
    assert header.startswith("imei,vehicle,time")
    assert len(lines) == 3
    assert lines[0].startswith(f"{IMEI},'=BR08,2026-06-05T05:30:10Z")  # no spreadsheet takes it for a formula
    gpx = ElementTree.fromstring(call(positions.command, "--imei", IMEI, "--format", "gpx").stdout)
    points = gpx.findall(".//{http://www.topografix.com/GPX/1/1}trkpt")
    assert [(p.get("lat"), p.get("lon")) for p in points] == [("25.31", "86.41")] * 3
