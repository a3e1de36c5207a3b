"""A filled database of an earlier state as one file, laid into either kind of database at that state.

The file has the last migration of each app, and every row as SQLite keeps it; columns that PostgreSQL keeps otherwise
(truth values, instants, bytes) are named. ``python -m tests.upgrade.state FOLDER`` writes it from the installation in a
folder; ``tests/upgrade/kept.txt`` has the digests of the migrations that may never change again (``--keep-new`` adds
those that came since).
"""

import base64
import json
import lzma
import os
import sqlite3
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent
STATE, KEPT = FOLDER / "state-2026-11.json.xz", FOLDER / "kept.txt"
#: What a kept migration calls, beside the migrations themselves.
_CALLED = ("immis/core/guards.py", "immis/ledger/invariants.py")
#: Who was signed in, and what Django itself fills when it migrates.
_LEFT_OUT = {"django_session", "django_migrations", "django_content_type", "auth_permission"}
#: Rows that the database takes only when those that they seal are there.
_LAST = {"ledger_journalseal"}
_A_PART = 500


def digests() -> dict[str, str]:
    """The digest of each migration, and of what migrations call, by path."""
    paths = [path for path in ROOT.glob("immis/*/migrations/0*.py")] + [ROOT / name for name in _CALLED]
    return {str(path.relative_to(ROOT)): sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def kept() -> dict[str, str]:
    """The digests of what may not change any more."""
    return dict(line.split()[::-1] for line in KEPT.read_text().splitlines())


def read() -> dict[str, Any]:
    """The kept state: ``migrations`` (app to name) and ``tables`` (name to columns, kinds, rows)."""
    return json.loads(lzma.decompress(STATE.read_bytes()))


# -- writing


def _kinds() -> dict[str, dict[str, str]]:
    """The columns that PostgreSQL keeps otherwise, by table."""
    from django.apps import apps

    words = {"BooleanField": "truth", "DateTimeField": "instant", "BinaryField": "bytes"}
    return {
        model._meta.db_table: {
            field.column: words[kind]
            for field in model._meta.concrete_fields
            if (kind := field.get_internal_type()) in words
        }
        for model in apps.get_models(include_auto_created=True)
    }


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def written(database: Path) -> dict[str, Any]:
    """The state of a SQLite database."""
    source, tables = sqlite3.connect(f"file:{database}?mode=ro", uri=True), {}
    for name, kinds in sorted(_kinds().items(), key=lambda row: row[0] in _LAST):
        if name in _LEFT_OUT:
            continue
        rows = source.execute(f'SELECT * FROM "{name}" ORDER BY 1')
        columns = [column[0] for column in rows.description]
        tables[name] = {"columns": columns, "kinds": kinds, "rows": [[_plain(cell) for cell in row] for row in rows]}
    last = "SELECT app, max(name) FROM django_migrations GROUP BY app"
    return {"migrations": dict(source.execute(last)), "tables": tables}


def keep(folder: Path) -> None:
    """Write the state of an installation, and the digests of its migrations."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "immis.settings")
    import django

    django.setup()
    text = json.dumps(written(folder / "immis.sqlite3"), ensure_ascii=False, separators=(",", ":"))
    STATE.write_bytes(lzma.compress(text.encode(), preset=9))
    _write_digests(digests())


# -- laying it down


def _value(cell: Any, kind: str, *, sqlite: bool) -> Any:
    if cell is None or not kind:
        return cell
    if kind == "bytes":
        return base64.b64decode(cell)
    if sqlite:
        return cell
    return bool(cell) if kind == "truth" else f"{cell}+00:00"


def lay_down(connection: Any, tables: dict[str, Any]) -> None:
    """Insert every row of a state into a database that is migrated to it."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for name, table in tables.items():
            for rows in _parts(_typed(connection, table)):
                names = ", ".join(f'"{column}"' for column in table["columns"])
                marks = ", ".join(["%s"] * len(table["columns"]))
                cursor.executemany(f'INSERT INTO "{name}" ({names}) VALUES ({marks})', rows)
            if connection.vendor == "postgresql" and "id" in table["columns"]:
                sequence = f"pg_get_serial_sequence('\"{name}\"', 'id')"
                cursor.execute(f'SELECT setval({sequence}, max(id)) FROM "{name}" HAVING max(id) IS NOT NULL')


def _typed(connection: Any, table: dict[str, Any]) -> list[list[Any]]:
    kinds = [table["kinds"].get(column, "") for column in table["columns"]]
    sqlite = connection.vendor == "sqlite"
    return [[_value(cell, kind, sqlite=sqlite) for cell, kind in zip(row, kinds, strict=True)] for row in table["rows"]]


def _parts(rows: list[list[Any]]) -> Iterable[list[list[Any]]]:
    return (rows[begin : begin + _A_PART] for begin in range(0, len(rows), _A_PART))


def keep_new() -> None:
    """Add the digests of migrations that came since; those that are kept stay."""
    _write_digests({**digests(), **kept()})


def _write_digests(known: dict[str, str]) -> None:
    KEPT.write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(known.items())))


if __name__ == "__main__":
    keep_new() if sys.argv[1] == "--keep-new" else keep(Path(sys.argv[1]))
