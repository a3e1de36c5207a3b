"""A newer agent, only where the department signed it; what does not run well gives way to the one before.

The text that is signed is ``immis-agent-1``, version and SHA-256 of the file, a line each. The key that signs is pinned
at pairing: a server that is taken over later cannot hand out another agent.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from . import VERSION
from .client import Client, Refused, Unreachable
from .signed import signature_fits

MANIFEST, FILE = "/weighbridge/agent/manifest.json", "/weighbridge/agent/immis-agent.pyz"
#: So many starts without a sign of life, and the version before is taken again.
TRIES = 3


def signed_text(version: str, sha256: str) -> bytes:
    """What the department signs."""
    return "\n".join(["immis-agent-1", version, sha256]).encode("ascii")


def numbered(version: str) -> Tuple[int, ...]:
    """A version for comparing; empty where it is none."""
    parts = version.split(".") if isinstance(version, str) else []
    return tuple(map(int, parts)) if parts and all(part.isdigit() and len(part) < 6 for part in parts) else ()


class Versions:
    """Which agent runs: ``current`` and ``previous`` file, how often the current one was started without a sign."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._file = folder, folder / "versions.json"
        try:
            self.row: Dict[str, Any] = json.loads(self._file.read_text("utf8"))
        except (OSError, ValueError):
            self.row = {}

    def _keep(self, **row: Any) -> None:
        self.row = row
        fresh = self._file.with_suffix(".new")
        with fresh.open("w") as file:
            json.dump(row, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(str(fresh), str(self._file))

    def path(self, version: str) -> Path:
        """Where a version lies."""
        return self.folder / (f"immis-agent-{version}.pyz")

    def to_start(self) -> Optional[Path]:
        """The file to start now, None for the one that was installed; counts the try, and steps back after too many."""
        row = dict(self.row)
        if not row.get("current") or not self.path(row["current"]).exists():
            return None
        if numbered(row["current"]) <= numbered(VERSION):  # what was installed by hand since is newer
            return None
        if not row.get("well"):
            row["tries"] = row.get("tries", 0) + 1
            if row["tries"] > TRIES:
                row = {"current": row.get("previous"), "bad": row["current"], "well": True}
            self._keep(**row)
        return self.path(row["current"]) if row.get("current") else None

    def runs_well(self) -> None:
        """The current version has handed over or been answered: it stays."""
        if self.row.get("current") == VERSION and not self.row.get("well"):
            self._keep(**dict(self.row, well=True, tries=0))

    def take(self, version: str, data: bytes) -> None:
        """Lay a checked file down and make it the current one."""
        fresh = self.path(version).with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(str(fresh), str(self.path(version)))
        previous = VERSION if self.path(VERSION).exists() else None
        self._keep(current=version, previous=previous, bad=self.row.get("bad"), tries=0, well=False)


def fits(manifest: Dict[str, Any], root: str, data: Optional[bytes] = None) -> bool:
    """Whether the department signed this manifest, and whether the file is the one that it names."""
    version, sha256, signature = (manifest.get(name) for name in ("version", "sha256", "signature"))
    if not all(isinstance(text, str) and text.isascii() for text in (version, sha256, signature)):
        return False
    if not numbered(str(version)) or not signature_fits(root, signed_text(str(version), str(sha256)), str(signature)):
        return False
    return data is None or hashlib.sha256(data).hexdigest() == sha256


def look(client: Client, root: str, versions: Versions) -> Optional[str]:
    """Fetch a newer signed agent and make it the current one; its version, None where there is none to take."""
    try:
        manifest = json.loads(client.file(MANIFEST).decode("utf8"))
        if not isinstance(manifest, dict) or not fits(manifest, root):
            return None
        version = manifest["version"]
        if numbered(version) <= numbered(VERSION) or version == versions.row.get("bad"):
            return None
        data = client.file(FILE)
    except (Unreachable, Refused, ValueError):
        return None
    if not fits(manifest, root, data):
        return None
    versions.take(version, data)
    return str(version)
