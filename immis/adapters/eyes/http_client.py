"""IP camera and reader over HTTP: a snapshot by its address, ``GET …/glances?after=`` for what was seen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from immis.adapters import over_http
from immis.adapters.eyes.port import EyesUnreachable, Glance, read_glance
from immis.adapters.vahan.asking import TIMEOUT, Silent, ask
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

_MOST_BYTES = 4 * 1024 * 1024


class HttpCamera:
    """The snapshot at ``url``."""

    def __init__(self, url: str, *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._transport = url, transport

    def picture(self) -> bytes:
        try:
            with (
                over_http.client(timeout=TIMEOUT, transport=self._transport) as client,
                client.stream("GET", self._url) as answer,
            ):
                return self._body(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise EyesUnreachable(type(error).__name__) from error

    @staticmethod
    def _body(answer: "httpx.Response") -> bytes:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise EyesUnreachable("a picture that is too large")
        if answer.status_code != 200 or not body:
            raise EyesUnreachable(f"status {answer.status_code}")
        return bytes(body)


class HttpReader:
    """The reader at ``url``."""

    def __init__(self, url: str, key: str = "", *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._key, self._transport = url, key, transport

    def glances(self, after: str) -> Sequence[Glance]:
        try:
            answer: Any = ask(self._url, "glances", {"after": after}, key=self._key, transport=self._transport)
        except Silent as fault:
            raise EyesUnreachable(str(fault)) from fault
        rows = (answer or {}).get("rows")
        if not isinstance(rows, list):
            raise EyesUnreachable("an answer without rows")
        return [glance for row in rows[:100] if (glance := read_glance(row)) is not None]
