"""A stand-in for a routing server as a process of its own: Valhalla's and OSRM's dialect, and its moods.

``POST /simulate`` with ``{"mood": "slow"}`` changes how everything is answered.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, hypot, radians
from typing import Any
from urllib.parse import urlsplit

from immis.adapters.roads.polyline import encoded

MOODS = ("well", "slow", "503", "junk", "odd", "no_way")
_SLOW_S = 15.0
_MOST_BYTES = 64 * 1024
_DETOUR, _KMH, _M_A_DEGREE = 1.25, 30.0, 111_195


def _bent(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float, str]:
    """Metres, seconds and line of an invented road: longer than the straight line by a known share."""
    squeeze = cos(radians(start[0]))
    straight = hypot(end[0] - start[0], (end[1] - start[1]) * squeeze) * _M_A_DEGREE
    middle = ((start[0] + end[0]) / 2 + 0.01, (start[1] + end[1]) / 2)
    metres = straight * _DETOUR
    return metres, metres / 1000 / _KMH * 3600, encoded([start, middle, end])


class _Engine(BaseHTTPRequestHandler):
    wbufsize = -1
    server: "RoadsSimulator"

    def do_GET(self) -> None:
        if self._in_a_mood():
            return None
        try:
            places = urlsplit(self.path).path.rsplit("/", 1)[-1].split(";")
            (lon1, lat1), (lon2, lat2) = (map(float, place.split(",")) for place in places)
        except ValueError:
            return self._say(400, {"code": "InvalidQuery"})
        if self.server.mood == "no_way":
            return self._say(400, {"code": "NoRoute", "message": "Impossible route between points"})
        metres, seconds, line = _bent((lat1, lon1), (lat2, lon2))
        route = {"distance": metres, "duration": seconds, "geometry": line}
        return self._say(200, {"code": "Ok", "routes": [route] if self.server.mood != "odd" else []})

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES)
        try:
            payload = json.loads(self.rfile.read(length))
            if self.path == "/simulate":
                self.server.mood = MOODS[MOODS.index(payload["mood"])]
                return self._say(200, {})
            start, end = ((float(place["lat"]), float(place["lon"])) for place in payload["locations"])
        except (ValueError, KeyError, TypeError):
            return self._say(400, {"error_code": 112, "error": "Insufficient locations"})
        return None if self._in_a_mood() else self._valhalla(start, end)

    def _valhalla(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        if self.server.mood == "no_way":
            return self._say(400, {"error_code": 442, "error": "No path could be found for input"})
        metres, seconds, line = _bent(start, end)
        trip = {"legs": [{"shape": line}], "summary": {"length": metres / 1000, "time": seconds}}
        return self._say(200, {"trip": trip if self.server.mood != "odd" else {"legs": []}})

    def _in_a_mood(self) -> bool:
        if self.server.mood == "slow":
            self.server.ended.wait(_SLOW_S)
        if self.server.mood == "503":
            self._say(503, {})
        if self.server.mood == "junk":
            self._send(200, b"<html>maintenance</html>")
        return self.server.mood in ("503", "junk")

    def _say(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, body: bytes) -> None:
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


class RoadsSimulator(ThreadingHTTPServer):
    """The engine on ``host:port`` (0: a free one)."""

    daemon_threads = True

    def __init__(self, host: str, port: int):
        self.mood, self.ended = "well", threading.Event()
        super().__init__((host, port), _Engine)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_close(self) -> None:
        self.ended.set()
        super().server_close()
