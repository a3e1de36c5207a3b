"""A statement that is written out goes to its database by the shortest way, and is planned there once a line.

Django wraps a cursor round each statement, and gives PostgreSQL a text that is new each time: the server then spends
more time on planning an issue's thirty questions than on answering them. Here the server keeps the plan of each
(protocol-level prepared statements). What counts or looks at queries (tests, ``execute_wrapper``) gets Django's way.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from immis.core.written.marks import marked


def rows_of(sql: str, given: Sequence[Any] = ()) -> list[Any]:
    """The rows that a statement answers, none where it answers nothing; values stand in it as ``%s``.

    Raises what Django's own cursor raises.
    """
    line = connections[DEFAULT_DB_ALIAS]
    if line.queries_logged or line.execute_wrappers:
        with line.cursor() as cursor:
            cursor.execute(sql, given)
            return list(cursor.fetchall()) if cursor.description else []
    line.ensure_connection()
    line.validate_no_broken_transaction()
    with line.wrap_database_errors:
        return _SENT[line.vendor](line.connection, sql, given)


def _to_sqlite(line: Any, sql: str, given: Sequence[Any]) -> list[Any]:
    rows: list[Any] = line.execute(marked(sql), given).fetchall()
    return rows


def _to_postgres(line: Any, sql: str, given: Sequence[Any]) -> list[Any]:
    with psycopg.Cursor(line) as cursor:
        cursor.execute(sql, given, prepare=settings.PREPARED)
        return cursor.fetchall() if cursor.description else []


_SENT = {"sqlite": _to_sqlite, "postgresql": _to_postgres}
