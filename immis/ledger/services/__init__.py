"""Changing the ledger: demands, payments through the treasury, verification and the journal."""

from immis.ledger.services.demands import cancel_demand, raise_demand
from immis.ledger.services.journal import Side, move_deposit, post_entry
from immis.ledger.services.payments import PaymentStart, begin_payment, note_forged_notice, note_payment, schedule_poll
from immis.ledger.services.verification import ask_treasury, refuse_receipt, verify_receipt

__all__ = [
    "PaymentStart",
    "Side",
    "ask_treasury",
    "begin_payment",
    "cancel_demand",
    "move_deposit",
    "note_forged_notice",
    "note_payment",
    "post_entry",
    "raise_demand",
    "refuse_receipt",
    "schedule_poll",
    "verify_receipt",
]
