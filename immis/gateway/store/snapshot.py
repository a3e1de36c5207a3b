"""The office's snapshot: which devices are known and where the fences lie."""

import json
import logging
import os
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from immis import clock
from immis.gateway.networks import Network, networks_of
from immis.gateway.state.fences import FenceMap
from immis.rules.movement.readings import Readings, shipped_readings

log = logging.getLogger(__name__)


def snapshot_path(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "snapshot.json"


def write_snapshot(data_dir: str | Path, snapshot: dict[str, Any]) -> None:
    """Hand a snapshot to the gateway: ``{"version", "devices", "fences"}``, replaced in one step.

    Devices are ``{"imei", "vehicle"}``, with ``service`` ([from, until], seconds since 1970) where the opening of
    the device was announced, ``phone`` (seconds since 1970) until when a driver's phone may stand in for one, and
    ``iccid`` of its SIM; fences ``{"id", "kind", "name"}`` with either ``polygon`` ([[lat, lon], …]) or ``centre``
    ([lat, lon]) and ``radius_m``.
    ``retention_days`` is how long positions stay on line (all of them without it); ``readings`` are the figures of
    ``rules/movement/readings.py`` by name (those of the shipped rule book without it);
    ``networks`` are the address ranges of M2M SIMs; ``http_command`` is the body of an answer that brings a device
    its command, with ``{text}`` in it.
    """
    path = snapshot_path(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".snapshot.{os.getpid()}.{threading.get_ident()}")
    part.write_text(json.dumps(snapshot, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)


@dataclass
class Snapshot:
    """One version of the office's facts, ready for use."""

    version: int = 0
    vehicles: dict[str, str] = field(default_factory=dict)
    fences: FenceMap = field(default_factory=lambda: FenceMap([], shipped_readings(clock.now().date())))
    services: dict[str, tuple[float, float]] = field(default_factory=dict)
    phones: dict[str, float] = field(default_factory=dict)
    networks: tuple[Network, ...] = ()
    http_command: str = "{text}"  # the body of an answer that brings a command
    iccids: dict[str, str] = field(default_factory=dict)  # of the SIM that the register has for a device

    def in_service(self, imei: str, at_s: float) -> bool:
        """Whether the device is being worked on by announcement."""
        begins, ends = self.services.get(imei, (0.0, 0.0))
        return begins <= at_s < ends

    def fitted(self, imei: str) -> dict[str, bool]:
        """Whether the office has the device in a vehicle; nothing where no office has said anything yet."""
        return {"fitted": imei in self.vehicles} if self.version or self.vehicles else {}


class SnapshotReader:
    """Polls the snapshot file; a broken one is logged and the last good one stays in force."""

    def __init__(self, data_dir: str | Path) -> None:
        self._path = snapshot_path(data_dir)
        self._stamp: tuple[int, int, int] | None = None
        self.current = Snapshot()

    def poll(self) -> bool:
        """Whether a new snapshot came into force."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return False
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            payload = json.loads(self._path.read_text(encoding="utf-8"))
            vehicles = {str(row["imei"]): str(row.get("vehicle") or "") for row in payload.get("devices", [])}
            services = {
                str(row["imei"]): (float(row["service"][0]), float(row["service"][1]))
                for row in payload.get("devices", [])
                if row.get("service")
            }
            phones = {str(row["imei"]): float(row["phone"]) for row in payload.get("devices", []) if row.get("phone")}
            fences = FenceMap(payload.get("fences", []), _readings(payload.get("readings") or {}))
            body = str(payload.get("http_command") or "{text}")
            body.format(text="")
            self.current = Snapshot(
                int(payload.get("version", 0)),
                vehicles,
                fences,
                services,
                phones,
                networks_of(payload.get("networks") or ()),
                body,
                {str(row["imei"]): str(row["iccid"]) for row in payload.get("devices", []) if row.get("iccid")},
            )
        except (ValueError, TypeError, LookupError, AttributeError, OSError) as fault:
            log.error("snapshot refused, the last one stays: %s", fault)
            return False
        return True


def _readings(said: dict[str, Any]) -> Readings:
    """The office's figures; one that an older office does not know yet is that of the shipped rule book."""
    if said.keys() >= {name for name in Readings.__slots__}:
        return Readings.of(said)
    return Readings.of(asdict(shipped_readings(clock.now().date())) | said)
