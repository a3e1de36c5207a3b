"""What the records keep no longer: decisions past their time and log-ins that are over."""

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from immis.core.events import forgettable_kinds
from immis.core.models import Cached, Decision, OutboxEvent
from immis.rules.calendar import add_years, india_day, start_of
from immis.rules.policy import book

AT_ONCE = 1000  # rows in one transaction: others write between two of them
MOST = 10_000  # rows in one run of a job: what is left goes the next time


def delete_rows(rows: QuerySet[Any], *, by: str = "pk", most: int = MOST) -> int:
    """Delete rows some at a time, in the order of an indexed field; answers how many went.

    Each time is a transaction of its own: others write between two of them.
    """
    gone = 0
    while gone < most and (keys := list(rows.order_by(by).values_list("pk", flat=True)[:AT_ONCE])):
        gone += rows.model.objects.filter(pk__in=keys).delete()[0]
    return gone


def delete_oldest(rows: QuerySet[Any], *, field: str, before: datetime, most: int = MOST) -> int:
    """Delete from the oldest row on while ``field`` lies before an instant; for tables that grow in that order."""
    gone = 0
    first = rows.order_by("pk").values_list(field, flat=True).first()
    if first is None or first >= before:
        return gone
    while gone < most and (oldest := list(rows.order_by("pk").values_list("pk", field)[:AT_ONCE])):
        keys = [pk for pk, at in oldest if at < before]
        gone += rows.model.objects.filter(pk__in=keys).delete()[0]
        if len(keys) < len(oldest):
            break
    return gone


def old_news(before: datetime) -> QuerySet[OutboxEvent]:
    """News that was handled, is older than an instant and may be forgotten.

    Only news whose records keep it from being told twice may go; other news is told once by its key. The kind is asked
    through a function, so that SQLite looks by age: by kind it would read all news there is.
    """
    rows = OutboxEvent.objects.alias(kind_asked=Substr("kind", 1)).filter(kind_asked__in=forgettable_kinds())
    return rows.filter(handled_at__isnull=False, at__lt=before)


def forget_decisions(*, at: datetime) -> int:
    """Delete decisions past the years of the policy (RET-04); answers how many."""
    years = int(book().value("RET-04", at))
    before = start_of(add_years(india_day(at), -years))
    return delete_oldest(Decision.objects.all(), field="at", before=before)


def forget_sessions(*, at: datetime) -> int:
    """Delete log-ins whose time is over, with what sign-in noted of them or remembered for a moment; answers how many.

    The notes go by real time, as allauth keeps them, whatever the clock shows.
    """
    real = timezone.now()
    delete_rows(Cached.objects.filter(expires__lt=real), by="expires")
    over = UserSession.objects.filter(last_seen_at__lt=real - timedelta(seconds=settings.SESSION_COOKIE_AGE))
    delete_rows(over, by="last_seen_at")
    return delete_rows(Session.objects.filter(expire_date__lt=at), by="expire_date")
