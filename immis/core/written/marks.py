"""The marks of a query's values in SQLite's own writing are put in once a text: with every query it cost more than it.

Django writes ``%s`` and SQLite ``?``; a long question was searched for them each time that it was asked.
"""

from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper

_LONGEST = 20_000  # a longer text is a list of many values, which nobody asks twice
_convert = SQLiteCursorWrapper.convert_query


@lru_cache(maxsize=1024)
def marked(query: str) -> str:
    """A statement with SQLite's own marks of values."""
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _convert_once(self: SQLiteCursorWrapper, query: str, *, param_names: Any = None) -> str:
    if param_names is None and len(query) < _LONGEST:
        return marked(query)
    converted: str = _convert(self, query, param_names=param_names)
    return converted


def install() -> None:
    """Let every query of SQLite be written so; called before any query is asked."""
    SQLiteCursorWrapper.convert_query = _convert_once
