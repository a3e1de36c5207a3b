"""C-DAC Mobile Seva: one form for each SMS, signed by a hash; success is 402 in the text, whatever HTTP says."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from immis.adapters.sms.over_http import client, post
from immis.adapters.sms.port import Answer, Keep, Line, Report, Sms, Verdict
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

_TAKEN = re.compile(r"\b402\s*,\s*MsgID\s*=\s*(\S+)")
_CODE = re.compile(r"\b(4\d\d)\b")
#: 409: the network did not answer in time, yet the SMS was handed to it.
_UNKNOWN = {"409"}
_INDIA = timezone(timedelta(hours=5, minutes=30))
_STATES = {"DELIVERED": "delivered", "DELIVRD": "delivered"}
_WAITING = {"SUBMITTED", "PENDING", "ACCEPTED", "ENROUTE", "BUFFERED", "SENT", "ACCEPTD"}


class MobileSeva:
    """The service at ``line.url`` (…/esms/sendsmsrequestDLT); reports are asked for at ``line.report_url``."""

    def __init__(self, line: Line, transport: "httpx.BaseTransport | None" = None):
        self._line, self._http = line, client(transport)

    def open(self, keep: Keep) -> None:
        """Mobile Seva does not call: it is asked."""

    def close(self) -> None:
        self._http.close()

    def send(self, batch: Sequence[Sms]) -> Iterable[Answer]:
        return (self._send(sms) for sms in batch)

    def _send(self, sms: Sms) -> Answer:
        said = post(self._http, self._line.url, self._form(sms), sms)
        if isinstance(said, Answer):
            return said
        if taken := _TAKEN.search(said):
            return Answer(sms.reference, "accepted", gateway_id=taken[1][:64])
        code = found[1] if (found := _CODE.search(said)) else ""
        verdict: Verdict = "refused" if code and code not in _UNKNOWN else "unknown"
        return Answer(sms.reference, verdict, code=code, words=said)

    def _form(self, sms: Sms) -> dict[str, str]:
        line, content = self._line, sms.text.strip()
        if not sms.is_latin:
            content = "".join(f"&#{ord(letter)};" for letter in content)
        signed = line.user + sms.header + content + line.key
        return {
            "username": line.user,
            "password": hashlib.sha1(line.password.encode(), usedforsecurity=False).hexdigest(),
            "senderid": sms.header,
            "content": content,
            "smsservicetype": "singlemsg" if sms.is_latin else "unicodemsg",
            "mobileno": sms.phone,
            "key": hashlib.sha512(signed.encode()).hexdigest(),
            "templateid": sms.number,
        }

    def reports(self, gateway_ids: Sequence[str]) -> list[Report]:
        if not self._line.report_url:
            return []
        return [report for number in gateway_ids if (report := self._report(number))]

    def _report(self, gateway_id: str) -> Report | None:
        asked = {
            "userid": self._line.user,
            "password": self._line.password,
            "msgid": gateway_id,
            "pwd_encrypted": "false",
        }
        try:
            answer = self._http.post(self._line.report_url, data=asked)
        except httpx.HTTPError:
            return None
        return read_report(gateway_id, answer.text) if answer.status_code == 200 else None


def read_report(gateway_id: str, text: str) -> Report | None:
    """A report as it is given, ``917701891704,DELIVERED,2022-07-29 04:58:53``; None for what is none."""
    parts = [part.strip() for part in text.strip().split("\n")[0].split(",")]
    if len(parts) < 2 or not parts[0].lstrip("+").isdigit():
        return None
    word = parts[1].upper()
    state = _STATES.get(word, "waiting" if word in _WAITING else "undelivered")
    at = _instant(parts[2]) if len(parts) > 2 else None
    return Report(gateway_id, state, at, code=word[:20])  # type: ignore[arg-type]


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_INDIA).astimezone(UTC)
    except ValueError:
        return None
