"""The gateway of the NIC: one form for each SMS; reports come to our own address, as the gateway is told."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from immis.adapters.sms.over_http import client, post
from immis.adapters.sms.port import Answer, Keep, Line, Report, Sms
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

_TAKEN = re.compile(r"Request\s*ID\s*=\s*(\w+)", re.IGNORECASE)
_CODE = re.compile(r"code\s*=\s*(\w+)", re.IGNORECASE)
_ACCEPTED = "API000"
_ONE_SMS = {True: 160, False: 70}


class NicGateway:
    """The service at ``line.url`` (…/failsafe/HttpLink), by POST: secrets stand in no address."""

    def __init__(self, line: Line, transport: "httpx.BaseTransport | None" = None):
        self._line, self._http = line, client(transport)

    def open(self, keep: Keep) -> None:
        """The NIC calls our own address; there is no line to keep."""

    def close(self) -> None:
        self._http.close()

    def send(self, batch: Sequence[Sms]) -> Iterable[Answer]:
        return (self._send(sms) for sms in batch)

    def _send(self, sms: Sms) -> Answer:
        said = post(self._http, self._line.url, self._form(sms), sms)
        if isinstance(said, Answer):
            return said
        code = found[1] if (found := _CODE.search(said)) else ""
        taken = _TAKEN.search(said)
        if code == _ACCEPTED and taken:
            return Answer(sms.reference, "accepted", gateway_id=taken[1][:64], code=code)
        return Answer(sms.reference, "refused" if code and code != _ACCEPTED else "unknown", code=code[:20], words=said)

    def _form(self, sms: Sms) -> dict[str, str]:
        line = self._line
        form = {
            "username": line.user,
            "pin": line.password,
            "message": sms.text,
            "mnumber": f"91{sms.phone}",
            "signature": sms.header,
            "dlt_entity_id": line.entity,
            "dlt_template_id": sms.number,
        }
        if not sms.is_latin:
            form["msgType"] = "UC"
        if len(sms.text) > _ONE_SMS[sms.is_latin]:
            form["concat"] = "1"
        return form

    def reports(self, gateway_ids: Sequence[str]) -> list[Report]:
        return []


_IDS = ("requestid", "request_id", "msgid", "messageid", "id")
_STATUSES = ("status", "stat", "deliverystatus", "dlr")
_CODES = ("code", "errorcode", "err", "error")
_WAITING = {"SUBMITTED", "PENDING", "ACCEPTED", "ACCEPTD", "ENROUTE", "SENT"}


def read_report(form: Mapping[str, str]) -> Report | None:
    """A report as a gateway sends it to our address, whatever its fields are called; None for what names no SMS."""
    plain = {name.lower(): value for name, value in form.items()}
    gateway_id = next((plain[name] for name in _IDS if plain.get(name)), "")[:64]
    status = next((plain[name] for name in _STATUSES if plain.get(name)), "").upper()[:40]
    if not gateway_id or not status:
        return None
    delivered = status.startswith("DELIV")
    state = "delivered" if delivered else "waiting" if status in _WAITING else "undelivered"
    code = next((plain[name] for name in _CODES if plain.get(name)), "")[:20]
    return Report(gateway_id, state, code=code, words=status)  # type: ignore[arg-type]
