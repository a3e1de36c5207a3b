"""Is the ledger whole? Every check is one pass of the database over a table: a million entries take seconds."""

from collections.abc import Iterator
from typing import Any

from django.db import connection

from immis.holds.selectors import rules_of_spells, unlifted_orders
from immis.ledger.chart import REFUNDS, TREASURY, UNAPPLIED
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import PolicyError, book

Problem = dict[str, Any]
_MOST = 1000

#: problem, its columns, and the query that finds it; ``:treasury``, ``:unapplied`` and ``:refunds`` are heads.
CHECKS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "entry_not_balanced",
        ("entry",),
        "SELECT entry_id FROM ledger_journalline GROUP BY entry_id HAVING SUM(debit_paise) <> SUM(credit_paise)",
    ),
    (
        "entry_without_lines",
        ("entry",),
        """SELECT e.number FROM ledger_journalentry e
           WHERE NOT EXISTS (SELECT 1 FROM ledger_journalline l WHERE l.entry_id = e.number)""",
    ),
    (
        "entry_not_sealed",
        ("entry",),
        """SELECT e.number FROM ledger_journalentry e LEFT JOIN ledger_journalseal s ON s.number = e.number
           WHERE s.number IS NULL""",
    ),
    (
        "seal_without_entry",
        ("entry",),
        """SELECT s.number FROM ledger_journalseal s LEFT JOIN ledger_journalentry e ON e.number = s.number
           WHERE e.number IS NULL""",
    ),
    (
        "receipt_and_journal_differ",
        ("receipt", "state"),
        """SELECT r.number, r.state FROM ledger_receipt r LEFT JOIN (
             SELECT receipt_id, SUM(CASE WHEN kind = 'receipt.verified' THEN 1 ELSE 0 END) AS verified,
                    SUM(CASE WHEN kind = 'receipt.refused' THEN 1 ELSE 0 END) AS refused,
                    SUM(CASE WHEN kind = 'receipt.reversed' THEN 1 ELSE 0 END) AS taken_back
             FROM ledger_journalentry WHERE receipt_id IS NOT NULL GROUP BY receipt_id) p ON p.receipt_id = r.id
           WHERE COALESCE(p.verified, 0) + COALESCE(p.refused, 0) + 10 * COALESCE(p.taken_back, 0) NOT IN (0, 1, 11)
              OR (r.state IN ('verified', 'reconciled')
                  AND (COALESCE(p.verified, 0) <> 1 OR COALESCE(p.refused, 0) + COALESCE(p.taken_back, 0) <> 0))
              OR (r.state = 'refused' AND (COALESCE(p.refused, 0) <> 1 OR p.taken_back <> 0))
              OR (r.state IN ('created', 'failed', 'paid_unverified') AND p.receipt_id IS NOT NULL)
              OR (r.state = 'reversed' AND p.receipt_id IS NOT NULL AND p.taken_back <> 1)""",
    ),
    (
        "receipt_and_entry_amounts_differ",
        ("receipt", "entry"),
        """SELECT r.number, e.number FROM ledger_journalentry e
           JOIN ledger_receipt r ON r.id = e.receipt_id
           JOIN ledger_journalline l ON l.entry_id = e.number AND l.account_id = :treasury
           WHERE l.debit_paise + l.credit_paise <> r.paid_paise""",
    ),
    (
        "demand_and_journal_differ",
        ("demand",),
        """SELECT d.number FROM ledger_demand d LEFT JOIN (
             SELECT demand_id, SUM(credit_paise) - SUM(debit_paise) AS paid FROM ledger_journalline
             WHERE demand_id IS NOT NULL AND account_id <> :unapplied GROUP BY demand_id) l ON l.demand_id = d.id
           WHERE d.applied_paise <> COALESCE(l.paid, 0)""",
    ),
    (
        "demand_wrongly_settled",
        ("demand",),
        """SELECT number FROM ledger_demand
           WHERE (settled_at IS NULL AND applied_paise >= amount_paise)
              OR (settled_at IS NOT NULL AND applied_paise <> amount_paise)""",
    ),
    (
        "reconciled_without_scroll",
        ("receipt",),
        """SELECT r.number FROM ledger_receipt r WHERE r.state = 'reconciled' AND NOT EXISTS (
             SELECT 1 FROM ledger_scrollline s
             WHERE s.receipt_id = r.id AND s.outcome = 'matched' AND s.amount_paise = r.paid_paise)""",
    ),
    (
        "cheque_and_receipt_differ",
        ("instrument",),
        """SELECT i.number FROM ledger_instrument i JOIN ledger_receipt r ON r.id = i.receipt_id
           WHERE r.paid_paise <> i.amount_paise OR r.demand_id <> i.demand_id OR i.state <> 'honoured'""",
    ),
    (
        "refunds_and_journal_differ",
        ("subject", "paise"),
        """SELECT subject_id, SUM(paise) FROM (
             SELECT party_id, subject_kind, subject_id, credit_paise - debit_paise AS paise
             FROM ledger_journalline WHERE account_id = :refunds
             UNION ALL SELECT party_id, subject_kind, subject_id, -amount_paise
             FROM ledger_refundorder WHERE state <> 'paid') AS told
           GROUP BY party_id, subject_kind, subject_id HAVING SUM(paise) <> 0""",
    ),
)


def problems() -> list[Problem]:
    """What is wrong with the ledger, empty when all is well (``immis ledger check``); at most 1,000 of each kind."""
    results = [problem for name, columns, sql in CHECKS for problem in _found(name, columns, sql)]
    return [*results, *_odd_states(), *_unexplained_holds()]


def _found(name: str, columns: tuple[str, ...], sql: str) -> Iterator[Problem]:
    for mark, head in ((":treasury", TREASURY), (":unapplied", UNAPPLIED), (":refunds", REFUNDS)):
        sql = sql.replace(mark, f"'{head.code}'")
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {_MOST}")
        for row in cursor.fetchall():
            yield {"problem": name, **dict(zip(columns, row, strict=True))}


def _odd_states() -> Iterator[Problem]:
    """The database keeps a receipt's state to one word of the list; this says so for the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, COUNT(*) FROM ledger_receipt GROUP BY state")
        for state, count in cursor.fetchall():
            if state not in STATE_WORDS:
                yield {"problem": "receipt_in_no_state", "state": state, "count": count}


def _unexplained_holds() -> Iterator[Problem]:
    """Every hold has its explanation: a demand that is (or was) unpaid after its day, or an order with a document."""
    for hold in unlifted_orders():
        if not hold.reference.strip() or not _known(hold.rule_code):
            yield {"problem": "hold_without_document", "hold": hold.pk}
    with connection.cursor() as cursor:
        cursor.execute(_UNEXPLAINED)
        for cause, subject in cursor.fetchall():
            yield {"problem": "hold_without_cause", "cause": cause, "subject": subject}
    for rule_code in rules_of_spells():
        if not _known(rule_code):
            yield {"problem": "hold_without_rule", "rule": rule_code}


def _known(code: str) -> bool:
    try:
        book().entry(code)
    except PolicyError:
        return False
    return True


_UNEXPLAINED = """
SELECT s.cause_key, s.subject_id FROM holds_holdspell s
LEFT JOIN ledger_demand d ON s.cause_key LIKE 'HLD-01:%'
  AND d.number = SUBSTR(s.cause_key, 8, CASE WHEN s.cause_key LIKE '%@%'
    THEN LENGTH(s.cause_key) - 22 ELSE LENGTH(s.cause_key) - 7 END)
WHERE s.ended_at IS NULL AND s.cause_key LIKE 'HLD-01:%'
  AND (d.id IS NULL OR d.due_on IS NULL OR d.subject_id <> s.subject_id)
"""
