"""Cutting a device's byte stream into frames (specification section 1).

A frame may arrive in pieces or glued to the next, with any line end or none,
and anything may stand between frames. Bytes are never refused: what is not a
frame is counted as noise and skipped, and no input grows the buffer past its cap.
"""

import re

from immis.gateway.protocols.http import HTTP, read_request, waits_to_go_on
from immis.gateway.tolerances import BATCH_CAP_BYTES, FRAME_CAP_BYTES

_FIXED = rb"(?:NRM|ALT|CRT|EPB|BTH|LGN|FUL|ACK)\d{15}|HLM[^,$*\r\n]{12}\d{15}"
_PIPED = rb"[A-Za-z0-9_.-]{1,16}\|[^|\r\n$]{0,20}\|[A-Z]{3}\|\d{15}\|"
_START = re.compile(rb"\$|ACTVR,|HCHKR,|vltdata=|(?:POST|GET) (?:[/?]|https?://)|" + _FIXED + rb"|" + _PIPED)
_LONGEST_START = 72  # of an incomplete start mark kept at the end of noise
#: A frame that begins inside one without an end, known by its shape: a dollar, some fields, and a field of fifteen
#: digits; or a login by dollar signs. Header words are the vendors' own and say nothing.
_GLUED = re.compile(rb"\$(?:[^$*,\r\n]{0,40},){1,10}[ ]{0,2}\d{15}(?=[ ,*$\r\n])|\$[^$,*\r\n]{0,20},?\$\d{15}(?=[$,])")
_SHAPE_BYTES = 450  # within so much of its dollar a frame has shown its shape
_BARE_GLUED = (b"ACTVR,", b"HCHKR,")
_FIXED_START = re.compile(_FIXED)
_HEX_TAIL = rb"(?:,?(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}))?"
_AFTER_STAR = re.compile(_HEX_TAIL + rb"(?=[$\r\n])")
_OPEN_STAR = re.compile(rb",?[0-9A-Fa-f]{0,8}\r?\Z")
_LINE_END = re.compile(rb"\r?\n?")
_DOLLAR_LOGIN = re.compile(
    rb"\$[^$,*\r\n]{0,20}\$\d{15}\$[^$\r\n]{0,40}\$[^$\r\n]{0,20}\$[^$]{0,14}\$[NS]\$[^$]{0,14}\$[EW]\$"
)
_ARAI_LOGIN = re.compile(
    rb"\$[^,$*\r\n]{0,20},\$\d{15},\$[^,$*]{0,40},\$[^,$*]{0,20},\$[-\d.]{1,14}[NS][-\d.]{1,14}[EW]"
)
SHORTEST = 20  # a star before this many bytes does not end a frame


class Framer:
    """The frames of one connection: feed bytes, get whole frames, with the bytes as they came."""

    __slots__ = ("_buffer", "noise_bytes", "oversize")

    def __init__(self, rest: bytes = b"") -> None:
        self._buffer = rest
        self.noise_bytes = 0
        self.oversize = 0

    @property
    def rest(self) -> bytes:
        """Bytes of a frame that has not ended yet."""
        return self._buffer

    @property
    def held(self) -> bool:
        """Whether the rest is a whole frame that only waits for a checksum behind its star."""
        star = self._buffer.rfind(b"*")
        return star >= SHORTEST and _OPEN_STAR.fullmatch(self._buffer, star + 1) is not None

    @property
    def asks_to_go_on(self) -> bool:
        """Whether the rest is the head of a request whose sender waits before it sends the body."""
        return self._buffer.startswith(HTTP) and waits_to_go_on(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that ``data`` completes, in order."""
        self._buffer = self._buffer + data if self._buffer else data
        frames: list[bytes] = []
        at = 0
        while at < len(self._buffer):
            begin = self._start(at)
            if begin is None:
                at = self._noise_end(at)
                break
            self.noise_bytes += begin - at
            at = begin
            end = self._end(at)
            if end is None:
                following = self._cap(at)
                if following is None:
                    break
                at = following
                continue
            frame = self._buffer[at:end]
            frame = frame if frame.startswith(HTTP) else frame.rstrip(b"\r\n")
            if len(frame) > 1:
                frames.append(frame)
            at = self._behind_line_end(end)
        self._buffer = self._buffer[at:]
        return frames

    def flush(self) -> bytes | None:
        """Give up waiting: what is left as one frame, or None."""
        rest, self._buffer = self._buffer.strip(b"\r\n"), b""
        return rest if len(rest) > 1 and _START.match(rest) else None

    def _behind_line_end(self, at: int) -> int:
        result = _LINE_END.match(self._buffer, at)
        return result.end() if result else at

    def _start(self, at: int) -> int | None:
        result = _START.search(self._buffer, at)
        return result.start() if result else None

    def _noise_end(self, at: int) -> int:
        """Skip noise, but keep what may be the beginning of a start mark."""
        keep = max(at, len(self._buffer) - _LONGEST_START, self._buffer.rfind(b"\n") + 1)
        self.noise_bytes += keep - at
        return keep

    def _end(self, at: int) -> int | None:
        buffer = self._buffer
        if buffer.startswith(HTTP, at):
            return self._http_end(at)
        if buffer.startswith(b"$,BTH,", at):
            return self._batch_end(at)
        if buffer.find(b"$", at + 1, at + 26) >= 0:
            login = _DOLLAR_LOGIN.match(buffer, at) or _ARAI_LOGIN.match(buffer, at)
            if login:
                return self._login_end(login.end())
        star = buffer.find(b"*", at + SHORTEST - 1)
        line = buffer.find(b"\n", at + 1, star if star >= 0 else len(buffer))
        stop = line if line >= 0 else star if star >= 0 else len(buffer)
        glued = self._glued(at + 1, stop)
        if glued is not None:
            return glued
        if line >= 0:
            return line
        return self._star_end(star) if star >= 0 else None

    def _glued(self, at: int, stop: int) -> int | None:
        """Where a next frame begins before ``stop``: a dollar with a frame's shape behind it, or a bare word."""
        ends = [x for mark in _BARE_GLUED if (x := self._buffer.find(mark, at, stop)) >= 0]
        dollar = self._buffer.find(b"$", at, stop)
        while dollar >= 0:
            if _GLUED.match(self._buffer, dollar):
                ends.append(dollar)
                break
            dollar = self._buffer.find(b"$", dollar + 1, stop)
        if _FIXED_START.match(self._buffer, at - 1):
            ends += [x.start() for x in [_FIXED_START.search(self._buffer, at + 17, stop)] if x]
        return min(ends, default=None)

    def _login_end(self, end: int) -> int | None:
        """A login by dollar signs ends by its shape; an end mark behind it belongs to it."""
        return end + 1 if self._buffer[end : end + 1] == b"*" else end

    def _star_end(self, star: int) -> int | None:
        """Where a frame with a star ends: behind its checksum, if one follows; None while that is open."""
        buffer, after = self._buffer, star + 1
        if buffer[star - 1 : star] == b"," and buffer[after : after + 1] == b"*":
            return after + 1  # the checksum is a raw byte, and happens to be a star
        result = _AFTER_STAR.match(buffer, after)
        if result:
            return result.end()
        return None if _OPEN_STAR.match(buffer, after) else after

    def _batch_end(self, at: int) -> int | None:
        star = self._buffer.find(b"*", at)
        return None if star < 0 else self._star_end(star)

    def _http_end(self, at: int) -> int | None:
        request = read_request(self._buffer[at:])
        return None if request is None or request.end < 0 else at + request.end

    def _cap(self, at: int) -> int | None:
        """Past the cap an endless frame is dropped, up to a dollar that may still show a frame; None while below it."""
        long_kind = self._buffer.startswith((b"$,BTH,", *HTTP, b"BTH", b"vltdata="), at)
        if len(self._buffer) - at <= (BATCH_CAP_BYTES if long_kind else FRAME_CAP_BYTES):
            return None
        self.oversize += 1
        following = self._buffer.find(b"$", max(at + 1, len(self._buffer) - _SHAPE_BYTES))
        return len(self._buffer) if following < 0 else following
