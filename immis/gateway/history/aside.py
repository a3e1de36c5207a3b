"""What can wait, in a process of its own beside the worker: long histories that came late, worked in.

The worker asks for some devices at a time on standard input and hears the answer on standard output, a line of JSON
each. The process is started when something is to be done, yields to everything else on its core, and is ended when
it has had nothing to do for a while. It writes nothing: the worker alone tells and commits, so that either of the two
may be killed at any moment.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from immis.gateway.history.amend import amend
from immis.gateway.machine import trim
from immis.gateway.store.snapshot import SnapshotReader
from immis.gateway.tolerances import ASIDE_AGAIN_S, ASIDE_REST_S

Said = dict[str, Any]
_READ_BYTES = 1 << 20
_NICE = 19
log = logging.getLogger(__name__)


class Desk:
    """Does what the worker asks for; one at a time."""

    def __init__(self, data_dir: str | Path, snapshot: SnapshotReader | None = None) -> None:
        self._data_dir = data_dir
        self._snapshot = snapshot or SnapshotReader(data_dir)

    def answer(self, asked: Said) -> Iterator[Said]:
        """What ``late.LateWork`` takes of what it asks, one a device; ``left`` says how many are still to come."""
        self._snapshot.poll()
        through = asked["checkpoint"], asked["seq"]
        for left, row in zip(reversed(range(len(asked["devices"]))), asked["devices"], strict=True):
            result = amend(
                self._data_dir, row["imei"], row["since_s"], self._snapshot.current, vehicle=row["vehicle"],
                rate=asked["rate"], through=through,
            )  # fmt: skip
            end = asdict(result.end) | {"looks": None} if result.end else None
            yield {"imei": row["imei"], "news": result.news, "end": end, "left": left}


class Aside:
    """The worker's end: the process, started when it is needed."""

    def __init__(self, data_dir: str | Path) -> None:
        self._command = [sys.executable, "-m", __name__, str(data_dir)]
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox = b""
        self._used = self._failed = float("-inf")
        self.is_busy = False

    @property
    def descriptor(self) -> int:
        """What to poll for its next word; -1 while there is no process."""
        return self._process.stdout.fileno() if self._process and self._process.stdout else -1

    @property
    def is_free(self) -> bool:
        """Whether something may be asked now."""
        return not self.is_busy and time.monotonic() - self._failed >= ASIDE_AGAIN_S

    def ask(self, what: Said) -> None:
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            os.set_blocking(self.descriptor, False)
        assert self._process.stdin
        self.is_busy, self._used = True, time.monotonic()
        try:
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
        except OSError:
            self._bury()

    def hear(self) -> Iterator[Said | None]:
        """What it has answered since; None when it died over its work, which is then asked again some time."""
        while self._process is not None:
            try:
                piece = os.read(self.descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            if not piece:
                self._bury()
                yield None
                return
            *lines, self._inbox = (self._inbox + piece).split(b"\n")
            for answer in map(json.loads, lines):
                self.is_busy, self._used = answer["left"] > 0, time.monotonic()
                yield answer

    def rest(self) -> None:
        """End the process when it has had nothing to do for a while."""
        if self._process and not self.is_busy and time.monotonic() - self._used > ASIDE_REST_S:
            self.end()

    def end(self) -> None:
        """End the process; what it was at is done again some time."""
        process, self._process, self._inbox, self.is_busy = self._process, None, b"", False
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()

    def _bury(self) -> None:
        self._failed = time.monotonic()
        self.end()
        log.error("the process beside the worker ended over its work; it is asked again")


def main(data_dir: str) -> None:
    """Answer until standard input ends."""
    os.nice(_NICE)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the worker says when
    desk = Desk(data_dir)
    for line in sys.stdin:
        for answer in desk.answer(json.loads(line)):
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        trim()


if __name__ == "__main__":
    main(*sys.argv[1:])
