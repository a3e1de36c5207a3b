"""What an installation keeps to itself: files that only its own account reads, and secrets that it makes once."""

import os
import secrets
from pathlib import Path

from immis.clock import data_dir

UMASK = 0o077
_OTHERS = 0o077


class NotPrivate(Exception):
    """The data folder can be read by other users of the machine: says which, how, and what command mends it."""


class OtherKind(Exception):
    """The data are of a training installation and the settings of a real one, or the other way round."""


def kind_of_settings() -> str:
    """``training`` where ``IMMIS_TRAINING`` says that the installation is there to practise on, else ``real``."""
    return "training" if os.environ.get("IMMIS_TRAINING", "").lower() in {"1", "true", "yes"} else "real"


def keep_private() -> None:
    """Whatever this process and its children write from now on is for its own account alone."""
    os.umask(UMASK)


def make_private(folder: Path) -> Path:
    """Make a folder, and those above it that are missing, that only its owner may enter."""
    for row in reversed([row for row in (folder, *folder.parents) if not row.exists()]):
        row.mkdir(mode=0o700, exist_ok=True)
    return folder


def require_private_data(folder: Path | None = None) -> None:
    """Refuse a data folder that others may enter, read or change; an empty one is closed. Raises NotPrivate."""
    folder = folder or data_dir()
    try:
        mode = folder.stat().st_mode & 0o777
    except FileNotFoundError:  # it will be made as it should be
        return
    if mode & _OTHERS and not any(folder.iterdir()) and folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)  # nothing lies in it yet
    elif mode & _OTHERS:
        raise NotPrivate(
            f"the data folder {folder} has mode {mode:04o}: other users of this machine reach names, bank accounts and "
            f"keys in it. Only 0700 is allowed. Run: chmod -R go= {folder}"
        )


def kept_secret(name: str) -> str:
    """A secret of this installation, made at random by whichever process asks first, kept 0600 under its keys."""
    path = data_dir() / "keys" / name
    if not path.exists():
        make_private(path.parent)
        part = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # whole or not at all, and the first one stays
        except FileExistsError:
            pass
        finally:
            part.unlink()
    return path.read_text()
