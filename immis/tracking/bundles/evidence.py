"""The evidence bundle of a trip: raw frames, decoded rows, map sheet, manifest with hashes, signature, README."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.events import names_of
from immis.core.facts import plain
from immis.core.papers.documents import (
    DEPARTMENT,
    GOVERNMENT,
    Bilingual,
    compile_typst,
    filled,
    instant_text,
    words_of_paper,
)
from immis.core.services import canonical, log_action
from immis.core.signing.keyring import evidence_signer
from immis.registry import selectors as registry
from immis.rules.movement import tracks
from immis.rules.policy import book
from immis.tracking import gateway
from immis.tracking.bundles.check import FRAMES, KIND, MANIFEST, POSITIONS, README, SIGNATURE
from immis.tracking.bundles.map import track_svg
from immis.tracking.events import Emergency, PowerCut, PowerRestored, Serviced, Tamper
from immis.tracking.models import Trip
from immis.tracking.selectors import TRIP_MARGIN, Trail, trail

TEMPLATE = Path(__file__).parents[1] / "templates" / "evidence.typ"
_WORDS = words_of_paper("evidence")
_README = Path(__file__).parents[1] / "templates" / "evidence_readme.txt"
_MOST_EVENTS = 60


def evidence_bundle(
    viewer: Actor, *, trip: Trip, names: Mapping[str, Bilingual], challan: Mapping[str, Any] | None, reason: str,
    at: datetime,
) -> bytes:  # fmt: skip
    """The signed ZIP of one trip; the look and the making are logged.

    ``names`` words the fences; ``challan`` is what the office keeps of the trip's e-challan, or None. Raises what
    ``trail`` raises.
    """
    start, end = trip.started_at - TRIP_MARGIN, (trip.ended_at or at) + TRIP_MARGIN
    seen = trail(viewer, imei=_imei_now(trip), start=start, end=end, at=at, reason=reason)
    rows = gateway.stored_rows(trip.imei, start=start, end=end)
    frames = gateway.raw_frames([row["raw_ref"] for row in rows if row["raw_ref"] is not None], trip.imei)
    stops = tracks.stops(seen.points, policy=book(), at=at)
    parts = {
        README: _README.read_bytes(),
        FRAMES: _frames(frames),
        POSITIONS: _positions(rows),
        "trip.json": _json(_trip(trip) | {"phones": sorted(seen.phones)}),
        "events.json": _json({"events": [_event(event) for event in seen.events], "fences": _fences(seen)}),
        "challan.json": _json({"challan": dict(challan) if challan else None}),
    }
    if len(seen.points) > 1:
        parts["map.pdf"] = _sheet(trip, seen, stops, names, challan, at)
    manifest = _manifest(trip, parts, rows=len(rows), frames=sum(map(len, frames.values())), by=viewer, at=at)
    body = {"trip": trip.pk, "manifest_sha256": hashlib.sha256(manifest).hexdigest(), "reason": reason}
    log_action("evidence.made", subject=("vehicle", trip.registration), by=viewer, at=at, facts=body)
    return _zip({**parts, MANIFEST: manifest, SIGNATURE: _signature(manifest, at)}, at)


def _imei_now(trip: Trip) -> str:
    """The device that the vehicle has now: by it the vehicle's trail is asked for."""
    vehicle = registry.vehicle_of(trip.registration)
    device = registry.device_of(vehicle) if vehicle else None
    return device.imei if device else trip.imei


def _frames(frames: Mapping[int, Sequence[tuple[datetime, bytes]]]) -> bytes:
    lines = [
        json.dumps({"ref": ref, "received_at": at.isoformat(), "frame": raw.decode("latin-1")}, ensure_ascii=False)
        for ref in sorted(frames)
        for at, raw in frames[ref]
    ]
    return ("\n".join(lines) + "\n" if lines else "").encode()


def _positions(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    names = list(rows[0]) if rows else []
    table.writerow(names)
    for row in rows:
        table.writerow([_cell(row[name]) for name in names])
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else int(value) if isinstance(value, bool) else value


def _json(body: Mapping[str, Any]) -> bytes:
    return (json.dumps(plain(body), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _trip(trip: Trip) -> dict[str, Any]:
    names = ("imei", "registration", "source_fence", "started_at", "destination_fence", "ended_at", "distance_km",
             "max_speed_kmh")  # fmt: skip
    return {"id": trip.pk, **{name: getattr(trip, name) for name in names}}


def _event(event: Any) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at,
        "received_at": event.received_at,
        "payload": event.payload,
    }


def _fences(seen: Trail) -> list[dict[str, Any]]:
    names = ("seq", "kind", "fence_id", "at", "received_at", "lat", "lon", "late")
    return [{name: getattr(crossing, name) for name in names} for crossing in seen.crossings]


def _manifest(trip: Trip, parts: Mapping[str, bytes], *, rows: int, frames: int, by: Actor, at: datetime) -> bytes:
    files = {
        name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in sorted(parts.items())
    }
    body = {
        "kind": KIND, "trip": trip.pk, "vehicle": trip.registration, "imei": trip.imei, "made_at": at.isoformat(),
        "made_by": {"user": by.user_id, "post": by.role, "office": by.office_code}, "rows": rows,
        "raw_frames": frames, "files": files,
    }  # fmt: skip
    return canonical(body)


def _signature(manifest: bytes, at: datetime) -> bytes:
    signer = evidence_signer(clock.data_dir(), at=at)
    body = {"algorithm": "Ed25519", "signs": MANIFEST, "key": signer.public, "signature": signer.sign(manifest)}
    return _json(body)


def _zip(parts: Mapping[str, bytes], at: datetime) -> bytes:
    out = io.BytesIO()
    moment = at.astimezone(clock.INDIA).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in parts.items():
            info = zipfile.ZipInfo(name, date_time=moment)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            file.writestr(info, body)
    return out.getvalue()


# -- the map sheet ------------------------------------------------------------------------------------------------


def _sheet(
    trip: Trip, seen: Trail, stops: Sequence[tracks.Stop], names: Mapping[str, Bilingual],
    challan: Mapping[str, Any] | None, at: datetime,
) -> bytes:  # fmt: skip
    kept = tracks.simplified(seen.points, metres=5.0)
    line = [(seen.points[index].lat, seen.points[index].lon) for index in kept]
    areas = [
        [(lat, lon) for lat, lon in block.corners]
        for block in registry.blocks(code=trip.source_fence.removeprefix("ghat:"))
    ]
    svg, km_wide = track_svg(line, areas=areas, stops=[(stop.lat, stop.lon) for stop in stops])
    data = {
        "number": f"{trip.registration}-{trip.pk}",
        "vehicle": trip.registration,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "office": _WORDS["office"],
        "particulars": _particulars(trip, seen, names, challan),
        "map_svg": svg,
        "scale": filled("evidence", "scale", km_wide=km_wide).hi,
        "events": _events(seen, stops, names),
        "closing": _WORDS["closing"],
    }
    return compile_typst(TEMPLATE, data, created_at=at)


def _particulars(
    trip: Trip, seen: Trail, names: Mapping[str, Bilingual], challan: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    def place(fence: str) -> str:
        name = names.get(fence)
        return f"{name.hi} / {name.en}" if name else fence or "—"

    rows = [
        ("imei", trip.imei),
        ("challan", str((challan or {}).get("number", "—"))),
        ("source", place(trip.source_fence)),
        ("destination", place(trip.destination_fence)),
        ("started", instant_text(trip.started_at)),
        ("ended", instant_text(trip.ended_at) if trip.ended_at else "—"),
        ("distance", f"{trip.distance_km} km" if trip.distance_km is not None else "—"),
        ("positions", _counted(seen)),
    ]
    return [{"name": _WORDS[name], "value": value} for name, value in rows]


_SIGNALS = (Tamper.KIND, Serviced.KIND, PowerCut.KIND, PowerRestored.KIND, Emergency.KIND)


def _named(kind: str) -> Bilingual:
    names = names_of(kind)
    return Bilingual(names["hi"], names["en"])


def _counted(seen: Trail) -> str:
    """How many positions there are, and how many of them a driver's phone told (DEV-17)."""
    if not seen.by_phone:
        return str(len(seen.points))
    return filled("evidence", "by_phone", all=len(seen.points), by_phone=seen.by_phone).hi


def _events(seen: Trail, stops: Sequence[tracks.Stop], names: Mapping[str, Bilingual]) -> list[dict[str, Any]]:
    def place(fence: str) -> str:
        return names[fence].hi if fence in names else fence

    lines = [(crossing.at, _WORDS[crossing.kind], place(crossing.fence_id)) for crossing in seen.crossings]
    lines += [(stop.at, _WORDS["stop"], f"{stop.minutes} min") for stop in stops]
    lines += [
        (event.at, _named(event.kind), str(event.payload.get("signal", "")))
        for event in seen.events
        if event.kind in _SIGNALS
    ]
    lines.sort(key=lambda line: line[0])
    return [{"at": instant_text(at), "what": what, "place": where} for at, what, where in lines[:_MOST_EVENTS]]
