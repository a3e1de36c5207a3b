"""Installations for tests that come in by a door: a demo that has ended, and real processes that stand on what it left.

The demo is played once a run; ``IMMIS_TEST_PLAYED`` names a folder with one that has ended (``make prove``).
"""

import fcntl
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.doors.commands import ROOT, Command, Done, own_environment
from tests.doors.devices import SocketDoor
from tests.doors.http import PageDoor

MARK = "demo.json"
FIRST_INSTANT = "2026-05-12T10:00:00+05:30"
DEMO = [sys.executable, "-m", "immis.cli", "demo", "--headless", "--json"]
LONGEST_S = 300  # a bound for a crowded machine, not the promise of 120 s on two idle cores
INDIA = ZoneInfo("Asia/Kolkata")
#: How long the office's processes are waited for; less where most of what is waited for never comes (``make prove``).
PATIENCE_S = float(os.environ.get("IMMIS_TEST_PATIENCE_S", "45"))


def india(text: str) -> datetime:
    """An instant in India from ``2026-06-05 11:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=INDIA)


class Stores:
    """What a demo keeps in a folder, read from outside."""

    def __init__(self, data: Path):
        self.data = data
        self.env = own_environment(data)

    @property
    def user_ids(self) -> dict[str, str]:
        """The user IDs that the bidders of the season were mailed, by the names that it has for them."""
        return dict(json.loads((self.data / MARK).read_text())["user_ids"])

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.data}/immis.sqlite3?mode=ro", uri=True)
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()

    def one(self, question: str) -> Any:
        return self.rows(question)[0][0]

    def immis(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line, by the clock of the season."""
        env = {**self.env, "IMMIS_CLOCK": FIRST_INSTANT}
        own = [sys.executable, "-m", "immis.cli", *words]
        return subprocess.run(own, env=env, capture_output=True, text=True, timeout=60)


class Played(Stores):
    """One finished demo: what it printed, and the stores that it left. An earlier demo had left something there."""

    def __init__(self, folder: Path):
        super().__init__(folder / "data")
        self.older = self.data / "public" / "auctions" / "OLD-2025-01.json"
        told = folder / "told.json"
        with _alone_in(folder):
            if not told.exists():
                told.write_text(json.dumps(self._play(folder)))
        self.done = subprocess.CompletedProcess(DEMO, **json.loads(told.read_text()))

    def _play(self, folder: Path) -> dict[str, Any]:
        for path in (self.data / MARK, self.data / "immis.sqlite3", self.older):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
        done = subprocess.run(DEMO, env=self.env, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S)
        return {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.done.stdout.splitlines()[-1])


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One process at a time; the others wait."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    """A demo that has ended, one for all workers of a run; whoever changes what it left takes a copy."""
    if ended := os.environ.get("IMMIS_TEST_PLAYED"):
        return Stores(Path(ended))
    base = tmp_path_factory.getbasetemp()
    return Played((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo")


class Season(Stores):
    """A season whose processes run; commands go to its stagehand, one at a time.

    It begins anew in ``folder / "data"``; with ``keep`` it stands on what lies there. ``more`` are settings of its own.
    """

    def __init__(self, folder: Path, *, keep: bool = False, more: Mapping[str, str] | None = None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.stagehand", *(["--keep"] if keep else [])],
            cwd=ROOT,
            env={**own_environment(folder / "data"), **(more or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        at = self.answer()
        super().__init__(Path(at["data"]))
        self.url, self.gateway, self.log = at["url"], ("127.0.0.1", at["gateway"]), Path(at["log"])

    def ask(self, do: str, **words: Any) -> None:
        """Give a command and do not wait; ``answer`` does."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **words}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the stagehand is gone; its last words stand above"
        answer = json.loads(line)
        assert "failed" not in answer, answer["failed"]
        return answer["said"]

    def do(self, do: str, **words: Any) -> Any:
        """Give a command and wait until it is done."""
        self.ask(do, **words)
        return self.answer()

    def end(self) -> None:
        """End all its processes; a second time is none."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


class Simulated:
    """An outside system with a process of its own, as its simulator stands in for it."""

    NAME = ""

    def __init__(self) -> None:
        own = [sys.executable, "-m", "immis.cli", "simulate", self.NAME, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(own, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["listening"]

    def take(self, **payload: Any) -> None:
        """What happens there, without our doing."""
        httpx.post(f"{self.url}/simulate", json=payload, trust_env=False).raise_for_status()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


class Portal(Simulated):
    """PARIVESH."""

    NAME = "parivesh"

    def move(self, proposal: str, status: str, on: str) -> None:
        """The ministry moves a proposal to a status on a day."""
        self.take(proposal=proposal, status=status, on=on)


class Transport(Simulated):
    """VAHAN and SARATHI, the registers of the transport department."""

    NAME = "transport"


class Cells(Simulated):
    """A vendor's feed of trucks' load cells."""

    NAME = "loadcells"


#: Seasons that stand now, by the session's fixture that set them up.
_STANDING: dict[str, Season] = {}


def standing_on(played: Stores, folder: Path, fixture: str, more: Mapping[str, str] | None = None) -> Iterator[Season]:
    """Real processes, perhaps with settings of their own, on a copy of what a demo left.

    They end after the last test that takes the fixture.
    """
    shutil.copytree(played.data, folder / "data")
    season = _STANDING[fixture] = Season(folder, keep=True, more=more)
    yield season
    season.end()


def end_standing(fixture: str) -> None:
    """End the season of a fixture that nobody takes any more: its processes would work on beside other tests."""
    if season := _STANDING.pop(fixture, None):
        season.end()


class Waited(AssertionError):
    """What the office's processes should have done in their own time did not come about."""


class ClockDoor:
    """The clock that all processes of an installation share, as whoever runs it steps it."""

    def __init__(self, data: Path):
        self._file = data / "clock.json"

    def now(self) -> datetime:
        course = json.loads(self._file.read_text())
        shown_s = course["shown_s"] + (time.time() - course["real_s"]) * course["rate"]
        return datetime.fromtimestamp(shown_s, INDIA)

    def to(self, instant: datetime, *, rate: float = 1.0) -> None:
        """Step forward; an instant that is past leaves the clock where it is."""
        shown = max(instant, self.now())
        part = self._file.with_name(".clock.acceptance")
        part.write_text(json.dumps({"real_s": time.time(), "shown_s": shown.timestamp(), "rate": rate}))
        os.replace(part, self._file)

    def until(self, what: str, holds: Callable[[], Any], *, patience_s: float = PATIENCE_S) -> Any:
        """Look until something is so. Raises Waited when it is not so in time."""
        found = self.soon(holds, patience_s=patience_s)
        if not found:
            raise Waited(f"not so after {patience_s:.0f} s: {what}")
        return found

    def soon(self, look: Callable[[], Any], *, patience_s: float = PATIENCE_S) -> Any:
        """What a look gives as soon as it is anything; the last look where it stays empty, to be judged."""
        give_up, pause_s = time.monotonic() + patience_s, 0.1
        while not (seen := look()) and time.monotonic() < give_up:
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.3, 1.5)  # each look is a page or two for the installation's processes to draw
        return seen


class FileDoor:
    """What an installation publishes for anybody under ``/data/``, read as files."""

    def __init__(self, data: Path):
        self.folder = data / "public"

    def path(self, name: str) -> Path:
        return self.folder / name

    def user_id(self, name: str) -> str:
        """The user ID of a bidder of the season."""
        return str(json.loads((self.folder.parent / MARK).read_text())["user_ids"][name])

    def json(self, name: str) -> Any:
        return json.loads(self.path(name).read_text(encoding="utf8"))

    def all_json(self, pattern: str) -> dict[str, Any]:
        """Published documents by the stem of their names."""
        return {path.stem: json.loads(path.read_text()) for path in sorted(self.folder.glob(pattern))}


class Installation:
    """One installation with its doors, shared by all tests of a session."""

    def __init__(self, season: Season, portal: Portal, transport: Transport, cells: Cells):
        self.season, self.portal, self.transport, self.cells = season, portal, transport, cells
        self.page = PageDoor(season.url, season.user_ids)
        self.socket = SocketDoor(season.gateway)
        self.clock = ClockDoor(season.data)
        self.file = FileDoor(season.data)

    def mailed(self, address: str, words: str) -> list[str]:
        """What a pattern catches in the mail that this address was sent."""
        files = [path.read_text(encoding="utf8") for path in sorted((self.season.data / "mail").glob("*.log"))]
        letters = [letter for file in files for letter in file.split("-" * 79)]  # one file holds those of a connection
        return [caught for letter in letters if f"To: {address}\n" in letter for caught in re.findall(words, letter)]

    def settle(self) -> None:
        """Wait until the office has taken in everything that happened."""
        self.season.do("settle")

    def immis(self, *words: str, **settings: str) -> Done:
        """A command on the data of the installation, with settings of its own."""
        return Command(self.season.data, {"IMMIS_CLOCK": FIRST_INSTANT, **settings})(*words)
