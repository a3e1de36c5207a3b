"""The clock as the database shows it: the legal instant of a bid is read after its locks."""

from datetime import UTC, datetime

from django.db import connection

from immis import clock
from immis.core.written import rows_of

_READ = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%%Y-%%m-%%dT%%H:%%M:%%f', 'now')",
}


def database_now() -> datetime:
    """The database's wall clock at this statement (not the start of the transaction), on the shared course of time."""
    ((reading,),) = rows_of(_READ[connection.vendor])
    if isinstance(reading, str):
        reading = datetime.fromisoformat(reading).replace(tzinfo=UTC)
    return clock.shown(reading)
