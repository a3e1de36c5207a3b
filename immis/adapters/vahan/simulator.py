"""A stand-in for VAHAN and SARATHI as a process of its own, with their moods: slow, down, junk, another vehicle.

``POST /simulate`` with ``{"vehicle": {"rc_regn_no": "BR08G1234", …}}`` or ``{"licence": {"dl_no": "BR06…", …}}`` enters
a record; with ``{"mood": "down"}`` it changes how everything is answered.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOODS = ("well", "slow", "down", "junk", "contradicting")
_SLOW_S = 8.0
_MOST_BYTES = 64 * 1024


class _Registers(BaseHTTPRequestHandler):
    wbufsize = -1
    server: "TransportSimulator"

    def do_GET(self) -> None:
        parts, server = urlsplit(self.path), self.server
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if server.mood == "slow":
            server.ended.wait(_SLOW_S)
        if server.mood == "down":
            return self._say(503, b"<html>Service Unavailable</html>", "text/html")
        if server.mood == "junk":
            return self._say(200, b"<html>maintenance</html>", "text/html")
        if server.key and self.headers.get("X-Api-Key") != server.key:
            return self._say(401, b"{}")
        if parts.path.endswith("/rc"):
            return self._vehicle(asked.get("regn_no", ""))
        if parts.path.endswith("/dl"):
            row = server.licences.get(asked.get("dl_no", ""))
            return self._say(200, json.dumps(row or {"errorcd": "RECORD_NOT_FOUND"}).encode())
        return self._say(404, b"{}")

    def _vehicle(self, mark: str) -> None:
        row = self.server.vehicles.get(mark)
        if row is None:
            return self._say(200, b'{"stautsMessage": "ERROR", "error_code": "RECORD_NOT_FOUND"}')
        if self.server.mood == "contradicting":  # what another service has of the same mark
            row = {**row, "rc_regn_no": f"{mark[:-1]}{(int(mark[-1]) + 1) % 10}"}
        return self._say(200, json.dumps({"stautsMessage": "OK", **row}).encode())

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        try:
            self.server.take(json.loads(self.rfile.read(length)))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._say(400, b'{"error": "give a vehicle with rc_regn_no, a licence with dl_no, or a mood"}')
        return self._say(200, b"{}")

    def _say(self, status: int, body: bytes, kind: str = "application/json") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # who asked has given up
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass


class TransportSimulator(ThreadingHTTPServer):
    """Both registers on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    daemon_threads = True

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.vehicles: dict[str, dict[str, Any]] = {}
        self.licences: dict[str, dict[str, Any]] = {}
        self.mood, self.key, self.ended = "well", key, threading.Event()
        super().__init__((host, port), _Registers)

    def take(self, payload: dict[str, Any]) -> None:
        """Enter a record, or change the mood. Raises ValueError or KeyError."""
        if "mood" in payload:
            self.mood = MOODS[MOODS.index(payload["mood"])]
        if "vehicle" in payload:
            self.vehicles[str(payload["vehicle"]["rc_regn_no"])] = dict(payload["vehicle"])
        if "licence" in payload:
            self.licences[str(payload["licence"]["dl_no"])] = dict(payload["licence"])

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()
