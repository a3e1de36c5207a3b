"""What enforcement keeps no longer: news that is handled, and what triggers made of it where that was nothing."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from immis.core.retention import delete_rows, old_news
from immis.enforcement.models import Case, FailedEvent, Outcome
from immis.enforcement.selectors import ENDED
from immis.rules.policy import book
from immis.tracking.retention import hand_retention_to_gateway

ROUND_A_CASE = timedelta(days=1)  # of arrival, before and after what a case is about


def forget_news(*, at: datetime) -> int:
    """Delete handled news past the days of the policy with its empty outcomes (RET-03); answers how many events.

    What had a consequence stays with its event, so that it can be replayed at an appeal.
    """
    before = at - timedelta(days=int(book().value("RET-03", at)))
    of_news = Exists(Outcome.objects.filter(event=OuterRef("pk")))
    of_faults = Exists(FailedEvent.objects.filter(event=OuterRef("pk")))
    old = old_news(before)
    delete_rows(Outcome.objects.filter(consequences=[], at__lt=before, event__in=old), by="at")
    delete_rows(FailedEvent.objects.filter(resolved_at__lt=before, event__in=old))
    return delete_rows(old.filter(~of_news, ~of_faults), by="at")


def tell_gateway_what_may_go(*, at: datetime) -> int:
    """Hand the gateway its retention, with the times that undecided cases need; answers how many such times."""
    undecided = Case.objects.exclude(state__in=ENDED).values_list("occurred_at", flat=True)
    spans = [((day - ROUND_A_CASE).timestamp(), (day + ROUND_A_CASE).timestamp()) for day in undecided]
    merged = _merged(spans)
    hand_retention_to_gateway(kept_spans=merged, at=at)
    return len(merged)


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, those that meet joined."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
