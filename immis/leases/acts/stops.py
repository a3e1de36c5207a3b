"""An order of a court or the department that suspends a stop of a settlement (A-18, A-19)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.core.papers.uploads import keep_document
from immis.holds.acts import REASON, REFERENCE
from immis.holds.selectors import Suspension, cause_of
from immis.leases import selectors, services
from immis.leases.models import Lease
from immis.rules.calendar import INDIA
from immis.rules.holds.orders import AUTHORITIES, StopsFacts


def _stops_now(lease: Lease, by: Actor, at: datetime) -> StopsFacts:
    return StopsFacts([hold.rule_code for hold in selectors.standing_holds(lease, at)])


def _stops(lease: Lease, by: Actor, at: datetime) -> Sequence[tuple[str, Any]]:
    """The stops that stand, each by its rule and cause."""
    return [(f"{hold.rule_code}|{cause_of(hold)}", hold.finding) for hold in selectors.standing_holds(lease, at)]


@transaction.atomic
def _suspend(
    *, lease: Lease, stop: str, until_on: date, document: Any, by: Actor, at: datetime, **terms: Any
) -> Suspension:
    rule_code, _bar, cause = stop.partition("|")
    order = services.SuspensionOrder(
        rule_code=rule_code,
        cause=cause,
        document=keep_document(document, at=at),
        until=datetime.combine(until_on, time.max, INDIA).replace(microsecond=0),
        **terms,
    )
    return services.suspend_stop(lease=lease, order=order, by=by, at=at)


declare(
    Act(
        "lease.suspend_stop",
        _("Suspend a stop by order"),
        "HLD-12",
        _suspend,
        (
            Field("stop", "choice", _("Which stop"), choices=_stops),
            Field("authority", "choice", _("Ordered by"), choices=tuple(AUTHORITIES.items())),
            REFERENCE,
            REASON,
            Field("until_on", "day", _("Until the end of")),
            Field("document", "document", _("Document of the order")),
        ),
        fits=(Gate("hold.stops_something", _stops_now),),
        word="suspend",
        shared_grant="hold.suspend",
        leads_to=lambda suspension: Page("office_suspension", (str(suspension.pk),)),
    ),
    place="suspend",
)
