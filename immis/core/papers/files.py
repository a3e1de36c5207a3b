"""Files that parties and offices hand in, kept once each under their own hash in the data folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from immis.clock import data_dir
from immis.private import make_private

_SIGNS = ((b"%PDF-", "PDF"), (b"\xff\xd8\xff", "JPG"), (b"\x89PNG\r\n\x1a\n", "PNG"))


def type_of(content: bytes) -> str:
    """What the first bytes say a file is: PDF, JPG, PNG, or nothing known."""
    return next((name for sign, name in _SIGNS if content.startswith(sign)), "")


def path_of(sha256: str) -> Path:
    """Where a file of this hash lies. Raises ValueError for what is no hash."""
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return data_dir() / "files" / sha256[:2] / sha256


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing, even over a crash; only this account reads it."""
    make_private(path.parent)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def keep_file(content: bytes) -> str:
    """Keep a file; answers its SHA-256, which is its name."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        write_whole(path, content)
    return sha256
