"""One request at a time where the records are in SQLite, which has one writer; who waits for a file's child steps out.

Many threads at one SQLite give the same rate and a far worse p99: each has a connection and caches of its own, and a
turn that goes from thread to thread goes from core to core. So all requests are answered by one thread, in the order in
which they came; where it waits for another process a second thread works meanwhile. What files are handed in at has a
process of its own (``front``).
"""

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_SWITCH_S = 0.0005


class _Waiting:
    """What waits for a turn: work that any thread may do, or (without work) a thread that goes on with its own."""

    def __init__(self, work: Callable[[], Any] | None = None):
        self.work = work
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
    """Turns in the order of arrival."""

    def __init__(self) -> None:
        self._guard, self._taken = threading.Lock(), False
        self._waiting: deque[_Waiting] = deque()
        self._resting: list[_Worker] = []

    def do(self, work: Callable[[], Any]) -> Any:
        """What the work answers, or raises, once it had its turn."""
        waiting = _Waiting(work)
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
            own = _Waiting()
            self._stand_in_line(own)
            own.wait()

    def _stand_in_line(self, waiting: _Waiting) -> None:
        with self._guard:
            if self._taken:
                self._waiting.append(waiting)
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
        return self._waiting.popleft() if self._waiting else None


TURNS = Turns()


def in_turns(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers one request at a time, whatever the number of threads.

    Threads that only hand a request in or its answer out get the interpreter sooner than by Python's 5 ms.
    """
    sys.setswitchinterval(_SWITCH_S)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        heads: list[tuple[Any, ...]] = []
        body: Iterable[bytes] = TURNS.do(lambda: application(environ, lambda *head: heads.append(head)))
        start_response(*heads[-1])  # in the server's own thread
        return body

    return answer
