"""The embedded engine: Polars reads the segments and the SQL text in this process."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from immis.analytics.asked import Question, Span
from immis.late import late
from immis.tracking import gateway

if TYPE_CHECKING:
    import polars
else:
    polars = late("polars")

_TRIES = 5


def ask(question: Question, span: Span, facts: dict[str, "polars.DataFrame"]) -> "polars.DataFrame":
    """The answer to a question, with the columns that it names."""
    for _ in range(_TRIES):
        try:
            return _asked(question, span, facts)
        except FileNotFoundError:  # compacted meanwhile
            continue
    raise OSError("the position store changed under every attempt to read it")


def _asked(question: Question, span: Span, facts: dict[str, "polars.DataFrame"]) -> "polars.DataFrame":
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in (span.from_s, span.to_s + 86_400))
    tables = {name: table.lazy() for name, table in facts.items()}
    context = polars.SQLContext(positions=gateway.positions_between(begins, ends), **tables)
    return context.execute(span.filled(question.text)).collect(engine="streaming").select(question.columns)
