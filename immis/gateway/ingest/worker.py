"""The working half of the gateway: reads what the parent has logged, decodes, follows, stores.

It is told on standard input how far the log is safe on disk, and answers on
standard output how far it came and what devices wait for. Everything it knows
follows from the log and its last commit, so it may die at any moment: the parent
keeps the sockets and the log, starts another, and nothing is lost or done twice.
"""

import base64
import contextlib
import fcntl
import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from immis import clock
from immis.gateway.history.aside import Aside
from immis.gateway.ingest.answers import Answer
from immis.gateway.ingest.keeper import COUNT
from immis.gateway.ingest.pipeline import Pipeline
from immis.gateway.log import open_reader
from immis.gateway.log.port import Block
from immis.gateway.machine import trim
from immis.gateway.store.parquet import merge_small
from immis.gateway.tolerances import (
    AMEND_SHARE,
    COMMIT_EVERY_S,
    COMMIT_ROWS,
    COMMIT_SHARE,
    COMPACT_DAYS_EVERY_S,
    COMPACT_EVERY_S,
    FLUSH_EVERY_S,
    URGENT_COMMIT_EVERY_S,
    URGENT_COMMIT_SHARE,
)

_TAKE_BYTES = 8 * 1024 * 1024
_GC_AFTER = 100_000  # objects: packets are many and short-lived, a full collection among 10,000 devices is dear
_TRIM_EVERY_S = 5.0
STOP = "stop"
LEAVE = "leave"  # stop, while the connections live on elsewhere


class Worker:
    """One worker over one data folder; ``run`` is the parent's number, 0 for a new one."""

    def __init__(self, data_dir: str | Path, *, run: int) -> None:
        folder = Path(data_dir) / "gateway"
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "worker.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # the last one may still be ending
        self._data_dir = data_dir
        self._compaction: subprocess.Popen[bytes] | None = None
        self._aside = Aside(data_dir)
        self._log = open_reader(data_dir)
        self._pipeline = Pipeline(data_dir)
        self._run = run or self._pipeline.begin_run()
        self._position = self._told = self._pipeline.checkpoint
        self._end: int | None = None
        self._stopping = self._leaving = self._adopted = False
        self._inbox = b""
        self._committed = self._compacted = self._trimmed = time.monotonic()
        self._commit_took = self._amend_took = 0.0
        self._days_compacted = self._amended = self._committed

    def work(self) -> None:
        """Work until told to stop; returns at once, with nothing committed, when the parent is gone."""
        _tell({"checkpoint": self._pipeline.checkpoint, "run": self._run})
        while self._listen():
            behind = self._take_some()
            if behind:
                continue
            if self._stopping:
                if not self._leaving:
                    self._pipeline.close_all(clock.now().timestamp())
                self._aside.end()
                self._commit()
                self._pipeline.close()
                return
            self._idle()

    def _listen(self) -> bool:
        """Take in what the parent says, waiting a little when there is nothing to do; False when it is gone."""
        busy = self._end is not None and (self._position < self._end or self._stopping)
        heard = [0] if self._aside.descriptor < 0 else [0, self._aside.descriptor]
        ready, _, _ = select.select(heard, [], [], 0 if busy else FLUSH_EVERY_S / 2)
        if self._aside.descriptor in ready:
            self._hear_aside()
        if 0 not in ready:
            return True
        piece = os.read(0, 65_536)
        *lines, self._inbox = (self._inbox + piece).split(b"\n")
        for line in lines:
            if line in (STOP.encode(), LEAVE.encode()):
                self._stopping, self._leaving = True, line == LEAVE.encode()
            elif line.startswith(COUNT.encode()):
                self._pipeline.count(json.loads(line[len(COUNT) :]))
            else:
                self._end = int(line)
        return bool(piece)

    def _take_some(self) -> bool:
        """Work through the next stretch of the log; whether there is more."""
        if self._end is None or self._position >= self._end:
            return False
        blocks = _some(self._log.blocks(self._position, self._end))
        answers = self._pipeline.take(blocks)
        self._position = blocks[-1].end if blocks else self._end
        self._report(answers)
        self._commit_when_due()
        self._work_in_late()
        return self._position < self._end

    def _idle(self) -> None:
        if self._end is not None:
            now_s = clock.now().timestamp()
            if not self._adopted:
                self._adopted = True
                self._pipeline.close_all(now_s, below=self._run << 32)
            self._report(self._pipeline.flush_waiting(now_s))
            self._report(self._pipeline.send_commands(now_s))
        self._commit_when_due()
        self._work_in_late()
        self._aside.rest()
        if time.monotonic() - self._trimmed >= _TRIM_EVERY_S:
            trim()
            self._trimmed = time.monotonic()
        if time.monotonic() - self._compacted >= COMPACT_EVERY_S:
            self._compacted = time.monotonic()
            merge_small(self._data_dir, commits=self._pipeline.commits, most=1)
        self._compact_days()

    def _compact_days(self) -> None:
        """Every hour, each day anew in a process of its own; a killed one is simply started again the next time."""
        if self._compaction and self._compaction.poll() is None:
            return
        if time.monotonic() - self._days_compacted >= COMPACT_DAYS_EVERY_S:
            self._days_compacted = time.monotonic()
            command = [sys.executable, "-m", "immis.gateway.store.compaction", str(self._data_dir)]
            self._compaction = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _work_in_late(self) -> None:
        """Work short histories in here, seldom; have long ones worked in beside."""
        now = time.monotonic()
        if not self._stopping and now - self._amended >= AMEND_SHARE * self._amend_took:
            self._pipeline.work_in_late(clock.now().timestamp())
            self._amended = time.monotonic()
            self._amend_took = self._amended - now
        if not self._aside.is_free or self._stopping:
            return
        if (asked := self._pipeline.late_work(clock.now().timestamp())) is not None:
            self._aside.ask(asked)

    def _hear_aside(self) -> None:
        for answer in self._aside.hear():
            self._pipeline.take_late_work(answer, clock.now().timestamp())

    def _report(self, answers: list[Answer]) -> None:
        if answers or self._position != self._told:
            turns: Counter[tuple[int, int]] = Counter()  # a read may bring several frames that wait for an answer
            results = []
            for a in answers:
                turns[a.connection, a.raw_ref] += 1
                place = [a.raw_ref, turns[a.connection, a.raw_ref]]
                results.append([a.connection, place, base64.b64encode(a.data).decode()])
            _tell({"done": self._position, "answers": results})
            self._told = self._position

    def _commit_when_due(self) -> None:
        since = time.monotonic() - self._committed
        urgent = self._pipeline.is_urgent
        every, share = (URGENT_COMMIT_EVERY_S, URGENT_COMMIT_SHARE) if urgent else (COMMIT_EVERY_S, COMMIT_SHARE)
        if since >= max(every, share * self._commit_took) or self._pipeline.rows_waiting >= COMMIT_ROWS:
            self._commit()

    def _commit(self) -> None:
        begun = time.process_time()  # waiting for the disk takes nothing from the work
        self._pipeline.commit()
        self._committed = time.monotonic()
        self._commit_took = time.process_time() - begun


def _some(blocks: Iterable[Block]) -> list[Block]:
    taken: list[Block] = []
    size = 0
    for block in blocks:
        taken.append(block)
        size += len(block.data)
        if size >= _TAKE_BYTES:
            break
    return taken


def _tell(what: dict[str, object]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()


def main(data_dir: str, run: str) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the parent says when
    gc.set_threshold(_GC_AFTER, 20, 50)
    Worker(data_dir, run=int(run)).work()


if __name__ == "__main__":
    main(*sys.argv[1:])
