"""Every test run keeps its data in a folder of its own; the clock is set by the test that needs one."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template.base import Template
from django.test import utils as test_utils
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from immis import clock
from immis.rules import policy as policy_module
from tests.doors.installation import played  # noqa: F401  (one demo a session, for journeys and acceptance)

os.umask(0o077)  # folders that tests make for an installation are as private as its own

# A shared machine is slow at times; a test says what is wrong, not how fast it was found. The suite tries the same
# examples every time, so that a run is no lottery; IMMIS_TEST_RANDOM=1 looks for new ones.
hypothesis_settings.register_profile("immis", deadline=None, derandomize=True)
hypothesis_settings.register_profile("random", deadline=None, print_blob=True)
hypothesis_settings.load_profile("random" if os.environ.get("IMMIS_TEST_RANDOM") == "1" else "immis")

#: What takes longest begins first, so that no worker is left alone with it at the end.
LONG = (
    "journeys/test_e_challan", "journeys/test_bad", "journeys/test_demo", "acceptance/", "journeys/",
    "web/test_security_",
    "web/test_shell_processes", "auctions/test_kill", "gateway/", "rules/test_cases", "ledger/test_odd", "auctions/",
    "web/", "leases/", "ledger/",
)  # fmt: skip
#: Files that share what is dear to make; the tests of any other file stay together by themselves.
TOGETHER = {f"tests/journeys/test_{name}.py": "demo" for name in ("e_challan_in_hindi", "bad_input", "demo_command")}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: next((n for n, part in enumerate(LONG) if f"tests/{part}" in item.location[0]), 99))


class _ByFile(LoadScopeScheduling):
    """One worker takes a file whole, in the order of collection."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::", 1)[0]
        return "demo" if file.startswith("tests/acceptance/") else TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return _ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _compiled_messages():
    from immis.web.i18n import compile_all

    compile_all()


@pytest.fixture(autouse=True, scope="session")
def _plain_rendering(django_test_environment):
    """Templates as in production: Django's own rendering for tests copies every context, and no test here reads one."""
    Template._render = test_utils._TestState.saved_data.template_render


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


@pytest.fixture(autouse=True)
def _fast_hasher(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """SQLite tests keep their database in a file: threads then wait for each other as real processes do."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(clock.data_dir() / f"test-{os.getpid()}.sqlite3")


@pytest.fixture(scope="session")
def shared_database(django_db_setup, django_db_blocker):
    """The test database, made here where no test of this run is marked to need one."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with django_db_blocker.unblock():
        made = connection.introspection.table_names()
        own = [] if made else setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    if own:
        with django_db_blocker.unblock():
            teardown_databases(own, verbosity=0)


@pytest.fixture
def own_database(shared_database, django_db_blocker, tmp_path):
    """A copy of the test database, committed for real: threads see each other's work.

    Append-only tables cannot be flushed, so ``transaction=True`` would not do; the copy is thrown away instead.
    """
    from django.db import connection

    shared = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        if connection.vendor == "sqlite":
            own = str(tmp_path / "own.sqlite3")
            with sqlite3.connect(shared) as source, sqlite3.connect(own) as copy:
                source.backup(copy)
            source.close(), copy.close()
        else:
            own = f"{shared}_{os.getpid()}_own"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{own}" TEMPLATE "{shared}"')
        connection.settings_dict["NAME"] = own
        try:
            yield own
        finally:
            connection.close()
            connection.settings_dict["NAME"] = shared
            if connection.vendor != "sqlite":
                with connection._nodb_cursor() as cursor:
                    cursor.execute(f'DROP DATABASE "{own}" WITH (FORCE)')
