"""Triggers of the January review: what follows from an event, as tasks, cases, holds, messages and state changes.

Each takes the facts that the office gathered for its event; none looks anything up.
"""

from immis.rules.movement.triggers.auctions import LotFacts, auction_closed
from immis.rules.movement.triggers.challans import ChallanFacts, challan_issued_away, challan_not_started
from immis.rules.movement.triggers.common import DISTRICT, Name
from immis.rules.movement.triggers.devices import PenaltyFacts, TamperFacts, device_tampered, tamper_bar
from immis.rules.movement.triggers.dues import InstalmentFacts, instalment_due, instalment_overdue
from immis.rules.movement.triggers.receipts import ReceiptFacts, receipt_refused, receipt_to_verify, receipt_verified
from immis.rules.movement.triggers.stops import HoldFacts, hold_ended, hold_started

__all__ = [
    "ChallanFacts",
    "DISTRICT",
    "HoldFacts",
    "InstalmentFacts",
    "LotFacts",
    "Name",
    "PenaltyFacts",
    "ReceiptFacts",
    "TamperFacts",
    "auction_closed",
    "challan_issued_away",
    "challan_not_started",
    "device_tampered",
    "hold_ended",
    "hold_started",
    "instalment_due",
    "instalment_overdue",
    "receipt_refused",
    "receipt_to_verify",
    "receipt_verified",
    "tamper_bar",
]
