"""Backups: one folder that holds records, raw log, positions, keys and papers as they were at one time, with a list.

The order is what keeps stores together while everything runs: records first, so that
they never know of an event that the gateway's copy lacks; positions before and after
the gateway's file, so that every segment below its checkpoint is there; raw log last,
so that it reaches beyond the checkpoint.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from immis import __version__

MANIFEST = "backup.json"
FORMAT = 1
_RECORDS = "immis.sqlite3"
_DUMP = "records.dump"
_KEYS = "keys"
_DAY_MANIFEST = "manifest.json"
#: Made anew by the processes, or of no use elsewhere.
_LEFT_OUT = {"run", "static", "cache", ".restoring"}
_PASSING = (".part", ".fetched", ".lock", "-wal", "-shm", "-journal")
_SEGMENT = re.compile(r"(\d+)-(\d+)-\d+\.parquet")
_TRIES = 20


class Unusable(RuntimeError):
    """What was asked cannot be done, in words for the operator."""


@dataclass
class Backup:
    """A backup being written: what is already in it, by path."""

    source: Path
    folder: Path
    before: Path | None
    earlier: dict[str, dict[str, Any]]  # the list of the backup before
    listed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        """Copy one file and list it; a link where the backup before has the same one."""
        name = path.relative_to(self.source).as_posix()
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        stat = path.stat()
        known = self._known(name, stat)
        if known is not None and self.before is not None:
            os.link(self.before / name, target)
            self.listed[name] = known
            return
        self.listed[name] = _copy(path, target, stat)

    def _known(self, name: str, stat: os.stat_result) -> dict[str, Any] | None:
        """The backup before's line for a file that never changes once it is there."""
        line = self.earlier.get(name) if name.endswith((".parquet", ".raw")) else None
        return line if line and (line["bytes"], line["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns) else None

    def drop(self, name: str) -> None:
        (self.folder / name).unlink()
        del self.listed[name]

    def add_database(self, path: Path) -> None:
        """Copy a SQLite file as of one moment, whoever writes to it meanwhile."""
        name = path.relative_to(self.source).as_posix()
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        live = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)
        with closing(live), closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        self.listed[name] = _line(target)

    def add_all(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if path.relative_to(self.source).as_posix() not in self.listed:
                self.add(path)


def make(
    target: Path,
    *,
    data_dir: Path,
    database_url: str,
    at: datetime,
    before: Path | None = None,
    without_keys: bool = False,
) -> dict[str, Any]:
    """Write a backup of everything under ``data_dir`` and of the records; gives its list.

    It stands under its name only when it is whole. ``before`` is an earlier backup on the same disk: files that never
    change are linked to it. ``without_keys`` leaves the folder ``keys`` out, so that records and keys can lie in
    different hands. Unusable where the target exists or the records cannot be read.
    """
    if target.exists():
        raise Unusable(f"{target} exists; a backup overwrites nothing")
    if target.resolve().is_relative_to(data_dir.resolve()):
        raise Unusable(f"{target} lies within {data_dir}, which it is to copy")
    earlier = read_list(before)["files"] if before else {}
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    backup = Backup(data_dir, part, before, earlier)
    _add_records(backup, database_url)
    _add_stores(backup)
    kept = (path for path in _files(data_dir) if not (without_keys and path.is_relative_to(data_dir / _KEYS)))
    backup.add_all(path for path in kept if not _is_database(path))
    payload = {"format": FORMAT, "immis": __version__, "at": at.isoformat(), "files": backup.listed}
    payload["keys"] = not without_keys
    payload["records"] = "postgresql" if database_url else "sqlite"
    _write_durably(part / MANIFEST, json.dumps(payload, indent=1, ensure_ascii=False).encode())
    _sync_tree(part)
    os.rename(part, target)
    _sync(target.parent)
    return payload


def _add_records(backup: Backup, database_url: str) -> None:
    if database_url:
        dump = backup.folder / _DUMP
        run_postgres("pg_dump", "--format=custom", f"--file={dump}", database_url)
        dump.chmod(0o600)
        backup.listed[_DUMP] = _line(dump)
        return
    if not (backup.source / _RECORDS).exists():
        raise Unusable(f"{backup.source} holds no records")
    backup.add_database(backup.source / _RECORDS)


def _add_stores(backup: Backup) -> None:
    """Positions, then what the gateway knows, then what was stored between: until nothing was merged meanwhile.

    A manifest that knows more than the gateway's copy would hide what is made again after a restore; a segment merged
    across the copied checkpoint would be dropped then, and its parts be gone.
    """
    for _ in range(_TRIES):
        try:
            manifests = _add_manifests(backup)
            backup.add_all(_positions(backup.source))
            for path in _files(backup.source):
                if _is_database(path) and path.name != _RECORDS:
                    backup.add_database(path)
            backup.add_all(_positions(backup.source))
        except FileNotFoundError:  # merged meanwhile: the merged file is there
            continue
        across = [name for name in backup.listed if _goes_across(backup, name)]
        if not across and manifests == _manifests(backup.source):
            return
        for name in across:
            backup.drop(name)
    raise Unusable("the position store changed under every attempt to copy it; try again when less is going on")


def _add_manifests(backup: Backup) -> dict[str, bytes]:
    """Copy what says which files of a day are in force, before these themselves."""
    manifests = _manifests(backup.source)
    for name in [name for name in backup.listed if name.endswith(f"/{_DAY_MANIFEST}")]:
        backup.drop(name)
    backup.add_all(backup.source / name for name in manifests)
    return manifests


def _manifests(folder: Path) -> dict[str, bytes]:
    paths = (path for path in _files(folder) if path.name == _DAY_MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _goes_across(backup: Backup, name: str) -> bool:
    """Whether a segment begins before its gateway's checkpoint and ends behind it: a merge made since."""
    match = _SEGMENT.fullmatch(name.rpartition("/")[2])
    if match is None or "/positions/" not in f"/{name}":
        return False
    checkpoint = _checkpoint(backup.folder / name.partition("positions/")[0] / "gateway.db")
    return int(match.group(1)) < checkpoint < int(match.group(2))


def _checkpoint(database: Path) -> int:
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT value FROM fact WHERE name = 'checkpoint'").fetchone()
    return int(row[0]) if row else 0


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] in _LEFT_OUT or path.name.endswith(_PASSING) or not path.is_file() or path.is_symlink():
            continue
        yield path


def _positions(folder: Path) -> list[Path]:
    return [path for path in _files(folder) if path.suffix == ".parquet"]


def _is_database(path: Path) -> bool:
    return path.suffix in (".db", ".sqlite3")


# -- restoring -----------------------------------------------------------------------------


def read_list(backup: Path) -> dict[str, Any]:
    """A backup's list; Unusable where there is none that this version knows."""
    try:
        payload = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise Unusable(f"{backup} is no backup, or not a whole one: {MANIFEST} cannot be read") from fault
    if not isinstance(payload, dict) or payload.get("format") != FORMAT:
        raise Unusable(f"{backup} was made by a version of IMMIS that this one does not know")
    return payload


def check(backup: Path) -> dict[str, Any]:
    """The list of a backup, each of whose files has been read and found unchanged."""
    payload = read_list(backup)
    for name, line in payload["files"].items():
        path = backup / name
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise Unusable(f"{name!r} in {MANIFEST} lies outside the backup")
        if not path.is_file() or path.stat().st_size != line["bytes"] or _digest(path) != line["sha256"]:
            raise Unusable(f"{name} is missing from the backup or was changed since; nothing was restored")
    return payload


def restore(backup: Path, *, data_dir: Path, database_url: str) -> dict[str, Any]:
    """Bring a backup back into an empty installation; one that was cut short is taken up again.

    Everything is first laid beside and then moved into place. Unusable where the folder or the database holds
    anything, where records were kept otherwise (SQLite, PostgreSQL), or where a file of the backup was changed.
    """
    staging = data_dir / ".restoring"
    laid = staging / "laid.json"
    payload = check(backup)
    kind = "postgresql" if database_url else "sqlite"
    if payload["records"] != kind:
        raise Unusable(f"the records of this backup are {payload['records']}, and DATABASE_URL says {kind}")
    going_on = laid.exists() and json.loads(laid.read_text()) == {"at": payload["at"]}
    if not going_on:
        _refuse_what_is_there(data_dir, database_url)
        shutil.rmtree(staging, ignore_errors=True)
        (staging / "data").mkdir(parents=True)
        for name, line in payload["files"].items():
            if name != _DUMP:
                _lay(backup / name, staging / "data" / name, line)
        _sync_tree(staging)
        _write_durably(laid, json.dumps({"at": payload["at"]}).encode())
    if database_url and not tables_in(database_url):
        run_postgres(
            "pg_restore", "--single-transaction", "--no-owner", "--exit-on-error", f"--dbname={database_url}",
            str(backup / _DUMP),
        )  # fmt: skip
    for path in sorted((staging / "data").iterdir()):
        os.rename(path, data_dir / path.name)
    shutil.rmtree(staging)
    _sync(data_dir)
    return payload


def _refuse_what_is_there(data_dir: Path, database_url: str) -> None:
    there = sorted(path.name for path in data_dir.iterdir() if path.name != ".restoring") if data_dir.exists() else []
    if there:
        raise Unusable(f"{data_dir} is not empty ({', '.join(there[:3])}); a restore overwrites nothing")
    if database_url and tables_in(database_url):
        raise Unusable("the database of DATABASE_URL is not empty; a restore overwrites nothing")


def _lay(source: Path, target: Path, line: dict[str, Any]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, line["mode"] & 0o700)
    os.utime(target, ns=(line["mtime_ns"], line["mtime_ns"]))


# -- PostgreSQL ----------------------------------------------------------------------------


def tables_in(database_url: str) -> int:
    """How many tables a database holds."""
    import psycopg

    try:
        with psycopg.connect(database_url) as db:
            row = db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    except psycopg.Error as fault:
        raise Unusable(f"the database of DATABASE_URL cannot be reached: {fault}") from fault
    return int(row[0]) if row else 0


def run_postgres(tool: str, *arguments: str) -> None:
    """Run PostgreSQL's own tool, the newest that is installed: it must be no older than the server."""
    results = [Path(path) for path in [shutil.which(tool)] if path]
    newest = max((*results, *Path("/usr/lib/postgresql").glob(f"*/bin/{tool}")), key=_major, default=None)
    if newest is None:
        raise Unusable(f"{tool} is not installed (Debian: postgresql-client)")
    ran = subprocess.run([str(newest), *arguments], capture_output=True, text=True)
    if ran.returncode:
        raise Unusable(f"{tool}: {ran.stderr.strip().splitlines()[0] if ran.stderr.strip() else ran.returncode}")


def _major(tool: Path) -> int:
    payload = subprocess.run([str(tool), "--version"], capture_output=True, text=True).stdout
    match = re.search(r"(\d+)", payload)
    return int(match.group(1)) if match else 0


# -- files ---------------------------------------------------------------------------------


def _copy(path: Path, target: Path, stat: os.stat_result) -> dict[str, Any]:
    """Copy what a file holds now; one that only grows is copied as far as it has come."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as read, target.open("wb") as write:
        while size < stat.st_size and (data := read.read(min(1 << 20, stat.st_size - size))):
            digest.update(data)
            write.write(data)
            size += len(data)
    os.chmod(target, stat.st_mode & 0o700)
    return {"bytes": size, "sha256": digest.hexdigest(), "mode": stat.st_mode & 0o777, "mtime_ns": stat.st_mtime_ns}


def _line(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {"bytes": stat.st_size, "sha256": _digest(path), "mode": stat.st_mode & 0o777, "mtime_ns": stat.st_mtime_ns}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)
