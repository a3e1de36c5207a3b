"""Cutting many devices' bytes into frames at once, where nothing is in doubt.

Takes what ``framing.Framer`` would find in streams of plain dollar frames. A
connection with anything else in its bytes (noise, glued words, batches, forms, a
torn checksum) is left to its framer, whole.
"""

from dataclasses import dataclass

import numpy

from immis.gateway.protocols.digits import PAD, Array
from immis.gateway.protocols.framing import SHORTEST
from immis.gateway.tolerances import FRAME_CAP_BYTES

_LOGIN_WINDOW = 26  # a second dollar this near may be a login by dollar signs
_HEX = numpy.zeros(256, dtype=bool)
_HEX[list(b"0123456789ABCDEFabcdef")] = True
_BARE_WORDS = (b"ACTVR,", b"HCHKR,")


@dataclass(frozen=True)
class Cut:
    """Frames of one buffer and, for each stream, where its unfinished rest begins; -1 leaves it to its framer."""

    buffer: Array  # padded at both ends
    starts: Array
    ends: Array
    done: Array  # place of the byte that completed each frame
    rests: Array


def join(parts: list[bytes]) -> Array:
    """The padded buffer of some streams."""
    return numpy.frombuffer(b"".join((bytes(PAD), *parts, bytes(PAD))), dtype=numpy.uint8)


def cut(buffer: Array, begins: Array, ends: Array) -> Cut:
    """Cut the streams that lie one behind the other in a padded buffer."""
    dollars = numpy.flatnonzero(buffer == 36)
    stream = numpy.searchsorted(ends, dollars, side="right")
    stop = numpy.append(dollars[1:], len(buffer))
    stop = numpy.minimum(stop, ends[stream]) if len(dollars) else stop[:0]
    final = stop == ends[stream]
    star, stars = _only(buffer, 42, dollars, stop)
    line, lines = _only(buffer, 10, dollars, stop)
    back, backs = _only(buffer, 13, dollars, stop)
    closed = stop - lines - backs
    tidy = (lines <= 1) & (backs <= 1) & ((lines == 0) | (line == stop - 1)) & ((backs == 0) | (back == closed))
    tidy &= ((backs == 0) | (lines == 1) | ~final) & (stop - dollars >= _LOGIN_WINDOW)
    tailed = (stars == 1) & (star >= dollars + SHORTEST - 1) & _is_tail(buffer, star + 1, closed)
    open_end = final & (lines == 0) & (backs == 0) & (stop - dollars <= FRAME_CAP_BYTES)
    whole = tidy & ((tailed & ~open_end) | ((stars == 0) & (lines == 1)))
    rest = open_end & ((stars == 0) | tailed)
    doubtful = ~(whole | rest) | _is_batch(buffer, dollars)
    rests = _rests(buffer, begins, ends, stream, doubtful, dollars[rest])
    kept = whole & (rests[stream] >= 0)
    frame_end = numpy.where(stars == 1, closed, line - backs)
    done = numpy.where(stars == 1, closed, line)
    return Cut(buffer, dollars[kept], frame_end[kept], done[kept], rests)


def _only(buffer: Array, byte: int, starts: Array, stops: Array) -> tuple[Array, Array]:
    """Place of the first such byte in each stretch and how many there are."""
    result = numpy.flatnonzero(buffer == byte)
    low, high = numpy.searchsorted(result, starts), numpy.searchsorted(result, stops)
    return numpy.append(result, len(buffer))[low], high - low


def _is_tail(buffer: Array, at: Array, end: Array) -> Array:
    """Whether a star is followed by nothing, or by two, four or eight hexadecimal digits, perhaps behind a comma."""
    size = end - at
    near = numpy.minimum(at, len(buffer) - PAD)
    comma = (size > 0) & (buffer[near] == 44)
    count = size - comma
    ok: Array = (count == 2) | (count == 4) | (count == 8) | (size == 0)
    first = near + comma
    for place in range(8):
        ok &= (place >= count) | _HEX[buffer[numpy.minimum(first + place, len(buffer) - 1)]]
    return ok


def _is_batch(buffer: Array, dollars: Array) -> Array:
    """Frames that begin ``$,BTH,``, which end by rules of their own."""
    result: Array = buffer[dollars + 1] == 44
    for place, byte in enumerate(b"BTH", start=2):
        result &= buffer[dollars + place] == byte
    return result


def _rests(buffer: Array, begins: Array, ends: Array, stream: Array, doubtful: Array, open_starts: Array) -> Array:
    """Where the rest of each stream begins: at its open frame or at its end; -1 where anything is in doubt."""
    rests = ends.copy()
    rests[numpy.searchsorted(ends, open_starts, side="right")] = open_starts
    rests[(begins < ends) & (buffer[begins] != 36)] = -1
    rests[stream[doubtful]] = -1
    text = buffer.tobytes()
    for word in _BARE_WORDS:
        at = text.find(word)
        while at >= 0:
            rests[numpy.searchsorted(ends, at, side="right")] = -1
            at = text.find(word, at + 1)
    return rests
