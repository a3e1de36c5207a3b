"""A transaction that the database broke off because of another one is run again, here and nowhere else.

PostgreSQL breaks one of two transactions off that wait for each other (40P01) or
that it cannot put in an order (40001); SQLite says that it is locked. Nothing of
such a transaction was kept, so a service that is one transaction, decorated with
``@transaction.atomic``, is called once more with the same arguments. Inside
another transaction nothing is run again: the outermost service is.

So is, once, a service that would record what another one recorded meanwhile (a unique constraint stopped it): now it
sees that record, and its rules refuse in their own words.
"""

import inspect
import logging
import random
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connections, transaction

from immis.core.clashes import is_twice

log = logging.getLogger("immis.core")
TRIES = 6
_BUSY_TRIES = 2  # SQLite has waited for its own limit before it says so
_PAUSE_S = 0.02  # doubled with each try, and drawn by lot, so that the two do not meet again
_CODES = frozenset({"40001", "40P01"})
_BUSY = ("database is locked", "database table is locked", "database is busy")
Answer = TypeVar("Answer")


def broken_off(error: BaseException) -> bool:
    """Whether the database asks for the same transaction once more."""
    return _code_of(error) in _CODES or (isinstance(error, OperationalError) and str(error).lower().startswith(_BUSY))


def _code_of(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def again(work: Callable[[], Answer], *, using: str | None = None) -> Answer:
    """Do a whole transaction, at most ``TRIES`` times while the database breaks it off; inside another one, once.

    What is on record already is looked at once more.
    """
    if connections[using or DEFAULT_DB_ALIAS].in_atomic_block:
        return work()
    try:
        return _until_kept(work)
    except IntegrityError as error:
        if not is_twice(error):
            raise
        log.warning("recorded meanwhile, once more: %s", str(error).splitlines()[0])
        return _until_kept(work)


def _until_kept(work: Callable[[], Answer]) -> Answer:
    for count in range(1, TRIES + 1):
        try:
            return work()
        except OperationalError as error:
            most = TRIES if _code_of(error) in _CODES else _BUSY_TRIES
            if count >= most or not broken_off(error):
                raise
            log.warning("transaction broken off by the database, try %d: %s", count, str(error).splitlines()[0])
            time.sleep(random.uniform(0.5, 1.5) * _PAUSE_S * 2 ** (count - 1))
    raise AssertionError("the last try answers or raises")


class Service(transaction.Atomic):
    """Django's ``atomic``; as a decorator it runs a service again that the database broke off."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            wrapped: Callable[..., Any] = super().__call__(function)
            return wrapped

        @wraps(function)
        def service(*args: Any, **kwargs: Any) -> Any:
            def once() -> Any:
                with self._recreate_cm():
                    return function(*args, **kwargs)

            used_up = any(isinstance(value, Iterator) for value in (*args, *kwargs.values()))
            return once() if used_up else again(once, using=self.using)

        return service


def install() -> None:
    """Let every ``@transaction.atomic`` be such a service; called before any service is imported."""
    transaction.Atomic = Service
