"""What is read from many files at every start, kept beside them as Python keeps its compiled modules."""

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
_UNREADABLE = (OSError, EOFError, ValueError, TypeError, AttributeError, ImportError, pickle.UnpicklingError)


def compiled(make: Callable[[], T], folder: Path, *, code: Sequence[str]) -> T:
    """What ``make`` makes of the files under ``folder``; made again where one of them, or of ``code``, changed.

    It lies where modules lie that Python has compiled, and whoever may write there may change those as well.
    """
    kept = folder / "__pycache__" / f"{make.__name__}.{sys.implementation.cache_tag}.pickle"
    state = [*sorted(_states(folder)), *map(_state, code)]
    with suppress(*_UNREADABLE):
        made: T
        was, made = pickle.loads(kept.read_bytes())
        if was == state:
            return made
    made = make()
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps((state, made), pickle.HIGHEST_PROTOCOL))
            part.replace(kept)
    return made


def _states(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as rows:
        for row in rows:
            if row.is_dir():
                if row.name != "__pycache__":
                    yield from _states(Path(row.path))
            else:
                yield _state(row.path)


def _state(path: str) -> tuple[str, int, int]:
    stat = os.stat(path)
    return path, stat.st_mtime_ns, stat.st_size
