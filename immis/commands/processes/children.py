"""One child process under the supervisor: its lines prefixed, started again when it dies, ended with all its own."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
HEALTHY_S = 60.0


def _die_with_parent() -> None:
    """In the child: ask the kernel for SIGTERM when the supervisor is gone, even if it was killed."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


@dataclass
class Child:
    """One process: its command, how often it died, when it may start again (monotonic seconds)."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    say: Callable[[str], None]
    process: subprocess.Popen[str] | None = None
    started_s: float = 0.0
    restarts: int = 0
    pause_s: float = FIRST_PAUSE_S
    next_start_s: float = 0.0
    _reader: threading.Thread | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a key in the terminal reaches only the supervisor."""
        self.process = subprocess.Popen(
            self.argv,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        self.started_s = time.monotonic()
        assert self.process.stdout
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            if text := line.rstrip():
                self.say(f"{self.name:<8}| {text}")

    def tend(self) -> None:
        """Start it again when it has died and its pause is over; the pause doubles until it lives for a minute."""
        now = time.monotonic()
        if self.alive or self.process is None:
            return
        if not self.next_start_s:
            lived = now - self.started_s
            self.pause_s = FIRST_PAUSE_S if lived >= HEALTHY_S else min(self.pause_s * 2, LONGEST_PAUSE_S)
            self.next_start_s = now + self.pause_s
            self.signal_all(signal.SIGKILL)  # what it left behind
            self.say(f"{self.name:<8}| ended with {self.process.returncode}; again in {self.pause_s:.1f} s")
        elif now >= self.next_start_s:
            self.next_start_s = 0.0
            self.restarts += 1
            self.start()

    def signal_all(self, number: int) -> None:
        """Signal the process and all that it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass

    def wait(self, until_s: float) -> bool:
        """Wait for its end, up to a monotonic instant; answers whether it ended."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.01, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True
