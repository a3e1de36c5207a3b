"""A feed of load cells over HTTPS: ``GET /weights?after=…`` with a key answers ``{"rows": [{id, imei, at, kg}]}``."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from immis.adapters.loadcells.port import CellWeight, LoadCellsUnreachable, read_weight
from immis.adapters.vahan.asking import Silent, ask

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
_MOST_ROWS = 500


class HttpLoadCells:
    """The feed at ``url``."""

    def __init__(self, url: str, key: str, *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._key, self._transport = url, key, transport

    def weights(self, after: str) -> Sequence[CellWeight]:
        try:
            answer: Any = ask(self._url, "weights", {"after": after}, key=self._key, transport=self._transport)
        except Silent as fault:
            raise LoadCellsUnreachable(str(fault)) from fault
        rows = (answer or {}).get("rows")
        if not isinstance(rows, list):
            raise LoadCellsUnreachable("an answer without rows")
        known = [read_weight(row) for row in rows[:_MOST_ROWS]]
        if unread := sum(row is None for row in known):
            log.warning("%s rows of the feed of load cells cannot be read", unread)
        return [row for row in known if row is not None]
