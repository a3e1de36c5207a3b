"""The backup of every night: its name, the one before it, and which old ones go."""

import re
import shutil
from datetime import datetime
from pathlib import Path

from immis.clock import INDIA
from immis.commands.copies.listing import MANIFEST, Unusable

#: What a nightly backup is called; whatever else lies in the folder is left alone.
_NAME = re.compile(r"\d{4}-\d\d-\d\d(T\d{6})?")


def tonight(folder: Path, at: datetime) -> Path:
    """The folder of the backup that is made now: the day in India, with the time where that day has one already."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shown = at.astimezone(INDIA)
    of_the_day = folder / f"{shown:%Y-%m-%d}"
    return folder / f"{shown:%Y-%m-%dT%H%M%S}" if of_the_day.exists() else of_the_day


def whole_ones(folder: Path) -> list[Path]:
    """The nightly backups of a folder that are whole, oldest first."""
    paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and (path / MANIFEST).is_file()]
    return sorted(paths, key=lambda path: path.name)


def newest(folder: Path) -> Path | None:
    """The newest nightly backup; None where there is none yet."""
    return next(reversed(whole_ones(folder)), None)


def thin_out(folder: Path, *, keep: int) -> list[str]:
    """Remove the oldest nightly backups beyond ``keep`` of them; answers their names. Raises Unusable."""
    old = whole_ones(folder)[:-keep]
    for path in old:
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise Unusable(f"the old backup {path} cannot be removed: {error}") from error
    return [path.name for path in old]
