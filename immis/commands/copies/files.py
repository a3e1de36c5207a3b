"""Copying files and making sure that they are on the disk."""

import hashlib
import os
from pathlib import Path
from typing import Any


def copy_file(path: Path, target: Path, stat: os.stat_result) -> dict[str, Any]:
    """Copy what a file holds now; one that only grows is copied as far as it has come."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as read, target.open("wb") as write:
        while size < stat.st_size and (data := read.read(min(1 << 20, stat.st_size - size))):
            digest.update(data)
            write.write(data)
            size += len(data)
    os.chmod(target, stat.st_mode & 0o700)
    return {"bytes": size, "sha256": digest.hexdigest(), "mode": stat.st_mode & 0o777, "mtime_ns": stat.st_mtime_ns}


def line_of(path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {
        "bytes": stat.st_size,
        "sha256": digest_of(path),
        "mode": stat.st_mode & 0o777,
        "mtime_ns": stat.st_mtime_ns,
    }


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
