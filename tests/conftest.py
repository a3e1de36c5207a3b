"""Every test run keeps its data in a folder of its own; the clock is set by the test that needs one."""

import gc
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from django.template.base import Template
from django.test import override_settings
from django.test import utils as test_utils
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from immis import clock
from immis.adapters.reading import apart, child
from immis.rules import policy as policy_module
from tests import databases
from tests.doors.installation import end_standing, played  # noqa: F401  (one demo a session, for journeys and acceptance)
from tests.kept import WORLDS

os.umask(0o077)  # folders that tests make for an installation are as private as its own

# A shared machine is slow at times; a test says what is wrong, not how fast it was found. The suite tries the same
# examples every time, so that a run is no lottery; IMMIS_TEST_RANDOM=1 looks for new ones.
hypothesis_settings.register_profile("immis", deadline=None, derandomize=True)
hypothesis_settings.register_profile("random", deadline=None, print_blob=True)
hypothesis_settings.load_profile("random" if os.environ.get("IMMIS_TEST_RANDOM") == "1" else "immis")

#: What takes longest begins first, so that no worker is left alone with it at the end.
LONG = (
    "journeys/test_stopwatch", "journeys/test_e_challan",
    "web/walks/test_fuzz.py", "web/acts/test_act_walk", "web/walks/test_fuzz_api",
    "web/walks/test_security_access", "web/walks/test_api_schema", "web/walks/test_accessibility",
    "auctions/test_kill", "web/walks/test_axe", "analytics/test_spark", "web/walks/test_security_",
    "journeys/test_bad", "journeys/test_demo", "journeys/",
    "web/shell/test_shell_processes",
    "gateway/test_gateway_archive", "acceptance/", "adapters/test_reading", "core/test_backup",
    "web/shell/test_shell_roles", "gateway/", "rules/test_cases", "ledger/test_odd", "ledger/test_killed", "auctions/",
    "web/", "leases/", "ledger/",
)  # fmt: skip
#: Long files of which each test stands alone, so that no worker has a whole one left at the end. On the second kind of
#: database only a few of their tests run: there they share what the first of them built.
APART = ("tests/web/walks/test_axe.py", "tests/web/walks/test_security_requests.py")
#: Files that stand on one season, or read the pages of one walk; the tests of any other file stay together by
#: themselves. The demo itself is played once for all: acceptance comes late enough to find it ended, on another worker
#: than the journeys.
TOGETHER = {
    "tests/journeys/test_stopwatch_in_hindi.py": "journeys",
    "tests/journeys/test_e_challan_in_hindi.py": "journeys",
    "tests/journeys/test_bad_input.py": "journeys",
    "tests/journeys/test_demo_command.py": "journeys",
    "tests/acceptance/": "acceptance",
    "tests/web/acts/test_act_walk.py": "acts",
    "tests/web/walks/test_fuzz_api.py": "acts",
    "tests/web/walks/test_security_access.py": "walk",
    "tests/web/walks/test_accessibility.py": "walk",
}


#: What a test takes that asks the records database; set by the second run, on the other kind of database.
RECORDS = {"db", "transactional_db", "own_database", "django_db_setup"}
ON_RECORDS_ALONE = os.environ.get("IMMIS_TEST_RECORDS_ALONE") == "1"


def _asks_records(item):
    return item.get_closest_marker("django_db") or RECORDS.intersection(item.fixturenames)


def _turn(item):
    """When an item comes: what takes longest first, and last the test that reads what others have noted."""
    if "tests/rules/test_gatherers_driven" in item.location[0]:
        return len(LONG) + 1
    return next((turn for turn, part in enumerate(LONG) if f"tests/{part}" in item.location[0]), len(LONG))


def pytest_collection_modifyitems(config, items):
    if ON_RECORDS_ALONE and (others := [item for item in items if not _asks_records(item)]):
        items[:] = [item for item in items if _asks_records(item)]
        config.hook.pytest_deselected(items=others)
    items.sort(key=_turn)


#: Fixtures of the session whose processes end with the last test that takes them.
STANDING = ("kept_season", "installation")
_LAST: dict[str, list[str]] = {}


def pytest_collection_finish(session):
    gc.freeze()  # what was loaded and collected stays
    gc.enable()
    for fixture in STANDING:
        takers = [item.nodeid for item in session.items if fixture in item.fixturenames]
        if takers:
            _LAST.setdefault(takers[-1], []).append(fixture)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    answer = yield
    for fixture in _LAST.get(item.nodeid, ()):
        end_standing(fixture)
    return answer


class _ByFile(LoadScopeScheduling):
    """One worker takes a file whole, in the order of collection, but for those whose tests stand apart."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::", 1)[0]
        if file in APART and not ON_RECORDS_ALONE:
            return nodeid
        return next((name for part, name in TOGETHER.items() if file.startswith(part)), file)

    def _assign_work_unit(self, node):
        super()._assign_work_unit(node)
        if not self.workqueue and (drained := os.environ.get("IMMIS_TEST_DRAINED")):
            Path(drained).touch()  # another run may take what is left of the machine


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return _ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _compiled_messages():
    from immis.web.i18n import compile_all

    compile_all(only_newer=True)


@pytest.fixture(autouse=True, scope="session")
def _plain_rendering(django_test_environment):
    """Templates as in production: Django's own rendering for tests copies every context, and no test here reads one."""
    Template._render = test_utils._TestState.saved_data.template_render


def _read_here(target: str, limits: apart.Limits, given: IO[bytes], answer: IO[bytes]) -> int:
    answer.write(child.answer_bytes(target, given, output_mb=limits.output_mb))
    return 0


@pytest.fixture(autouse=True)
def _files_are_read_here(request, monkeypatch):
    """What was handed in is read by the child's own code in this process, for a child takes a third of a second.

    Tests of the child itself, of its limits and of its end, are marked ``apart``.
    """
    WORLDS.patched = monkeypatch
    if not request.node.get_closest_marker("apart"):
        monkeypatch.setattr(apart, "_run", _read_here)


@pytest.fixture
def data_dir(tmp_path, monkeypatch) -> Path:
    """A fresh IMMIS_DATA folder for one test."""
    monkeypatch.setenv("IMMIS_DATA", str(tmp_path))
    clock.forget()
    yield tmp_path
    clock.forget()


class Clock:
    """The clock in a test's hands: stands still until it is moved."""

    def __init__(self, start: datetime):
        self.instant = start

    def set(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.instant


@pytest.fixture
def at(monkeypatch) -> Clock:
    """``at.set(instant)`` decides what ``immis.clock.now()`` and the database clock show."""
    hand = Clock(datetime(2026, 6, 5, 5, 30, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", hand)
    monkeypatch.setattr(clock, "shown", lambda real: hand.instant)
    return hand


@pytest.fixture(scope="session")
def book() -> policy_module.PolicyBook:
    return policy_module.book()


@pytest.fixture(autouse=True, scope="session")
def _fast_hasher():
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings_parallel_suffix):
    """The test database: a copy of one that is migrated already.

    SQLite's lies in a file: threads then wait for each other as real processes do.
    """
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        own = databases.enter(connection, clock.data_dir() / f"test-{os.getpid()}.sqlite3")
    yield
    with django_db_blocker.unblock():
        databases.leave(connection, own, before)


@pytest.fixture
def own_database(django_db_setup, django_db_blocker, tmp_path):
    """A copy of the test database, committed for real: threads see each other's work.

    Append-only tables cannot be flushed, so ``transaction=True`` would not do; the copy is thrown away instead.
    """
    from django.db import connection

    shared = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            databases.copy_file(shared, own := str(tmp_path / "own.sqlite3"))
        else:
            databases.copy_on_server(connection, shared, own := f"{shared}_own")
        with databases.standing_on(connection, own):
            yield own
