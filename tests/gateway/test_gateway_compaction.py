"""The hourly compaction: nothing lost, nothing twice, whatever moment it is killed at; old days go by policy alone."""

from datetime import timedelta

import pytest

from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.protocols.encode import encode_position
from immis.gateway.store import compaction, parquet
from immis.gateway.store.compaction import compact_days
from immis.gateway.store.manifest import read_manifest
from immis.gateway.store.parquet import count_positions, positions_folder, positions_of
from immis.gateway.store.snapshot import write_snapshot
from tests.gateway.test_gateway_pipeline import IMEI, SNAPSHOT, T0, Road

OTHERS = [str(int(IMEI) + n) for n in range(5)]


@pytest.fixture
def road(tmp_path) -> Road:
    road = Road(tmp_path)
    for minute in range(12):
        for n, imei in enumerate(OTHERS):
            frame = encode_position(road.report(minute, 86.45)).replace(IMEI.encode(), imei.encode())
            road.bytes(frame, at=T0 + timedelta(minutes=minute, seconds=2), connection=n + 1)
        road.pipeline.commit()
    return road


def tracks(folder) -> list:
    return [positions_of(folder, imei=imei).rows() for imei in OTHERS]


def day_of(road: Road):
    return positions_folder(road.folder) / T0.date().isoformat()


def test_a_compacted_day_has_few_files_sorted_by_device_and_reads_the_same(road):
    before = tracks(road.folder)
    assert compact_days(road.folder, now=T0, file_rows=25) == 1
    manifest = read_manifest(day_of(road))
    assert [x.rows for x in manifest.files] == [24, 24, 12]
    assert [(x.imei_min, x.imei_max) for x in manifest.files][0] == (OTHERS[0], OTHERS[1])
    assert {p.name for p in day_of(road).iterdir()} == {"manifest.json", *(x.name for x in manifest.files)}
    assert tracks(road.folder) == before and count_positions(road.folder) == 60
    assert len(parquet.files_of(road.folder, imei=IMEI)) == 1
    road.send(road.report(30, 86.45))
    assert len(positions_of(road.folder, imei=IMEI)) == 13
    assert compact_days(road.folder, now=T0, file_rows=25) == 1
    assert len(positions_of(road.folder, imei=IMEI)) == 13 and count_positions(road.folder) == 61
    assert compact_days(road.folder, now=T0) == 0


@pytest.mark.parametrize("killed_in", ["_write", "write_manifest", "sync_folder", "_sweep"])
def test_killed_at_any_moment_it_loses_and_doubles_nothing(road, monkeypatch, killed_in):
    before = tracks(road.folder)
    calls = {"left": 2 if killed_in in ("_write", "_sweep") else 1}
    real = getattr(compaction, killed_in)

    def dies(*args, **more):
        calls["left"] -= 1
        if not calls["left"]:
            raise KeyboardInterrupt
        return real(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(compaction, killed_in, dies)
        with pytest.raises(KeyboardInterrupt):
            compact_days(road.folder, now=T0, file_rows=25)
    assert tracks(road.folder) == before and count_positions(road.folder) == 60
    again = Pipeline(road.folder)  # a worker that starts meanwhile takes nothing away that counts
    assert tracks(road.folder) == before
    again.close()
    compact_days(road.folder, now=T0, file_rows=25)
    assert tracks(road.folder) == before and count_positions(road.folder) == 60
    assert {p.name for p in day_of(road).iterdir()} == {
        "manifest.json",
        *(x.name for x in read_manifest(day_of(road)).files),
    }


def test_what_is_not_committed_is_not_compacted(road):
    later = Road(road.folder, None)
    later.frame_no = 1000
    later.bytes(encode_position(later.report(40, 86.45)), at=T0 + timedelta(minutes=40))
    parts = [parquet.frame_of(later.pipeline._rows)]
    parquet.write_segment(
        road.folder, parts, start=later.pipeline.checkpoint, end=10**9, number=later.pipeline.commits + 1
    )
    compact_days(road.folder, now=T0)
    assert sum(x.rows for x in read_manifest(day_of(road)).files) == 60


def test_days_past_the_policy_s_retention_are_dropped_and_none_without_one(road):
    compact_days(road.folder, now=T0 + timedelta(days=400))
    assert count_positions(road.folder) == 60
    write_snapshot(road.folder, SNAPSHOT | {"retention_days": 90})
    compact_days(road.folder, now=T0 + timedelta(days=90))
    assert count_positions(road.folder) == 60
    compact_days(road.folder, now=T0 + timedelta(days=92))
    assert count_positions(road.folder) == 0
