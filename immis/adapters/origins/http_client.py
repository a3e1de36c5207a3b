"""The portal of a State over HTTP: one question by the number of a challan, one record as JSON."""

from typing import TYPE_CHECKING

from immis.adapters.origins.port import OriginRecord, OriginSilent, OriginUnknown, read_record
from immis.adapters.vahan.asking import Silent, ask

if TYPE_CHECKING:
    import httpx


class HttpOrigin:
    """The portal at ``url``; nothing is asked twice in one call, whoever asks decides when to ask again."""

    def __init__(self, url: str, key: str = "", *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._key, self._transport = url, key, transport

    def challan(self, number: str) -> OriginRecord:
        try:
            answer = ask(self._url, "challan", {"number": number}, key=self._key, transport=self._transport)
        except Silent as fault:
            raise OriginSilent(str(fault)) from fault
        if answer is None or answer.get("error") == "NOT_FOUND":
            raise OriginUnknown(number)
        record = read_record(answer)
        if record is None:
            raise OriginSilent("an answer that is no challan")
        return record
