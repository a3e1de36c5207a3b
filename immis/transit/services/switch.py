"""The dated switch: an order number and a day, and nothing else (A-25)."""

from datetime import date, datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import emit, log_action, next_number
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.policy import book
from immis.rules.transit.switch import OrderFacts
from immis.transit.events import SwitchedOff, SwitchedOn
from immis.transit.models import SwitchOrder


@transaction.atomic
def switch(*, kind: str, order_no: str, starts_on: date, by: Actor, at: datetime) -> SwitchOrder:
    """Record the order that puts transit passes in force from a day on, or ends them.

    Every process reads the orders whenever it asks, so it counts everywhere at once. Raises Refusal (IST-12).
    """
    require_grant(by, "istp.switch")
    order_no = " ".join(order_no.split())
    year = india_day(at).year
    serial = next_number(f"istp-order-{year}")  # holds the log's head: one order after the other
    last = SwitchOrder.objects.first()
    facts = OrderFacts(
        kind=kind,
        order=order_no,
        starts_on=starts_on,
        today=india_day(at),
        is_known=SwitchOrder.objects.filter(order_no=order_no).exists(),
        last_kind=last.kind if last else "",
        last_order=last.order_no if last else "",
        last_on=last.starts_on if last else None,
    )
    if findings := find("istp.switch", facts, policy=book(), at=at):
        raise Refusal(findings)
    row = SwitchOrder.objects.create(
        number=f"ISTPO-{year % 100:02d}-{serial:04d}",
        kind=kind,
        starts_on=starts_on,
        order_no=order_no,
        at=at,
        by_id=by.user_id,
    )
    news = SwitchedOn if kind == SwitchOrder.ON else SwitchedOff
    payload = news(order=row.number, order_no=order_no, starts_on=starts_on, officer=by.name)
    subject = ("istp_order", row.number)
    log_action(news.KIND, subject=subject, by=by, at=at, facts={"order_no": order_no, "starts_on": starts_on})
    emit(payload, subject=subject, at=at)
    return row
