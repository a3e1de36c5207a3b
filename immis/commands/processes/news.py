"""Whether anything is new: the worker asks it ten times a second, so that a quiet house costs next to nothing."""

from django.db import DatabaseError, connection

from immis import clock
from immis.tracking.gateway import news_mark


def mark() -> object:
    """Another one whenever somebody has committed records, the gateway has kept anything, or the clock was set.

    What the asking process itself wrote counts too. Time that passes does not.
    """
    return _records(), news_mark(), clock.course()


def _records() -> object:
    """SQLite counts the commits of others for each connection; PostgreSQL shows which transactions are over."""
    is_file = connection.vendor == "sqlite"
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version" if is_file else "SELECT pg_current_snapshot()::text")
            row = cursor.fetchone()
        raw = connection.connection
        return (row, id(raw), raw.total_changes) if is_file else row
    except DatabaseError:  # each job says so by its own failure
        connection.close()
        return object()
