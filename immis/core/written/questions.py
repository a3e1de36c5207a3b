"""A question that Django builds once a process and that is then only asked.

Building a query anew costs five times what its answer does; a path that asks thirty of them spends its time on
that. The question is written as any other, as a query set over values that are still to be given::

    @question
    def live_of(vehicle: int) -> QuerySet[Challan]:
        return Challan.objects.filter(vehicle_id=vehicle, state=Challan.ISSUED)

    live_of.first(vehicle=7)

Its answers are the same records that the query set would give. What is given is named by its type alone: int, str,
date or datetime; lists of unknown length, slices by a value and prefetching are not for it.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.query import QuerySet, get_related_populators
from django.db.transaction import TransactionManagementError

from immis.core.written.asking import rows_of

Row = TypeVar("Row", bound=models.Model)
_FIELDS: dict[type, Any] = {
    int: models.BigIntegerField,
    str: models.TextField,
    date: models.DateField,
    datetime: models.DateTimeField,
}


class _Given(Expression):
    """Stands in a query for a value that is given when it is asked."""

    def __init__(self, name: str, kind: type):
        super().__init__(output_field=_FIELDS[kind]())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def value(self, values: dict[str, Any], line: Any) -> Any:
        """What the database takes for the value that was given."""
        return self.output_field.get_db_prep_value(values[self.name], connection=line)


@dataclass(frozen=True)
class _Built:
    """A question as it is sent, and what makes records of its answer."""

    sql: str
    given: Sequence[Any]
    compiler: Any
    converters: Any
    locks: bool
    names: Sequence[str] = ()
    span: Any = None
    populators: Sequence[Any] = ()

    def values(self, values: dict[str, Any], line: Any) -> list[Any]:
        return [each.value(values, line) if isinstance(each, _Given) else each for each in self.given]


class Question(Generic[Row]):
    """A question over values by name; ``rows`` answers all its records, ``first`` the first or None."""

    def __init__(self, build: Callable[..., QuerySet[Row]], kinds: dict[str, type] | None = None):
        """``kinds`` are the types of the values by name, where the function does not name them itself."""
        named = inspect.signature(build).parameters.values()
        self._build, self.__name__ = build, build.__name__
        self._kinds = kinds or {each.name: each.annotation for each in named}
        self._built: dict[str, _Built] = {}

    def rows(self, **values: Any) -> list[Row]:
        """Its records. Raises TransactionManagementError for a question that locks, outside a transaction."""
        line = connections[DEFAULT_DB_ALIAS]
        built = self._known(line)
        return [_record(built, row) for row in self._answer(built, values, line)]

    def tuples(self, **values: Any) -> list[Sequence[Any]]:
        """Its values, where it asks for values or sums and not for records."""
        line = connections[DEFAULT_DB_ALIAS]
        return list(self._answer(self._known(line), values, line))

    def _known(self, line: Any) -> _Built:
        return self._built.get(line.vendor) or self._made(line)

    def _answer(self, built: _Built, values: dict[str, Any], line: Any) -> Any:
        if built.locks and not line.in_atomic_block:
            raise TransactionManagementError(f"{self.__name__} locks its rows: ask it within a transaction")
        answer = rows_of(built.sql, built.values(values, line))
        return built.compiler.apply_converters(answer, built.converters) if built.converters else answer

    def first(self, **values: Any) -> Row | None:
        """The first of its records in its order; None where there is none."""
        rows = self.rows(**values)
        return rows[0] if rows else None

    def _made(self, line: Any) -> _Built:
        rows = self._build(**{name: _Given(name, kind) for name, kind in self._kinds.items()})
        compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        sql, given = _settled(*compiler.as_sql())
        fields = [column[0] for column in compiler.select[0 : compiler.col_count]]
        locks = rows.query.select_for_update and line.features.has_select_for_update
        built = _Built(sql, given, compiler, compiler.get_converters(fields), locks, *_of_records(compiler))
        self._built[line.vendor] = built
        return built


def _settled(sql: str, given: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """The question with its own constant texts written out.

    Where an index is for one value of a column alone, SQLite looks for its plan anew with each text that is handed in,
    and PostgreSQL keeps no plan by that index.
    """
    waiting, kept = iter(given), []

    def mark(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(waiting)
        if type(value) is str and "\0" not in value:
            return "'" + value.replace("'", "''").replace("%", "%%") + "'"
        kept.append(value)
        return "%s"

    return re.sub("%%|%s", mark, sql), kept


def _of_records(compiler: Any) -> tuple[Any, ...]:
    """What makes records of the columns, as a query set makes them; nothing for a question about values."""
    if compiler.klass_info is None:
        return ()
    selected = compiler.klass_info["select_fields"]
    span = slice(selected[0], selected[-1] + 1)
    names = [column[0].target.attname for column in compiler.select[span]]
    return names, span, get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)


def _record(built: _Built, row: Sequence[Any]) -> Any:
    made = built.compiler.klass_info["model"].from_db(DEFAULT_DB_ALIAS, built.names, row[built.span])
    for populator in built.populators:
        populator.populate(row, made)
    return made


def question(build: Callable[..., QuerySet[Row]]) -> Question[Row]:
    """Make a question of a function that answers a query set over the values that it is given."""
    return Question(build)
