"""What the ledger says of a technical bid's document fee and earnest money."""

from dataclasses import dataclass

from django.db.models import Sum

from immis.auctions.models import TechnicalBid
from immis.core.permissions import SYSTEM
from immis.ledger import selectors as ledger
from immis.rules.ledger import MONEY_IN
from immis.rules.money import PAISE
from immis.rules.tenders import PassFacts


@dataclass(frozen=True)
class EmdState:
    """Document fee and earnest money of one technical bid: whole rupees, and the account that paid."""

    fee_demand: str
    fee_state: str
    emd_demand: str
    emd_state: str
    verified_rupees: int
    payer_account: str

    @property
    def paid(self) -> bool:
        return self.fee_state == self.emd_state == "verified"


def _payment(number: str) -> tuple[str, int, str]:
    """State, verified paise and payer's account of a demand: due, paid_unverified or verified."""
    if not number:
        return "verified", 0, ""
    demand = ledger.demand_of(number, SYSTEM)
    receipts = sorted(demand.receipts.all(), key=lambda one: one.pk)
    verified = [one for one in receipts if one.state in MONEY_IN]
    if demand.settled_at is not None:
        account = verified[-1].payer_account if verified else ""
        return "verified", demand.applied_paise, account
    return ("paid_unverified" if any(one.state == "paid_unverified" for one in receipts) else "due"), 0, ""


def emd_state(bid: TechnicalBid) -> EmdState:
    """How far the payments of a technical bid are."""
    fee_state, _, _ = _payment(bid.fee_demand)
    state, verified_paise, account = _payment(bid.emd_demand)
    return EmdState(
        fee_demand=bid.fee_demand,
        fee_state=fee_state,
        emd_demand=bid.emd_demand,
        emd_state=state,
        verified_rupees=verified_paise // PAISE,
        payer_account=account,
    )


def pass_facts(bid: TechnicalBid) -> PassFacts:
    """All that the committee's decision on a technical bid rests on."""
    money = emd_state(bid)
    applied = TechnicalBid.objects.filter(bidder=bid.bidder).exclude(state="failed")
    return PassFacts(
        kind=bid.bidder.party.kind,
        reserve_rupees=bid.lot.reserve_rupees,
        fee_paid=money.fee_state == "verified",
        emd_rupees=bid.lot.emd_rupees,
        emd_verified_rupees=money.verified_rupees,
        own_account=bid.bank_account,
        payer_account=money.payer_account,
        turnover_rupees=tuple(bid.turnover_rupees),
        reserves_applied_rupees=applied.aggregate(total=Sum("lot__reserve_rupees"))["total"] or 0,
        documents=tuple(one["letter"] for one in bid.documents),
        opens_at=bid.lot.opens_at,
    )
