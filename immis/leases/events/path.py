"""What the path of a settlement tells, from the auction to the mining permission; orders that extend it."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, event, shared
from immis.leases.events.common import LeaseNews


@event("lease.opened", _("Settlement opened after the auction"))
class LeaseOpened(LeaseNews):
    """The highest bid became a settlement with its security (E-068)."""

    bid_rupees: int
    security_paise: int


@event("lease.taken_over", _("Settlement in force taken over"))
class LeaseTakenOver(LeaseNews):
    """A settlement that ran already came in by a signed file (TKO-01). Amounts in paise."""

    reference: str
    deed_on: date
    paid_paise: int
    balances_on: date


@shared
class PapersReceived(LeaseNews):
    """Papers of the settlee came in; the list names so many persons."""

    on: date
    persons: int


@event("lease.documents_received", _("Copies of documents received"))
class DocumentsReceived(PapersReceived):
    """Copies of the documents (LSE-02)."""


@event("lease.assets_received", _("Asset statements received"))
class AssetsReceived(PapersReceived):
    """Statements of assets of a body's persons (LSE-03)."""


@shared
class StepNews(LeaseNews):
    """A step that two officers take: LoI, deed or permission."""

    step: str
    what: Names
    on: date


@event("lease.step_proposed", _("Proposed to the Collector"))
class StepProposed(StepNews):
    """The mining office proposes it (LSE-60)."""


@event("lease.step_issued", _("Issued by the Collector"))
class StepIssued(StepNews):
    """The Collector issues it."""


@event("lease.loi_issued", _("LoI issued"))
class LoiIssued(LeaseNews):
    """The letter of intent (E-079)."""

    loi_number: str
    on: date


@event("lease.clearance_applied", _("Clearance applied for"))
class ClearanceApplied(LeaseNews):
    """Plan, EC, CTE/CTO or the permission at water was applied for."""

    clearance: str
    on: date
    reference: str


@shared
class ClearanceAnswered(LeaseNews):
    """What was applied for was answered."""

    clearance: str
    on: date
    reference: str
    quantity_m3: int | None = None


@event("lease.clearance_granted", _("Clearance granted"))
class ClearanceGranted(ClearanceAnswered):
    """The authority grants it."""


@event("lease.clearance_refused", _("Permission refused"))
class ClearanceRefused(ClearanceAnswered):
    """The authority refuses it (E-123)."""


@event("lease.clearance_renewed", _("Newer clearance recorded"))
class ClearanceRenewed(LeaseNews):
    """A newer order of a clearance (LSE-31)."""

    clearance: str
    on: date
    until: date | None
    version: int
    reference: str


@event("lease.clearance_carried", _("Clearance carried over"))
class ClearanceCarried(LeaseNews):
    """A clearance of the settlement before (E-113, E-114)."""

    clearance: str
    from_lease: str
    reference: str


@event("lease.gst_recorded", _("GST registration recorded"))
class GstRecorded(LeaseNews):
    """The party is registered for GST (E-043)."""

    on: date


@event("lease.deed_executed", _("Deed executed"))
class DeedExecuted(LeaseNews):
    """The deed, and the period that it begins (E-095)."""

    on: date
    period_from: date
    period_to: date


@event("lease.registered", _("Deed registered"))
class DeedRegistered(LeaseNews):
    """The deed is registered (E-096)."""

    on: date
    number: str


@event("lease.permitted", _("Mining permitted"))
class MiningPermitted(LeaseNews):
    """E-challans can be issued from now on (E-097)."""

    permission_number: str
