"""What every installation needs: records, room on the disk, an address with TLS, copies, and its worker."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from immis.core.installation.readiness import Check, Finding, declare

_GB = 1 << 30
_LITTLE_ROOM, _NO_ROOM = 10 * _GB, _GB
#: A nightly copy that is older than this was left out at least once.
_COPY_MAY_BE = timedelta(hours=36)
_WORKER_MAY_REST_S = 120


def _records(at: datetime) -> Finding:
    if connection.vendor != "postgresql":
        return Finding("weak", "SQLite")
    number = connection.pg_version  # type: ignore[attr-defined]
    return Finding("set" if number >= 150_000 else "weak", f"PostgreSQL {number // 10_000}")


def _room(at: datetime) -> Finding:
    free = shutil.disk_usage(settings.DATA).free
    state = "missing" if free < _NO_ROOM else "weak" if free < _LITTLE_ROOM else "set"
    return Finding(state, f"{settings.DATA}: {free / _GB:,.0f} GB")


def _address(at: datetime) -> Finding:
    good = settings.PRODUCTION and settings.PUBLIC_URL.startswith("https://")
    return Finding("set" if good else "missing", settings.PUBLIC_URL)


def newest_copy(folder: Path) -> datetime | None:
    """When the newest whole backup of a folder was made; None where there is none."""
    made = []
    for path in folder.glob("*/backup.json") if folder.is_dir() else ():
        try:
            made.append(datetime.fromisoformat(json.loads(path.read_text(encoding="utf8"))["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return max(made, default=None)


def _copies(at: datetime) -> Finding:
    if not settings.BACKUPS:
        return Finding("missing")
    made = newest_copy(Path(settings.BACKUPS))
    if made is None:
        return Finding("missing", settings.BACKUPS)
    return Finding("set" if at - made <= _COPY_MAY_BE else "weak", f"{settings.BACKUPS}: {made:%d.%m.%Y %H:%M} UTC")


def _worker(at: datetime) -> Finding:
    path = settings.DATA / "run" / "worker.json"
    try:
        written_s = path.stat().st_mtime
    except OSError:
        return Finding("missing")
    age_s = datetime.now(UTC).timestamp() - written_s  # by the machine's clock, whatever a demonstration shows
    return Finding("set" if age_s < _WORKER_MAY_REST_S else "missing", f"{max(age_s, 0):.0f} s")


declare(
    Check(
        "records",
        _("Records"),
        _("SQLite serves one district well. A department of several needs PostgreSQL 15 or newer."),
        "DATABASE_URL",
        _records,
    ),
    Check(
        "room",
        _("Room on the disk of the data"),
        _("When it is full, nothing more is taken in: no payment, no e-challan, no position of a vehicle."),
        "IMMIS_DATA",
        _room,
        needed=True,
    ),
    Check(
        "address",
        _("Public address with TLS"),
        _("Without https passwords travel in the open, and the QR code of an e-challan leads to nothing."),
        "IMMIS_PRODUCTION, IMMIS_PUBLIC_URL, IMMIS_HOSTS",
        _address,
        needed=True,
    ),
    Check(
        "backups",
        _("Nightly backup"),
        _("Without one a broken disk takes every record, key and paper of the department with it."),
        "IMMIS_BACKUPS, immis-backup.timer",
        _copies,
        needed=True,
    ),
    Check(
        "worker",
        _("Worker"),
        _("Without it no message goes out, no hold is announced and no vehicle is followed."),
        "immis run",
        _worker,
        needed=True,
    ),
)
