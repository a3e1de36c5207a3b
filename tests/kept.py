"""Worlds that are built once a process: a test begins on what building left, and what it writes is undone.

A world is kept as a database with its rows committed, the files that it wrote, and its Python objects pickled. A test
that asks for it before anything is written gets a connection to that database, in such a transaction as its own
``db`` fixture began, and fresh copies of the objects. Where something is written or replaced already, or there is no
transaction that ends with the test, the world is built on the spot, as if nobody kept anything.
"""

import io
import os
import pickle
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.db import connection
from django.test import TestCase

from immis import clock
from tests import databases

P, R = ParamSpec("P"), TypeVar("R")
#: What tests replace without making another world of it: the clock (which is part of the key), who reads files, and
#: what a page reads and counts.
_HARMLESS = {"now", "shown", "_run", "person_of", "_counter"}
#: Each world keeps a connection: so many on a server, whose connections are counted, and in files as many as come.
_MOST_ON_SERVER = 24
_FILES = tempfile.mkdtemp(prefix="kept-", dir=os.environ["IMMIS_DATA"])


@dataclass
class _Kept:
    """One world: its database, a connection of its own to it, the folder of its files, its pickled objects."""

    name: str
    raw: Any
    files: Path
    objects: bytes = b""


class Worlds:
    """All worlds of this process, by their keys."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._asked: Counter[str] = Counter()
        self._on: _Kept | None = None  # the world on which the running test stands
        self._own: Any = None  # the connection that the test came with, while it stands on a world
        self._changes = 0  # how many rows SQLite had changed by this connection when the test's transaction began
        self._building = False
        self.patched: Any = None  # the running test's ``monkeypatch``

    def get(self, key: str, build: Callable[[], Any], *, lasting: Sequence[Any] = ()) -> Any:
        """What ``build`` answers, kept where that can be.

        ``lasting`` are objects that stay themselves (a server); what ``kept`` answers of them is kept too, and given
        to their ``restore``.
        """
        if self._building or not self._is_untouched() or self._is_patched():
            return build()
        key = f"{key} on {self._on.name if self._on else 'nothing'} at {_shown()}"
        if key not in self._kept:
            self._asked[key] += 1
            if self._asked[key] == 1 or self._is_full():  # whoever never comes back is not worth the copy
                return build()
            self._kept[key] = self._keep(build, lasting)
        kept = self._kept[key]
        self._stand_on(kept)
        shutil.copytree(kept.files, clock.data_dir(), dirs_exist_ok=True)
        answer, states = _unpickled(kept.objects, [clock.data_dir(), *lasting])
        for lasts, state in zip(_keepers(lasting), states, strict=True):
            lasts.restore(state)
        return answer

    def begin(self) -> None:
        """The running transaction has written nothing so far."""
        if connection.vendor == "sqlite":
            self._changes = connection.connection.total_changes

    def end(self) -> None:
        """The test is over: what it wrote is checked as its own database would be, undone, and left."""
        if self._on is None:
            return
        try:
            if not connection.needs_rollback:
                connection.check_constraints()
        finally:
            self._on.raw.rollback()
            connection.connection, self._own, self._on = self._own, None, None

    def _is_untouched(self) -> bool:
        if len(connection.atomic_blocks) != 1 or connection.savepoint_ids or not _is_of_test():
            return False
        if connection.vendor == "sqlite":
            return bool(connection.connection.total_changes == self._changes)
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            return bool(cursor.fetchone()[0])

    def _is_full(self) -> bool:
        return connection.vendor != "sqlite" and len(self._kept) >= _MOST_ON_SERVER

    def _is_patched(self) -> bool:
        """Whether the test has replaced something that might make another world."""
        return self.patched is not None and any(name not in _HARMLESS for _, name, _ in self.patched._setattr)

    def _keep(self, build: Callable[[], Any], lasting: Sequence[Any]) -> _Kept:
        name = self._copied(f"kept_{len(self._kept)}")
        kept = _Kept(name, _connected(name), Path(tempfile.mkdtemp(dir=_FILES)))
        if self._on:  # papers and keys of the world on which this one is built
            shutil.copytree(self._on.files, kept.files, dirs_exist_ok=True)
        before, on_commit, self._building = connection.connection, connection.run_on_commit, True
        connection.connection = kept.raw
        _begin(kept.raw)
        try:
            with _data_in(kept.files):
                answer = build()
                states = [lasts.kept() for lasts in _keepers(lasting)]
                kept.objects = _pickled((answer, states), [clock.data_dir(), *lasting])
            kept.raw.commit()
        except BaseException:
            kept.raw.close()
            raise
        finally:
            connection.connection, connection.run_on_commit, self._building = before, on_commit, False
        return kept

    def _stand_on(self, kept: _Kept) -> None:
        if self._on is None:
            self._own = connection.connection
        else:
            self._on.raw.rollback()
        self._on = kept
        connection.connection = kept.raw
        _begin(kept.raw)
        self.begin()

    def _copied(self, name: str) -> str:
        """A copy of the database on which the test stands, where it has written nothing."""
        source = self._on.name if self._on else str(connection.settings_dict["NAME"])
        if connection.vendor == "sqlite":
            databases.copy_file(source, target := f"{_FILES}/{name}.sqlite3")
            return target
        connection.connection.close()  # a source is copied while nobody is connected to it
        databases.copy_on_server(connection, source, target := f"{connection.settings_dict['NAME']}_{name}")
        connection.connection = _connected(source)
        if self._on:
            self._on.raw = connection.connection
        _begin(connection.connection)
        return target


def _is_of_test() -> bool:
    return bool(getattr(connection.atomic_blocks[0], "_from_testcase", False))


def _connected(name: str) -> Any:
    """A database connection beside the one in use."""
    where = "database" if connection.vendor == "sqlite" else "dbname"
    raw = connection.get_new_connection({**connection.get_connection_params(), where: name})
    if connection.vendor != "sqlite":
        connection._configure_connection(raw)
        raw.commit()
    return raw


def _begin(raw: Any) -> None:
    if connection.vendor == "sqlite":
        raw.execute("BEGIN IMMEDIATE")
    else:
        raw.autocommit = False


@contextmanager
def _data_in(folder: Path) -> Iterator[None]:
    before = os.environ["IMMIS_DATA"]
    os.environ["IMMIS_DATA"] = str(folder)
    clock.forget()
    try:
        yield
    finally:
        os.environ["IMMIS_DATA"] = before
        clock.forget()


def _pickled(objects: Any, lasting: Sequence[Any]) -> bytes:
    class Pickler(pickle.Pickler):
        def persistent_id(self, value: Any) -> int | None:
            return next((n for n, known in enumerate(lasting) if known is value or _same_path(known, value)), None)

    Pickler(out := io.BytesIO(), protocol=pickle.HIGHEST_PROTOCOL).dump(objects)
    return out.getvalue()


def _same_path(known: Any, value: Any) -> bool:
    return isinstance(value, Path) and known == value


def _unpickled(objects: bytes, lasting: Sequence[Any]) -> Any:
    class Unpickler(pickle.Unpickler):
        def persistent_load(self, number: int) -> Any:
            return lasting[number]

    return Unpickler(io.BytesIO(objects)).load()


def _keepers(lasting: Sequence[Any]) -> list[Any]:
    return [value for value in lasting if hasattr(value, "restore")]


def _shown() -> str:
    """The instant at which a clock in the test's hands stands still."""
    instant = getattr(clock.now, "instant", None)
    return instant.isoformat() if instant else "no instant"


WORLDS = Worlds()


def world(build: Callable[P, R]) -> Callable[P, R]:
    """A function that builds a world, as one that keeps it. A path among its arguments is the data folder."""

    @wraps(build)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        if any(isinstance(value, Path) and value != clock.data_dir() for value in args):
            return build(*args, **kwargs)
        plain = [value for value in args if isinstance(value, str | int)]
        lasting = [value for value in args if not isinstance(value, str | int | Path)]

        def again() -> R:
            return build(*(clock.data_dir() if isinstance(value, Path) else value for value in args), **kwargs)

        key = f"{build.__module__}.{build.__qualname__} {plain} {kwargs}"
        answer: R = WORLDS.get(key, again, lasting=lasting)
        return answer

    return made


_enter = TestCase._enter_atomics.__func__  # type: ignore[attr-defined]
_tear_down = TestCase._fixture_teardown


def _enter_and_note(cls: type[TestCase]) -> Any:
    atomics = _enter(cls)
    WORLDS.begin()
    return atomics


def _leave_and_tear_down(self: TestCase) -> None:
    WORLDS.end()
    _tear_down(self)


TestCase._enter_atomics = classmethod(_enter_and_note)  # type: ignore[assignment]
TestCase._fixture_teardown = _leave_and_tear_down  # type: ignore[method-assign]
