"""Asking the index of the database: SQLite's FTS5, PostgreSQL's text search; each answers the newest rows first.

All nouns are asked in one statement, each with its own limit, so that a noun with many rows hides no other.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from immis.search.tokens import All, Expression, Term

_SQLITE = """SELECT * FROM (SELECT %s, row.number, row.body FROM search_text JOIN search_searchrow row
  ON row.id = search_text.rowid WHERE search_text MATCH %s ORDER BY search_text.rowid DESC LIMIT %s)"""
#: The inner limit lets a common word end early: nobody reads more, and the newest of so many are near enough.
_POSTGRESQL = """(SELECT %s, number, body FROM (SELECT id, number, body FROM search_searchrow
  WHERE marks @@ %s::tsquery LIMIT %s * 5) AS met ORDER BY id DESC LIMIT %s)"""
Rows = dict[str, list[tuple[str, str]]]


def rows_of(questions: Mapping[str, Expression], *, most: int) -> Rows:
    """Number and marks of the rows that each noun's question means, the newest first, at most so many of each."""
    rows: Rows = {kind: [] for kind in questions}
    if not questions:
        return rows
    for kind, number, body in _asked(questions, most):
        rows[kind].append((number, body))
    return rows


def _asked(questions: Mapping[str, Expression], most: int) -> list[tuple[str, str, str]]:
    if connection.vendor == "sqlite":
        given = [(kind, _fts5(expression), most) for kind, expression in questions.items()]
        return _fetch(" UNION ALL ".join([_SQLITE] * len(given)), given)
    given = [(kind, _tsquery(expression), most, most) for kind, expression in questions.items()]
    with transaction.atomic(), connection.cursor() as cursor:
        # what is common in a sample is not common here, only the index knows; and a start of helpers takes longest
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0")
        return _fetch(" UNION ALL ".join([_POSTGRESQL] * len(given)), given)


def _fetch(statement: str, given: list[Any]) -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in given for value in row])
        return list(cursor.fetchall())


def _fts5(expression: Expression) -> str:
    if isinstance(expression, Term):
        return f'"{expression.mark}" *' if expression.begins else f'"{expression.mark}"'
    word = " AND " if isinstance(expression, All) else " OR "
    return f"({word.join(map(_fts5, expression.parts))})"


def _tsquery(expression: Expression) -> str:
    if isinstance(expression, Term):
        return f"'{expression.mark}':*" if expression.begins else f"'{expression.mark}'"
    word = " & " if isinstance(expression, All) else " | "
    return f"({word.join(map(_tsquery, expression.parts))})"
