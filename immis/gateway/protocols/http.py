"""One HTTP request out of a stream of bytes: where it ends, what it asks for, what it carries.

The reading is h11's: chunked bodies, header names in any case, several requests behind one another. Two liberties that
small devices take are granted before it: a request without a Host line, and one without a version.
"""

import re
from dataclasses import dataclass

import h11

from immis.gateway.tolerances import BATCH_CAP_BYTES

#: What a request begins with; some clients leave the slash out, and one behind a proxy names the whole address.
HTTP = (b"POST /", b"GET /", b"POST ?", b"GET ?", b"POST http", b"GET http")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"  # to a client that asks before it sends the body
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"[^\r\n]*")
_VERSION = re.compile(rb" HTTP/1\.[01]\Z")
_HOST = re.compile(rb"^host[ \t]*:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as it has come; ``end`` is where it ends in the bytes given, -1 while it goes on."""

    target: str
    body: bytes
    end: int


def read_request(data: bytes) -> Request | None:
    """The request that ``data`` begins with; None while its head is not complete.

    What is no HTTP ends with its head and has no target, so that the bytes behind it are looked at anew.
    """
    result = _HEAD_END.search(data)
    if result is None:
        return None
    given = _mended(data[: result.end()]) + data[result.end() :]
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=BATCH_CAP_BYTES)
    target, body = "", b""
    try:
        connection.receive_data(given)
        while (event := connection.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Request):
                target = event.target.decode("latin-1")
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return Request(target, body, len(data) - len(connection.trailing_data[0]))
    except h11.RemoteProtocolError:
        return Request("", b"", result.end())
    return Request(target, body, -1)


def unfinished(data: bytes) -> Request | None:
    """The request of a connection that ended in the middle of it, as far as it came."""
    return read_request(data) or read_request(data.rstrip(b"\r\n") + b"\r\n\r\n")


def waits_to_go_on(data: bytes) -> bool:
    """Whether a client has sent a head alone and waits to be asked for the body (Expect: 100-continue)."""
    result = _HEAD_END.search(data)
    return result is not None and result.end() == len(data) and _EXPECTS.search(data) is not None


def _mended(head: bytes) -> bytes:
    """A head with a version and a Host line."""
    line = _LINE.match(head)
    first = line.group() if line else b""
    rest = head[len(first) :]
    if not _VERSION.search(first):
        first += b" HTTP/1.0"
    return first + (rest if _HOST.search(rest) else b"\r\nHost: unnamed" + rest)
