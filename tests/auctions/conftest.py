"""The season for the tests of this folder, and a database that several threads can really write to."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.auctions.season import Season, make_season


@pytest.fixture
def season(db, data_dir) -> Season:
    return make_season()


@contextmanager
def _in_a_file(path: Path) -> Iterator[None]:
    """The test database's schema as a file: threads cannot share SQLite's memory without false locks."""
    connection.ensure_connection()
    kept, name = connection.connection, connection.settings_dict["NAME"]
    with sqlite3.connect(path) as target:
        kept.backup(target)
    target.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = kept, name


@pytest.fixture
def live_season(transactional_db, data_dir, tmp_path) -> Iterator[Season]:
    """A season that is really committed, for threads; gone afterwards. The test is marked ``transaction=True``."""
    if connection.vendor != "sqlite":
        yield make_season()
        return
    with _in_a_file(tmp_path / "live.sqlite3"):
        yield make_season()
