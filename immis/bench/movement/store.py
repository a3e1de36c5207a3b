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
    _repeat(Challan, times, number=_further("number"), pass_id="'f' || substr(pass_id, 4) || " + _padded("n.n", 2))
    _repeat(Decision, times, subject_id=_further("subject_id"))
    _repeat(ActionLog, times, seq=f"seq + {last} * n.n", subject_id=_further("subject_id"))
    ChainHead.objects.filter(name=LOG_CHAIN).update(seq=last * (times + 1))
    Counter.objects.filter(series=f"challan:MUN:{until:%y}").update(value=drawn * (times + 1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def sample(*, count: int) -> list[tuple[str, str]]:
    """Numbers from all over the store, each with its vehicle's mark."""
    newest = Challan.objects.order_by("-pk").values_list("pk", flat=True)[0]
    wanted = [1 + newest * n // count for n in range(count)]
    rows = Challan.objects.filter(pk__in=wanted)
    return list(rows.order_by("pk").values_list("number", "vehicle__registration"))


def _further(number: str) -> str:
    """The number of an e-challan (MUN-26-000001) so many times ``DRAWN_UP`` further on."""
    return f"substr({number}, 1, 7) || " + _padded(f"(CAST(substr({number}, 8) AS INTEGER) + {DRAWN_UP} * n.n)", 6)


def _padded(number: str, digits: int) -> str:
    """A number with noughts before it."""
    text = f"('{'0' * digits}' || {number})"
    return f"substr({text}, length({text}) - {digits - 1})"


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
