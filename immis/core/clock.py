"""The clock as the database shows it: the legal instant of a bid is read after its locks."""

from datetime import UTC, datetime

from django.db import connection

from immis import clock


def database_now() -> datetime:
    """The database's wall clock at this statement (not the start of the transaction), on the shared course of time."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return clock.shown(cursor.fetchone()[0])
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return clock.shown(datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC))
