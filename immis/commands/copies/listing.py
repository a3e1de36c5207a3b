"""The list of a backup: every file with its digest."""

import json
from pathlib import Path
from typing import Any

from immis.commands.copies.files import digest_of

MANIFEST = "backup.json"
FORMAT = 1
DUMP = "records.dump"


class Unusable(RuntimeError):
    """What was asked cannot be done, in words for the operator."""


def read_list(backup: Path) -> dict[str, Any]:
    """A backup's list; Unusable where there is none that this version knows."""
    try:
        manifest = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise Unusable(f"{backup} is no backup, or not a whole one: {MANIFEST} cannot be read") from fault
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Unusable(f"{backup} was made by a version of IMMIS that this one does not know")
    return manifest


def check(backup: Path) -> dict[str, Any]:
    """The list of a backup, each of whose files has been read and found unchanged."""
    manifest = read_list(backup)
    for name, line in manifest["files"].items():
        path = backup / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise Unusable(f"{name!r} in {MANIFEST} lies outside the backup")
        if not path.is_file() or path.stat().st_size != line["bytes"] or digest_of(path) != line["sha256"]:
            raise Unusable(f"{name} is missing from the backup or was changed since; nothing was restored")
    return manifest
