"""What the worker does for directions: it reminds their owners once a month, and shortly before their day."""

from datetime import datetime, timedelta

from django.db import transaction

from immis.core.batches import each
from immis.core.services import emit
from immis.directions import selectors
from immis.directions.events import DirectionReminded
from immis.directions.facts import event_facts
from immis.directions.models import Assignment
from immis.rules.calendar import india_day
from immis.rules.policy import NotInForce, book


def remind_owners(*, at: datetime) -> int:
    """Tell each owner of his open directions (DIR-07); answers how many were told."""
    try:
        terms = book().value("DIR-07", at)
    except NotInForce:
        return 0
    today = india_day(at)
    before = today - timedelta(days=int(terms["again_days"]))
    soon = today + timedelta(days=int(terms["ahead_days"]))
    rows = selectors.to_be_reminded(before=before, soon=soon, today=today)
    return each("directions.remind", list(rows), lambda row: _remind(row, at), name=lambda row: str(row.number))


@transaction.atomic
def _remind(row: Assignment, at: datetime) -> bool:
    if row.office_id is None:
        return False
    today, direction = india_day(at), row.direction
    row.reminded_on = today
    row.save(update_fields=["reminded_on"])
    news = DirectionReminded(
        assignment=row.number,
        office_id=row.office_id,
        open_days=selectors.open_days(direction, today),
        **event_facts(direction, district=row.district),
    )
    return emit(news, subject=("assignment", row.number), at=at, key=f"{news.KIND}:{row.number}:{today}")
