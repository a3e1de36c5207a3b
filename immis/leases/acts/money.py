"""What the settlee asks of the money on a settlement's account (A-11)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.leases.acts.common import REASON
from immis.leases.models import Lease
from immis.ledger.facts import credit_claim_of
from immis.ledger.selectors import RefundClaim
from immis.ledger.services.claims import claim_credit
from immis.rules.ledger.refunds import ClaimFacts
from immis.rules.money import PAISE, paise


def _whole_credit(lease: Lease, by: Actor, at: datetime) -> ClaimFacts:
    """All that is free on account, asked for with a reason that the form asks for."""
    facts = credit_claim_of(lease.party, ("lease", lease.number), amount_paise=0, reason="—", at=at)
    return ClaimFacts(**{**vars(facts), "amount_paise": facts.free_paise})


def _free(lease: Lease, by: Actor, at: datetime) -> Decimal | None:
    free = _whole_credit(lease, by, at).free_paise
    return Decimal(free) / PAISE if free > 0 else None


def _claim(*, lease: Lease, amount: Decimal, **order: Any) -> RefundClaim:
    return claim_credit(party=lease.party, subject=("lease", lease.number), amount_paise=paise(amount), **order)


declare(
    Act(
        "lease.claim_credit",
        _("Ask for the return"),
        "PAY-20",
        _claim,
        (Field("amount", "decimal", _("Amount (₹)"), least=Decimal("0.01"), digits=15, initial=_free), REASON),
        fits=(Gate("claim.ask", _whole_credit),),
        word="claim",
        done=_("Claim %(number)s is with the Collector."),
        shared_grant="credit.claim",
    ),
    place="returns",
)
