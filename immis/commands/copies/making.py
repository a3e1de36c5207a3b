"""Backups: one folder that holds records, raw log, positions, keys and papers as they were at one time, with a list.

The order is what keeps stores together while everything runs: records first, so that
they never know of an event that the gateway's copy lacks; positions before and after
the gateway's file, so that every segment below its checkpoint is there; raw log last,
so that it reaches beyond the checkpoint.
"""

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from immis import __version__
from immis.commands.copies.files import copy_file, line_of, sync, sync_tree, write_durably
from immis.commands.copies.listing import DUMP, FORMAT, MANIFEST, Unusable, read_list
from immis.commands.copies.postgres import run_postgres
from immis.private import kind_of_settings

_RECORDS = "immis.sqlite3"
_KEYS = "keys"
_DAY_MANIFEST = "manifest.json"
#: Made anew by the processes, or of no use elsewhere.
_LEFT_OUT = {"run", "static", "cache", ".restoring"}
_PASSING = (".part", ".fetched", ".lock", "-wal", "-shm", "-journal")
_SEGMENT = re.compile(r"(\d+)-(\d+)-\d+\.parquet")
_TRIES = 20


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
        self.listed[name] = copy_file(path, target, stat)

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
        self.listed[name] = line_of(target)

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
    manifest = {"format": FORMAT, "immis": __version__, "at": at.isoformat(), "files": backup.listed}
    manifest["keys"], manifest["kind"] = not without_keys, kind_of_settings()
    manifest["records"] = "postgresql" if database_url else "sqlite"
    write_durably(part / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    sync_tree(part)
    os.rename(part, target)
    sync(target.parent)
    return manifest


def _add_records(backup: Backup, database_url: str) -> None:
    if database_url:
        dump = backup.folder / DUMP
        run_postgres("pg_dump", "--format=custom", f"--file={dump}", database_url)
        dump.chmod(0o600)
        backup.listed[DUMP] = line_of(dump)
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
