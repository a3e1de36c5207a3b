"""VAHAN over HTTP: one question with a key, one record as JSON; the status stands in ``stautsMessage``, so spelt."""

from typing import TYPE_CHECKING, Any

from immis.adapters.vahan.asking import Silent, ask
from immis.adapters.vahan.port import VahanUnreachable, VehicleRecord, VehicleUnknown, read_vehicle

if TYPE_CHECKING:
    import httpx


class HttpVahan:
    """The service at ``url``; nothing is asked twice in one call, whoever asks decides when to ask again."""

    def __init__(self, url: str, key: str, *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._key, self._transport = url, key, transport

    def vehicle(self, registration: str) -> VehicleRecord:
        try:
            answer: Any = ask(self._url, "rc", {"regn_no": registration}, key=self._key, transport=self._transport)
        except Silent as fault:
            raise VahanUnreachable(str(fault)) from fault
        if answer is None or answer.get("stautsMessage") == "ERROR":
            code = str((answer or {}).get("error_code", "RECORD_NOT_FOUND"))
            if code == "RECORD_NOT_FOUND":
                raise VehicleUnknown(registration)
            raise VahanUnreachable(code[:60])
        row = read_vehicle(answer)
        if row is None:
            raise VahanUnreachable("a record without a mark")
        if row.registration != registration:
            raise VahanUnreachable(f"asked for {registration}, answered {row.registration[:14]}")
        return row
