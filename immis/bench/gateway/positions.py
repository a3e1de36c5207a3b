"""The figures of fences and of reading back: points a second, bytes a position, one truck's day."""

import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy
import polars
import shapely

from immis import clock
from immis.bench.gateway import load
from immis.gateway.state.fences import FenceMap
from immis.gateway.store import parquet
from immis.gateway.store.compaction import compact_day
from immis.gateway.store.manifest import read_manifest
from immis.gateway.store.parquet import SCHEMA
from immis.rules.movement.readings import shipped_readings

_BATCH = 10_000
_DAY = datetime(2026, 6, 5, tzinfo=UTC)


def fences(*, rounds: int = 20) -> dict[str, Any]:
    """Points a CPU second against 2,000 fences of 6 corners and 200 of 500, and equality with brute force."""
    rates = {}
    for count, corners in ((2_000, 6), (200, 500)):
        drawn = load.fences(count, 3, corners=corners)
        there = FenceMap(drawn, shipped_readings(clock.now().date()))
        chance = numpy.random.default_rng(5)
        points = [(chance.uniform(24.6, 27.4, _BATCH), chance.uniform(83.5, 88.2, _BATCH)) for _ in range(rounds)]
        there.locate(*points[0])
        begun = time.process_time()
        results = [there.locate(lats, lons)[0] for lats, lons in points]
        rates[f"{count}x{corners}"] = round(rounds * _BATCH / (time.process_time() - begun))
        _compare(there, points[0], results[0])
    conditions = rates | {"batch": _BATCH, "equal_to_brute_force": True, "load_1min": os.getloadavg()[0]}
    return {"name": "fences", "figure": min(rates.values()), "unit": "points/CPU s", "conditions": conditions}


def _compare(there: FenceMap, points: tuple[Any, Any], located: dict[int, set[str]]) -> None:
    """Every fence asked about every point must say the same."""
    lats, lons = points
    plain: dict[int, set[str]] = {}
    for fence in there.fences.values():
        for i in numpy.flatnonzero(shapely.intersects_xy(fence.polygon, lons, lats)).tolist():
            plain.setdefault(i, set()).add(fence.id)
    if plain != located:
        raise AssertionError("the fence map differs from brute force")


def history(*, rows: int = 4_000_000, devices: int = 43_000, segments: int = 48, folder: str = "") -> dict[str, Any]:
    """Bytes a stored position after compaction, and one truck's day out of all, the files not in the page cache.

    With a ``folder`` the day is made there and kept, so that a long preparation serves more than one measurement.
    """
    if folder:
        return _history(folder, rows, devices, segments)
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as own:
        return _history(own, rows, devices, segments)


def _history(folder: str, rows: int, devices: int, segments: int) -> dict[str, Any]:
    day = parquet.positions_folder(folder) / _DAY.date().isoformat()
    merging, before = 0.0, 0
    if not (day / "manifest.json").exists():
        _make_day(folder, rows, devices, segments)
        before = _size(folder)
        begun = time.process_time()
        compact_day(day, segments)
        merging = time.process_time() - begun
    manifest = read_manifest(day)
    stored = sum(file.rows for file in manifest.files)
    chance, took, read = random.Random(1), [], 0
    for _ in range(30):
        imei = str(load.BASE + chance.randrange(devices))
        _forget(day)
        begun = time.perf_counter()
        read = parquet.positions_of(folder, imei=imei, start=_DAY, end=_DAY + timedelta(days=1)).height
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    conditions = {
        "rows": stored, "devices": devices, "files": len(manifest.files), "rows_read": read,
        "bytes_a_row": round(_size(folder) / stored, 1), "bytes_a_row_unmerged": round(before / rows, 1),
        "compacted_rows_per_cpu_s": round(rows / merging) if merging else None, "median_ms": round(took[15], 1),
        "worst_ms": round(took[-1], 1), "cold": "page cache dropped before each reading",
        "load_1min": os.getloadavg()[0],
    }  # fmt: skip
    return {
        "name": "history",
        "figure": round(took[28], 1),
        "unit": "ms p95, one truck's day",
        "conditions": conditions,
    }


def _make_day(folder: str, rows: int, devices: int, segments: int) -> None:
    each = rows // segments
    for number in range(1, segments + 1):
        part = _segment(number - 1, each, devices, segments)
        parquet.write_segment(folder, [part], start=(number - 1) * each, end=number * each, number=number)


def _forget(folder: Path) -> None:
    """Let the system drop the files of a folder from its page cache."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _size(folder: str) -> int:
    return sum(path.stat().st_size for path in parquet.positions_folder(folder).glob("*/*.parquet"))


def _segment(number: int, rows: int, devices: int, segments: int) -> polars.DataFrame:
    """One commit's rows: every device some packets further on its way, with noise."""
    chance = numpy.random.default_rng(number)
    device = numpy.arange(rows) % devices
    turn = numpy.arange(rows) // devices
    step = 86_400 / segments
    at = int(_DAY.timestamp()) + (number * step + turn * step * devices / rows).astype(numpy.int64)
    way = at / 86_400.0 * 7 + device
    instant = polars.Series(at * 1000).cast(SCHEMA["at"])
    payload = {
        "imei": polars.Series(load.BASE + device).cast(polars.String),
        "vehicle": polars.Series(device).cast(polars.String).str.zfill(8),
        "at": instant, "device_at": instant,
        "received_at": polars.Series(at * 1000 + chance.integers(500, 4000, rows)).cast(SCHEMA["at"]),
        "lat": numpy.round(25 + device / 1e4 + 0.1 * numpy.sin(way) + chance.normal(0, 2e-5, rows), 6),
        "lon": numpy.round(85 + device / 1e4 + 0.1 * numpy.cos(way) + chance.normal(0, 2e-5, rows), 6),
        "speed_kmh": numpy.round(chance.uniform(0, 60, rows), 1), "heading": numpy.round(way * 57 % 360, 2),
        "fix": numpy.ones(rows, bool), "ignition": numpy.ones(rows, bool), "main_power": numpy.ones(rows, bool),
        "main_voltage": numpy.round(chance.normal(24.4, 0.2, rows), 1),
        "satellites": chance.integers(8, 15, rows), "hdop": numpy.round(chance.uniform(0.6, 1.2, rows), 2),
        "alert": numpy.ones(rows, int), "late": numpy.zeros(rows, bool), "frame_no": number * (rows // devices) + turn,
        "digest": numpy.zeros(rows, int), "raw_ref": number * rows * 300 + numpy.arange(rows) * 300,
    }  # fmt: skip
    words = {"cover": "C", "type": "NR", "kind": "position", "status": "L", "dialect": "P1-generic", "problems": ""}
    payload |= {name: polars.repeat(word, rows, dtype=polars.String, eager=True) for name, word in words.items()}
    return polars.DataFrame({name: payload[name] for name in SCHEMA}, schema=SCHEMA)
