"""The agent's page on this computer alone: what the scale shows, weighing by keyboard, pairing, learn mode."""

import json
import pkgutil
import secrets
import threading
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Tuple

from .client import Refused, Unreachable
from .scale.frames import GRAMS
from .scale.learn import NotLearned, Sample, learn
from .work import Agent, NotNow

PORT = 8014
_MOST_BYTES = 4096
_SAMPLES_KEPT = 4


def _file(name: str) -> str:
    return (pkgutil.get_data(__package__, "shown/" + name) or b"").decode("utf8")


@lru_cache(maxsize=None)
def words() -> Dict[str, Any]:
    """Words of the page in Hindi."""
    return dict(json.loads(_file("words.json"))["hi"])


class Wrong(ValueError):
    """An act that was refused: code of its words, and what the department said."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class Station:
    """What the page asks of the agent."""

    def __init__(self, agent: Agent) -> None:
        self.agent, self.token = agent, secrets.token_urlsafe(16)
        self._samples = []  # type: list[Sample]
        self._learning = threading.Lock()

    def state(self) -> Dict[str, Any]:
        """All that the page shows."""
        agent, store = self.agent, self.agent.home.store
        seen, sender = agent.reader.scale.last, agent.sender
        trucks = sender.answer.get("trucks")
        return {
            "paired": store.fact("device") is not None, "bridge": store.fact("bridge") or {},
            "kg": seen.kg if seen else None, "stable": bool(seen and seen.stable), "zero": bool(seen and seen.zero),
            "indicator": agent.reader.state, "online": sender.online, "queued": store.queued(),
            "trouble": sender.trouble if sender.online else "", "drift_ms": store.fact("drift_ms"),
            "trucks": [row for row in trucks if isinstance(row, dict)] if isinstance(trucks, list) else [],
            "latest": store.latest(),
        }  # fmt: skip

    def pair(self, row: Dict[str, Any]) -> Dict[str, Any]:
        """Pair by address and code."""
        try:
            answer = self.agent.home.pair(str(row.get("url", "")).strip(), str(row.get("code", "")).strip())
        except Unreachable:
            raise Wrong("unreachable") from None
        except Refused as fault:
            raise Wrong("refused", in_words(fault.body)) from None
        except ValueError:
            raise Wrong("bad_url") from None
        self.agent.sender.client = None
        self.agent.sender.awake.set()
        return answer

    def weigh(self, row: Dict[str, Any]) -> Dict[str, Any]:
        """Keep a weighment."""
        kind = row.get("kind") if row.get("kind") in ("gross", "tare", "check") else "gross"
        plate = "".join(filter(str.isalnum, str(row.get("plate", "")).upper()))[:12]
        try:
            return self.agent.weigh(str(kind), plate, " ".join(str(row.get("challan", "")).split())[:40])
        except NotNow as fault:
            raise Wrong({"plate": "plate_missing"}.get(str(fault), str(fault))) from None

    def learn(self, row: Dict[str, Any]) -> Dict[str, Any]:
        """One more number that the indicator shows; the format is kept once it is told."""
        store = self.agent.home.store
        unit = row.get("unit") if row.get("unit") in GRAMS else "kg"
        with self._learning:
            sample = Sample(self.agent.reader.recent(), str(row.get("shown", "")).strip())
            self._samples = [*self._samples, sample][-_SAMPLES_KEPT:]
            try:
                form = learn(self._samples, str(unit))
            except NotLearned as fault:
                self._samples = self._samples[-1:] if str(fault) == "number" else []
                raise Wrong(str(fault)) from None
            store.keep(learned=form, link=None)
        return form


def in_words(body: Dict[str, Any]) -> str:
    """What a refusal says in Hindi, however it is shaped."""
    finding = body.get("finding") or (body.get("findings") or [None])[0] or body
    message = finding.get("message", finding.get("detail", "")) if isinstance(finding, dict) else ""
    return str(message.get("hi") or message.get("en") or "") if isinstance(message, dict) else str(message)


class _Handler(BaseHTTPRequestHandler):
    station: Station

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is written for each look of the page."""

    def _asked_here(self) -> bool:
        """Only by this computer's own name, so that no page from elsewhere is answered through a name of its own."""
        host = self.headers.get("Host", "").rpartition(":")[0]
        return host in ("127.0.0.1", "localhost")

    def do_GET(self) -> None:
        """The page and its state."""
        if self.path == "/" and self._asked_here():
            self._page()
        elif self.path == "/state" and self._mine():
            self._answer(200, self.station.state())
        else:
            self._answer(404, {"words": words()["stale"]})

    def do_POST(self) -> None:
        """The acts of the operator."""
        acts: Dict[str, Callable[[Dict[str, Any]], Dict[str, Any]]] = {
            "/pair": self.station.pair,
            "/weigh": self.station.weigh,
            "/learn": self.station.learn,
        }
        row, act = self._body(), acts.get(self.path)
        if act is None or row is None or not self._mine():
            self._answer(404, {"words": words()["stale"]})
            return
        try:
            self._answer(200, act(row))
        except Wrong as fault:
            self._answer(409, {"code": fault.code, "words": words()[fault.code], "detail": fault.detail})

    def _mine(self) -> bool:
        return self._asked_here() and secrets.compare_digest(self.headers.get("X-Station", ""), self.station.token)

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > _MOST_BYTES:
            return None
        try:
            row = json.loads(self.rfile.read(int(length)).decode("utf8"))
        except ValueError:
            return None
        return row if isinstance(row, dict) else None

    def _page(self) -> None:
        nonce = secrets.token_urlsafe(12)
        told = json.dumps(dict(words(), token=self.station.token), ensure_ascii=False).replace("<", "\\u003c")
        text = _file("station.html").replace("{nonce}", nonce)
        text = text.replace("{words}", told).replace("{script}", _file("station.js"))
        policy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        policy += f"script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
        self._send(200, "text/html; charset=utf-8", text.encode("utf8"), ("Content-Security-Policy", policy))

    def _answer(self, status: int, row: Dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(row, ensure_ascii=False).encode("utf8"))

    def _send(self, status: int, kind: str, data: bytes, *headers: Tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(data)


def serve(agent: Agent, port: int = PORT) -> ThreadingHTTPServer:
    """The page's server on this computer; the caller runs and ends it."""
    handler = type("Handler", (_Handler,), {"station": Station(agent)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server
