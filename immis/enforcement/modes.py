"""Triggers on trial: the orders that stand, and what each trigger did and would have done (TRM-01)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.enforcement.models import Case, Outcome
from immis.registers.selectors import standing_in
from immis.registry.selectors import offices
from immis.rules.calendar import india_day
from immis.rules.catalogue import TRIGGERS, load_all
from immis.rules.registers.modes import REPORT, ModeOrder, mode_of

MODES = "trigger_modes"


def mode_orders() -> list[ModeOrder]:
    """The orders about triggers that stand."""
    rows = list(standing_in(MODES, "stands"))
    codes = {str(row.values["office"]) for row in rows if row.values.get("office")}
    districts = dict(offices(code__in=codes).values_list("code", "district")) if codes else {}
    return [
        ModeOrder(
            number=row.number,
            trigger=row.values["trigger"],
            mode=row.values["mode"],
            starts_on=date.fromisoformat(row.values["starts_on"]),
            district=districts.get(str(row.values.get("office")), ""),
        )
        for row in rows
    ]


@dataclass
class TriggerRow:
    """A trigger with its mode today, where a district has another one, and what it did in a span of days.

    ``done`` and ``would`` count consequences by their kind; ``dropped`` are cases of it that officers dropped.
    """

    code: str
    event: str
    mode: str
    elsewhere: Sequence[ModeOrder] = ()
    events: int = 0
    done: Counter[str] = field(default_factory=Counter)
    would: Counter[str] = field(default_factory=Counter)
    dropped: int = 0


def triggers_with_modes(viewer: Actor, *, at: datetime, days: int) -> list[TriggerRow]:
    """Every trigger with its mode today and the last days of it, for headquarters. Raises NotPermitted."""
    require_grant(viewer, "event.read")
    load_all()
    today, orders, since = india_day(at), mode_orders(), at - timedelta(days=days)
    rows = {code: _row(code, orders, today) for code in sorted(TRIGGERS)}
    for code, mode, consequences in _outcomes(since):
        row = rows.get(code)
        if row is not None:
            row.events += 1
            (row.would if mode == REPORT else row.done).update(each["kind"] for each in consequences)
    dropped = Case.objects.filter(opened_at__gte=since, state="dropped").order_by().values("trigger_code")
    for known in dropped.annotate(count=Count("pk")):
        if known["trigger_code"] in rows:
            rows[known["trigger_code"]].dropped = known["count"]
    return list(rows.values())


def _row(code: str, orders: Sequence[ModeOrder], today: date) -> TriggerRow:
    mode = mode_of(orders, code, district="", on=today)
    own = {order.district for order in orders if order.trigger == code and order.district}
    apart = [(district, mode_of(orders, code, district=district, on=today)) for district in sorted(own)]
    others = [ModeOrder("", code, result, today, district) for district, result in apart if result != mode]
    return TriggerRow(code, TRIGGERS[code].on, mode, others)


def _outcomes(since: datetime) -> Iterator[tuple[str, str | None, list[dict[str, str]]]]:
    rows = Outcome.objects.filter(at__gte=since).order_by().values_list("trigger_code", "mode", "consequences")
    yield from rows.iterator(chunk_size=2_000)
