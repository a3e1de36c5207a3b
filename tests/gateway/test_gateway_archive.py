"""Positions in an archive: same layout, same answers, nothing lost or counted twice."""

import json
import shutil
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner

from immis.analytics import embedded
from immis.analytics.asked import QUESTIONS
from immis.commands.copies import archive as command
from immis.commands.road import positions as positions_command
from immis.gateway.store import all_positions, archive, parquet
from immis.gateway.store.buckets import open_bucket
from immis.gateway.store.manifest import Compacted, Manifest, write_manifest
from tests.analytics import month
from tests.gateway.s3_server import s3_server


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.processes)])
def address(request, tmp_path_factory, monkeypatch):
    """An empty archive: a folder, and a bucket of a real server."""
    folder = tmp_path_factory.mktemp("archive")
    if request.param == "folder":
        yield str(folder)
        return
    with s3_server(folder) as env:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield "s3://immis/bihar/munger"


def test_what_the_archive_holds_is_read_as_if_it_were_here(address, data_dir, monkeypatch):
    month.lay_positions(data_dir)
    imei = "860000000002017"
    before = all_positions.positions_of(data_dir, imei=imei)
    assert before.height == 41 + 21
    bucket = open_bucket(address)
    done = archive.ship(data_dir, bucket, before=date(2026, 6, 8))
    assert (done.days, done.files) == (3, 4)  # 5 to 7 June by UTC; the night drives of 7 June came twice
    monkeypatch.setenv("IMMIS_ARCHIVE_URL", address)
    again = CliRunner().invoke(command.command, ["--older-than", "0", "--json"])
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["files"] == 0
    for folder in parquet.positions_folder(data_dir).glob("*/"):
        if folder.name != "2026-06-06":  # what is in both is read once
            shutil.rmtree(folder)
    assert all_positions.positions_of(data_dir, imei=imei).equals(before)
    span = month.SPAN
    assert embedded.ask(QUESTIONS["night_trips"], span, month.facts()).rows() == month.ANSWERS["night_trips"]
    assert embedded.ask(QUESTIONS["pass_mills"], span, month.facts()).rows() == month.ANSWERS["pass_mills"]


def test_a_partition_keeps_its_names_apart_and_what_is_superseded_is_not_shipped(data_dir, tmp_path):
    bucket = open_bucket(str(tmp_path / "archive"))
    day = "2026-06-05"
    for root in (data_dir, parquet.partition_folder(data_dir, 0)):
        folder = parquet.positions_folder(root) / day
        folder.mkdir(parents=True)
        for name in ("c-00000005-00000", "5-9-6", "0-5-4"):
            (folder / f"{name}.parquet").write_bytes(b"x")
        write_manifest(folder, Manifest(5, (Compacted("c-00000005-00000.parquet", 1, "0", "9", 0, 1),)))
    assert archive.ship(data_dir, bucket, before=date(2026, 7, 1)).files == 4
    held = sorted(name.rsplit("/", 1)[1] for name in bucket.sizes("positions"))
    names = ["5-9-6.parquet", "c-00000005-00000.parquet"]
    assert held == [*names, *(f"p0-{name}" for name in names)]


@pytest.mark.parametrize("wrong", ["http://example.org/x", "s3://"])
def test_an_address_that_is_none_is_refused_in_words(wrong, data_dir):
    answer = CliRunner().invoke(command.command, ["--to", wrong])
    assert answer.exit_code == 2 and answer.stderr and "Traceback" not in answer.output


def test_a_store_that_does_not_answer_is_said_in_words(data_dir, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("immis.gateway.store.buckets.RETRIES", 0)
    answer = CliRunner().invoke(command.command, ["--to", "s3://immis"])
    assert answer.exit_code == 2 and answer.stderr and "Traceback" not in answer.output


def test_an_archive_that_does_not_answer_is_said_by_who_reads_it(data_dir, monkeypatch):
    """A store that is away and a share that is not mounted: a track is never shown with a hole in it."""
    from immis.core.errors import Unavailable
    from immis.tracking import gateway

    month.lay_positions(data_dir)
    imei, span = "860000000002017", [datetime(2026, 6, day, tzinfo=UTC) for day in (1, 30)]
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("immis.gateway.store.buckets.RETRIES", 0)
    for address in ("s3://immis", str(data_dir / "not-mounted")):
        monkeypatch.setenv("IMMIS_ARCHIVE_URL", address)
        answer = CliRunner().invoke(positions_command.command, ["--imei", imei])
        assert (answer.exit_code, answer.stdout) == (2, "") and "archive" in answer.stderr
        with pytest.raises(Unavailable):
            gateway.track(imei, start=span[0], end=span[1])
