"""E-challans of the past by the hundred thousand: a year as services leave it, repeated by the database itself."""

from datetime import timedelta
from typing import Any

from django.db import connection, models

from immis.bench.challans import Fleet, fill_challans
from immis.challans.models import Challan
from immis.core.models import ActionLog, ChainHead, Counter, Decision
from immis.core.services import LOG_CHAIN

#: So many are drawn up one by one; the others repeat them under numbers of their own.
DRAWN_UP = 20_000


def fill(fleet: Fleet, kept: int, now: Any) -> None:
    """E-challans of the last year, done with two hours ago."""
    drawn = min(kept, DRAWN_UP)
    first, until = now - timedelta(days=365), now - timedelta(hours=2)
    fill_challans(fleet, begin=0, count=drawn, first=first, until=until)
    if (times := kept // drawn - 1) < 1:
        return
    last = ActionLog.objects.count()
    _repeat(Challan, times, number="number || '-' || n.n", pass_id="'f' || substr(pass_id, 4) || " + _two("n.n"))
    _repeat(Decision, times, subject_id="subject_id || '-' || n.n")
    _repeat(ActionLog, times, seq=f"seq + {last} * n.n", subject_id="subject_id || '-' || n.n")
    ChainHead.objects.filter(name=LOG_CHAIN).update(seq=last * (times + 1))
    Counter.objects.filter(series=f"challan:MUN:{until:%y}").update(value=drawn * (times + 1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _two(number: str) -> str:
    """A number below a hundred as two digits."""
    return f"substr('0' || {number}, length('0' || {number}) - 1)"


def _repeat(model: type[models.Model], times: int, **changed: str) -> None:
    """Every row of a table so many times more, some of its columns by an expression over the repetition's number."""
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(quote(field.column) for field in fields)
    given = ", ".join(changed.get(field.column, f"t.{quote(field.column)}") for field in fields)
    series = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < %s)"
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"{series} INSERT INTO {table} ({names}) SELECT {given} FROM {table} t, n", [times])
