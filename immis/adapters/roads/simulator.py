"""A stand-in for a routing server as a process of its own: Valhalla's and OSRM's dialect, and its moods.

``POST /simulate`` with ``{"mood": "slow"}`` changes how everything is answered.
"""

import json
from math import cos, hypot, radians
from urllib.parse import urlsplit

from immis.adapters.roads.polyline import encoded
from immis.adapters.simulating import Door, Simulator

MOODS = ("well", "slow", "503", "junk", "odd", "no_way")
_SLOW_S = 15.0
_DETOUR, _KMH, _M_A_DEGREE = 1.25, 30.0, 111_195


def _bent(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float, str]:
    """Metres, seconds and line of an invented road: longer than the straight line by a known share."""
    squeeze = cos(radians(start[0]))
    straight = hypot(end[0] - start[0], (end[1] - start[1]) * squeeze) * _M_A_DEGREE
    middle = ((start[0] + end[0]) / 2 + 0.01, (start[1] + end[1]) / 2)
    metres = straight * _DETOUR
    return metres, metres / 1000 / _KMH * 3600, encoded([start, middle, end])


class _Engine(Door):
    server: "RoadsSimulator"

    def do_GET(self) -> None:
        if self._in_a_mood():
            return None
        try:
            places = urlsplit(self.path).path.rsplit("/", 1)[-1].split(";")
            (lon1, lat1), (lon2, lat2) = (map(float, place.split(",")) for place in places)
        except ValueError:
            return self.say_json(400, {"code": "InvalidQuery"})
        if self.server.mood == "no_way":
            return self.say_json(400, {"code": "NoRoute", "message": "Impossible route between points"})
        metres, seconds, line = _bent((lat1, lon1), (lat2, lon2))
        route = {"distance": metres, "duration": seconds, "geometry": line}
        return self.say_json(200, {"code": "Ok", "routes": [route] if self.server.mood != "odd" else []})

    def do_POST(self) -> None:
        try:
            payload = json.loads(self.body())
            if self.path == "/simulate":
                self.server.mood = MOODS[MOODS.index(payload["mood"])]
                return self.say_json(200, {})
            start, end = ((float(place["lat"]), float(place["lon"])) for place in payload["locations"])
        except (ValueError, KeyError, TypeError):
            return self.say_json(400, {"error_code": 112, "error": "Insufficient locations"})
        return None if self._in_a_mood() else self._valhalla(start, end)

    def _valhalla(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        if self.server.mood == "no_way":
            return self.say_json(400, {"error_code": 442, "error": "No path could be found for input"})
        metres, seconds, line = _bent(start, end)
        trip = {"legs": [{"shape": line}], "summary": {"length": metres / 1000, "time": seconds}}
        return self.say_json(200, {"trip": trip if self.server.mood != "odd" else {"legs": []}})

    def _in_a_mood(self) -> bool:
        if self.server.mood == "slow":
            self.server.ended.wait(_SLOW_S)
        if self.server.mood == "503":
            self.say_json(503, {})
        if self.server.mood == "junk":
            self.say(200, b"<html>maintenance</html>")
        return self.server.mood in ("503", "junk")


class RoadsSimulator(Simulator):
    """The engine on ``host:port`` (0: a free one)."""

    def __init__(self, host: str, port: int):
        self.mood = "well"
        super().__init__(host, port, _Engine)
