"""A scale for tests: an indicator on a pseudo-terminal that shows what it is told, frame after frame."""

import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from immis.commands.weighbridge.indicator import Line, Terminal
from immis.commands.weighbridge.referee import Referee, serve

EACH = 0.04


def until(answer: Callable[[], Any], seconds: float = 60) -> Any:
    """The first answer that is true; fails where none comes."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        value = answer()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("what was waited for did not come")


class Shown:
    """A scale that shows ``kg``."""

    def __init__(self, preset: str, **how: Any) -> None:
        self.terminal = Terminal(preset, **how)
        self.kg, self.still, self.ended = 0.0, True, threading.Event()
        self.thread = threading.Thread(target=self._play, daemon=True)

    def _play(self) -> None:
        while not self.ended.wait(EACH):
            self.terminal.send(self.kg, self.still)


@contextmanager
def scale(preset: str, **how: Any) -> Iterator[Shown]:
    """A scale at work until the end of the test."""
    shown = Shown(preset, **how)
    shown.thread.start()
    try:
        yield shown
    finally:
        shown.ended.set()
        shown.thread.join()
        shown.terminal.close()


@contextmanager
def refereed(failures: tuple[str, ...] = (), files: dict[str, bytes] | None = None) -> Iterator[tuple[Referee, str]]:
    """The strict server of the conformance kit, and its address."""
    referee = Referee(failures=failures)
    server = serve(referee, files=files)
    try:
        yield referee, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def noisy(share: float = 0.05) -> Line:
    return Line(noise=share, partial=True)


class Page:
    """The agent's page on this computer, by its own calls."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.html = urllib.request.urlopen(self.url + "/", timeout=10).read().decode()
        found = re.search(r'"token": "([^"]+)"', self.html)
        assert found
        self.token = found[1]

    def call(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, data, {"X-Station": self.token, **headers})
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            return {**json.load(refusal), "status": refusal.code}

    def weigh(self, kind: str, plate: str) -> dict[str, Any]:
        """Try until the scale stands still."""
        return until(lambda: (row := self.call("/weigh", {"kind": kind, "plate": plate})).get("counter") and row)


@contextmanager
def running(program: list[str], home: Path, *rest: str) -> Iterator[tuple[subprocess.Popen[str], Page]]:
    """The agent at work with its page; ended at the end."""
    command = [sys.executable, *program, "--home", str(home), *rest, "--page", "0"]
    agent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert agent.stdout is not None
    try:
        yield agent, Page(json.loads(agent.stdout.readline())["page"])
    finally:
        agent.terminate()
        agent.wait(20)
        agent.stdout.close()


def at_work(folder: Path, shown: Shown) -> Any:
    """The agent, as it lies here, at work at this scale in ``folder``/home."""
    return running(["-m", "immis.agent"], folder / "home", "work", "--port", shown.terminal.path)
