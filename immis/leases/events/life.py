"""What the life of a settlement tells: endings, orders, notices, amounts, sand, plan and pits."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, event, shared
from immis.leases.events.common import LeaseNews


@shared
class EndingNews(LeaseNews):
    """The settlement ended early; so much was forfeited."""

    reason: str
    reference: str
    ended: str
    amount_paise: int


@event("lease.cancelled", _("Settlement cancelled"))
class LeaseCancelled(EndingNews):
    """The Collector cancelled it after a notice (E-144)."""


@event("lease.forfeited", _("Deposits forfeited"))
class LeaseForfeited(EndingNews):
    """A time limit was missed without valid reason (E-094)."""


@event("lease.surrendered", _("Surrender accepted"))
class LeaseSurrendered(EndingNews):
    """The settlee gave it up (E-111)."""


@event("lease.ended", _("Settlement ended early"))
class LeaseEnded(EndingNews):
    """It ended in one of these ways; the ghat goes to auction again."""


@event("lease.surrender_asked", _("Surrender asked for"))
class SurrenderAsked(LeaseNews):
    """The settlee asks to give it up (E-111)."""

    reason: str
    amount_paise: int


@event("lease.obtainer_set", _("Who obtains plan and EC"))
class ObtainerSet(LeaseNews):
    """The settlee or the department (E-087)."""

    who: str
    reference: str


@event("lease.clock_extended", _("Time limit extended"))
class ClockExtended(LeaseNews):
    """A reasoned order extends a time limit of the path (LSE-17)."""

    clock: Names
    due_on: date | None
    until_on: date
    reason: str
    reference: str


@event("lease.reason_accepted", _("Valid reason accepted"))
class ReasonAccepted(LeaseNews):
    """No forfeiture follows from this time limit (E-094)."""

    clock: Names
    reason: str
    reference: str


@event("lease.demarcated", _("Boundary pillars certified"))
class Demarcated(LeaseNews):
    """The pillars of the ghat as its record stands (E-148)."""

    pillars: int
    present: list[str]
    certified_by: str
    version: int
    on: date
    reference: str


@shared
class NoticeNews(LeaseNews):
    """A notice to the settlee."""

    notice: str
    notice_kind: str
    what: Names
    grounds: str
    amount_paise: int
    due_on: date | None


@event("lease.notice_issued", _("Notice issued"))
class NoticeIssued(NoticeNews):
    """The Collector issued it."""


@event("lease.notice_replied", _("Reply to a notice"))
class NoticeReplied(NoticeNews):
    """The settlee replied."""


@event("lease.notice_closed", _("Notice closed"))
class NoticeClosed(NoticeNews):
    """The reply suffices, or the dues are paid."""

    outcome: str


@event("lease.certificate_case", _("Certificate case opened"))
class CertificateOpened(LeaseNews):
    """Dues that a notice did not bring in (E-112)."""

    notice: str
    amount_paise: int
    demands: list[str]
    reference: str


@event("lease.quantity_increased", _("Quantity increased"))
class QuantityIncreased(LeaseNews):
    """A greater depth raises quantity and instalments (E-110)."""

    depth_before_m: Decimal
    depth_m: Decimal
    quantity_before_m3: int
    quantity_m3: int
    from_on: date
    reference: str
    amount_paise: int


@event("lease.royalty_exceeded", _("Royalty above the yearly amount"))
class RoyaltyExceeded(LeaseNews):
    """The royalty of a complete year is above what the year owes (E-155)."""

    year: int
    river: str
    removed_m3: str
    excess_m3: str
    amount_paise: int
    royalty_paise: int
    excess_paise: int
    rate_paise: int


@event("lease.security_refunded", _("Return of the security ordered"))
class SecurityRefunded(LeaseNews):
    """After the period (E-081)."""

    amount_paise: int
    refund: str
    reference: str


@event("lease.annulled", _("Auction cancelled after its close"))
class AuctionAnnulled(EndingNews):
    """The auction behind it was cancelled (E-067)."""


@event("lease.deposits_returned", _("Return of the deposits ordered"))
class DepositsReturned(LeaseNews):
    """After a cancelled auction, by order of the department (E-084)."""

    amount_paise: int
    refund: str
    reference: str


@shared
class SandNews(LeaseNews):
    """Sand that was found stored near the bank."""

    quantity_m3: Decimal
    distance_m: int
    place: str
    government: bool
    on: date
    reference: str


@event("lease.sand_recorded", _("Stored sand recorded"))
class SandRecorded(SandNews):
    """Found while the settlement runs."""


@event("lease.sand_forfeited", _("Stored sand became the government's"))
class SandForfeited(SandNews):
    """Found after its end (E-153)."""


@event("lease.plan_check_ordered", _("Check of the mining plan ordered"))
class PlanCheckOrdered(LeaseNews):
    """Another agency checks the plan (E-089)."""

    agency: str
    amount_paise: int
    reference: str


@event("lease.pits_refilled", _("Refilling of pits reported"))
class PitsRefilled(LeaseNews):
    """Pits were refilled (E-109)."""

    quantity_m3: Decimal
    place: str
    on: date


@event("claim.loss_refused", _("Claim for loss refused"))
class LossRefused(LeaseNews):
    """A claim for loss was refused by a clause that the settlee had ticked (E-139)."""

    claim: str
    clause: str
    quoted: Names
    ticked_at: datetime
    reason: str
