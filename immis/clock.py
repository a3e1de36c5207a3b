"""The clock that every process shares: real time, or a season played fast.

In production ``now()`` is the machine's UTC time. Where ``IMMIS_CLOCK`` is set
(``"2026-06-05T10:55:00+05:30;60"``: start instant; rate) all processes of one
installation share one simulated clock, kept as a few numbers in
``$IMMIS_DATA/clock.json`` so that it can be stepped forward or slowed while
they run. Settings refuse ``IMMIS_CLOCK`` in production.
"""

import json
import os
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True)
class Course:
    """How simulated time runs: at real instant ``real_s`` it shows ``shown_s`` and goes ``rate`` times as fast."""

    real_s: float
    shown_s: float
    rate: float

    def at(self, real_s: float) -> datetime:
        return datetime.fromtimestamp(self.shown_s + (real_s - self.real_s) * self.rate, UTC)


class _State:
    lock = threading.Lock()
    course: Course | None = None
    stamp: tuple[int, int] | None = None


def data_dir() -> Path:
    """Folder of everything this installation keeps (``IMMIS_DATA``, default ``./var``)."""
    return _resolved(os.environ.get("IMMIS_DATA", "var"), os.getcwd())


@lru_cache(maxsize=8)
def _resolved(named: str, folder: str) -> Path:
    """The folder itself: found once, for it is asked for with every bid and file."""
    return Path(folder, named).resolve()


def _file() -> Path:
    return Path(os.environ.get("IMMIS_DATA", "var"), "clock.json")


def _write(course: Course) -> None:
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".clock.{os.getpid()}.{threading.get_ident()}")
    part.write_text(json.dumps(asdict(course)))
    os.replace(part, path)


def _first_course() -> Course:
    start, _, rate = os.environ["IMMIS_CLOCK"].partition(";")
    begins = datetime.fromisoformat(start)
    if begins.tzinfo is None:
        begins = begins.replace(tzinfo=INDIA)
    return Course(time.time(), begins.timestamp(), float(rate or 1))


def _read() -> Course | None:
    if not os.environ.get("IMMIS_CLOCK"):
        return None
    path = _file()
    if not path.exists():
        _write(_first_course())
    return Course(**json.loads(path.read_text()))


def course() -> Course | None:
    """The course of simulated time, or None when the clock is the machine's."""
    if not os.environ.get("IMMIS_CLOCK"):
        return None
    with _State.lock:
        stamp = _stamp()
        if stamp is None and _State.course is not None:  # its folder was cleared away: the clock never goes back
            return _State.course
        if stamp is None or stamp != _State.stamp:
            _State.course = _read()
            _State.stamp = stamp or _stamp()
        return _State.course


def _stamp() -> tuple[int, int] | None:
    """Tells one version of the file from the next; asked at every reading, so that a step counts at once everywhere."""
    try:
        stat = _file().stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_ino


def now() -> datetime:
    """This instant, timezone-aware, in UTC."""
    running = course()
    return running.at(time.time()) if running else datetime.now(UTC)


def shown(real: datetime) -> datetime:
    """The instant that the clock shows at a real instant (a database's own clock reading)."""
    running = course()
    return running.at(real.timestamp()) if running else real


def step_to(instant: datetime, *, rate: float | None = None) -> None:
    """Move the simulated clock forward to ``instant`` and let it run at ``rate``.

    Raises ValueError when no simulated clock is set or the step would go back.
    """
    running = course()
    if running is None:
        raise ValueError("the clock can only be stepped where IMMIS_CLOCK is set")
    if instant < now():
        raise ValueError(f"the clock shows {now():%d.%m.%Y %H:%M} already; it never goes back")
    _write(Course(time.time(), instant.timestamp(), running.rate if rate is None else rate))


def run_at(rate: float) -> None:
    """Let the simulated clock run ``rate`` times as fast from now on. Raises ValueError where none is set."""
    running = course()
    if running is None:
        raise ValueError("the clock's rate can only be set where IMMIS_CLOCK is set")
    real_s = time.time()
    _write(Course(real_s, running.at(real_s).timestamp(), rate))


def forget() -> None:
    """Drop what was read of the course (tests that change ``IMMIS_CLOCK`` or ``IMMIS_DATA``)."""
    with _State.lock:
        _State.course, _State.stamp = None, None
