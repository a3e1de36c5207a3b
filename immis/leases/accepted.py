"""The no-claim clauses that a settlee ticked before bidding, in the version that he ticked (AUC-172)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from immis.leases.models import Lease
from immis.rules.auctions.clauses import NO_CLAIM, no_claim_clauses
from immis.rules.policy import book


@dataclass(frozen=True)
class AcceptedClause:
    """One clause: its number and wording, the day of its version, and when it was ticked."""

    key: str
    clause: str
    text: Mapping[str, str]
    from_on: date
    ticked_at: datetime
    code: str = NO_CLAIM


def accepted_clauses(lease: Lease) -> list[AcceptedClause]:
    """What the settlee ticked, in the order of the tender; nothing where the auction was held elsewhere."""
    return [_worded(row) for row in lease.terms.get("clauses", ())]


def _worded(row: Mapping[str, Any]) -> AcceptedClause:
    from_on = date.fromisoformat(row["from_on"])
    kept = next(known for known in no_claim_clauses(book(), from_on) if known["key"] == row["key"])
    return AcceptedClause(row["key"], kept["clause"], kept["text"], from_on, datetime.fromisoformat(row["ticked_at"]))
