"""Reading a file from outside in a child of its own: limits of processor time, memory, output and time, then killed.

Every parser of something that was handed in is named in ``READERS`` and called by ``read_apart``; in the process that
serves people nothing of the file is looked at. A new reader is one line there: where its function lies, and the
modules whose dataclasses, enumerations and exceptions it answers with.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import IO, Any

from immis import clock
from immis.adapters.reading.codec import from_bytes, to_bytes
from immis.rules.policy import book

_KEPT_ENVIRONMENT = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
_POLL_S = 0.01


@dataclass(frozen=True)
class Reader:
    """A parser: ``module:function``, the modules whose classes it may answer or refuse with, its largest answer."""

    target: str
    modules: tuple[str, ...] = ()
    output_mb: int = 1


READERS: dict[str, Reader] = {
    "notice": Reader(
        "immis.adapters.notices:read_notice", ("immis.rules.notices.facts", "immis.adapters.notices.errors"), 8
    ),
    "eproc": Reader("immis.adapters.eproc.reading:read_export", ("immis.adapters.eproc.port",), 32),
    "scroll": Reader("immis.adapters.treasury.scroll:check_scroll", ("immis.adapters.treasury.scroll",), 64),
    "features": Reader("immis.adapters.geojson:read_features", ("immis.adapters.geojson",), 16),
    "picture": Reader("immis.adapters.pictures:picture_type", ("immis.adapters.pictures",)),
    "signed_pdf": Reader("immis.core.signing.check:check_pdf", ("immis.core.signing.facts",)),
    "signed_text": Reader("immis.core.signing.check:check_texts", ("immis.core.signing.facts",)),
    "pdf_pages": Reader("immis.core.signing.check:count_pages", ("immis.core.signing.facts",)),
    "qr": Reader("immis.challans.signed.qr:read_qr", ("immis.challans.qr",)),
    "sheet": Reader("immis.adapters.sheets:read_sheet", ("immis.adapters.sheets",), 64),
    "takeover": Reader("immis.adapters.takeover:read_takeover", ("immis.rules.leases.taken",), 64),
    "road_file": Reader("immis.adapters.roads.build:build", ("immis.adapters.roads.build",), 4096),
    "road_ways": Reader("immis.adapters.roads.graph:ways_of_values", ("immis.adapters.roads.port",), 64),
    "minutes": Reader(
        "immis.adapters.minutes:read_minutes", ("immis.rules.directions.facts", "immis.adapters.minutes"), 4
    ),
    "evidence": Reader("immis.tracking.bundles.check:check", ("immis.tracking.bundles.check",)),
}


@dataclass(frozen=True)
class Limits:
    """What one child may take: seconds of processor and of wall clock, megabytes of memory and output, open files."""

    cpu_s: int
    wall_s: int
    memory_mb: int
    output_mb: int
    open_files: int


class ReadingRefused(Exception):
    """A file that was not understood within the limits; ``reason`` is a key of the problems of UPL-01."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts that word UPL-01."""
        terms = reading_terms()
        return {
            "problem": dict(terms["problems"][self.reason]),
            "cpu_s": terms["cpu_s"],
            "memory_mb": terms["memory_mb"],
        }

    def message(self, lang: str) -> str:
        """Why, within which limits, and that nothing was changed, in the reader's language."""
        return book().say("UPL-01", self.facts, lang)


def reading_terms() -> Mapping[str, Any]:
    """The limits of UPL-01 as they stand today."""
    terms: Mapping[str, Any] = book().value("UPL-01", clock.now())
    return terms


def limits_today(**other: int) -> Limits:
    """The limits of UPL-01, with those replaced that a reader or a caller needs otherwise."""
    terms = {**reading_terms(), **other}
    return Limits(**{name: int(terms[name]) for name in Limits.__dataclass_fields__})


def read_apart(name: str, *args: Any, limits: Limits | None = None, **kwargs: Any) -> Any:
    """Call a reader of ``READERS`` in a child and answer what it answers.

    Arguments are plain values, bytes, dates or paths. Raises what the reader itself refuses with (a class of its
    modules), or ReadingRefused; no process is left in either case.
    """
    reader = READERS[name]
    limits = limits or limits_today(output_mb=reader.output_mb)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(to_bytes({"args": list(args), "kwargs": kwargs}))
        given.seek(0)
        code = _run(reader.target, limits, given, answer)
        answer.seek(0)
        raw = answer.read(limits.output_mb * 1024 * 1024 + 1)
    return _outcome(reader, code, raw)


@cache
def _environment() -> dict[str, str]:
    """The child knows where the program lies and no secret of the installation."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**kept, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}


def _run(target: str, limits: Limits, given: IO[bytes], answer: IO[bytes]) -> int | None:
    """Run the child to its end or the limit, and end its whole group; answers its exit code, None when out of time."""
    argv = [sys.executable, "-m", "immis.adapters.reading.child", target, json.dumps(asdict(limits)), str(os.getpid())]
    process = subprocess.Popen(
        argv, stdin=given, stdout=answer, stderr=subprocess.DEVNULL, cwd="/", env=_environment(), start_new_session=True
    )
    try:
        ended = _wait(process.pid, time.monotonic() + limits.wall_s)
    finally:
        _kill_group(process.pid)  # before it is waited for: till then nobody else can bear its number
        code = process.wait()
    return code if ended else None


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait(pid: int, until_s: float) -> bool:
    """Whether a process ended before a monotonic instant; it stays to be waited for."""
    if not hasattr(os, "pidfd_open"):
        while not (ended := _has_ended(pid)) and time.monotonic() < until_s:
            time.sleep(_POLL_S)
        return ended
    handle = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.poll(max(0.0, until_s - time.monotonic()) * 1000)
        return _has_ended(pid)
    finally:
        os.close(handle)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # it ended before it had a group, or is a corpse (macOS)
        pass


def _outcome(reader: Reader, code: int | None, raw: bytes) -> Any:
    if code is None or code in (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL):
        raise ReadingRefused("time")
    if code == -signal.SIGXFSZ:
        raise ReadingRefused("output")
    try:
        outcome = from_bytes(raw, modules=reader.modules) if code == 0 else {}
    except ValueError:
        outcome = {}
    if not isinstance(outcome, dict):
        raise ReadingRefused("broken")
    if "answer" in outcome:
        return outcome["answer"]
    if isinstance(refused := outcome.get("refused"), Exception):
        raise refused
    failed = outcome.get("failed")
    raise ReadingRefused(failed if failed in ("memory", "output") else "broken")
