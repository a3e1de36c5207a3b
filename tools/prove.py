"""Proves the rows that work: switches the rules and figures of a row off and expects its acceptance test to fail.

A test that still passes with its law switched off proves nothing, and is printed as such. Outside the test suite:
a run takes minutes. The season of the demo is played once; where a test reads only what that season left, it is
played again with the rule off (not with ``--quick``). Two are tried at a time (``--jobs 1`` for one), each on
processes of its own over a copy of that season. Arguments are ids of rows; none means all that work.
"""

import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OFF = ROOT / "tools" / "prove_off"
DEMO = [sys.executable, "-m", "immis.cli", "demo", "--headless", "--json"]
_FOREIGN = ("DATABASE_URL", "IMMIS_CLOCK", "IMMIS_DEMO", "IMMIS_PRODUCTION", "IMMIS_SECRET_KEY", "IMMIS_PROVE_OFF")
FAILED, PASSED = 1, 0  # exit codes of pytest
LONGEST_S = 900  # of one try, on a crowded machine
#: How a test ends that came to a page without its form, or waited in vain, before it could assert anything itself.
_BEFORE = ("Stuck", "Waited", "TimeoutError", "StopIteration", "IndexError", "KeyError")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **more}


def switched_off(codes: list[str]) -> dict[str, str]:
    """The environment in which the rules of these codes do nothing, in pytest and in every process it starts."""
    path = os.pathsep.join((str(OFF), str(ROOT)))
    return {"IMMIS_PROVE_OFF": ",".join(codes), "PYTHONPATH": path, "IMMIS_TEST_PATH": str(OFF)}


def play(data: Path, **more: str) -> bool:
    """Play the demo into a folder; whether it went to its end."""
    data.mkdir(parents=True, exist_ok=True)
    env = environment(IMMIS_DATA=str(data), PYTHONPATH=str(ROOT)) | more
    done = subprocess.run(DEMO, cwd=data.parent, env=env, capture_output=True, text=True)
    return done.returncode == 0


def outcome(tests: list[str], **more: str) -> tuple[int, str]:
    """The exit code of pytest over these tests, and its short summary."""
    words = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "-p", "no:cacheprovider", *tests]
    env = environment(**more)
    try:
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        return -1, f"ERROR took longer than {LONGEST_S} s"
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E   "))]
    return done.returncode, next((line for line in lines if line.startswith("ERROR")), lines[0] if lines else "")


def rows_that_work(wanted: list[str]) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """Rows by their acceptance tests and their codes, so that rows that share both are tried together."""
    trace = [sys.executable, "-m", "immis.cli", "trace", "--json"]
    done = subprocess.run(trace, cwd=ROOT, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for row in json.loads(done.stdout)["rows"]:
        tests = tuple(test for test in row["tests"] if test.startswith("tests/acceptance/") and "::" in test)
        codes = tuple(code for code in row["policy"] if "/" not in code)
        if tests and (not wanted or row["id"] in wanted):
            groups[tests, codes].append(row["id"])
    return groups


class Prover:
    """Tries rows one after another, on one played season."""

    def __init__(self, folder: Path, *, replays: bool):
        self.folder, self.replays = folder, replays
        self.played = Path(os.environ.get("IMMIS_TEST_PLAYED") or folder / "season" / "data")

    def prove(self, tests: tuple[str, ...], codes: tuple[str, ...]) -> str:
        """What happened, in words; begins with ``proved`` where the test failed as it should."""
        if not codes:
            return "NOTHING TO SWITCH OFF: no policy implements the row"
        off = switched_off(list(codes))
        code, why = outcome(list(tests), **off, IMMIS_TEST_PLAYED=str(self.played))
        if code == PASSED and self.replays and self._reads_the_season(tests):
            again = Path(tempfile.mkdtemp(dir=self.folder)) / "data"
            if not play(again, **off):
                return "proved, in part: the season cannot be played without it"
            code, why = outcome(list(tests), **off, IMMIS_TEST_PLAYED=str(again))
        if code == FAILED and not why.startswith("ERROR"):
            weaker = ", before its own assertion" if any(name in why for name in _BEFORE) else ""
            return f"proved{weaker}: {why.removeprefix('E').strip()[:100]}"
        return "NOT PROVED: it still passes" if code == PASSED else f"NOT PROVED: it broke before the test: {why[:100]}"

    @staticmethod
    def _reads_the_season(tests: tuple[str, ...]) -> bool:
        return any("_by_command" not in test for test in tests)


def arguments(words: list[str]) -> Any:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="ids of rows; none: all that work")
    parser.add_argument("--quick", action="store_true", help="never play the season again")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    given = arguments(words)
    groups, unproved = rows_that_work(given.rows), 0
    with tempfile.TemporaryDirectory(prefix="immis-prove-") as folder, ThreadPoolExecutor(given.jobs) as jobs:
        prover = Prover(Path(folder), replays=not given.quick)
        if not (prover.played / "public").is_dir() and not play(prover.played):
            print("the season cannot be played; nothing is proved")
            return 2
        ordered = sorted(groups.items(), key=lambda row: row[1])
        tries = {jobs.submit(prover.prove, tests, codes): (codes, ids) for (tests, codes), ids in ordered}
        for tried in as_completed(tries):
            codes, ids = tries[tried]
            verdict = tried.result()
            unproved += verdict.startswith("NOT")
            print(f"{' '.join(ids):24} {','.join(codes) or '—':30} {verdict}", flush=True)
    print(f"{sum(map(len, groups.values()))} rows tried, {unproved} groups not proved")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
