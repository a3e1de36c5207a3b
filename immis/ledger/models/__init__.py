"""Money: what is demanded of whom, what the treasury received, and the double-entry journal of verified receipts."""

from immis.ledger.models.demands import Demand
from immis.ledger.models.instruments import Instrument, TaxItem
from immis.ledger.models.journal import Account, JournalEntry, JournalLine, JournalSeal
from immis.ledger.models.receipts import Receipt, TreasuryNotice
from immis.ledger.models.refunds import RefundClaim, RefundOrder
from immis.ledger.models.scrolls import Scroll, ScrollLine

__all__ = [
    "Account",
    "Demand",
    "Instrument",
    "JournalEntry",
    "JournalLine",
    "JournalSeal",
    "Receipt",
    "RefundClaim",
    "RefundOrder",
    "Scroll",
    "ScrollLine",
    "TaxItem",
    "TreasuryNotice",
]
