"""Rows of the position store: from one packet, and from many that were followed quietly."""

import zlib
from typing import Any

import numpy
import polars

from immis.gateway.protocols.digits import Array
from immis.gateway.protocols.many.columns import Columns, problem_names
from immis.gateway.protocols.packet import Packet
from immis.gateway.state.quiet import QuietRows
from immis.gateway.store.parquet import COLUMNS, SCHEMA

_MISMATCH = 1 << 8


def digest_of(packet: Packet) -> int:
    """Of the bytes, where frame number or time cannot tell packets apart."""
    return 0 if packet.frame_no is not None and packet.at is not None else zlib.crc32(packet.raw)


def row_of(
    p: Packet, imei: str, vehicle: str, *, at_s: float, received_s: float, late: bool, raw_ref: int
) -> tuple[Any, ...]:
    """The row of one packet, in the order of ``COLUMNS``."""
    kind = "position" if p.kind == "batch" else p.kind
    return (
        imei, vehicle, int(at_s * 1000), int(p.at.timestamp() * 1000) if p.at else None,
        int(received_s * 1000), p.lat, p.lon, p.speed_kmh, p.heading, bool(p.fix), p.ignition, p.main_power,
        p.main_voltage, p.cover, p.satellites, p.hdop, p.alert, p.type_code, kind, p.status, late, p.dialect,
        p.frame_no, " ".join(p.problems), digest_of(p), raw_ref,
    )  # fmt: skip


def _words(codes: Array, word: Any) -> polars.Series:
    """A text column of few different values: each code is put into words once."""
    known, inverse = numpy.unique(codes, return_inverse=True)
    return polars.Series([word(code) for code in known.tolist()], dtype=polars.String).gather(inverse)


def _flags(values: Array) -> polars.Series:
    return polars.Series(values == 1).set(polars.Series(values < 0), None)


def _numbers(values: Array) -> polars.Series:
    return polars.Series(values).fill_nan(None)


def frame_of_quiet(
    x: Columns, done: QuietRows, *, vehicles: list[str], received_s: Array, raw_refs: Array, mismatched: Array
) -> polars.DataFrame:
    """The rows of what was followed quietly, as ``row_of`` would give them.

    ``vehicles`` are by row of ``done``, the last three by row of ``x``.
    """
    rows = done.rows
    problems = x.problems[rows].astype(numpy.int64) | (mismatched[rows] * _MISMATCH)
    milliseconds = {
        "at": (done.at_s * 1000).astype(numpy.int64),
        "device_at": x.at_ms[rows],
        "received_at": (received_s[rows] * 1000).astype(numpy.int64),
    }
    payload: dict[str, Any] = {
        "imei": polars.Series(x.imei[rows]).cast(polars.String).str.zfill(15),
        "vehicle": vehicles,
        "lat": _numbers(x.lat[rows]), "lon": _numbers(x.lon[rows]),
        "speed_kmh": _numbers(x.speed[rows]), "heading": _numbers(x.heading[rows]),
        "fix": x.fix[rows], "ignition": _flags(x.ignition[rows]), "main_power": _flags(x.main_power[rows]),
        "main_voltage": _numbers(x.main_voltage[rows]), "cover": _words(x.cover[rows], _letter),
        "satellites": x.satellites[rows], "hdop": _numbers(x.hdop[rows]), "alert": x.alert[rows],
        "type": _words(x.type_code[rows], lambda code: chr(code >> 8) + chr(code & 255)),
        "kind": polars.repeat("position", len(rows), dtype=polars.String, eager=True),
        "status": _words(x.status[rows], chr), "late": done.late,
        "dialect": _words(x.plan[rows], lambda plan: x.plans[plan].dialect),
        "frame_no": x.frame_no[rows], "problems": _words(problems, _problem_text),
        "digest": numpy.zeros(len(rows), dtype=numpy.int64), "raw_ref": raw_refs[rows],
    }  # fmt: skip
    for name, values in milliseconds.items():
        payload[name] = polars.Series(values).cast(SCHEMA[name])
    return polars.DataFrame({name: payload[name] for name in COLUMNS}, schema=SCHEMA)


def _letter(code: int) -> str:
    return chr(code) if code else ""


def _problem_text(bits: int) -> str:
    names = problem_names(bits & 255) + (["checksum_mismatch"] if bits & _MISMATCH else [])
    return " ".join(names)
