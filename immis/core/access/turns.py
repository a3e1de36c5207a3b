"""One request at a time where the records are in SQLite, which has one writer; who waits for a file's child steps out.

Many threads at one SQLite give the same rate and a far worse p99: each has a connection and caches of its own, and a
turn that goes from thread to thread goes from core to core. So all requests are answered by one thread, in the order in
which they came; where it waits for another process a second thread works meanwhile, and a request that brings a file
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


class _Waiting:
    """What waits for a turn: work that any thread may do, or (without work) a thread that goes on with its own."""

    def __init__(self, work: Callable[[], Any] | None, *, with_file: bool):
        self.work, self.with_file = work, with_file
        self.answer: Any = None
        self.fault: BaseException | None = None
        self._over = threading.Lock()
        self._over.acquire()

    def end(self) -> None:
        """Let the thread that waits for this go on."""
        self._over.release()

    def wait(self) -> None:
        self._over.acquire()

    def do(self) -> None:
        assert self.work is not None
        try:
            self.answer = self.work()
        except BaseException as fault:  # whoever asked for the work gets it
            self.fault = fault
        self.end()


class _Worker(threading.Thread):
    """A thread that works while it has the turn; the one that rested last is asked first."""

    def __init__(self, turns: "Turns"):
        super().__init__(name="turns", daemon=True)
        self._turns, self._next = turns, threading.Lock()
        self._waiting: _Waiting | None = None
        self.now: _Waiting | None = None
        self._next.acquire()

    def give(self, waiting: _Waiting) -> None:
        self._waiting = waiting
        self._next.release()

    def run(self) -> None:
        while True:
            self._next.acquire()
            waiting, self._waiting = self._waiting, None
            while waiting is not None:
                self.now = waiting
                waiting.do()
                self.now = None
                waiting = self._turns.next_for(self)


class Turns:
    """Turns in the order of arrival, in two lines: who brings a file lets a few of the others pass."""

    def __init__(self) -> None:
        self._guard, self._taken, self._passed = threading.Lock(), False, 0
        self._waiting: deque[_Waiting] = deque()
        self._with_files: deque[_Waiting] = deque()
        self._resting: list[_Worker] = []

    def do(self, work: Callable[[], Any], *, with_file: bool = False) -> Any:
        """What the work answers, or raises, once it had its turn."""
        waiting = _Waiting(work, with_file=with_file)
        self._stand_in_line(waiting)
        waiting.wait()
        if waiting.fault is not None:
            raise waiting.fault
        return waiting.answer

    def next_for(self, worker: _Worker) -> _Waiting | None:
        """The work with which a thread goes on that has ended some; None: it rests."""
        with self._guard:
            waiting = self._due()
            if waiting is not None and waiting.work is not None:
                return waiting
            self._resting.append(worker)
            self._taken = waiting is not None
        if waiting is not None:
            waiting.end()
        return None

    @contextmanager
    def stepped_out(self) -> Iterator[None]:
        """Let others work while this thread waits for something else; nothing happens where it has no turn."""
        worker = threading.current_thread()
        if not isinstance(worker, _Worker) or worker.now is None:
            yield
            return
        with self._guard:
            waiting = self._due()
            self._taken = waiting is not None
            if waiting is not None:
                self._begin(waiting)
        try:
            yield
        finally:
            own = _Waiting(None, with_file=worker.now.with_file)
            self._stand_in_line(own)
            own.wait()

    def _stand_in_line(self, waiting: _Waiting) -> None:
        with self._guard:
            if self._taken:
                (self._with_files if waiting.with_file else self._waiting).append(waiting)
            else:
                self._taken = True
                self._begin(waiting)

    def _begin(self, waiting: _Waiting) -> None:
        """Give the turn to what was due, with the guard held."""
        if waiting.work is None:
            waiting.end()
            return
        if not self._resting:
            worker = _Worker(self)
            worker.start()
        else:
            worker = self._resting.pop()
        worker.give(waiting)

    def _due(self) -> _Waiting | None:
        if self._with_files and (not self._waiting or self._passed >= _PASSING_A_FILE):
            self._passed = 0
            return self._with_files.popleft()
        self._passed += bool(self._with_files)
        return self._waiting.popleft() if self._waiting else None


TURNS = Turns()


def in_turns(application: Callable[..., Iterable[bytes]], turns: Turns = TURNS) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers one request at a time, whatever the number of threads."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        heads: list[tuple[Any, ...]] = []
        with_file = environ.get("CONTENT_TYPE", "").startswith("multipart/")
        body: Iterable[bytes] = turns.do(
            lambda: application(environ, lambda *head: heads.append(head)), with_file=with_file
        )
        start_response(*heads[-1])  # in the server's own thread
        return body

    return answer
