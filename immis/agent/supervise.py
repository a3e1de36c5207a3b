"""Keeps the agent at work: starts it again when it ends, takes a newer one, steps back from one that does not run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import List

from .update import Versions

#: A worker that ends by itself for a newer version says so by this.
NEWER = 75
_LONGEST_PAUSE = 30.0


def command_of(home: Path, rest: List[str]) -> List[str]:
    """The worker of the version to start now."""
    chosen = Versions(home).to_start()
    packed = Path(sys.argv[0]).resolve()
    if chosen is not None:
        program = [str(chosen)]
    elif packed.suffix == ".pyz":
        program = [str(packed)]
    else:
        program = ["-m", __package__]
    return [sys.executable, *program, "--home", str(home), "work", *rest]


def supervise(home: Path, rest: List[str]) -> int:
    """Until it is interrupted; a worker that falls over again and again is started ever more slowly."""
    pause = 1.0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        began = time.monotonic()
        worker = subprocess.Popen(command_of(home, rest), env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        try:
            status = worker.wait()
        except (KeyboardInterrupt, SystemExit):
            worker.terminate()
            worker.wait()
            return 0
        if status == NEWER or time.monotonic() - began > 60:
            pause = 1.0
        time.sleep(0 if status == NEWER else pause)
        pause = min(_LONGEST_PAUSE, pause * 2)
