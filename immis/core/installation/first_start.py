"""The one-time code of a first start: printed in the log, asked for by the page that makes the department.

Who reads the log of the service runs the machine; nobody else can make himself the administrator. On disk lies the
code's hash only, and it is gone when the department is made.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from immis.clock import data_dir
from immis.core.installation.kind import installation
from immis.private import make_private

#: Letters and digits that nobody mistakes for one another; 12 of them are 59 bits.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _A_GROUP = 3, 4


def _file() -> Path:
    return data_dir() / "run" / "first-start"


def new_code() -> str | None:
    """A code for the page of the first start, in place of an earlier one; None where the department is made."""
    if installation() is not None:
        forget_code()
        return None
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_A_GROUP)) for _ in range(_GROUPS))
    path = _file()
    make_private(path.parent)
    part = path.with_name(f".first-start.{os.getpid()}")
    part.write_text(_hashed(code))
    os.replace(part, path)
    return code


def is_waiting() -> bool:
    """Whether a first start waits for its department on this machine: one look at the disk, cheap enough for a page."""
    return _file().exists()


def is_code(typed: str) -> bool:
    """Whether this is the code in the log; capitals, blanks and dashes do not matter."""
    try:
        kept = _file().read_text()
    except OSError:
        return False
    return hmac.compare_digest(kept, _hashed(typed))


def forget_code() -> None:
    """Close the page of the first start."""
    _file().unlink(missing_ok=True)


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(f"immis first start {plain}".encode()).hexdigest()
