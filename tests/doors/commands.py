"""The command line as anybody types it: ``command("schedule", "--bid", …)`` in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
#: The Munger notice as it was published.
NOTICE = ROOT / "immis/adapters/notices/samples/munger_2026.txt"
#: A page of PDF, for every paper that a form asks for.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_FOREIGN = ("DATABASE_URL", "IMMIS_CLOCK", "IMMIS_DEMO", "IMMIS_PRODUCTION", "IMMIS_SECRET_KEY")


def own_environment(data: Path) -> dict[str, str]:
    """The environment of a new installation in a folder of its own, on SQLite."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    path = os.pathsep.join(part for part in (os.environ.get("IMMIS_TEST_PATH", ""), str(ROOT)) if part)
    return {**kept, "IMMIS_DATA": str(data), "PYTHONPATH": path}


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code and what it printed."""

    code: int
    out: str
    errors: str

    @property
    def json(self) -> Any:
        return json.loads(self.out.strip().splitlines()[-1])

    @property
    def whole_json(self) -> Any:
        """Output that is one JSON document over several lines."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Output of JSON lines."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]


class Command:
    """The door: call it with the words of the command."""

    def __init__(self, data: Path, more: Mapping[str, str] | None = None):
        self.env = {**own_environment(data), **(more or {})}

    def __call__(self, *words: str, stdin: str = "") -> Done:
        own = [sys.executable, "-m", "immis.cli", *words]
        done = subprocess.run(own, env=self.env, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)
