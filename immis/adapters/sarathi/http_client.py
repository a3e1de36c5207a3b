"""SARATHI over HTTP: one question with a key, one licence as JSON."""

from datetime import date
from typing import TYPE_CHECKING

from immis.adapters.sarathi.port import LicenceRecord, LicenceUnknown, SarathiUnreachable, read_licence
from immis.adapters.vahan.asking import Silent, ask

if TYPE_CHECKING:
    import httpx


class HttpSarathi:
    """The service at ``url``; a licence is asked for by its number and the day of birth."""

    def __init__(self, url: str, key: str, *, transport: "httpx.BaseTransport | None" = None):
        self._url, self._key, self._transport = url, key, transport

    def licence(self, licence_no: str, born_on: date) -> LicenceRecord:
        asked = {"dl_no": licence_no, "dob": f"{born_on:%d-%m-%Y}"}
        try:
            answer = ask(self._url, "dl", asked, key=self._key, transport=self._transport)
        except Silent as fault:
            raise SarathiUnreachable(str(fault)) from fault
        if answer is None or answer.get("errorcd") == "RECORD_NOT_FOUND":
            raise LicenceUnknown(licence_no)
        row = read_licence(answer)
        if row is None:
            raise SarathiUnreachable("a licence without its number")
        if row.licence_no != licence_no:
            raise SarathiUnreachable(f"asked for {licence_no}, answered {row.licence_no[:20]}")
        return row
