"""A settlement as a noun, and what its acts share: fields, choices and gates."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from immis.core.acts import Field, Gate
from immis.core.nouns import Noun, declare_noun
from immis.core.permissions import Actor
from immis.leases import facts, selectors
from immis.leases.models import Lease
from immis.rules.calendar import india_day

LEASE = declare_noun(
    Noun(
        name="lease",
        find=selectors.lease_of,
        number=lambda lease: lease.code,
        title=selectors.ghat_name_of,
        pages={"path": ("office_lease", "settlee_lease"), "life": ("office_lease_life", "settlee_lease_life")},
        address="leases",
    )
)


def today(lease: Lease, by: Actor, at: datetime) -> date:
    """The day on which an act is done."""
    return india_day(at)


ON = Field("on", "day", _("Date"), initial=today)
REFERENCE = Field("reference", "text", _("Order number"), max_length=120)
REASON = Field("reason", "text", _("Reason"))

RUNNING = Gate("lease.running", facts.end_of)
AFTER_DEED = Gate("lease.after_step", facts.after_deed)
AFTER_PERMISSION = Gate("lease.after_step", facts.after_permission)
