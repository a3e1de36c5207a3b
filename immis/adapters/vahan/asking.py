"""One question to a transport register over HTTP: short limits, a small answer, JSON or nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from immis.adapters import over_http
from immis.late import late
from immis.reading import read_json

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

TIMEOUT = (2.0, 4.0, 4.0, 4.0)  # seconds to connect, read, write, wait for a line
MOST_BYTES = 64 * 1024


class Silent(Exception):
    """No answer, or none that can be read."""


def ask(
    url: str, call: str, asked: Mapping[str, str], *, key: str, transport: "httpx.BaseTransport | None" = None
) -> Mapping[str, Any] | None:
    """The record that answers; None for a 404. Raises Silent."""
    try:
        with (
            over_http.client(base_url=url.rstrip("/"), timeout=TIMEOUT, transport=transport) as client,
            client.stream("GET", f"/{call}", params=dict(asked), headers={"X-Api-Key": key}) as answer,
        ):
            if answer.status_code == 404:
                return None
            if answer.status_code != 200:
                raise Silent(f"status {answer.status_code}")
            record = read_json(_limited(answer))
    except httpx.HTTPError as error:
        raise Silent(type(error).__name__) from error
    except ValueError as error:
        raise Silent("an answer that is no JSON") from error
    if not isinstance(record, Mapping):
        raise Silent("an answer that is no record")
    return record


def _limited(answer: "httpx.Response") -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise Silent(f"an answer of more than {MOST_BYTES // 1024} KB")
    return bytes(body)
