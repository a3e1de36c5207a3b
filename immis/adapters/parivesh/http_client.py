"""PARIVESH over HTTP: the open ``trackYourProposal`` calls, which promise nothing and often end in a 504."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from immis.adapters import over_http
from immis.adapters.parivesh.cache import SliceCache
from immis.adapters.parivesh.port import (
    PariveshUnreachable,
    Proposal,
    ProposalUnknown,
    Step,
    read_proposal,
    read_step,
    rows_of,
)
from immis.late import late
from immis.reading import read_json

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

log = logging.getLogger(__name__)
TIMEOUT = (2.0, 4.0, 4.0, 4.0)  # seconds to connect, read, write, wait for a line
SLICE = timedelta(days=7)
MOST_BYTES = 8_000_000
_PAUSES_S = (0.5, 2.0)
_QUIET_S = 30.0
_EC = 1


class HttpParivesh:
    """The portal at ``url`` (…/parivesh_api).

    A question about one proposal is asked once: the job asks again later by its own
    clock. Slices of the register are asked three times with growing pauses, halved
    when they end in a timeout, and kept on disk once their days are over. After a
    silence nobody waits for a while (``PariveshUnreachable`` at once).
    """

    def __init__(
        self,
        url: str,
        *,
        cache: SliceCache | None = None,
        transport: "httpx.BaseTransport | None" = None,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ):
        self._client = over_http.client(base_url=url.rstrip("/"), timeout=TIMEOUT, transport=transport)
        self._cache, self._pause, self._monotonic = cache, pause, monotonic
        self._silent_until = 0.0

    def proposal(self, number: str) -> Proposal:
        if self._monotonic() < self._silent_until:
            raise PariveshUnreachable("it did not answer a moment ago")
        try:
            rows = rows_of(self._ask("onBasesOfProposalNo", {"proposalNo": number}))
        except PariveshUnreachable:
            self._silent_until = self._monotonic() + _QUIET_S
            raise
        results = [item for row in rows if (item := read_proposal(row))]
        same = [item for item in results if item.number.casefold() == number.strip().casefold()]
        if same:
            return same[0]
        if rows and not results:
            raise PariveshUnreachable(f"{len(rows)} records without number and status")
        raise ProposalUnknown(number)

    def history(self, number: str) -> list[Step]:
        rows = rows_of(self._ask("historyDataOnProposal", {"proposalNo": number}))
        steps = [item for row in rows if (item := read_step(row))]
        return sorted(steps, key=lambda step: (step.on is None, step.on or date.min))

    def search(self, *, from_on: date, to_on: date, state: int = 10) -> Iterator[Proposal]:
        first = from_on
        while first <= to_on:
            last = min(first + SLICE - timedelta(days=1), to_on)
            yield from self._slice(first, last, state)
            first = last + timedelta(days=1)

    def _slice(self, first: date, last: date, state: int) -> Iterator[Proposal]:
        kept = self._cache.read(state, first, last) if self._cache else None
        if kept is not None:
            yield from _proposals(kept)
            return
        asked = {"majorClearanceType": _EC, "state": state, "startDate": str(first), "endDate": str(last)}
        try:
            rows = self._patiently("advanceSearchData", asked)
        except PariveshUnreachable:
            if first == last:
                raise
            middle = first + (last - first) // 2
            yield from self._slice(first, middle, state)
            yield from self._slice(middle + timedelta(days=1), last, state)
            return
        if self._cache:
            self._cache.write(state, first, last, rows)
        yield from _proposals(rows)

    def _patiently(self, call: str, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        for pause_s in _PAUSES_S:
            try:
                return rows_of(self._ask(call, asked))
            except PariveshUnreachable as error:
                log.info("PARIVESH %s: %s; again in %s s", call, error, pause_s)
                self._pause(pause_s)
        return rows_of(self._ask(call, asked))

    def _ask(self, call: str, asked: Mapping[str, Any]) -> Any:
        """One GET; everything but a readable answer is PariveshUnreachable."""
        try:
            with self._client.stream("GET", f"/trackYourProposal/{call}", params=dict(asked)) as answer:
                if answer.status_code == 404:
                    return []
                if answer.status_code != 200:
                    raise PariveshUnreachable(f"status {answer.status_code}")
                return read_json(_limited(answer))
        except httpx.HTTPError as error:
            raise PariveshUnreachable(type(error).__name__) from error
        except ValueError as error:
            raise PariveshUnreachable("an answer that is no JSON") from error


def _limited(answer: "httpx.Response") -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise PariveshUnreachable(f"an answer of more than {MOST_BYTES // 1_000_000} MB")
    return bytes(body)


def _proposals(rows: list[Mapping[str, Any]]) -> Iterator[Proposal]:
    return (proposal for row in rows if (proposal := read_proposal(row)))
