"""Readers of news: the next rows behind a cursor, taken in with it in one transaction.

One row that cannot be taken in must not hold up those behind it, nor come round for ever: it goes to the dead
letters, where headquarters see it, and the cursor goes on. What a job finds without a cursor it does row by row
(``each``): a row that fails is logged, and tried again at the next look.
"""

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError, transaction

from immis.core.facts import storable
from immis.core.models import DeadLetter
from immis.core.selectors import cursor_position, move_cursor
from immis.core.transactions import again, broken_off

log = logging.getLogger("immis.core")
Row = TypeVar("Row")
_AWAY = (OperationalError, InterfaceError)  # of the database: it is away, or asks for the transaction again
_MOST_KNOWN = 1000
_known: set[tuple[str, str]] = set()  # faults that this worker has logged: a job looks again several times a second


@dataclass(frozen=True)
class Reader(Generic[Row]):
    """How the rows behind a cursor are read, named and taken in; ``keep`` is given some rows and their instant."""

    cursor: str
    read: Callable[[int], Sequence[Row]]
    position: Callable[[Row], int]
    told: Callable[[Row], dict[str, Any]]
    keep: Callable[..., None]


def take_batch(reader: Reader[Row], *, at: datetime) -> int:
    """Take the next rows in; answers how many. Nothing is half done after a crash.

    Where one of them fails, each is taken under a guard of its own and what fails is a dead letter.
    """
    try:
        return _take(reader, at=at, apart=False)
    except _AWAY:
        raise
    except Exception:
        log.exception("a batch of %s could not be taken in; taking its rows one by one", reader.cursor)
        return _take(reader, at=at, apart=True)


@transaction.atomic
def _take(reader: Reader[Row], *, at: datetime, apart: bool) -> int:
    rows = reader.read(cursor_position(reader.cursor))
    if not apart:
        reader.keep(rows, at=at)
    else:
        for row in rows:
            _take_apart(reader, row, at=at)
    if rows:
        move_cursor(reader.cursor, reader.position(rows[-1]))
    return len(rows)


def _take_apart(reader: Reader[Row], row: Row, *, at: datetime) -> None:
    try:
        with transaction.atomic():
            reader.keep([row], at=at)
    except _AWAY:
        raise
    except Exception as fault:
        log.exception("row %s of %s could not be taken in", reader.position(row), reader.cursor)
        payload = reader.told(row)
        DeadLetter.objects.get_or_create(
            reader=reader.cursor,
            position=reader.position(row),
            defaults={
                "kind": storable(str(payload.get("kind", "")))[:60],
                "subject": storable(str(payload.get("imei", "")))[:60],
                "told": json.dumps(payload, default=str),
                "error": storable(f"{type(fault).__name__}: {fault}")[:2000],
                "failed_at": at,
            },
        )


def each(
    job: str, rows: Iterable[Row], work: Callable[[Row], int], *, name: Callable[[Row], object], writes: bool = True
) -> int:
    """Do a job's work for each row, each in a transaction of its own; answers the sum of what the work answered.

    Work that mostly only looks, and writes by services, needs none round it (``writes``).

    Several in one transaction would take the locks of the second row behind the head of the log of the first: another
    order than everybody else's (``core.services``). A row whose work fails is logged, once a fault, by its name, and
    does not keep the others waiting.
    """
    done = 0
    for row in rows:
        try:
            done += again(partial(_do, work, row)) if writes else int(work(row))
        except _AWAY:
            raise
        except Exception as fault:
            if broken_off(fault):
                raise
            _log_once(job, f"{name(row)}", fault)
    return done


def _do(work: Callable[[Row], int], row: Row) -> int:
    with transaction.atomic():
        return int(work(row))


def _log_once(job: str, row: str, fault: Exception) -> None:
    mark = (job, f"{row} {type(fault).__name__} {fault}")
    if mark in _known:
        return
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known.add(mark)
    log.error("%s: %s failed; the others go on", job, row, exc_info=fault)
