"""Slices of the register on disk: days that are over do not change, so they are asked for once."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

#: Entries of a day may still come in some days later.
SETTLED_AFTER = timedelta(days=14)


class SliceCache:
    """Answers by State and days under a folder; a file that cannot be read counts as none."""

    def __init__(self, folder: Path, *, today: Callable[[], date]):
        self._folder, self._today = folder, today

    def _path(self, state: int, first: date, last: date) -> Path:
        return self._folder / f"ec-{state}-{first:%Y%m%d}-{last:%Y%m%d}.json"

    def read(self, state: int, first: date, last: date) -> list[Mapping[str, Any]] | None:
        try:
            rows = json.loads(self._path(state, first, last).read_bytes())
        except (OSError, ValueError):
            return None
        return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None

    def write(self, state: int, first: date, last: date, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep a slice whose days are long enough over."""
        if last + SETTLED_AFTER >= self._today():
            return
        path = self._path(state, first, last)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(list(rows)), encoding="utf8")
        os.replace(part, path)
