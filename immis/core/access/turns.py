"""One request at a time where the records are in SQLite, which has one writer; who waits for a file's child steps out.

Many threads at one SQLite give the same rate and a far worse p99. So the web process has several threads of which one
works; a thread that only waits for another process lets the next one work meanwhile.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class Turns:
    """Turns in the order of arrival: a lock that is handed to who has waited longest."""

    def __init__(self) -> None:
        self._guard, self._held = threading.Lock(), False
        self._waiting: deque[threading.Lock] = deque()
        self._own = threading.local()

    def take(self) -> None:
        """Wait for this thread's turn."""
        with self._guard:
            if self._held:
                mine = threading.Lock()
                mine.acquire()
                self._waiting.append(mine)
            else:
                self._held, mine = True, None
        if mine is not None:
            mine.acquire()
        self._own.has = True

    def give(self) -> None:
        """End this thread's turn; the longest waiting thread has it next."""
        self._own.has = False
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

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
            self.take()


TURNS = Turns()


def in_turns(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers one request at a time, whatever the number of threads."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        TURNS.take()
        try:
            return application(environ, start_response)
        finally:
            TURNS.give()

    return answer
