"""Checksums of many frames at once, for families whose rule is known."""

import binascii
import zlib
from collections.abc import Callable

import numpy

from immis.gateway.protocols import digits
from immis.gateway.protocols.checksums import MIRRORED
from immis.gateway.protocols.digits import Array

_VALUES = numpy.full(256, -1, dtype=numpy.int64)
for _i, _byte in enumerate(b"0123456789abcdef"):
    _VALUES[_byte] = _i
    _VALUES[ord(chr(_byte).upper())] = _i
_NAMES_AND_NUMBERS = numpy.zeros(256, dtype=bool)
_NAMES_AND_NUMBERS[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = True


def _xor(buffer: Array, starts: Array, ends: Array) -> Array:
    return _reduced(numpy.bitwise_xor, buffer, starts, ends)


def _sum16(buffer: Array, starts: Array, ends: Array) -> Array:
    return _reduced(numpy.add, buffer, starts, ends, kind=numpy.uint32) & 0xFFFF


def _reduced(what: numpy.ufunc, buffer: Array, starts: Array, ends: Array, *, kind: type | None = None) -> Array:
    order = numpy.argsort(starts)
    places = numpy.stack([starts[order], ends[order]], axis=1).ravel()
    out = numpy.empty(len(starts), dtype=numpy.int64)
    out[order] = what.reduceat(buffer, places, dtype=kind)[::2]
    return out


def _each(compute: Callable[[memoryview], int], view: memoryview, starts: Array, ends: Array) -> Array:
    pairs = zip(starts.tolist(), ends.tolist(), strict=True)
    return numpy.fromiter((compute(view[start:end]) for start, end in pairs), dtype=numpy.int64, count=len(starts))


def _crc32(buffer: Array, starts: Array, ends: Array) -> Array:
    return _each(zlib.crc32, memoryview(buffer), starts, ends)  # type: ignore[arg-type]


def _mirrored(buffer: Array) -> memoryview:
    return memoryview(buffer.tobytes().translate(MIRRORED))


def _mirror(values: Array, size: int) -> Array:
    rows = values.astype(f"<u{size}").view(numpy.uint8).reshape(len(values), size)
    table = numpy.frombuffer(MIRRORED, dtype=numpy.uint8)
    return table[rows[:, ::-1]].copy().view(f"<u{size}").ravel().astype(numpy.int64)


def _mpeg2(buffer: Array, starts: Array, ends: Array) -> Array:
    return _mirror(_each(zlib.crc32, _mirrored(buffer), starts, ends) ^ 0xFFFFFFFF, 4)


def _kermit(buffer: Array, starts: Array, ends: Array) -> Array:
    return _mirror(_each(lambda part: binascii.crc_hqx(part, 0), _mirrored(buffer), starts, ends), 2)


_Ways = dict[str, tuple[Callable[[Array, Array, Array], Array], str, int, bool]]
#: Rule -> how, over which bytes (as in ``checksums.RULES``), digits, behind the star. Others are judged one by one.
WAYS: _Ways = {
    "crc32_comma": (_crc32, "through_comma", 8, False),
    "crc32_mpeg2_comma": (_mpeg2, "through_comma", 8, False),
    "crc32_star": (_crc32, "before_star", 8, True),
    "sum16_comma": (_sum16, "through_comma", 4, False),
    "crc16_kermit": (_kermit, "before_comma", 4, False),
    "xor8_comma": (_xor, "through_comma", 2, False),
    "xor8_after_dollar": (_xor, "after_dollar", 2, False),
    "xor8_through_star": (_xor, "through_star", 2, True),
    "xor8_before_star": (_xor, "before_star", 2, True),
    "xor8_between": (_xor, "between", 2, True),
}


def agree(rule: str, buffer: Array, starts: Array, ends: Array) -> Array:
    """Whether each frame carries the checksum that the rule (one of ``WAYS``) gives; frames of one star at most."""
    compute, covers, count, trailing = WAYS[rule]
    starred = buffer[ends - 1] == 42
    if trailing:
        at = ends - count
        star = at - 1 - (buffer[at - 1] == 44)
        fits = buffer[star] == 42
    else:
        star = ends - starred
        at = star - (buffer[star - 1] == 44) - count
        fits = (buffer[at - 1] == 44) & ~_trails(buffer, ends)
    sent = digits.windows(buffer, at, count)
    values = _VALUES[sent]
    fits = fits & (values >= 0).all(axis=1)
    number = values @ (16 ** numpy.arange(count - 1, -1, -1, dtype=numpy.int64))
    begin = starts + (covers in ("after_dollar", "between"))
    stop = {"through_comma": at, "after_dollar": at, "before_comma": at - 1, "through_star": star + 1}.get(covers, star)
    right: Array = fits & (compute(buffer, begin, numpy.maximum(stop, begin + 1)) == number)
    return right


def _trails(buffer: Array, ends: Array) -> Array:
    """Whether two or more hexadecimal digits stand behind a star at the end."""
    result = numpy.zeros(len(ends), dtype=bool)
    still = numpy.ones(len(ends), dtype=bool)
    for back in range(1, 10):
        byte = buffer[ends - back]
        result |= still & (byte == 42) & (back > 2)
        still &= (_VALUES[byte] >= 0) | (byte == 44)
    return result
