"""What the acts of a settlement share: fields and gates."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Field, Gate
from immis.leases import facts
from immis.leases.models import Lease
from immis.rules.calendar import india_day


def filled_in(service: Callable[..., Any], form: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A service that takes what an act asks for as one record, a dataclass, under ``name``."""

    def do(*, lease: Lease, by: Actor, at: datetime, **values: Any) -> Any:
        return service(lease=lease, by=by, at=at, **{name: form(**values)})

    return do


def today(lease: Lease, by: Actor, at: datetime) -> date:
    """The day on which an act is done."""
    return india_day(at)


ON = Field("on", "day", _("Date"), initial=today)
REFERENCE = Field("reference", "text", _("Order number"), max_length=120)
REASON = Field("reason", "text", _("Reason"))

RUNNING = Gate("lease.running", facts.end_of)
AFTER_DEED = Gate("lease.after_step", facts.after_deed)
AFTER_PERMISSION = Gate("lease.after_step", facts.after_permission)
