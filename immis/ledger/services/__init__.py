"""Changing the ledger: demands, payments through the treasury, verification and the journal."""

from immis.ledger.services.allocation import apply_credit, release_demand
from immis.ledger.services.demands import NewDemand, cancel_demand, raise_demand, set_due_day
from immis.ledger.services.instruments import NewInstrument, deposit_tax, lodge_instrument, move_instrument, record_tax
from immis.ledger.services.journal import Side, move_deposit, post_entry
from immis.ledger.services.opening import OpeningPayment, book_opening_payment
from immis.ledger.services.payments import PaymentStart, begin_payment, note_forged_notice, note_payment, schedule_poll
from immis.ledger.services.reconciliation import import_scroll, resolve_line
from immis.ledger.services.verification import ask_about_payments, ask_treasury, refuse_receipt, verify_receipt

__all__ = [
    "NewDemand",
    "NewInstrument",
    "OpeningPayment",
    "PaymentStart",
    "Side",
    "apply_credit",
    "release_demand",
    "ask_about_payments",
    "ask_treasury",
    "begin_payment",
    "book_opening_payment",
    "cancel_demand",
    "deposit_tax",
    "import_scroll",
    "lodge_instrument",
    "move_deposit",
    "move_instrument",
    "note_forged_notice",
    "note_payment",
    "post_entry",
    "raise_demand",
    "record_tax",
    "refuse_receipt",
    "resolve_line",
    "schedule_poll",
    "set_due_day",
    "verify_receipt",
]
