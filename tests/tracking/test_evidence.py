"""The evidence bundle of a trip: from raw frames to a ZIP that a court can check, and that a changed byte spoils."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from pypdf import PdfReader

from immis.commands.road.evidence import command
from immis.core.models import ActionLog
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log.rawlog import RawLog
from immis.gateway.protocols.encode import Report, encode_position
from immis.gateway.store import parquet
from immis.tracking import gateway
from immis.tracking.bundles.check import check
from immis.tracking.jobs import publish_snapshot, take_in_gateway_events
from immis.tracking.models import Trip
from tests.challans.world import IMEI, NOON, PLATE
from tests.papers import name_of

MINUTE = timedelta(minutes=1)
OTHER = "860000000000017"


def drive(world, at):
    """A trip over the gateway's own path; frames are cut in pieces, and another device talks on the same link."""
    publish_snapshot(at=at)
    log = RawLog(world.data)
    lons = [86.505, 86.508, 86.52, 86.54, 86.56, 86.58, 86.599, 86.6, 86.6]
    reads, lats = [], [25.305, 25.305, 25.31, 25.32, 25.33, 25.34, 25.35, 25.35, 25.35]
    for n, (lat, lon) in enumerate(zip(lats, lons, strict=True)):
        report = Report(imei=IMEI, vehicle=PLATE, at=at + n * MINUTE, lat=lat, lon=lon, frame_no=n + 1, speed_kmh=40.0)
        stranger = Report(imei=OTHER, vehicle="X", at=report.at, lat=26.0, lon=85.0, frame_no=n + 1)
        frame, us = encode_position(report), int((report.at + timedelta(seconds=2)).timestamp() * 1e6)
        reads += [(1, us, encode_position(stranger) + frame[:40]), (2, us, b""), (1, us, frame[40:])]
    pipeline = Pipeline(world.data)
    for read in reads:
        pipeline.take(log.put([read]))
    pipeline.commit()
    take_in_gateway_events(at=at + 20 * MINUTE)
    return Trip.objects.get()


@pytest.fixture
def officer(world):
    client = Client()
    client.force_login(world.officer)
    return client


@pytest.fixture
def bundle(world, officer, at, tmp_path) -> Path:
    trip = drive(world, NOON)
    at.set(NOON + 30 * MINUTE)
    asked = officer.get(f"/office/map/trips/{trip.pk}/evidence.zip")
    officer.post(asked["Location"], {"reason": "मामला 12"})
    answer = officer.get(f"/office/map/trips/{trip.pk}/evidence.zip")
    assert answer.status_code == 200, answer.content[:300]
    path = tmp_path / "evidence.zip"
    path.write_bytes(answer.content)
    return path


def test_a_partitions_frames_are_found_in_its_own_log(world):
    """In a cluster positions and frames lie with their partition; places in two logs may be the same number."""
    at = NOON - timedelta(hours=1)
    mine, other = (Report(imei=imei, vehicle=PLATE, at=at, lat=25.3, lon=86.5, frame_no=1) for imei in (IMEI, OTHER))
    for partition, report in enumerate((mine, other)):
        home = parquet.partition_folder(world.data, partition)
        pipeline = Pipeline(home)
        pipeline.take(RawLog(home).put([(1, int(at.timestamp() * 1e6), encode_position(report))]))
        pipeline.commit()
    rows = gateway.stored_rows(IMEI, start=at, end=NOON)
    frames = gateway.raw_frames([row["raw_ref"] for row in rows], IMEI)
    assert [raw for found in frames.values() for _, raw in found] == [encode_position(mine).rstrip(b"\r\n")]


def test_frames_in_pieces_are_found_again_and_those_of_others_are_not(world):
    drive(world, NOON)
    rows = gateway.stored_rows(IMEI, start=NOON, end=NOON + 60 * MINUTE)
    found = gateway.raw_frames([row["raw_ref"] for row in rows], IMEI)
    assert len(rows) == len(found) == 9
    frames = [frame for one in found.values() for _at, frame in one]
    assert len(frames) == 9 and all(IMEI.encode() in frame and OTHER.encode() not in frame for frame in frames)
    assert gateway.raw_frames([-1, 10**12], IMEI) == {}


def test_a_bundle_is_whole_and_every_row_follows_from_its_frame(bundle, data_dir):
    keys = json.loads((data_dir / "public" / "evidence-keys.json").read_text())
    verdict = check(bundle, keys=keys)
    assert verdict.genuine and verdict.known_key, verdict.faults
    assert verdict.rows == verdict.rows_from_frames == verdict.frames == 9
    assert ActionLog.objects.filter(code="evidence.made").count() == 1
    with zipfile.ZipFile(bundle) as file:
        sheet = PdfReader(io.BytesIO(file.read("map.pdf")))
        assert "Evidence of a trip" in name_of(file.read("map.pdf"))
        assert PLATE in sheet.pages[0].extract_text()
        readme = file.read("README.txt").decode()
    assert "sha256sum" in readme and "हस्ताक्षर" in readme
    assert check(bundle, keys={"keys": []}).faults[0]["part"] == "signature.json"


def changed(bundle, name, change):
    """The bundle with one part changed as a forger would: with its own check sums right again."""
    with zipfile.ZipFile(bundle) as file:
        parts = {one: file.read(one) for one in file.namelist()}
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(bundle, "w") as file:
        for one, body in parts.items():
            file.writestr(one, body)


@pytest.mark.parametrize(
    "name", ["raw/frames.jsonl", "positions.csv", "map.pdf", "trip.json", "challan.json", "README.txt", "more.txt"]
)
def test_one_changed_byte_is_refused_by_the_name_of_its_part(bundle, name):
    changed(bundle, name, lambda body: body[:-2] + bytes([body[-2] ^ 1]) + body[-1:] if body else b"new")
    done = CliRunner().invoke(command, ["verify", str(bundle), "--json"])
    assert done.exit_code == 1 and [fault["part"] for fault in json.loads(done.stdout)["faults"]] == [name]


def test_a_changed_manifest_breaks_the_signature_and_rubbish_is_no_bundle(bundle, tmp_path):
    changed(bundle, "manifest.json", lambda body: body.replace(PLATE.encode(), b"BR08G9999"))
    done = CliRunner().invoke(command, ["verify", str(bundle)])
    assert done.exit_code == 1 and "REFUSED signature.json" in done.output
    rubbish = tmp_path / "rubbish.zip"
    for body in (b"", b"PK\x03\x04 nothing", bundle.read_bytes()[:400]):
        rubbish.write_bytes(body)
        assert CliRunner().invoke(command, ["verify", str(rubbish)]).exit_code == 2
    flipped = bytearray(bundle.read_bytes())
    flipped[200] ^= 1
    rubbish.write_bytes(flipped)
    assert CliRunner().invoke(command, ["verify", str(rubbish)]).exit_code in (1, 2)


def test_the_check_needs_no_settings_and_no_database(bundle, tmp_path):
    code = "import sys; from immis.commands.road.evidence import command; command(); assert 'django' not in sys.modules"
    run = [sys.executable, "-c", code.replace("command();", "command(standalone_mode=False);")]
    done = subprocess.run(
        [*run, "verify", str(bundle)], capture_output=True, text=True, env={"PYTHONPATH": str(Path.cwd())}, check=False
    )
    assert done.returncode == 0 and "Genuine" in done.stdout, done.stderr
