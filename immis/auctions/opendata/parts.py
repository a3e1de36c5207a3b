"""Small parts of a release: amounts, instants, references, and the facts of a lot gathered once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.selectors.lots import phase_of
from immis.clock import INDIA
from immis.core.access.permissions import SYSTEM
from immis.leases.selectors import DueRow, Lease, changed_at, lease_of_lot, schedule_of
from immis.ledger.selectors import Demand, Receipt, demands_by_number, receipts
from immis.registry.selectors import Office, corrected_at, office_for
from immis.rules.calendar import start_of

Json = dict[str, Any]
CURRENCY = "INR"
#: States of a receipt in which its money is booked.
_BOOKED = ("verified", "reconciled")
#: Events of a lot that everybody sees and that change its times or end it; a pause alone changes nothing here.
_TELLING = ("extended", "resumed", "rescheduled", "aborted")


def rupees(amount: int) -> Json:
    """A sum of whole rupees as an OCDS value."""
    return {"amount": amount, "currency": CURRENCY}


def paise(amount: int) -> Json:
    """A sum of paise as an OCDS value in rupees."""
    whole, part = divmod(amount, 100)
    return {"amount": amount / 100 if part else whole, "currency": CURRENCY}


def instant(at: datetime) -> str:
    """An instant as releases write it, in Indian time."""
    return at.astimezone(INDIA).isoformat()


def day(on: date, *, last: bool = False) -> str:
    """The first instant of a day, or its last second."""
    begins = start_of(on)
    return instant(begins + timedelta(days=1) - timedelta(seconds=1) if last else begins)


def url(path: str) -> str:
    """The public address of a page or file of this installation."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/{path.lstrip('/')}"


def bilingual(name: str, *, hi: str, en: str) -> Json:
    """A text in Hindi (the language of the release) with its English beside it, as OCDS writes translations."""
    return {name: hi, f"{name}_en": en}


def without_nothing(fields: Json) -> Json:
    """The fields that say something: OCDS leaves out what is not known."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, ())}


@dataclass(frozen=True)
class LotRecord:
    """All that a release of one lot is made of, read once from the stores."""

    lot: Lot
    at: datetime
    phase: str
    office: Office | None
    events: list[LotEvent]
    technical: list[TechnicalBid]
    lease: Lease | None
    rows: list[DueRow]
    demands: dict[str, Demand]
    receipts: list[Receipt]
    acts: list[datetime]

    @property
    def announced(self) -> bool:
        """Whether the result is public; before that a release names nobody and counts nothing (clause 10)."""
        return self.lot.result_announced_at is not None and self.lot.result_announced_at <= self.at

    @property
    def bids(self) -> list[LotEvent]:
        return [event for event in self.events if event.kind == "bid_accepted"]


def record_of(lot: Lot, at: datetime) -> LotRecord:
    """Read a lot with its bids, settlement and booked payments. ``lot`` comes with its block and notice."""
    lease = lease_of_lot(lot.code)
    rows = schedule_of(lease, at) if lease and lease.deed_on else []
    booked = receipts(SYSTEM, demand__subject_kind="lease", demand__subject_id=lease.number) if lease else None
    return LotRecord(
        lot=lot,
        at=at,
        phase=phase_of(lot, at),
        office=office_for(district=lot.notice.district, role="district"),
        events=list(LotEvent.objects.filter(lot=lot).order_by("seq")),
        technical=list(TechnicalBid.objects.filter(lot=lot).select_related("bidder__party").order_by("alias")),
        lease=lease,
        rows=rows,
        demands=demands_by_number(row.demand for row in rows if row.demand),
        receipts=sorted(booked.filter(state__in=_BOOKED), key=lambda item: item.pk) if booked is not None else [],
        acts=_acts(lot, lease, booked),
    )


def _acts(lot: Lot, lease: Lease | None, booked: QuerySet[Receipt] | None) -> list[datetime]:
    """When acts changed what a release says: orders on the auction, its extension, corrections, reversals, papers."""
    datetimes: list[datetime | None] = list(
        LotEvent.objects.filter(lot=lot, kind__in=_TELLING).values_list("at", flat=True)
    )
    datetimes += corrected_at(lot.block_id)
    if lease is not None and booked is not None:
        datetimes += booked.values_list("reversed_at", flat=True)
        datetimes += changed_at(lease)
    return [at for at in datetimes if at is not None]
