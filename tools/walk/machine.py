"""A training installation by ``docs/operations/install.md``, and the outside systems beside it."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.doors.bare_machine import BareMachine, blocks
from tests.doors.installation import ClockDoor, SocketDoor
from tools.walk.chromium import Reader

BEGINS = "2026-05-12T10:00:00+05:30"
DISTRICTS = ("Munger", "Bhojpur")
_LETTERS = "-" * 79


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TrainingMachine(BareMachine):
    """The page's commands as they stand, but for its settings: an installation to practise on, whose time can pass."""

    def __init__(self, home: Path, records: str, program: Path):
        super().__init__(home, records)
        self.database = records.rpartition("/")[2]
        self.treasury = free_port()
        (home / "versions").mkdir()
        (home / "versions" / "1.0").symlink_to(program)

    def run(self, block: str):  # type: ignore[no-untyped-def]
        changes = {
            "IMMIS_PRODUCTION=1": f"IMMIS_TRAINING=1\nIMMIS_CLOCK={BEGINS};1",
            "postgresql:///immis": f"postgresql:///{self.database}",
            "IMMIS_HOSTS=mines.example.in": f"IMMIS_HOSTS=127.0.0.1\nIMMIS_TREASURY_URL=http://127.0.0.1:{self.treasury}",
            "https://mines.example.in": f"http://127.0.0.1:{self.port}",
            "IMMIS_TRUSTED_PROXY=127.0.0.1\n": "IMMIS_REQUESTS_A_SECOND=0\n",
        }
        for old, new in changes.items():
            block = block.replace(old, new)
        if "setup --answers" in block:
            example = (self.home / "answers.yaml").read_text()
            (self.home / "answers.yaml").write_text(example.replace("Munger, Lakhisarai", ", ".join(DISTRICTS)))
        return super().run(block)

    def follow(self, mark: str | None) -> str:
        """As the page has it; the answers are changed between their two commands, as it says."""
        printed = ""
        for block in blocks(mark):
            parts = [block] if "setup --answers" not in block else block.splitlines(keepends=True)
            for part in parts:
                done = self.run(part)
                assert done.code == 0, f"{part}\n{done.out}\n{done.errors}"
                printed += done.out
        return printed

    @contextmanager
    def bank(self) -> Iterator[None]:
        """The treasury, an outside system."""
        words = [f"{self.home}/immis", "simulate", "treasury", "--listen", f"127.0.0.1:{self.treasury}"]
        words += ["--notify", f"http://127.0.0.1:{self.port}/treasury/notify"]
        with (self.home / "treasury.log").open("w") as log:
            process = subprocess.Popen(words, env=self.env, cwd=self.home, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


@dataclass
class Walk:
    """Everything that a scene needs: the machine, its clock, its mail, the browser, and who is signed in."""

    machine: TrainingMachine
    browser: Browser
    out: Path

    def __post_init__(self) -> None:
        self.base = f"http://127.0.0.1:{self.machine.port}"
        self.data = self.machine.home / "data"
        self.clock = ClockDoor(self.data)
        self.socket = SocketDoor(("127.0.0.1", self.machine.gateway_port))
        self._people: dict[str, Reader] = {}
        self.known: dict[str, str] = {}

    def page(self, name: str = "", password: str = "") -> Reader:
        """A person, signed in once; of the cast ``known`` has what the installation calls him."""
        name = self.known.get(name, name)
        if name not in self._people:
            self._people[name] = Reader(self.browser, self.base, name, password)
        return self._people[name]

    def mailed(self, address: str, words: str) -> list[str]:
        files = [path.read_text(encoding="utf8") for path in sorted((self.data / "mail").glob("*.log"))]
        letters = [letter for file in files for letter in file.split(_LETTERS)]
        return [caught for letter in letters if f"To: {address}\n" in letter for caught in re.findall(words, letter)]

    def note(self, line: str, showed: str, reader: Reader | None = None, shot: str = "") -> None:
        """What a line of the issue showed, and where; perhaps with a picture."""
        where = reader.page.url.removeprefix(self.base) if reader else ""
        if reader and shot:
            reader.shot(self.out / f"{shot}.png")
        text = f"| {line} | {where} | {' '.join(showed.split())[:400]} | {f'{shot}.png' if shot else ''} |\n"
        with (self.out / "walk.md").open("a", encoding="utf8") as file:
            file.write(text)
        sys.stdout.write(text)
        sys.stdout.flush()

    def faults(self) -> list[str]:
        return [f"{name or 'visitor'}: {fault}" for name, reader in self._people.items() for fault in reader.wrong]


@contextmanager
def prepared(home: Path, records: str, program: Path) -> Iterator[TrainingMachine]:
    """A machine on which root has done his steps."""
    shutil.rmtree(home, ignore_errors=True)
    machine = TrainingMachine(home, records, program)
    machine.sql(f"DROP DATABASE IF EXISTS {machine.database}", f"CREATE DATABASE {machine.database} ENCODING 'UTF8'")
    yield machine


def chromium_path() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome") or os.environ.get("CHROMIUM", "")
    assert found, "Chromium is not installed"
    return found
