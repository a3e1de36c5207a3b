"""Reading one field of many frames at once: digits, decimals, dates, single letters, as ``fields`` reads one.

A column is the start and the length of the same field in each frame of one big
buffer of bytes. Every reader answers values and ``ok``: false wherever the plain
reader might see more in the field than this one, so that it is asked instead.
"""

from typing import Any

import numpy
from numpy.lib.stride_tricks import sliding_window_view

from immis.gateway.tolerances import LATEST_YEAR, OLDEST_YEAR

PAD = 64  # bytes before and behind the frames in the buffer, so that a window never leaves it
_WIDEST = 12
Array = numpy.ndarray[Any, Any]
Column = tuple[Array, Array]
_TEN = 10.0 ** numpy.arange(_WIDEST + 1)
_MONTH_DAYS = numpy.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_ZERO, _DOT = 48, 46
MIX = numpy.uint64(0x9E3779B97F4A7C15)
_WORD = 2**64


def windows(buffer: Array, at: Array, width: int) -> Array:
    """``width`` bytes from each place, one row a frame."""
    return sliding_window_view(buffer, width)[at]


def _right_aligned(buffer: Array, column: Column) -> tuple[Array, Array]:
    """The fields set flush right and filled with zeros, and whether each was short enough."""
    start, length = column
    fits = length <= _WIDEST
    size = numpy.where(fits, length, 0)
    width = max(1, int(size.max(initial=0)))
    rows = windows(buffer, start + size - width, width)
    if int(size.min(initial=width)) < width:
        rows = numpy.where(numpy.arange(width) < (width - size)[:, None], numpy.uint8(_ZERO), rows)
    return rows, fits


def wholes(buffer: Array, column: Column) -> tuple[Array, Array]:
    """Whole numbers of one to twelve digits; an empty field is not ok."""
    rows, fits = _right_aligned(buffer, column)
    digits = rows - numpy.uint8(_ZERO)
    ok = fits & (column[1] > 0) & (digits < 10).all(axis=1)
    weights = _TEN[: rows.shape[1]][::-1]
    return (digits.astype(numpy.float64) @ weights).astype(numpy.int64), ok


def decimals(buffer: Array, column: Column) -> tuple[Array, Array]:
    """Numbers without a sign; an empty field is NaN and ok."""
    rows, fits = _right_aligned(buffer, column)
    dots = rows == _DOT
    place = int(dots[0].argmax()) if rows.shape[0] and dots[0].any() else -1
    uniform = place >= 0 and bool(dots[:, place].all()) and int(dots.sum()) == rows.shape[0]
    if not uniform and dots.any():
        return _mixed_decimals(rows, dots, fits, column[1])
    digits = rows - numpy.uint8(_ZERO)
    if uniform:
        digits = numpy.delete(digits, place, axis=1)
    ok = fits & ((digits < 10).all(axis=1) & ((column[1] > 1) | ~dots.any(axis=1)))
    weights = _TEN[: digits.shape[1]][::-1]
    values = digits.astype(numpy.float64) @ weights
    values = values / _TEN[rows.shape[1] - 1 - place] if uniform else values
    return numpy.where(column[1] == 0, numpy.nan, values), ok | (column[1] == 0)


def _mixed_decimals(rows: Array, dots: Array, fits: Array, length: Array) -> tuple[Array, Array]:
    """The same where the decimal point stands at different places."""
    digits = rows - numpy.uint8(_ZERO)
    count = dots.sum(axis=1)
    ok = fits & (count <= 1) & ((digits < 10) | dots).all(axis=1) & ((length > 1) | (count == 0))
    mantissa = numpy.zeros(len(rows))
    behind = numpy.zeros(len(rows), dtype=numpy.int64)
    seen = numpy.zeros(len(rows), dtype=bool)
    for place in range(rows.shape[1]):
        dot = dots[:, place]
        mantissa = numpy.where(dot, mantissa, mantissa * 10 + digits[:, place])
        behind += seen
        seen |= dot
    values = mantissa / _TEN[numpy.minimum(behind, _WIDEST)]
    return numpy.where(length == 0, numpy.nan, values), ok | (length == 0)


def letters(buffer: Array, column: Column) -> tuple[Array, Array]:
    """Fields of exactly one byte."""
    start, length = column
    return buffer[start], length == 1


def flags(buffer: Array, column: Column) -> tuple[Array, Array]:
    """1 and 0 as sent, -1 for every other single byte or none."""
    byte, single = letters(buffer, column)
    values = numpy.where(single & (byte == 49), 1, numpy.where(single & (byte == 48), 0, -1))
    return values.astype(numpy.int8), (column[1] <= 1) & ~(single & (byte == 32))


def one_of(values: Array, wanted: bytes) -> Array:
    """Whether each byte is one of ``wanted``."""
    table = numpy.zeros(256, dtype=bool)
    table[list(wanted)] = True
    return table[values]


def instants(buffer: Array, columns: list[Column]) -> tuple[Array, Array]:
    """Milliseconds since 1970 of date and time: in two fields, run together, or in six."""
    if len(columns) == 6:
        widths = (2, 2, 4, 2, 2, 2)
        ok = numpy.logical_and.reduce([column[1] == width for column, width in zip(columns, widths, strict=True)])
        parts = [_pairs(buffer, column[0], width // 2) for column, width in zip(columns, widths, strict=True)]
        rows = numpy.concatenate(parts, axis=1)
    elif len(columns) == 2:
        ok = (columns[0][1] == 8) & (columns[1][1] == 6)
        rows = numpy.concatenate([_pairs(buffer, columns[0][0], 4), _pairs(buffer, columns[1][0], 3)], axis=1)
    else:
        ok = columns[0][1] == 14
        rows = _pairs(buffer, columns[0][0], 7)
    return _instants(rows, ok & (rows >= 0).all(axis=1))


def _pairs(buffer: Array, at: Array, count: int) -> Array:
    """Two-digit numbers side by side; -1 for what is not two digits."""
    digits = windows(buffer, at, count * 2) - numpy.uint8(_ZERO)
    tens, ones = digits[:, 0::2].astype(numpy.int64), digits[:, 1::2].astype(numpy.int64)
    return numpy.where((tens < 10) & (ones < 10), tens * 10 + ones, -1)


def _instants(rows: Array, ok: Array) -> tuple[Array, Array]:
    """Milliseconds of rows of day, month, century, year, hour, minute, second."""
    day, month, century, short, hour, minute, second = rows.T
    year = century * 100 + short
    ok = (
        ok
        & (year >= OLDEST_YEAR)
        & (year <= LATEST_YEAR)
        & (month >= 1)
        & (month <= 12)
        & (hour < 24)
        & (minute < 60)
        & (second < 60)
    )
    month = numpy.where(ok, month, 1)
    year = numpy.where(ok, year, 2020)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    ok &= (day >= 1) & (day <= _MONTH_DAYS[month] + ((month == 2) & leap))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(numpy.int64) + day - 1
    return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000, ok


def hashes(buffer: Array, starts: Array, lengths: Array) -> Array:
    """A number for the bytes of each stretch; stretches longer than 64 bytes count by their first 64."""
    total = lengths.astype(numpy.uint64)
    for place in range(0, min(64, int(lengths.max(initial=0))), 8):
        left = lengths - place
        word = windows(buffer, starts + place, 8).copy().view("<u8").ravel()
        kept = numpy.clip(left, 0, 8).astype(numpy.uint64) * numpy.uint64(8)
        mask = numpy.where(kept >= 64, numpy.uint64(2**64 - 1), (numpy.uint64(1) << (kept & numpy.uint64(63))) - 1)
        mixed = (total ^ (word & mask)) * MIX
        total = numpy.where(left > 0, mixed ^ (mixed >> numpy.uint64(29)), total)
    return total


def hash_of(data: bytes) -> int:
    """``hashes`` of one stretch."""
    total = len(data)
    for place in range(0, min(64, len(data)), 8):
        mixed = (total ^ int.from_bytes(data[place : place + 8], "little")) * int(MIX) % _WORD
        total = mixed ^ (mixed >> 29)
    return total
