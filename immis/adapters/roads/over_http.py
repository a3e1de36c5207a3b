"""Valhalla and OSRM over HTTP: one request a pair, their own dialects."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from immis.adapters import over_http
from immis.adapters.roads.polyline import decoded, encoded
from immis.adapters.roads.port import Pair, RoadsUnreachable, Truck, Way
from immis.late import late

if TYPE_CHECKING:
    import httpx
else:
    httpx = late("httpx")

_MOST_BYTES = 4_000_000
#: Valhalla's codes for "no path" and "no road near"; OSRM's for the same.
_NO_WAY = {442, 171, 170}
_OSRM_NO_WAY = {"NoRoute", "NoSegment"}


class _OverHttp:
    """What both share: asking, and what counts as no answer."""

    def __init__(self, url: str, timeout_s: float = 5.0, transport: "httpx.BaseTransport | None" = None):
        self.url = url.rstrip("/")
        self._client = over_http.client(timeout=timeout_s, transport=transport)

    def stamp(self) -> str:
        """A server's roads have no name of their own; its address stands for them."""
        return f"{type(self).__name__}:{self.url}"[:120]

    def ways(self, pairs: Sequence[Pair], truck: Truck) -> list[Way | None]:
        return [self._way(pair, truck) for pair in pairs]

    def _way(self, pair: Pair, truck: Truck) -> Way | None:
        raise NotImplementedError

    def _ask(self, method: str, path: str, **asked: Any) -> Mapping[str, Any]:
        """The answer as an object, whatever its status: a *no* comes with 400. Raises RoadsUnreachable."""
        try:
            answer = self._client.request(method, f"{self.url}{path}", **asked)
            if answer.status_code not in (200, 400) or len(answer.content) > _MOST_BYTES:
                raise RoadsUnreachable(f"status {answer.status_code}, {len(answer.content)} bytes")
            body = answer.json()
        except httpx.HTTPError as fault:
            raise RoadsUnreachable(type(fault).__name__) from fault
        except ValueError as fault:
            raise RoadsUnreachable("an answer that is no JSON") from fault
        if not isinstance(body, Mapping):
            raise RoadsUnreachable("an answer that is no object")
        return body


class Valhalla(_OverHttp):
    """``POST /route`` with the costing of trucks."""

    def _way(self, pair: Pair, truck: Truck) -> Way | None:
        asked = {
            "locations": [{"lat": lat, "lon": lon, "radius": truck.reach_m} for lat, lon in (pair.start, pair.end)],
            "costing": "truck",
            "costing_options": {"truck": {"weight": truck.gross_t}},
            "directions_type": "none",
            "units": "kilometers",
        }
        body = self._ask("POST", "/route", json=asked)
        if body.get("error_code") in _NO_WAY:
            return None
        try:
            trip = body["trip"]
            line = [place for leg in trip["legs"] for place in decoded(leg["shape"])]
            return _way(float(trip["summary"]["length"]) * 1000, float(trip["summary"]["time"]), line)
        except (KeyError, TypeError, ValueError, OverflowError) as fault:
            raise RoadsUnreachable(f"an answer without a way: {body.get('error', '')!s:.80}") from fault


class Osrm(_OverHttp):
    """``GET /route/v1/driving``; its profile (car or truck) is the server's own."""

    def _way(self, pair: Pair, truck: Truck) -> Way | None:
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in (pair.start, pair.end))
        asked = {"overview": "full", "geometries": "polyline6", "radiuses": f"{truck.reach_m};{truck.reach_m}"}
        body = self._ask("GET", f"/route/v1/driving/{places}", params=asked)
        if body.get("code") in _OSRM_NO_WAY:
            return None
        try:
            route = body["routes"][0]
            return _way(float(route["distance"]), float(route["duration"]), decoded(route["geometry"]))
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as fault:
            raise RoadsUnreachable(f"an answer without a way: {body.get('code', '')!s:.80}") from fault


def _way(metres: float, seconds: float, line: list[tuple[float, float]]) -> Way:
    if not 0 <= metres < 5_000_000 or not 0 <= seconds < 5_000_000 or len(line) < 2:
        raise ValueError("no way is like this")
    return Way(round(metres), max(1, round(seconds / 60)), encoded(line))
