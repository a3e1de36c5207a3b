"""The worker's keeper: starts it, hears it, tells it how far the log is safe, starts another when it dies."""

import base64
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from immis.gateway.tolerances import RESTART_AFTER_S

#: One thread, few arenas, and memory given back soon: a worker's batches come and go (see also ``memory.trim``).
_ENVIRONMENT = {
    "POLARS_MAX_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1",
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:500,muzzy_decay_ms:0",
}  # fmt: skip
_READ_BYTES = 1 << 20
COUNT = "count "  # before what the links' end has turned away since it last said so, as JSON
log = logging.getLogger(__name__)


class Keeper:
    """One worker at a time over one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = str(data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox = b""
        self._began = 0.0
        self._start_at: float | None = None
        self.status: int | None = None  # with which the last one ended
        self.run = 0  # the number of this start of the gateway, from the first worker

    @property
    def descriptor(self) -> int:
        """What to poll for its next word; -1 while there is none."""
        return self._process.stdout.fileno() if self._process and self._process.stdout else -1

    def begin(self) -> dict[str, Any]:
        """Start the first worker and wait for its greeting; OSError when it cannot begin."""
        self._start()
        assert self._process and self._process.stdout
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            self._process.wait()
            raise OSError("the gateway's worker did not start")
        hello: dict[str, Any] = json.loads(line)
        self.run = hello["run"]
        os.set_blocking(self.descriptor, False)
        return hello

    def hear(self) -> Iterator[dict[str, Any]]:
        """What the worker has said since; a dead one is replaced by ``mend``."""
        while self._process and self._process.stdout:
            try:
                piece = os.read(self.descriptor, _READ_BYTES)
            except BlockingIOError:
                return
            if not piece:
                self._bury()
                return
            *lines, self._inbox = (self._inbox + piece).split(b"\n")
            for line in lines:
                yield json.loads(line)

    def say(self, text: str) -> bool:
        """Tell the worker; False where it cannot hear now (it reads from the log what it missed)."""
        if self._process is None or self._process.stdin is None:
            return False
        try:
            os.write(self._process.stdin.fileno(), f"{text}\n".encode())
        except OSError:
            return False
        return True

    def mend(self) -> bool:
        """Start another worker where one is missing and it is time; whether it did."""
        if self._process is not None or self._start_at is None or time.monotonic() < self._start_at:
            return False
        self._start()
        os.set_blocking(self.descriptor, False)
        return True

    @property
    def is_alive(self) -> bool:
        return self._process is not None

    def end(self) -> int | None:
        """Wait for a worker that was told to stop; its status, None when there is none."""
        if self._process is None:
            return None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        status = self._process.wait()
        self._process = None
        return status

    def _start(self) -> None:
        self._began, self._start_at, self._inbox = time.monotonic(), None, b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "immis.gateway.ingest.worker", self._folder, str(self.run)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env={**_ENVIRONMENT, **os.environ},
        )  # fmt: skip
        assert self._process.stdin
        os.set_blocking(self._process.stdin.fileno(), False)

    def _bury(self) -> None:
        """A worker has ended: note when to start the next (at once, unless it died young)."""
        lived = time.monotonic() - self._began
        self.status = self.end()
        self._start_at = time.monotonic() + (RESTART_AFTER_S if lived < RESTART_AFTER_S else 0.0)


def decoded(answers: list[list[Any]]) -> Iterator[tuple[int, list[int], bytes]]:
    """Connection, place in the log and bytes of what devices wait for."""
    return ((number, place, base64.b64decode(data)) for number, place, data in answers)
