"""What the HTTP gateways share: one POST for one SMS, and what a failure of the line says about it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from immis.adapters import over_http
from immis.adapters.sms.port import Answer, Sms
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

TIMEOUT = (5.0, 20.0, 20.0, 20.0)  # seconds to connect, read, write, wait for a line
_MOST_WORDS = 300


def client(transport: "httpx.BaseTransport | None") -> "httpx.Client":
    return over_http.client(timeout=TIMEOUT, transport=transport)


def post(line: "httpx.Client", url: str, payload: Mapping[str, Any], sms: Sms) -> str | Answer:
    """The text of the gateway's answer, or the verdict where there is none.

    Where no connection came about the gateway surely has nothing; where it broke off later nobody knows.
    """
    try:
        answer = line.post(url, data=dict(payload))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        return Answer(sms.reference, "not_sent", words=type(error).__name__)
    except httpx.HTTPError as error:
        return Answer(sms.reference, "unknown", words=type(error).__name__)
    if answer.status_code >= 500:
        return Answer(sms.reference, "unknown", code=str(answer.status_code), words="the gateway failed")
    if answer.status_code != 200:
        return Answer(sms.reference, "not_sent", code=str(answer.status_code), words="the gateway took nothing")
    return answer.text.strip()[:_MOST_WORDS]
