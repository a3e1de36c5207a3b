"""The four calls of the protocol: pairing, readings, heartbeat, and what the newest agent is."""

import json
import platform
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional, Tuple
from urllib import error, parse, request

from . import VERSION
from .signed import Key

TIMEOUT = 15
MOST_BYTES = 4 * 1024 * 1024
INDIA = timezone(timedelta(hours=5, minutes=30))


class Unreachable(OSError):
    """No answer: no network, a broken proxy, or a server that is down. What is queued stays queued."""


class Refused(ValueError):
    """The department's answer was no; ``status`` and ``body`` say which."""

    def __init__(self, status: int, body: Dict[str, Any]) -> None:
        super().__init__(f"{status} {json.dumps(body, ensure_ascii=False)[:400]}")
        self.status, self.body = status, body


def now() -> datetime:
    """The instant by this computer's clock, in the time of India."""
    return datetime.now(INDIA)


def written(at: datetime) -> str:
    """An instant as the protocol writes it."""
    return at.isoformat(timespec="milliseconds")


def read_instant(text: str) -> Optional[datetime]:
    """An instant of the protocol; None for anything else."""
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, AttributeError, TypeError):
        return None
    return at if at.tzinfo else None


class _Stay(request.HTTPRedirectHandler):
    """What is signed for one address is not handed to another."""

    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        return None


class Client:
    """One server; ``drift_ms`` is server time less ours at the last answer."""

    def __init__(self, url: str, device: str = "", key: Optional[Key] = None) -> None:
        parts = parse.urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.netloc:
            raise ValueError("an address begins with https://")
        self.url, self.device, self.key = f"{parts.scheme}://{parts.netloc}", device, key
        self.drift_ms: Optional[int] = None
        self._opener = request.build_opener(_Stay)

    def pair(self, code: str, key: Key, kind: str = "agent") -> Dict[str, Any]:
        """Hand over the code that the operator sees in the portal and this device's public key."""
        software = {"name": "immis-agent", "version": VERSION, "kind": kind}
        body = {"code": code, "public_key": key.public, "software": software, "at": written(now())}
        return self._post("/api/v1/weighbridges/pair", body)[1]

    def send(self, readings: List[Dict[str, Any]]) -> Tuple[int, List[Dict[str, Any]]]:
        """Hand over readings; how far the department has them, and what it found. A gap is answered in the same way."""
        try:
            _status, answer = self._post(self._path("readings"), {"sent_at": written(now()), "readings": readings})
        except Refused as refusal:
            if refusal.status != 409 or "taken_up_to" not in refusal.body:
                raise
            answer = refusal.body
        up_to, findings = answer.get("taken_up_to"), answer.get("findings") or []
        if not isinstance(up_to, int):
            raise Refused(200, answer)
        return up_to, [row for row in findings if isinstance(row, dict)]

    def heartbeat(self, state: Dict[str, Any]) -> Dict[str, Any]:
        """Tell that the bridge lives; the answer has the trucks inside its fence and the newest version."""
        return self._post(self._path("heartbeat"), dict(state, at=written(now()), version=VERSION))[1]

    def file(self, name: str) -> bytes:
        """A public file beside the portal's pages."""
        return self._call(request.Request(self.url + name))[1]

    def _path(self, call: str) -> str:
        return "/api/v1/weighbridges/{}/{}".format(parse.quote(self.device, safe=""), call)

    def _post(self, path: str, body: Dict[str, Any]) -> Tuple[int, Dict[str, Any]]:
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf8")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key is not None:
            headers["Immis-Signature"] = self.key.sign(data)
        status, answer = self._call(request.Request(self.url + path, data, headers, method="POST"))
        return status, self._read(status, answer)

    def _call(self, call: request.Request) -> Tuple[int, bytes]:
        call.add_header("User-Agent", f"immis-agent/{VERSION} ({platform.system()})")
        try:
            with self._opener.open(call, timeout=TIMEOUT) as answer:
                return int(answer.status), answer.read(MOST_BYTES)
        except error.HTTPError as fault:
            with fault:
                raise Refused(fault.code, self._body(fault.read(MOST_BYTES))) from None
        except (OSError, ValueError) as fault:
            raise Unreachable(str(fault)) from None
        except Exception as fault:  # http.client has errors of its own for answers that are none
            raise Unreachable(repr(fault)) from None

    @staticmethod
    def _body(data: bytes) -> Dict[str, Any]:
        try:
            body = json.loads(data.decode("utf8"))
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def _read(self, status: int, data: bytes) -> Dict[str, Any]:
        answer = self._body(data)
        at = read_instant(answer.get("server_at", ""))
        if at is not None:
            self.drift_ms = round((at - now()).total_seconds() * 1000)
        elif not answer:
            raise Unreachable(f"an answer that is not the department's (status {status})")
        return answer
