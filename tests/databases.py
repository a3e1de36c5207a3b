"""Databases for tests: migrated once for each state of the migrations, then copied for whoever needs one.

A migration from nothing takes four seconds of processor, a copy a few milliseconds.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[1]
_KEPT = ROOT / ".pytest_cache" / "databases"
#: What a migrated database follows from, beside Django itself.
_SOURCES = ("*/migrations/*.py", "*/models.py", "*/invariants.py", "core/guards.py", "core/facts.py", "settings.py")


@cache
def fingerprint() -> str:
    """Another one for every state of the migrations and of what they call."""
    digest = sha256(django.__version__.encode())
    for path in sorted({path for pattern in _SOURCES for path in (ROOT / "immis").glob(pattern)}):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The first process of a run migrates; the others wait and find what it made."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(**where: str) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "immis.settings", **where}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=env, cwd=ROOT, check=True)


# -- SQLite


def migrated_file() -> Path:
    """A migrated database that nobody writes to."""
    ready = _KEPT / f"{fingerprint()}.sqlite3"
    with _one_at_a_time():
        if not ready.exists():
            for old in _KEPT.glob("*.sqlite3"):
                old.unlink()
            with tempfile.TemporaryDirectory(prefix="immis-migrated-") as folder:
                _migrate(IMMIS_DATA=folder, DATABASE_URL="")
                made, part = Path(folder, "immis.sqlite3"), ready.with_suffix(".part")
                copy_file(made, part)
                part.replace(ready)
    return ready


def copy_file(source: Path | str, target: Path | str) -> None:
    """What is committed in a database file, as a file of its own."""
    reader, writer = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reader.backup(writer)
    finally:
        reader.close(), writer.close()
    os.chmod(target, 0o600)


def prepare(data: Path) -> None:
    """Lay a migrated database into the folder of a new installation, so that its first start has nothing to migrate."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(migrated_file(), data / "immis.sqlite3")
    (data / "immis.sqlite3").chmod(0o600)


# -- PostgreSQL


def copy_on_server(connection: Any, source: str, target: str) -> None:
    """A database beside another one, with what is committed in it; sessions of threads that ended are ended too."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [source])
        cursor.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def make_on_server(connection: Any, name: str) -> None:
    """A database without a table."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')


def drop_on_server(connection: Any, name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _migrated_on_server(connection: Any) -> str:
    """The name of a migrated database on the server."""
    begins = f"{connection.settings_dict['NAME']}_migrated_"
    ready = f"{begins}{fingerprint()}"
    with _one_at_a_time():
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [begins])
            there = [name for (name,) in cursor.fetchall()]
            if ready in there:
                return ready
            for old in there:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{begins}part"')
        given = connection.settings_dict
        _migrate(DATABASE_URL=_url(given, f"{begins}part"))
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{begins}part" RENAME TO "{ready}"')
    return ready


def _url(given: dict[str, Any], name: str) -> str:
    from urllib.parse import quote

    who = quote(given["USER"], safe="") + (f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else "")
    host, port = str(given["HOST"]), f":{given['PORT']}" if given["PORT"] else ""
    if host.startswith("/"):
        return f"postgresql://{who}@{port}/{quote(name)}?host={quote(host)}"
    return f"postgresql://{who}@{host}{port}/{quote(name)}"


# -- the database of this process's tests


def enter(connection: Any, file: Path) -> str:
    """Put a connection on a fresh migrated database; answers its name, for ``leave``."""
    connection.close()
    if connection.vendor == "sqlite":
        own = str(file)
        shutil.copyfile(migrated_file(), own)
    else:
        own = connection.creation._get_test_db_name()
        copy_on_server(connection, _migrated_on_server(connection), own)
    connection.settings_dict["NAME"] = own
    return own


def leave(connection: Any, own: str, before: str) -> None:
    """Take the connection off the tests' database, which is thrown away."""
    connection.close()
    connection.settings_dict["NAME"] = before
    if connection.vendor == "sqlite":
        Path(own).unlink(missing_ok=True)
    else:
        drop_on_server(connection, own)


@contextmanager
def standing_on(connection: Any, own: str) -> Iterator[str]:
    """The connection on another database until the block ends; on a server that one is dropped then."""
    shared = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = own
    try:
        yield own
    finally:
        connection.close()
        connection.settings_dict["NAME"] = shared
        if connection.vendor != "sqlite":
            drop_on_server(connection, own)
