"""From the close of the auction: the settlement with its security demand."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.leases.events.path import LeaseOpened
from immis.leases.models import Lease
from immis.leases.services.common import tell
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.services import NewDemand, move_deposit, raise_demand
from immis.registry.selectors import Block, Party
from immis.rules.calendar import india_day
from immis.rules.leases.path import security_due_on
from immis.rules.leases.schedule import Security, security
from immis.rules.money import PAISE
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import text


@dataclass(frozen=True, kw_only=True)
class SoldLot:
    """A lot as its auction ended: the ghat, its buyer, the bid, and the earnest money that he deposited.

    ``clearances_by`` is whom the auction names to obtain plan and EC (settlee, department); else LSE-16 says.
    ``terms`` are those that the buyer accepted, with the clauses that he ticked.
    """

    lot_code: str
    block: Block
    party: Party
    bid_rupees: int
    emd_paise: int
    closed_at: datetime
    clearances_by: str = ""
    terms: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def open_settlement(*, lot: SoldLot, at: datetime, by: Actor = SYSTEM) -> Lease:
    """Open the settlement of a sold lot and demand its security, the earnest money adjusted (clause 20 i, E-078).

    Only earnest money that the ledger holds for the lot counts. A lot that is open already answers its lease.
    """
    if known := Lease.objects.filter(lot_code=lot.lot_code).first():
        return known
    block, full = lot.block, lot.bid_rupees * PAISE
    owed = security(full, emd_paise=lot.emd_paise, policy=book(), on=lot.closed_at, district=block.district)
    lease = Lease.objects.create(
        number=lot.lot_code,
        lot_code=lot.lot_code,
        block=block,
        party=lot.party,
        district=block.district,
        bid_rupees=lot.bid_rupees,
        auction_closed_at=lot.closed_at,
        security_paise=owed.full_paise,
        clearances_by=lot.clearances_by or _obtainer(block, lot.closed_at),
        terms=dict(lot.terms),
    )
    _adjust_and_demand(lease, owed, by=by, at=at)
    tell(LeaseOpened, lease, by=by, at=at, facts={"bid_rupees": lot.bid_rupees, "security_paise": owed.full_paise})
    return lease


def _obtainer(block: Block, closed_at: datetime) -> str:
    """Who must obtain plan and EC by the terms in force when the auction closed (LSE-16)."""
    try:
        return str(book().value("LSE-16", closed_at, district=block.district)["by"])
    except NotInForce:
        return "settlee"


def _adjust_and_demand(lease: Lease, owed: Security, *, by: Actor, at: datetime) -> None:
    subject = ("lease", lease.number)
    lease.emd_adjusted_paise = move_deposit(
        party=lease.party,
        source=(EMD, ("lot", lease.lot_code)),
        target=(SECURITY, subject),
        amount_paise=owed.emd_paise,
        district=lease.district,
        by=by,
        at=at,
    )
    lease.save(update_fields=["emd_adjusted_paise"])
    balance = owed.full_paise - lease.emd_adjusted_paise
    if balance:
        raise_demand(
            demand=NewDemand(
                party=lease.party,
                subject=subject,
                kind="security",
                label=text("leases/demands", "security"),
                amount_paise=balance,
                due_on=security_due_on(india_day(lease.auction_closed_at), policy=book(), on=lease.auction_closed_at),
                cites=[asdict(owed.cite)],
                district=lease.district,
                key=f"security:{lease.number}",
            ),
            by=by,
            at=at,
        )
