"""A strict server of the protocol: examines a client of any maker, also by the failures that a network has.

It keeps what it is sent in memory only. What the department's own server adds (fences, trucks, stamps) is not here.
"""

import contextlib
import json
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from immis.commands.weighbridge.judging import (
    MOST_READINGS,
    chain_faults,
    hash_of,
    instant,
    public_key,
    shape_faults,
    signed_by,
)

Answer = tuple[int, dict[str, Any]]
_MOST_BYTES = 1_000_000
#: Failures that a client must come through, in the order in which they are played, each once.
FAILURES = ("busy", "lost answer", "behind")
BRIDGE = {
    "number": "EXAM-1",
    "name": {"en": "Examination", "hi": "Examination"},
    "place": [25.375, 86.473],
    "capacity_kg": 60_000,
    "division_kg": 10,
}


class Referee:
    """One examination. ``faults`` are sentences, ``seen`` what the client has done."""

    def __init__(self, code: str = "", failures: tuple[str, ...] = ()) -> None:
        self.code = code or f"{secrets.randbelow(1_000_000):06d}"
        self.device, self.key = "", None  # type: str, Any
        self.kept: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.seen: dict[str, int] = {}
        self.heartbeats: list[dict[str, Any]] = []
        self.failures = list(failures)
        self.online = True
        self.lock = threading.Lock()

    def note(self, what: str) -> None:
        """Something that the client did."""
        self.seen[what] = self.seen.get(what, 0) + 1

    def fault(self, step: str, *words: str) -> None:
        """Departures from the protocol, each told once."""
        self.faults += [row for row in (f"{step}: {word}" for word in words) if row not in self.faults]

    def answer(self, path: str, data: bytes, signature: str) -> Answer | None:
        """The answer to a call; None where the connection breaks before there is one."""
        with self.lock:
            body = self._body(data)
            if body is None:
                self.fault(path, "the body is a JSON object in UTF-8")
                return self._told(422, {"message": {"en": "JSON", "hi": "JSON"}})
            if path == "/api/v1/weighbridges/pair":
                return self._pair(body)
            _, _, call = path.rpartition("/")
            if path != f"/api/v1/weighbridges/{self.device}/{call}" or self.key is None:
                return self._told(404, {})
            if not signed_by(self.key, data, signature):
                self.fault(call, "Immis-Signature does not fit the body's bytes")
                return self._told(401, {})
            acts: dict[str, Callable[[dict[str, Any]], Answer | None]] = {
                "readings": self._readings,
                "heartbeat": self._heartbeat,
            }
            return acts[call](body) if call in acts else self._told(404, {})

    def _pair(self, body: dict[str, Any]) -> Answer:
        key = public_key(body.get("public_key"))
        if key is None:
            self.fault("pair", "public_key: an uncompressed point of P-256")
        if instant(body.get("at")) is None:
            self.fault("pair", "at: RFC 3339 with offset")
        if not isinstance(body.get("software"), dict) or body["software"].get("kind") not in (
            "agent",
            "page",
            "vendor",
        ):
            self.fault("pair", "software: name, version, and kind agent, page or vendor")
        if key is None or body.get("code") != self.code:
            message = {"en": "No such code."}
            return self._told(409, {"finding": {"code": "code", "message": message}})
        self.code, self.device, self.key = "", f"WBD-{secrets.token_hex(3).upper()}", key
        self.note("paired")
        return self._told(201, {"device": self.device, "bridge": BRIDGE})

    def _readings(self, body: dict[str, Any]) -> Answer | None:
        rows = body.get("readings")
        if instant(body.get("sent_at")) is None:
            self.fault("readings", "sent_at: RFC 3339 with offset")
        if not isinstance(rows, list) or not 0 < len(rows) <= MOST_READINGS:
            self.fault("readings", f"1 to {MOST_READINGS} readings in one call")
            return self._told(422, {"taken_up_to": len(self.kept)})
        if self._plays("busy"):
            return self._told(503, {})
        status = self._take(rows)
        if self._plays("lost answer"):
            return None
        if len(self.kept) > 1 and self._plays("behind"):
            del self.kept[-1]
            return self._told(409, {"taken_up_to": len(self.kept)})
        return self._told(status, {"taken_up_to": len(self.kept), "findings": []})

    def _take(self, rows: list[Any]) -> int:
        for row in rows:
            faults = shape_faults(row)
            if faults:
                self.fault("readings", *faults)
                return 422
            if row["counter"] <= len(self.kept):
                self.note("sent again")
                if row["counter"] < 1 or self.kept[row["counter"] - 1] != row:
                    self.fault("readings", "a reading that was sent again is not what it was")
                continue
            if row["counter"] > len(self.kept) + 1:
                self.note("gap")
                return 409
            previous = hash_of(self.kept[-1]) if self.kept else "0" * 64
            faults = chain_faults(row, self.key, len(self.kept) + 1, previous)
            self.fault("readings", *faults)
            if faults:
                return 422
            self.kept.append(row)
            self.note("taken")
        return 200

    def _heartbeat(self, body: dict[str, Any]) -> Answer:
        if instant(body.get("at")) is None:
            self.fault("heartbeat", "at: RFC 3339 with offset")
        if body.get("indicator") not in ("alive", "silent", "garbled"):
            self.fault("heartbeat", "indicator: alive, silent or garbled")
        if type(body.get("queued")) is not int or type(body.get("stable")) is not bool:
            self.fault("heartbeat", "queued: a whole number; stable: true or false")
        if body.get("weight_kg") is not None and type(body["weight_kg"]) is not int:
            self.fault("heartbeat", "weight_kg: whole kilograms or null")
        self.heartbeats.append(body)
        self.note("heartbeat")
        return self._told(200, {"state": "alive", "newest": "", "trucks": []})

    def _plays(self, failure: str) -> bool:
        if self.failures[:1] != [failure]:
            return False
        self.note(self.failures.pop(0))
        return True

    @staticmethod
    def _told(status: int, body: dict[str, Any]) -> Answer:
        return status, {**body, "server_at": datetime.now(UTC).isoformat(timespec="milliseconds")}

    @staticmethod
    def _body(data: bytes) -> dict[str, Any] | None:
        try:
            body = json.loads(data.decode("utf8"))
        except ValueError:
            return None
        return body if isinstance(body, dict) else None


class _Handler(BaseHTTPRequestHandler):
    referee: Referee
    files: dict[str, bytes]

    def log_message(self, *_arguments: Any) -> None:
        """The report says what was wrong; calls are not listed."""

    def do_POST(self) -> None:
        """One call of the protocol."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if length.isascii() and length.isdigit() else _MOST_BYTES + 1
        answer = None
        if size <= _MOST_BYTES and self.referee.online:
            data = self.rfile.read(size)
            if len(data) == size:  # else the client died while it sent
                answer = self.referee.answer(self.path, data, self.headers.get("Immis-Signature", ""))
        if answer is None:
            self.close_connection = True
            return
        with contextlib.suppress(ConnectionError):  # whoever is gone asks again
            self._send(answer[0], "application/json", json.dumps(answer[1]).encode())

    def do_GET(self) -> None:
        """Files beside the protocol: manifest and agent, where the examination has them."""
        data = self.files.get(self.path)
        self._send(200 if data is not None else 404, "application/octet-stream", data or b"")

    def _send(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def serve(referee: Referee, host: str = "127.0.0.1", port: int = 0, files: dict[str, bytes] | None = None) -> Any:
    """The referee's server, already at work in a thread; the caller ends it by ``shutdown``."""
    handler = type("Handler", (_Handler,), {"referee": referee, "files": files if files is not None else {}})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
