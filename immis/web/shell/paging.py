"""Pages of a list that may have any length: it costs the same in its tenth year as in its first week."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

#: Nobody pages further: what lies behind is found by the filters, and stands whole in the file.
MOST_ROWS = 5_000


class Pages(Paginator):
    """Pages whose rows are counted up to ``MOST_ROWS``; ``more`` says that there are others behind them."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        if isinstance(rows, QuerySet) and not rows.query.is_sliced:
            return rows.order_by()[: MOST_ROWS + 1].count()
        return super().count

    @property
    def count(self) -> int:
        """How many rows the pages have."""
        return min(self._counted, MOST_ROWS)

    @property
    def more(self) -> bool:
        """Whether there are rows that no page has."""
        return self._counted > MOST_ROWS
