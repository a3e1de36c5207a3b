"""What the database itself keeps true of the ledger, as steps of its migration.

An entry cannot be committed without its seal (a deferred foreign key), a seal
cannot be set on an entry that does not balance, and a sealed entry takes no
further line. Receipts, instruments and refunds only move forward; demands, claims and taxes keep their amount.
"""

from immis.core.guards import refuse

_UNBALANCED = """
NOT EXISTS (SELECT 1 FROM ledger_journalline WHERE entry_id = NEW.number)
OR (SELECT SUM(debit_paise) - SUM(credit_paise) FROM ledger_journalline WHERE entry_id = NEW.number) <> 0
"""
_SEALED = "EXISTS (SELECT 1 FROM ledger_journalseal WHERE number = NEW.entry_id)"
_RANK = (
    "CASE {row}.state WHEN 'created' THEN 0 WHEN 'failed' THEN 1 WHEN 'paid_unverified' THEN 2 "
    "WHEN 'reconciled' THEN 4 WHEN 'reversed' THEN 5 ELSE 3 END"
)
_BACKWARD = f"""
({_RANK.format(row="NEW")}) < ({_RANK.format(row="OLD")})
OR (OLD.state = 'verified' AND NEW.state NOT IN ('verified', 'reconciled', 'reversed'))
OR (OLD.state = 'refused' AND NEW.state NOT IN ('refused', 'reversed'))
OR NEW.amount_paise <> OLD.amount_paise OR NEW.demand_id <> OLD.demand_id
"""
_DEMAND_CHANGED = """
NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id OR NEW.number <> OLD.number
OR (OLD.due_on IS NOT NULL AND COALESCE(CAST(NEW.due_on AS TEXT), '') <> CAST(OLD.due_on AS TEXT))
"""
_INSTRUMENT_BACK = """
(OLD.state IN ('honoured', 'bounced', 'returned') AND NEW.state <> OLD.state)
OR (OLD.state = 'presented' AND NEW.state = 'lodged')
OR NEW.amount_paise <> OLD.amount_paise OR NEW.number <> OLD.number OR NEW.bank <> OLD.bank
OR NEW.demand_id <> OLD.demand_id
"""
_SCROLL_LINE_CHANGED = """
NEW.amount_paise <> OLD.amount_paise OR NEW.grn <> OLD.grn OR NEW.bank_ref <> OLD.bank_ref
OR NEW.kind <> OLD.kind OR NEW.scroll_id <> OLD.scroll_id
OR (OLD.resolved_at IS NOT NULL AND NEW.resolution <> OLD.resolution)
"""
_TAX_CHANGED = "NEW.amount_paise <> OLD.amount_paise OR NEW.reference <> OLD.reference OR NEW.kind <> OLD.kind"

_REFUND_RANK = "CASE {row}.state WHEN 'ordered' THEN 0 WHEN 'sent' THEN 1 WHEN 'failed' THEN 1 ELSE 2 END"
_REFUND_BACK = f"""
({_REFUND_RANK.format(row="NEW")}) < ({_REFUND_RANK.format(row="OLD")})
OR NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id OR NEW.number <> OLD.number
OR (OLD.state = 'paid' AND NEW.account <> OLD.account)
"""
_CLAIM_CHANGED = """
OLD.state <> 'asked' OR NEW.amount_paise <> OLD.amount_paise OR NEW.party_id <> OLD.party_id
OR NEW.number <> OLD.number OR NEW.account <> OLD.account OR NEW.asked_by <> OLD.asked_by
"""

#: name, table, event, the condition that is refused, the words of the refusal
_GUARDS = (
    ("ledger_seal_balances", "journalseal", "INSERT", _UNBALANCED, "journal entry does not balance"),
    ("ledger_line_sealed", "journalline", "INSERT", _SEALED, "journal entry is sealed"),
    ("ledger_receipt_forward", "receipt", "UPDATE", _BACKWARD, "a receipt only moves forward"),
    ("ledger_demand_fixed", "demand", "UPDATE", _DEMAND_CHANGED, "a demand keeps its amount, party and date"),
    ("ledger_instrument_forward", "instrument", "UPDATE", _INSTRUMENT_BACK, "an instrument only moves forward"),
    ("ledger_scroll_line_fixed", "scrollline", "UPDATE", _SCROLL_LINE_CHANGED, "a scroll line keeps its words"),
    ("ledger_tax_item_fixed", "taxitem", "UPDATE", _TAX_CHANGED, "a tax item keeps its amount"),
    ("ledger_refund_forward", "refundorder", "UPDATE", _REFUND_BACK,
     "a refund order keeps its amount and only moves forward"),
    ("ledger_claim_fixed", "refundclaim", "UPDATE", _CLAIM_CHANGED, "a claim is decided once and keeps its amount"),
)  # fmt: skip

#: Steps of a migration after which the database refuses each of these.
GUARDS = [
    refuse(name, table=f"ledger_{table}", event=event, condition=condition, words=words)
    for name, table, event, condition, words in _GUARDS
]
