"""The treasury over HTTP: signed JSON, short timeouts, retries only where a repeat is harmless."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from immis.adapters import over_http
from immis.adapters.treasury.port import (
    NoticeForged,
    NoticeUnreadable,
    Opened,
    Remittance,
    Standing,
    TreasuryRefused,
    TreasuryUnreachable,
    read_standing,
)
from immis.adapters.treasury.signing import HEADER, is_genuine, signature
from immis.late import late
from immis.reading import read_json

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

log = logging.getLogger(__name__)
TIMEOUT = (1.0, 3.0, 3.0, 3.0)  # seconds to connect, read, write, wait for a line
ATTEMPTS = 2
#: Answers to what was sent itself; every other odd answer may be another one tomorrow.
_REFUSALS = frozenset({400, 409, 410, 413, 422})
#: After a silence nobody is kept waiting for a while: pages and jobs hear at once that the treasury does not answer.
QUIET_S = 5.0


class HttpTreasury:
    """A GRN-style treasury at ``url``; requests and answers are signed with ``key``.

    Both calls may be repeated without harm (``create`` is keyed by our receipt number), so both are retried.
    """

    def __init__(self, url: str, key: str, *, transport: "httpx.BaseTransport | None" = None):
        self._key = key
        self._client = over_http.client(base_url=url, timeout=TIMEOUT, transport=transport)
        self._silent_until = 0.0

    def create(self, remittance: Remittance) -> Opened:
        body = self._ask("POST", "/api/grn", asdict(remittance))
        try:
            return Opened(grn=str(body["grn"]), pay_url=_web_url(body["pay_url"]))
        except (KeyError, ValueError) as error:
            raise TreasuryUnreachable(f"the treasury's answer lacks {error}") from error

    def status(self, grn: str) -> Standing:
        body = self._ask("GET", f"/api/grn/{quote(grn, safe='')}")
        try:
            standing = read_standing(body)
        except NoticeUnreadable as error:
            raise TreasuryUnreachable(str(error)) from error
        if standing.grn != grn:
            raise TreasuryUnreachable(f"asked about {grn}, answered about {standing.grn}")
        return standing

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if time.monotonic() < self._silent_until:
            raise TreasuryUnreachable("the treasury did not answer a moment ago")
        raw = json.dumps(body).encode() if body is not None else b""
        headers = {HEADER: signature(raw or path.encode(), key=self._key), "Content-Type": "application/json"}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._client.request(method, path, content=raw, headers=headers)
            except httpx.TransportError as error:
                log.warning("treasury: attempt %d of %d failed: %s", attempt, ATTEMPTS, error)
                continue
            if answer.status_code < 500:
                return self._read(answer)
        self._silent_until = time.monotonic() + QUIET_S
        raise TreasuryUnreachable(f"no answer to {method} {path} after {ATTEMPTS} attempts")

    def _read(self, answer: "httpx.Response") -> dict[str, Any]:
        if answer.status_code in _REFUSALS:
            raise TreasuryRefused(f"the treasury refuses it ({answer.status_code})")
        if answer.status_code != 200:
            raise TreasuryUnreachable(f"the treasury answered {answer.status_code}")
        if not is_genuine(answer.content, answer.headers.get(HEADER, ""), key=self._key):
            raise TreasuryUnreachable("the answer does not bear the treasury's signature")
        try:
            body = answer.json()
        except ValueError as error:
            raise TreasuryUnreachable("the treasury's answer is not JSON") from error
        if not isinstance(body, dict):
            raise TreasuryUnreachable("the treasury's answer is not an object")
        return body


def _web_url(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("a pay_url that is a web address")
    return value


def read_notice(raw: bytes, sent_signature: str, *, key: str) -> Standing:
    """A notice as it came over the wire. Raises NoticeForged before reading anything of it, else NoticeUnreadable."""
    if not is_genuine(raw, sent_signature, key=key):
        raise NoticeForged("the signature is not the treasury's")
    try:
        body = read_json(raw)
    except ValueError as error:
        raise NoticeUnreadable("the notice is not JSON") from error
    if not isinstance(body, dict):
        raise NoticeUnreadable("the notice is not an object")
    return read_standing(body)
