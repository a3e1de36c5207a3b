"""A stand-in for the portal of another State as a process of its own, with its moods: slow, down, junk, contradicting.

``POST /simulate`` with ``{"challan": {"number": "JH1", "vehicle": "JH05A1234", …}}`` enters a challan; with
``{"mood": "down"}`` it changes how everything is answered.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOODS = ("well", "slow", "down", "junk", "contradicting")
_SLOW_S = 8.0
_MOST_BYTES = 64 * 1024


class _Portal(BaseHTTPRequestHandler):
    wbufsize = -1
    server: "OriginSimulator"

    def do_GET(self) -> None:
        server, parts = self.server, urlsplit(self.path)
        if server.mood == "slow":
            server.ended.wait(_SLOW_S)
        if server.mood == "down":
            return self._say(503, b"<html>Service Unavailable</html>")
        if server.mood == "junk":
            return self._say(200, b"<html>maintenance</html>")
        if server.key and self.headers.get("X-Api-Key") != server.key:
            return self._say(401, b"{}")
        row = server.challans.get(parse_qs(parts.query).get("number", [""])[0])
        if not parts.path.endswith("/challan") or row is None:
            return self._say(200, b'{"error": "NOT_FOUND"}')
        if server.mood == "contradicting":  # the same number, for another truck
            row = {**row, "vehicle": f"{str(row.get('vehicle'))[:-1]}X"}
        return self._say(200, json.dumps(row).encode())

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        try:
            self.server.take(json.loads(self.rfile.read(length)))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._say(400, b'{"error": "give a challan with its number, or a mood"}')
        return self._say(200, b"{}")

    def _say(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # who asked has given up
            pass

    def log_message(self, format: str, *args: Any) -> None:
        pass


class OriginSimulator(ThreadingHTTPServer):
    """The portal on ``host:port`` (0: a free one); with a ``key`` only who brings it is answered."""

    daemon_threads = True

    def __init__(self, host: str, port: int, *, key: str = ""):
        self.challans: dict[str, dict[str, Any]] = {}
        self.mood, self.key, self.ended = "well", key, threading.Event()
        super().__init__((host, port), _Portal)

    def take(self, payload: dict[str, Any]) -> None:
        """Enter a challan, or change the mood. Raises ValueError or KeyError."""
        if "mood" in payload:
            self.mood = MOODS[MOODS.index(payload["mood"])]
        if "challan" in payload:
            self.challans[str(payload["challan"]["number"])] = dict(payload["challan"])

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()
