"""Packets seen a moment ago: the same one over a second link, or sent again, is known by five things.

Device time, frame number, kind, alert and (where the first two fail) the bytes are
mixed into one number of 64 bits, so that a whole round of packets is looked up at once.
"""

from typing import Any

import numpy

from immis.gateway.protocols.digits import Array
from immis.gateway.tolerances import RECENT_KEYS

KINDS = ("position", "emergency", "batch", "ack")
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
_WORD = 2**64
_FIRST_ROWS = 1024
_SLICE = 4096


def key_of(*, at_ms: int | None, frame_no: int | None, kind: str, alert: int | None, digest: int) -> int:
    """The number of one packet."""
    sent = [-1 if value is None else value for value in (at_ms, frame_no, alert)]
    parts = (sent[0], sent[1], KINDS.index(kind), sent[2], digest)
    return sum((part + 2) * mix for part, mix in zip(parts, _MIX, strict=True)) % _WORD or 1


def position_keys(at_ms: Array, frame_no: Array, alert: Array) -> Array:
    """The numbers of many positions with device time and frame number; -1 for an alert not sent."""
    unsigned = numpy.uint64
    rest = (2 * _MIX[2] + 2 * _MIX[4]) % _WORD
    keys = (at_ms + 2).astype(unsigned) * unsigned(_MIX[0]) + (frame_no + 2).astype(unsigned) * unsigned(_MIX[1])
    keys = keys + (alert + 2).astype(unsigned) * unsigned(_MIX[3]) + unsigned(rest)
    return numpy.where(keys == 0, unsigned(1), keys)


class RecentKeys:
    """The last keys of each device, in a table of one row a device."""

    def __init__(self) -> None:
        self._keys: Array = numpy.zeros((_FIRST_ROWS, RECENT_KEYS), dtype=numpy.uint64)
        self._next: Array = numpy.zeros(_FIRST_ROWS, dtype=numpy.int64)
        self._rows = 0

    def new_row(self) -> int:
        if self._rows == len(self._next):
            self._keys = numpy.concatenate([self._keys, numpy.zeros_like(self._keys)])
            self._next = numpy.concatenate([self._next, numpy.zeros_like(self._next)])
        self._rows += 1
        return self._rows - 1

    def seen(self, row: int, key: int) -> bool:
        """Whether the device sent it a moment ago; from now on it did."""
        if bool((self._keys[row] == numpy.uint64(key)).any()):
            return True
        self._put(row, numpy.uint64(key))
        return False

    def known(self, rows: Array, keys: Array) -> Array:
        """The same for one packet each of many devices, without remembering them."""
        result = numpy.zeros(len(rows), dtype=bool)
        for begin in range(0, len(rows), _SLICE):
            part = slice(begin, begin + _SLICE)
            result[part] = (self._keys[rows[part]] == keys[part, None]).any(axis=1)
        return result

    def remember(self, rows: Array, keys: Array) -> None:
        """One packet each of many devices."""
        self._put(rows, keys)

    def remember_many(self, rows: Array, keys: Array) -> None:
        """Packets of many devices, several each; of more than the table holds, the last ones."""
        order = numpy.argsort(rows, kind="stable")
        rows, keys = rows[order], keys[order]
        first = numpy.flatnonzero(numpy.append(True, rows[1:] != rows[:-1])) if len(rows) else rows
        count = numpy.diff(numpy.append(first, len(rows)))
        turn = numpy.arange(len(rows)) - numpy.repeat(first, count)
        last = numpy.repeat(count, count) - turn <= RECENT_KEYS
        self._keys[rows[last], (self._next[rows[last]] + turn[last]) % RECENT_KEYS] = keys[last]
        self._next[rows[first]] = (self._next[rows[first]] + count) % RECENT_KEYS

    def _put(self, rows: Any, keys: Any) -> None:
        self._keys[rows, self._next[rows]] = keys
        self._next[rows] = (self._next[rows] + 1) % RECENT_KEYS
