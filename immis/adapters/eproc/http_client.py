"""E-Proc over HTTP: a list of ended auctions and the signed export of one. Address and token come from the settings.

BELTRON has published no interface. This client is the contract that we propose
(docs/operations/eproc.md); another one is one class with the methods of the port.
"""

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from immis.adapters import over_http
from immis.adapters.eproc.port import EprocUnreachable, SignedExport
from immis.adapters.eproc.reading import MOST_BYTES
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

log = logging.getLogger(__name__)
HEADER = "X-Eproc-Signature"
TIMEOUT = (3.0, 20.0, 20.0, 20.0)  # seconds to connect, read, write, wait for a line
ATTEMPTS = 3
REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,60}")


class HttpEproc:
    """E-Proc at ``url`` with a bearer token; both calls only read and are retried."""

    def __init__(self, url: str, token: str, *, transport: "httpx.BaseTransport | None" = None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = over_http.client(base_url=url, timeout=TIMEOUT, transport=transport, headers=headers)

    def ended(self) -> list[str]:
        answer = self._ask("/api/auctions?state=ended")
        try:
            rows: Any = answer.json()["auctions"]
            references = [str(row["reference"]) for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise EprocUnreachable(f"the list of auctions cannot be read: {error!r}") from error
        return [reference for reference in references if REFERENCE.fullmatch(reference)]

    def export(self, reference: str) -> SignedExport:
        answer = self._ask(f"/api/auctions/{quote(reference, safe='')}/export")
        if len(answer.content) > MOST_BYTES:
            raise EprocUnreachable("the export is too large")
        name = f"{reference}.csv" if "csv" in answer.headers.get("Content-Type", "") else f"{reference}.json"
        return SignedExport(answer.content, answer.headers.get(HEADER, ""), name)

    def _ask(self, path: str) -> "httpx.Response":
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._client.get(path)
            except httpx.TransportError as error:
                log.warning("e-proc: attempt %d of %d failed: %s", attempt, ATTEMPTS, error)
                continue
            if answer.status_code == 200:
                return answer
            if answer.status_code < 500:
                raise EprocUnreachable(f"E-Proc answered {answer.status_code} to {path}")
        raise EprocUnreachable(f"no answer to {path} after {ATTEMPTS} attempts")
