"""What is asked of the operating system: one process a folder, many files, names made durable, memory given back."""

import contextlib
import ctypes
import fcntl
import os
import resource
from pathlib import Path
from typing import IO


class AlreadyRunning(RuntimeError):
    """Another gateway works in the same data folder."""


def lock(data_dir: str | Path) -> IO[str]:
    """Take a data folder for this process alone, as long as the file is open; raises AlreadyRunning."""
    folder = Path(data_dir) / "gateway"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "gateway.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        raise AlreadyRunning(f"another gateway is working in {folder}") from fault
    return file


def raise_file_limit() -> None:
    """One open file a connection: take as many as the machine allows this user."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def trim() -> None:
    """Give it back to the system, where the C library can."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
