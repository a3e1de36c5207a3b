"""The gateway's sockets: what arrives is logged here, and worked through by a process of its own.

This process owns the connections and the raw log and does nothing else, so that
the worker (``worker.py``) can die and be started again without a byte lost or a
device disconnected. Every tick all links that have something are read once, and what
they brought is made safe in one group. When the worker falls behind, links that bring
much are read no further, and at last none, until it has caught up.
"""

import gc
import json
import logging
import select
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from immis import clock
from immis.gateway.ingest.door import Door
from immis.gateway.ingest.keeper import COUNT, Keeper, decoded
from immis.gateway.ingest.links import Links
from immis.gateway.ingest.tls import TlsPort
from immis.gateway.log import open_log
from immis.gateway.log.port import Log, Read
from immis.gateway.machine import lock, raise_file_limit
from immis.gateway.tolerances import BACKLOG_BYTES, DOOR_TELLS_S, FLUSH_EVERY_S, HEAVY_ROOM_BYTES

_DRAIN_S = 2.0
_IDLE_S = 0.5
_GC_AFTER = 50_000
log = logging.getLogger(__name__)


class Gateway:
    """One gateway over one data folder: links, raw log, and the worker's keeper."""

    def __init__(self, data_dir: str | Path, *, door: Door | None = None, tls: TlsPort | None = None) -> None:
        self._data_dir = Path(data_dir)
        self._door, self._door_told, self._tls = door or Door(), time.monotonic(), tls
        self._lock = lock(data_dir)
        self._keeper = Keeper(self._data_dir)
        self._poll = select.epoll()  # everything
        self._inner = select.epoll()  # everything but the links: what is heard while they wait for the next tick
        self._waiting_bytes = 0
        self._unworked: deque[tuple[int, int]] = deque()  # ends of what was flushed, and how many bytes each brought
        self._paused = False

    def serve(
        self, host: str, port: int, *, udp: tuple[str, int] | None = None, ready: Callable[[str, int], None]
    ) -> None:
        """Listen until SIGTERM or SIGINT, then store everything received and return. OSError when it cannot begin."""
        self._links = Links(host, port, udp=udp, door=self._door, tls=self._tls)
        self._stopping = _told_to_stop()
        hello = self._keeper.begin()
        self._log: Log = open_log(self._data_dir, at_least=hello["checkpoint"])
        self._links.open(self._keeper.run << 32)
        self._watch_worker()
        self._keeper.say(str(self._log.end))
        self._inner.register(self._stopping.fileno(), select.EPOLLIN)
        for poll in (self._links.poll, self._inner):
            self._poll.register(poll.fileno(), select.EPOLLIN)
        ready(*self._links.address)
        while not self._turn():
            pass
        self._finish()

    def _turn(self) -> bool:
        """One tick at most: hear the worker, read the links, make it safe; whether to stop."""
        next_tick = time.monotonic() + FLUSH_EVERY_S
        ready = {descriptor for descriptor, _ in self._poll.poll(_IDLE_S)}
        if self._links.poll.fileno() in ready or (self._door.has_silent and not self._paused):
            self._take(self._links.read(_now_us(), room=HEAVY_ROOM_BYTES - self._waiting_bytes))
            while (left := next_tick - time.monotonic()) > 0:
                if self._heard_to_stop(left):
                    return True
        return self._heard_to_stop(0)

    def _heard_to_stop(self, seconds: float) -> bool:
        """Hear the worker for so long, or until it has said something; whether the gateway was told to stop."""
        ready = {descriptor for descriptor, _ in self._inner.poll(seconds)}
        self._mind_worker()
        return self._stopping.fileno() in ready

    def _take(self, reads: list[Read]) -> None:
        """What arrived goes to disk in one group, and the worker hears of it."""
        if not reads:
            return
        size = sum(len(data) for _, _, data in reads)
        self._log.append(reads)
        end = self._log.flush()
        self._waiting_bytes += size
        self._unworked.append((end, size))
        self._keeper.say(str(end))

    def _mind_backlog(self) -> None:
        """Read nothing when too much waits to be worked through; go on when half of it is done."""
        links = self._links.poll.fileno()
        if not self._paused and self._waiting_bytes > BACKLOG_BYTES:
            self._paused = True
            self._poll.unregister(links)
        elif self._paused and self._waiting_bytes < BACKLOG_BYTES // 2:
            self._paused = False
            self._poll.register(links, select.EPOLLIN)

    # -- worker ---------------------------------------------------------------------------

    def _mind_worker(self) -> None:
        """Pass the worker's answers on; start another when it has died."""
        for message in self._keeper.hear():
            if "done" not in message:
                continue  # the greeting of a new one
            for answer in decoded(message["answers"]):
                self._links.answer(*answer)
            while self._unworked and self._unworked[0][0] <= message["done"]:
                self._waiting_bytes -= self._unworked.popleft()[1]
        if not self._keeper.is_alive and self._keeper.mend():
            log.error("the worker ended with %s; starting another", self._keeper.status)
            self._watch_worker()
            self._keeper.say(str(self._log.end))
        self._mind_backlog()
        self._tell_of_door()

    def _tell_of_door(self, *, every_s: float = DOOR_TELLS_S) -> None:
        """What was turned away goes to the worker, which keeps the counters."""
        turned_away = self._door.counters
        if not turned_away or time.monotonic() - self._door_told < every_s:
            return
        self._door_told = time.monotonic()
        if self._keeper.say(COUNT + json.dumps(+turned_away)):
            turned_away.clear()

    def _watch_worker(self) -> None:
        """Poll for a new worker's words; a dead one's pipe is closed, and so no longer polled."""
        self._inner.register(self._keeper.descriptor, select.EPOLLIN)

    # -- the end --------------------------------------------------------------------------

    def _finish(self) -> None:
        """Take what the kernel has already acknowledged, end the links, and let the worker store everything."""
        self._inner.unregister(self._stopping.fileno())
        until = time.monotonic() + _DRAIN_S
        while time.monotonic() < until:
            before = len(self._links)
            reads = [] if self._paused else self._links.read(_now_us(), room=BACKLOG_BYTES)
            self._take(reads)
            if not (reads or self._paused) and len(self._links) == before:
                break
            self._inner.poll(FLUSH_EVERY_S / 2)
            self._mind_worker()
        self._take(list(self._links.close(_now_us())))
        self._let_worker_finish()
        self._log.close()

    def _let_worker_finish(self) -> None:
        """Tell the worker to stop, and any that must take its place, until one has stored everything."""
        stopping = False
        while True:
            if self._keeper.is_alive and not stopping:
                self._keeper.say(str(self._log.end))
                self._tell_of_door(every_s=0)
                stopping = self._keeper.say("stop")
            self._inner.poll(FLUSH_EVERY_S)
            deque(self._keeper.hear(), maxlen=0)  # nobody is left to be answered
            if not self._keeper.is_alive:
                if stopping and self._keeper.status == 0:
                    return
                stopping = False
                if self._keeper.mend():
                    self._watch_worker()


def _now_us() -> int:
    """Arrival in microseconds: one look at the clock for all that a tick brings."""
    return int(clock.now().timestamp() * 1e6)


def _told_to_stop() -> socket.socket:
    """A socket that has something to read when SIGTERM or SIGINT came."""
    here, there = socket.socketpair()
    there.setblocking(False)
    signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: there)
    return here


def run(
    *,
    host: str,
    port: int,
    data_dir: str | Path,
    udp: tuple[str, int] | None = None,
    door: Door | None = None,
    tls: TlsPort | None = None,
    tell: Callable[[str], None] = print,
) -> None:
    """Run a gateway until it is told to stop; says ``{"listening": "HOST:PORT"}`` when it is ready.

    ``udp`` is a further address for devices that send datagrams, ``tls`` one for links under TLS; ``door`` says which
    balancers are believed and how many links an address may have. Raises AlreadyRunning, or OSError when an address
    cannot be had.
    """
    gc.set_threshold(_GC_AFTER, 20, 50)
    raise_file_limit()

    def ready(at_host: str, at_port: int) -> None:
        tell(json.dumps({"listening": f"{at_host}:{at_port}"}))

    Gateway(data_dir, door=door, tls=tls).serve(host, port, udp=udp, ready=ready)
