"""Phones that report over HTTP: OsmAnd's protocol, as all generations of the Traccar Client speak it.

``/?id=…&lat=…&lon=…&timestamp=…&speed=…&bearing=…&altitude=…&batt=…``, by GET or POST, in the address or as a form,
speed in knots, time as seconds or milliseconds since 1970 or as text in UTC (Traccar Client to 8, and from 10 on);
the same words as a JSON object or a list of them (the Traccar Client's SDK, several fixes at once); or a JSON body with
``device_id`` and ``location``, speed in metres a second (Traccar Client 9). Described on traccar.org under "OsmAnd".
A phone is known by the fifteen digits that the office gave it as identifier.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from immis.gateway.protocols import fields as f
from immis.gateway.protocols.http import Request
from immis.gateway.protocols.packet import Packet
from immis.gateway.tolerances import LATEST_YEAR, OLDEST_YEAR
from immis.reading import read_json

DIALECT = "osmand-http"
_KMH_A_KNOT, _KMH_A_MS = 1.852, 3.6
_EPOCH = re.compile(r"([0-9]{9,13})(?:\.[0-9]*)?")
#: A plus of the zone that the sender left as it is, and that reads as a blank in an address.
_ZONE_AS_BLANK = re.compile(r"(\d{4}-\d\d-\d\d[T +]\d\d:?\d\d(?::?\d\d(?:[.,]\d+)?)?) (\d\d(?::?\d\d)?)")
_MOST_MS = 4_000_000_000  # larger timestamps are milliseconds
_MOST_TARGET = 4000
_MOST_AT_ONCE = 500  # fixes in one request; a request is 16 kB at most


def decode_request(request: Request) -> list[Packet]:
    """The positions in one request, newest last as they stand in it; none where it carries none.

    A request that names a phone and no place (a change of its settings, a sign of life) gives one unknown packet
    of the dialect, so that it is answered and not sent again.
    """
    packets = []
    query = request.target[:_MOST_TARGET].partition("?")[2].partition("#")[0]
    for report in _reports(dict(parse_qsl(query)), request.body.decode("utf-8-sig", "replace")):
        name = report.get("id") or report.get("deviceid") or ""
        if not f.is_imei(name) and f.is_imei(report.get("imei", "")):
            name = report["imei"]
        if name and ({"lat", "lon"} <= report.keys() or "location" in report):
            packets.append(_packet(name, report))
        elif name:
            imei = name if f.is_imei(name) else None
            packets.append(Packet(dialect=DIALECT, word="OSM", imei=imei, problems=["no_place"]))
    return packets


def _reports(query: dict[str, str], body: str) -> Iterator[dict[str, str]]:
    """Each report of a request in the words of the query."""
    if not body.lstrip().startswith(("{", "[")):
        yield query | (dict(parse_qsl(body)) if "=" in body else {})
        return
    try:
        payload: Any = read_json(body)
    except ValueError:
        payload = {}
    for row in payload[:_MOST_AT_ONCE] if isinstance(payload, list) else [payload]:
        if isinstance(row, dict):
            yield query | (_flat(row) if isinstance(row.get("location"), dict) else _texts(row))


def _packet(name: str, fields: dict[str, str]) -> Packet:
    if not f.is_imei(name):
        return Packet(dialect=DIALECT, word="OSM", problems=["phone_without_imei"])
    packet = Packet(kind="position", dialect=DIALECT, word="OSM", imei=name, type_code="NR", status="L", alert=1)
    lat, _, lon = fields.get("location", "").partition(",")
    packet.fix = fields.get("valid", "true") not in ("0", "false")
    packet.at = _instant(fields.get("timestamp", ""))
    if packet.at is None:
        packet.problems.append("clock_bad")
    if packet.fix:
        packet.lat, packet.lon = f.place((fields.get("lat", lat), "", fields.get("lon", lon), ""), packet.problems)
        packet.speed_kmh = _scaled(fields.get("speed"), _KMH_A_KNOT)
        packet.heading = _scaled(fields.get("bearing") or fields.get("heading"), 1.0)
        packet.altitude_m, packet.hdop = _scaled(fields.get("altitude"), 1.0), _scaled(fields.get("hdop"), 1.0)
    return packet


def _scaled(text: str | None, by: float) -> float | None:
    value = f.number(text) if text else None
    return None if value is None or value < 0 else round(value * by, 2)


def _instant(text: str) -> datetime | None:
    try:
        if _EPOCH.fullmatch(text):
            number = float(text) if "." in text else int(text)
            at = datetime.fromtimestamp(number / 1000 if number > _MOST_MS else number, UTC)
        else:
            zoned = _ZONE_AS_BLANK.fullmatch(text)
            moment = datetime.fromisoformat(f"{zoned.group(1)}+{zoned.group(2)}" if zoned else text)
            at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if OLDEST_YEAR <= at.year <= LATEST_YEAR else None


def _flat(body: dict[str, Any]) -> dict[str, str]:
    """A report of the Traccar Client 9 in the words of the query."""
    place = body["location"]
    coords = place.get("coords")
    payload: dict[str, Any] = {"id": body.get("device_id"), "timestamp": place.get("timestamp")}
    if isinstance(coords, dict):
        payload |= {"lat": coords.get("latitude"), "lon": coords.get("longitude"), "bearing": coords.get("heading")}
        payload["altitude"] = coords.get("altitude")
        speed = coords.get("speed")
        if isinstance(speed, int | float) and speed >= 0:
            payload["speed"] = round(speed * _KMH_A_MS / _KMH_A_KNOT, 4)
    return _texts(payload)


def _texts(body: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in body.items() if isinstance(value, str | int | float)}
