"""What a query is put in order by is found without looking at each of its columns: every page asks dozens of queries.

Django compares what orders a query with all that it selects, in case that one of them is meant. Columns of tables are
selected under no name and are ordered by their names, so that there is nothing to find among them; comparing costs
more than all the rest of the order, and for the wide records of the house up to a third of the whole query.
"""

from typing import Any

from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

_get_order_by = SQLCompiler.get_order_by


def _order_by(self: SQLCompiler) -> Any:
    """As Django's own; where plain columns alone are selected, it looks among none of them."""
    selected = self.select
    if not selected or self.query.combinator or not all(_is_plain(row) for row in selected):
        return _get_order_by(self)
    self.select = []
    try:
        return _get_order_by(self)
    finally:
        self.select = selected


def _is_plain(row: tuple[Any, Any, str | None]) -> bool:
    """Whether a query selects a column of a table, under no name of its own."""
    expression, _sql, alias = row
    return alias is None and type(expression) is Col


def install() -> None:
    """Let every query find its order so; called before any query is asked."""
    SQLCompiler.get_order_by = _order_by
