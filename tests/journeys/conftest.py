"""Seasons for journeys: the real processes on a folder of their own, played by a stagehand, looked at in Chromium."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from immis.commands.demo.stage import FIRST_INSTANT, MARK

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def own_environment(data: Path) -> dict[str, str]:
    """The environment of a new installation in a folder of its own, on SQLite."""
    foreign = ("DATABASE_URL", "IMMIS_CLOCK", "IMMIS_DEMO", "IMMIS_PRODUCTION", "IMMIS_SECRET_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "IMMIS_DATA": str(data), "PYTHONPATH": str(ROOT)}


DEMO = [sys.executable, "-m", "immis.cli", "demo", "--headless", "--json"]
LONGEST_S = 300  # a bound for a crowded machine, not the promise of 120 s on two idle cores


class Stores:
    """What a demo keeps in a folder, read from outside."""

    def __init__(self, data: Path):
        self.data = data
        self.env = own_environment(data)

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
        for path in (self.data / MARK, self.data / "immis.sqlite3", self.older):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
        self.done = subprocess.run(DEMO, env=self.env, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S)

    @property
    def summary(self) -> dict[str, Any]:
        return json.loads(self.done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A demo that has ended; whoever changes what it left takes a copy."""
    return Played(tmp_path_factory.mktemp("demo"))


class Season(Stores):
    """A season whose processes run; commands go to its stagehand, one at a time.

    It begins anew in ``folder / "data"``; with ``keep`` it stands on what lies there.
    """

    def __init__(self, folder: Path, *, keep: bool = False):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.stagehand", *(["--keep"] if keep else [])],
            cwd=ROOT,
            env=own_environment(folder / "data"),
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
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


@pytest.fixture(scope="session")
def kept_season(played: Played, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """A season whose processes stand on a copy of what the demo left, for all files that begin there."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(played.data, folder / "data")
    kept = Season(folder, keep=True)
    yield kept
    kept.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; without one the tests are skipped, or fail where nothing may be skipped."""
    from tests.journeys.reader import FLAGS

    if not CHROMIUM:
        reason = "Chromium is not installed; the browser tests need one"
        if os.environ.get("IMMIS_NO_SKIP") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def readers(browser: Any, season: Season, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """``readers(name, window)`` is that person's window, opened once; no name is a visitor."""
    from tests.journeys.reader import PHONE, Reader

    given = os.environ.get("IMMIS_TEST_SHOTS")
    shots = Path(given) if given else tmp_path_factory.mktemp("shots")
    opened: dict[str, Reader] = {}

    def reader(name: str = "", window: dict[str, int] = PHONE) -> Reader:
        if name not in opened:
            opened[name] = Reader(browser, season.url, name=name, window=window, shots=shots)
        return opened[name]

    yield reader
    for one in opened.values():
        one.close()
