"""One request at a time where the records are in SQLite, which has one writer; who waits for a file's child steps out.

Many threads at one SQLite give the same rate and a far worse p99. So the web process has several threads of which one
works; a thread that only waits for another process lets the next one work meanwhile, and a request that brings a file
lets others pass.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

#: So many others may pass a request with a file before it has its turn: twenty files at once keep nobody waiting for
#: more than one of them, and no file waits for ever.
_PASSING_A_FILE = 4


class Turns:
    """Turns in the order of arrival, in two lines: who brings a file lets a few of the others pass."""

    def __init__(self) -> None:
        self._guard, self._held, self._passed = threading.Lock(), False, 0
        self._waiting: deque[threading.Lock] = deque()
        self._with_files: deque[threading.Lock] = deque()
        self._own = threading.local()

    def take(self, *, with_file: bool = False) -> None:
        """Wait for this thread's turn."""
        with self._guard:
            if self._held:
                mine = threading.Lock()
                mine.acquire()
                (self._with_files if with_file else self._waiting).append(mine)
            else:
                self._held, mine = True, None
        if mine is not None:
            mine.acquire()
        self._own.has, self._own.with_file = True, with_file

    def give(self) -> None:
        """End this thread's turn; the longest waiting thread of the line that is due has it next."""
        self._own.has = False
        with self._guard:
            if (line := self._line_due()) is None:
                self._held = False
            else:
                line.popleft().release()

    def _line_due(self) -> deque[threading.Lock] | None:
        if self._with_files and (not self._waiting or self._passed >= _PASSING_A_FILE):
            self._passed = 0
            return self._with_files
        self._passed += bool(self._with_files)
        return self._waiting or None

    @contextmanager
    def stepped_out(self) -> Iterator[None]:
        """Let others work while this thread waits for something else; nothing happens where it has no turn."""
        if not getattr(self._own, "has", False):
            yield
            return
        self.give()
        try:
            yield
        finally:
            self.take(with_file=self._own.with_file)


TURNS = Turns()


def in_turns(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers one request at a time, whatever the number of threads."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        TURNS.take(with_file=environ.get("CONTENT_TYPE", "").startswith("multipart/"))
        try:
            return application(environ, start_response)
        finally:
            TURNS.give()

    return answer
