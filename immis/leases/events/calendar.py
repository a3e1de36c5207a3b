"""What the calendar tells of settlements: instalments, periods, pits, prices, clearances, stops."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, event, shared
from immis.leases.events.common import LeaseNews
from immis.ledger.events import DemandNews


@event("lease.pits_due", _("Refilling of pits is due"))
class PitsDue(LeaseNews):
    """An interval of clause 30 ka passed without a report (E-109)."""

    since: date


@event("lease.price_fixed", _("Price of sand fixed by order"))
class PriceFixed(LeaseNews):
    """An order fixes the price or gives it back to the market (E-106)."""

    reference: str
    from_on: date
    price_paise: int | None


@shared
class PeriodNews(LeaseNews):
    """The end of the period."""

    period_to: date


@event("lease.ends_soon", _("The period ends soon"))
class LeaseEndsSoon(PeriodNews):
    """The last day comes near (LSE-41)."""


@event("lease.period_over", _("Period over"))
class PeriodOver(PeriodNews):
    """The last day is over (E-082)."""


@event("clearance.deemed", _("No objection by silence"))
class ClearanceDeemed(LeaseNews):
    """The month of clause 38 passed in silence (E-123)."""

    clearance: Names
    applied_on: date
    deemed_on: date


@event("clearance.changed", _("News from PARIVESH"))
class ProposalChanged(LeaseNews):
    """A proposal stands otherwise on the portal (A-20)."""

    clearance: Names
    proposal: str
    was: str
    status: str
    status_on: date | None


@event("clearance.hinted", _("Proposal found on PARIVESH"))
class ProposalHinted(LeaseNews):
    """A proposal that may be this settlement's (A-20)."""

    proposal: str
    agency: str
    status: str


@shared
class InstalmentNews(DemandNews):
    """An instalment of a settlement."""

    ABOUT = ("lease",)

    lease: str
    ghat: Names


@event("instalment.due_soon", _("Instalment due soon"))
class DueSoon(InstalmentNews):
    """Its due day comes near (A-11)."""


@event("instalment.overdue", _("Instalment overdue"))
class Overdue(InstalmentNews):
    """Its due day is over (A-12)."""


@event("instalment.reminder", _("Reminder of an instalment"))
class Reminder(InstalmentNews):
    """So many days are left."""

    days: int


@event("instalment.rung", _("An unpaid instalment reached the next step"))
class DefaultRung(InstalmentNews):
    """So many days after its due day (TRG-81)."""

    rung_day: int
