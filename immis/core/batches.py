"""Readers of news: the next rows behind a cursor, taken in with it in one transaction.

One row that cannot be taken in must not hold up those behind it, nor come round for ever: it goes to the dead
letters, where headquarters see it, and the cursor goes on.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import InterfaceError, OperationalError, transaction

from immis.core.facts import storable
from immis.core.models import DeadLetter
from immis.core.selectors import cursor_position, move_cursor

log = logging.getLogger("immis.core")
Row = TypeVar("Row")
_AWAY = (OperationalError, InterfaceError)  # of the database: it is away, or asks for the transaction again


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
        told = reader.told(row)
        DeadLetter.objects.get_or_create(
            reader=reader.cursor,
            position=reader.position(row),
            defaults={
                "kind": storable(str(told.get("kind", "")))[:60],
                "subject": storable(str(told.get("imei", "")))[:60],
                "told": json.dumps(told, default=str),
                "error": storable(f"{type(fault).__name__}: {fault}")[:2000],
                "failed_at": at,
            },
        )
