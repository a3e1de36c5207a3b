"""The child that reads one file: limits itself first, then reads, writes its answer and ends. No Django, no database.

Called as ``python -m immis.adapters.reading.child MODULE:FUNCTION LIMITS PARENT``; the arguments come on standard
input, the answer goes to standard output.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_NICE = 5  # behind people, yet not so far that a busy machine lets its time run out


def _die_with(parent: int) -> None:
    """Have the kernel kill this process when the one that waits for it is gone; end at once where it is gone."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _limit(kind: int, most: int, hard: int | None = None) -> None:
    allowed = resource.getrlimit(kind)[1]
    most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    try:
        resource.setrlimit(kind, (most, most if hard is None else max(most, hard)))
    except (ValueError, OSError):  # a system that knows no such limit; the parent's own clock still holds
        pass


def _limit_self(limits: dict[str, int]) -> None:
    """Processor time, memory, size and number of files, and a last alarm in case nobody waits any more."""
    for number in (signal.SIGALRM, signal.SIGXCPU, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits["wall_s"] + 2)
    os.nice(_NICE)
    try:  # a session of its own is a group of its own to Linux, within which alone its niceness would count
        Path("/proc/self/autogroup").write_text(f"{_NICE}")
    except OSError:
        pass
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, limits["cpu_s"])
    _limit(resource.RLIMIT_AS, limits["memory_mb"] * 1024 * 1024)
    _limit(resource.RLIMIT_FSIZE, limits["output_mb"] * 1024 * 1024)
    _limit(resource.RLIMIT_NOFILE, limits["open_files"])


def _answer(target: str, arguments: IO[bytes]) -> dict[str, Any]:
    from immis.adapters.reading.codec import from_bytes

    module, _, name = target.partition(":")
    given = from_bytes(arguments.read(), modules=())
    function = getattr(import_module(module), name)
    try:
        return {"answer": function(*given["args"], **given["kwargs"])}
    except MemoryError:
        return {"failed": "memory"}
    except RecursionError:
        return {"failed": "broken"}
    except Exception as error:  # the parent knows which of them are words of this reader
        return {"refused": error}


def answer_bytes(target: str, arguments: IO[bytes], *, output_mb: int) -> bytes:
    """What is written for these arguments: the reader's answer, its refusal, or why there is neither."""
    from immis.adapters.reading.codec import to_bytes

    answer = _answer(target, arguments)
    try:
        raw = to_bytes(answer)
    except MemoryError:
        raw = to_bytes({"failed": "memory"})
    except (TypeError, RecursionError, ValueError):
        raw = to_bytes({"failed": "broken"})
    return raw if len(raw) <= output_mb * 1024 * 1024 else to_bytes({"failed": "output"})


def main() -> None:
    target, limits, parent = sys.argv[1:4]
    known = json.loads(limits)
    _die_with(int(parent))
    _limit_self(known)
    sys.stdout.buffer.write(answer_bytes(target, sys.stdin.buffer, output_mb=known["output_mb"]))
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing that the file set up gets a turn


if __name__ == "__main__":
    main()
