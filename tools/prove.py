"""Proves the rows that work: switches the rules and figures of a row off and expects its acceptance test to fail.

A test that still passes with its law switched off proves nothing, and is printed as such; where a row has no rule, its
register is switched off. Outside the test suite: a run takes minutes. The season of the demo is played once. First the
tests of each file run on one installation, and each test that passed runs again there with the law of each of its rows
off; between, the law is on and it must pass. The files of what happens once only, or passes again, then run on another
installation each, the law off first: a test that fails so counts where it passes behind that with the law on. What is
left (``--shared`` leaves it out) is tried on processes of its own; where a test reads only what the season left, it is
played again with the rule off (not with ``--quick``). Two are tried at a time (``--jobs 1`` for one). Arguments are
ids of rows; none means all that work.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OFF = ROOT / "tools" / "prove_off"
DEMO = [sys.executable, "-m", "immis.cli", "demo", "--headless", "--json"]
_FOREIGN = ("DATABASE_URL", "IMMIS_CLOCK", "IMMIS_DEMO", "IMMIS_PRODUCTION", "IMMIS_SECRET_KEY", "IMMIS_PROVE_OFF")
ONCE = "happens once only"  # a test that does not pass a second time
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
        law = tuple(code for code in row["policy"] if "/" not in code)
        codes = law or tuple(code for code in row["policy"] if code.startswith("registers/"))
        if tests and (not wanted or row["id"] in wanted):
            groups[tests, codes].append(row["id"])
    return groups


def proved(why: str) -> str:
    """The verdict on a row whose test failed as it should."""
    weaker = ", before its own assertion" if any(name in why.partition(":")[0] for name in _BEFORE) else ""
    return f"proved{weaker}: {why[:100]}"


Group = tuple[tuple[str, ...], tuple[str, ...]]


def share(
    file: str, plan: dict[str, list[tuple[str, ...]]], folder: Path, played: Path, first: str
) -> list[dict[str, Any]]:
    """Run the tests of a file on one installation, each with its codes off as well: what came of each try."""
    own = Path(tempfile.mkdtemp(dir=folder))
    names = {name: own / name for name in ("off", "plan", "answers")}
    names["off"].touch()
    names["answers"].touch()
    names["plan"].write_text(json.dumps(plan))
    env = environment(
        PYTHONPATH=os.pathsep.join((str(OFF), str(ROOT))),
        IMMIS_TEST_PATH=str(OFF),
        IMMIS_TEST_PLAYED=str(played),
        IMMIS_TEST_PATIENCE_S="20",
        IMMIS_PROVE_OFF_FILE=str(names["off"]),
        IMMIS_PROVE_PLAN=str(names["plan"]),
        IMMIS_PROVE_ANSWERS=str(names["answers"]),
        IMMIS_PROVE_FIRST=first,
    )
    words = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "-p", "again", file]
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=2 * LONGEST_S)
    return [json.loads(line) for line in names["answers"].read_text(encoding="utf8").splitlines()]


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
            return proved(why.removeprefix("E").strip())
        return "NOT PROVED: it still passes" if code == PASSED else f"NOT PROVED: it broke before the test: {why[:100]}"

    @staticmethod
    def _reads_the_season(tests: tuple[str, ...]) -> bool:
        return any("_by_command" not in test for test in tests)


def arguments(words: list[str]) -> Any:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help="ids of rows; none: all that work")
    parser.add_argument("--quick", action="store_true", help="never play the season again")
    parser.add_argument("--shared", action="store_true", help="leave out what happens once only")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at a time")
    return parser.parse_args(words)


def shared_pass(
    groups: Iterable[Group], prover: Prover, jobs: ThreadPoolExecutor, *, first: str
) -> Iterator[tuple[Group, str]]:
    """The verdicts that installations shared by the tests of a file give, each as soon as its files are through."""
    plans: dict[str, dict[str, list[tuple[str, ...]]]] = defaultdict(lambda: defaultdict(list))
    for tests, codes in groups:
        for test in tests:
            plans[test.partition("::")[0]][test].append(codes)
    shared = {
        jobs.submit(share, file, plan, prover.folder, prover.played, first): file
        for file, plan in sorted(plans.items())
    }
    answers: dict[tuple[str, tuple[str, ...]], str] = {}
    open_files, waiting = set(plans), list(groups)
    for tried in as_completed(shared):
        answers |= {(row["test"], tuple(row["codes"])): row["why"] for row in tried.result()}
        open_files.discard(shared[tried])
        through = [group for group in waiting if not open_files & {test.partition("::")[0] for test in group[0]}]
        for tests, codes in through:
            waiting.remove((tests, codes))
            if verdict := verdict_of([answers.get((test, codes), ONCE) for test in tests]):
                yield (tests, codes), verdict


def verdict_of(whys: list[str]) -> str:
    """The verdict on a group by what came of each of its tests; empty where they say nothing."""
    if failing := next((why for why in whys if why not in ("", ONCE)), ""):
        return proved(failing)
    return "" if ONCE in whys else "NOT PROVED there: it passes with its law off"


def main(words: list[str]) -> int:
    given = arguments(words)
    groups, verdicts = rows_that_work(given.rows), {}
    with tempfile.TemporaryDirectory(prefix="immis-prove-") as folder, ThreadPoolExecutor(given.jobs) as jobs:
        prover = Prover(Path(folder), replays=not given.quick)
        if not (prover.played / "public").is_dir() and not play(prover.played):
            print("the season cannot be played; nothing is proved")
            return 2

        def tell(group: Group, verdict: str) -> None:
            verdicts[group] = verdict
            print(f"{' '.join(groups[group]):24} {','.join(group[1]) or '—':30} {verdict}", flush=True)

        weak: dict[Group, str] = {}
        for first in ("", "yes"):
            open_now = [group for group in groups if group[1] and group not in verdicts]
            for group, verdict in shared_pass(open_now, prover, jobs, first=first):
                weak[group] = verdict
                if verdict.startswith("proved"):
                    tell(group, verdict)
        for group in groups if given.shared else ():
            if group in weak and group not in verdicts:
                tell(group, weak[group])
        left = [] if given.shared else sorted((group for group in groups if group not in verdicts), key=groups.get)
        tries = {jobs.submit(prover.prove, *group): group for group in left}
        for tried in as_completed(tries):
            tell(tries[tried], tried.result())
    unproved = sum(verdict.startswith("NOT") for verdict in verdicts.values())
    rows = sum(len(groups[group]) for group in verdicts)
    print(f"{rows} rows tried, {unproved} groups not proved, {len(groups) - len(verdicts)} groups not tried")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
