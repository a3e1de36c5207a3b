"""What tracking keeps no longer, and what the gateway is told of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from immis import clock
from immis.core.retention import delete_oldest
from immis.gateway.store.retention import Retention, Span, write_retention
from immis.rules.policy import book
from immis.tracking.models import DeviceEvent, FenceEvent
from immis.tracking.selectors import taken_in_up_to

SHORTEST_EVENTS = timedelta(days=8)  # packets that come a week late are worked in with the events of their time


def forget_signals(*, at: datetime) -> int:
    """Delete crossings of fences and signals of devices past the days of the policy (RET-05); answers how many."""
    before = at - timedelta(days=int(book().value("RET-05", at)))
    tables = (FenceEvent, DeviceEvent)
    return sum(delete_oldest(table.objects.all(), field="received_at", before=before) for table in tables)


def hand_retention_to_gateway(*, kept_spans: Sequence[Span], at: datetime) -> None:
    """Tell the gateway what it may drop: raw bytes (RET-01) and events that were taken in (RET-02).

    ``kept_spans`` are times of arrival, in seconds since 1970, whose raw bytes an undecided case may need.
    """
    events = max(SHORTEST_EVENTS, timedelta(days=int(book().value("RET-02", at))))
    raw = timedelta(days=int(book().value("RET-01", at)))
    retention = Retention(
        events_through=taken_in_up_to(),
        events_before_s=(at - events).timestamp(),
        raw_before_s=(at - raw).timestamp(),
        kept_spans=kept_spans,
    )
    write_retention(clock.data_dir(), retention)
