"""What is read from many files at every start, kept beside them as Python keeps its compiled modules."""

import atexit
import dataclasses
import marshal
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

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
    _write(kept, pickle.dumps((state, made), pickle.HIGHEST_PROTOCOL))
    return made


def _write(kept: Path, content: bytes) -> None:
    """Lay a file beside compiled modules where those may be written."""
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            kept.parent.mkdir(exist_ok=True)
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(content)
            part.replace(kept)


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


class Methods:
    """Code of methods by their text, as an earlier process left it in a file. It follows from the text alone."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._codes: dict[str, CodeType] = {}
        with suppress(*_UNREADABLE):
            self._codes = marshal.loads(kept.read_bytes())
        self._read = len(self._codes)

    def execute(self, text: str, scope: dict[str, Any], names: dict[str, Any]) -> None:
        """``exec``, that compiles what nobody has compiled yet."""
        if text not in self._codes:
            self._codes[text] = compile(text, "<string>", "exec")
        exec(self._codes[text], scope, names)

    def write(self) -> None:
        """Leave it to the next process, where anything was compiled."""
        if len(self._codes) > self._read:
            _write(self._kept, marshal.dumps(self._codes))


def keep_methods() -> None:
    """What dataclasses write for themselves is compiled once, not at every start, of which it takes a third."""
    methods = Methods(Path(__file__).parent / "__pycache__" / f"methods.{sys.implementation.cache_tag}.marshal")
    dataclasses.exec = methods.execute  # type: ignore[attr-defined]
    atexit.register(methods.write)
