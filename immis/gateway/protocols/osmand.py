"""Phones that report over HTTP: OsmAnd's query, as the Traccar Client sends it too, and the latter's newer JSON.

``/?id=…&lat=…&lon=…&timestamp=…&speed=…&bearing=…&altitude=…&batt=…``, by GET or POST, speed in knots, time as
seconds or milliseconds since 1970 or as text in UTC; or a JSON body with ``device_id`` and ``location``, speed in
metres a second. A phone is known by the fifteen digits of its IMEI as identifier.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.packet import Packet
from immis.gateway.tolerances import OLDEST_YEAR

DIALECT = "osmand-http"
_KMH_A_KNOT, _KMH_A_MS = 1.852, 3.6
_REQUEST = re.compile(r"(?:GET|POST) (\S{1,2000})(?: HTTP/1\.[01])?\r?\n?")
_MOST_MS = 4_000_000_000  # larger timestamps are milliseconds


def decode_request(text: str) -> Packet | None:
    """The position in one request; None where it carries none."""
    found = _REQUEST.match(text)
    if found is None:
        return None
    body = text.partition("\r\n\r\n")[2]
    said = dict(parse_qsl(urlsplit(found.group(1)).query))
    if body.lstrip().startswith("{"):
        said |= _flat(body)
    elif "=" in body:
        said |= dict(parse_qsl(body))
    name = said.get("id") or said.get("deviceid")
    if not name or not ({"lat", "lon"} <= said.keys() or "location" in said):
        return None
    return _packet(name, said)


def _packet(name: str, said: dict[str, str]) -> Packet:
    if not f.is_imei(name):
        return Packet(dialect=DIALECT, word="OSM", problems=["phone_without_imei"])
    packet = Packet(kind="position", dialect=DIALECT, word="OSM", imei=name, type_code="NR", status="L", alert=1)
    lat, _, lon = said.get("location", "").partition(",")
    packet.fix = said.get("valid", "true") not in ("0", "false")
    packet.at = _instant(said.get("timestamp", ""))
    if packet.at is None:
        packet.problems.append("clock_bad")
    if packet.fix:
        packet.lat, packet.lon = f.place((said.get("lat", lat), "", said.get("lon", lon), ""), packet.problems)
        packet.speed_kmh = _scaled(said.get("speed"), _KMH_A_KNOT)
        packet.heading = _scaled(said.get("bearing") or said.get("heading"), 1.0)
        packet.altitude_m, packet.hdop = _scaled(said.get("altitude"), 1.0), _scaled(said.get("hdop"), 1.0)
    return packet


def _scaled(text: str | None, by: float) -> float | None:
    value = f.number(text) if text else None
    return None if value is None or value < 0 else round(value * by, 2)


def _instant(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"\d{9,13}", text):
            number = int(text)
            at = datetime.fromtimestamp(number / 1000 if number > _MOST_MS else number, UTC)
        else:
            said = datetime.fromisoformat(text)
            at = said.replace(tzinfo=UTC) if said.tzinfo is None else said.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year >= OLDEST_YEAR else None


def _flat(body: str) -> dict[str, str]:
    """A JSON report in the words of the query."""
    try:
        said: Any = json.loads(body)
        place = said["location"]
        coords = place["coords"]
        found = {
            "id": said.get("device_id"), "timestamp": place.get("timestamp"), "lat": coords.get("latitude"),
            "lon": coords.get("longitude"), "bearing": coords.get("heading"), "altitude": coords.get("altitude"),
        }  # fmt: skip
        speed = coords.get("speed")
        if isinstance(speed, int | float) and speed >= 0:
            found["speed"] = round(speed * _KMH_A_MS / _KMH_A_KNOT, 4)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: str(value) for name, value in found.items() if isinstance(value, str | int | float)}
