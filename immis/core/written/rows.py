"""A new record kept by a statement that is built once a process."""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from immis.core.limits import check_limits
from immis.core.written.asking import rows_of


@cache
def _statement(model: type[models.Model], unless: str, vendor: str) -> tuple[str, tuple[Any, ...]]:
    """The statement and the fields that it keeps, all but a number that the database gives."""
    fields = tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    given = ", ".join(["%s"] * len(fields))
    key, kept = quote(model._meta.pk.column), f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({given})"
    skipped = f" ON CONFLICT ({quote(unless)}) DO NOTHING" if unless else ""
    return f"{kept}{skipped} RETURNING {key}", fields


def insert(row: models.Model, *, unless: str = "") -> bool:
    """Keep a new record as ``save(force_insert=True)`` does, in a fifth of its time, and give it its number.

    Where a record has the same value in the unique column ``unless``, nothing is kept and the answer is False.
    Raises Refusal for what no record holds (``core.limits``), IntegrityError as the database does.
    """
    check_limits(row)
    line = connections[DEFAULT_DB_ALIAS]
    sql, fields = _statement(type(row), unless, line.vendor)
    kept = rows_of(sql, [field.get_db_prep_save(field.pre_save(row, True), line) for field in fields])
    if not kept:
        return False
    row.pk, row._state.adding, row._state.db = kept[0][0], False, DEFAULT_DB_ALIAS
    return True
