"""The load of this installation for a sizing proposal: e-challans, devices, and what is stored (A-29)."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate

from immis.challans.selectors import challans
from immis.clock import INDIA, data_dir
from immis.core.access.permissions import SYSTEM
from immis.registry.selectors import devices
from immis.rules.capacity import Load

_LOOKED_BACK = timedelta(days=90)
_GB = 10**9


def load_of(at: datetime) -> Load:
    """The busiest day of the last three months, the devices on record, and the gigabytes by kind."""
    lately = challans(SYSTEM).filter(issued_at__gt=at - _LOOKED_BACK, issued_at__lte=at).order_by()
    days = lately.annotate(day=TruncDate("issued_at", tzinfo=INDIA)).values("day").annotate(n=Count("pk"))
    folder = data_dir()
    return Load(
        challans_a_day=max((row["n"] for row in days), default=0),
        devices=devices().count(),
        records_gb=_records_bytes() / _GB,
        positions_gb=_size(folder / "gateway") / _GB,
        files_gb=_size(folder / "files") / _GB,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _records_bytes() -> int:
    """How large the database is."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    return sum(path.stat().st_size for path in data_dir().glob("immis.sqlite3*"))
