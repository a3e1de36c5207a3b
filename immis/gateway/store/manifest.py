"""Which files of one day hold its positions: compacted ones by range of devices, and segments that came after.

A day's folder has ``manifest.json`` once it was compacted: the compacted files with the range of devices and of
times of each, and the number of the last commit that is in them. Segments up to that number are superseded. The
manifest is replaced in one step, so that a crash at any moment leaves the old picture or the new one.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from immis.gateway.machine import sync_folder

_FILE = "manifest.json"


@dataclass(frozen=True)
class Compacted:
    """One compacted file: sorted by device and time; times in milliseconds since 1970, ends included."""

    name: str
    rows: int
    imei_min: str
    imei_max: str
    at_min: int
    at_max: int


@dataclass(frozen=True)
class Manifest:
    """The compacted files of one day, and the last commit that is in them."""

    through: int = -1
    files: tuple[Compacted, ...] = ()

    def holding(self, imei: str | None) -> list[Compacted]:
        """The files that may hold a device; all of them for None."""
        return [x for x in self.files if imei is None or x.imei_min <= imei <= x.imei_max]


def read_manifest(folder: Path) -> Manifest:
    """The manifest in force; an empty one for a day that was never compacted."""
    try:
        payload: dict[str, Any] = json.loads((folder / _FILE).read_text())
    except FileNotFoundError:
        return Manifest()
    return Manifest(int(payload["through"]), tuple(Compacted(**row) for row in payload["files"]))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in force, durably and in one step."""
    part = folder / f"{_FILE}.part"
    with part.open("w") as file:
        json.dump({"through": manifest.through, "files": [asdict(row) for row in manifest.files]}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, folder / _FILE)
    sync_folder(folder)
