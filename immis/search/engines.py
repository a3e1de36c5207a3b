"""Asking the index of the database: SQLite's FTS5, PostgreSQL's text search; each answers the newest rows first."""

from typing import Any

from django.db import connection, transaction

from immis.search.tokens import All, Expression, Term

_SQLITE = """SELECT row.number, row.body FROM search_text JOIN search_searchrow row ON row.id = search_text.rowid
WHERE search_text MATCH %s ORDER BY search_text.rowid DESC LIMIT %s"""
#: The inner limit lets a common word end early: nobody reads more, and the newest of so many are near enough.
_POSTGRESQL = """WITH met AS MATERIALIZED (
  SELECT id, number, body FROM search_searchrow WHERE marks @@ %s::tsquery LIMIT %s
) SELECT number, body FROM met ORDER BY id DESC LIMIT %s"""
_LOOKED_AT = 5


def rows_of(expression: Expression, *, most: int) -> list[tuple[str, str]]:
    """Number and marks of the rows that an expression means, the newest first, at most so many."""
    if connection.vendor == "sqlite":
        return _fetch(_SQLITE, [_fts5(expression), most])
    with transaction.atomic(), connection.cursor() as cursor:
        # what is common in a sample is not common here: only the index knows
        cursor.execute("SET LOCAL enable_seqscan = off")
        return _fetch(_POSTGRESQL, [_tsquery(expression), most * _LOOKED_AT, most])


def _fetch(statement: str, given: list[Any]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
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
