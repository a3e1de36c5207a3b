"""From the close of the auction: the settlement with its security demand."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.leases.events.path import LeaseOpened
from immis.leases.models import Lease
from immis.leases.services.common import tell
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.services import move_deposit, raise_demand
from immis.registry.models import Block, Party
from immis.rules.calendar import india_day
from immis.rules.leases.path import security_due_on
from immis.rules.leases.schedule import Security, security
from immis.rules.money import PAISE
from immis.rules.policy import NotInForce, book
from immis.rules.writing.texts import text


@transaction.atomic
def open_settlement(
    *,
    lot_code: str,
    block: Block,
    party: Party,
    bid_rupees: int,
    emd_paise: int,
    closed_at: datetime,
    at: datetime,
    by: Actor = SYSTEM,
    clearances_by: str = "",
) -> Lease:
    """Open the settlement of a sold lot and demand its security, the earnest money adjusted (clause 20 i, E-078).

    Only earnest money that the ledger holds for the lot counts. A lot that is open already answers its lease.
    ``clearances_by`` is whom the auction names to obtain plan and EC (settlee, department); else LSE-16 says.
    """
    if known := Lease.objects.filter(lot_code=lot_code).first():
        return known
    owed = security(bid_rupees * PAISE, emd_paise=emd_paise, policy=book(), on=closed_at, district=block.district)
    lease = Lease.objects.create(
        number=lot_code,
        lot_code=lot_code,
        block=block,
        party=party,
        district=block.district,
        bid_rupees=bid_rupees,
        auction_closed_at=closed_at,
        security_paise=owed.full_paise,
        clearances_by=clearances_by or _obtainer(block, closed_at),
    )
    _adjust_and_demand(lease, owed, by=by, at=at)
    tell(LeaseOpened, lease, by=by, at=at, facts={"bid_rupees": bid_rupees, "security_paise": owed.full_paise})
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
            party=lease.party,
            subject=subject,
            kind="security",
            label=text("leases/demands", "security"),
            amount_paise=balance,
            due_on=security_due_on(india_day(lease.auction_closed_at), policy=book(), on=lease.auction_closed_at),
            cites=[asdict(owed.cite)],
            district=lease.district,
            key=f"security:{lease.number}",
            by=by,
            at=at,
        )
