"""A ledger of any size for benchmarks, written by the database itself with all its guards on."""

import json
import time
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction

from immis.ledger.chart import HEADS
from immis.ledger.models import Demand, Receipt
from immis.registry.models import Block, Party

#: One settled demand in four was paid in two parts; every receipt has its entry, lines and seal.
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
_DEMANDS = """
INSERT INTO ledger_demand (id, number, party_id, subject_kind, subject_id, district, kind, label, amount_paise,
  applied_paise, due_on, cites, raised_at, settled_at, cancel_reason)
{numbers} SELECT i, 'B' || i, 1 + i % {parties}, 'lease', 'B/' || (i / 20), 'Munger', 'instalment', '{label}', 100000,
  100000, '2026-06-01', '[]', '2026-05-01 00:00:00+00:00', '2026-06-01 00:00:00+00:00', '' FROM n
"""
_RECEIPTS = """
INSERT INTO ledger_receipt (id, number, demand_id, district, amount_paise, paid_paise, grn, pay_url, state,
  channel, flags, payer_account, bank_ref, created_at, paid_at, verified_at, reason, polls)
{numbers} SELECT i, 'R' || i, {demand}, 'Munger', {paise}, {paise}, 'G' || i, '', 'verified', 'treasury', '[]', '1',
  'U',  '2026-05-30 00:00:00+00:00', '2026-05-30 00:00:00+00:00', '2026-06-01 00:00:00+00:00', '', 0 FROM n
"""
_ENTRIES = """
INSERT INTO ledger_journalentry (number, kind, receipt_id, facts, at)
SELECT id, 'receipt.verified', id, '{}', verified_at FROM ledger_receipt
"""
_LINES = """
INSERT INTO ledger_journalline (entry_id, account_id, party_id, demand_id, subject_kind, subject_id, debit_paise,
  credit_paise)
SELECT r.id, '{head}', d.party_id, {own}, d.subject_kind, d.subject_id, {debit}, {credit}
FROM ledger_receipt r JOIN ledger_demand d ON d.id = r.demand_id
"""
_PARTIES = """
INSERT INTO registry_party (id, code, name_en, name_hi, kind, pan, gstin, email, phone, address, bank_account)
{numbers} SELECT i, 'bench-' || i, 'Bench ' || i, 'B ' || i, 'company', 'AABCB1234F', '', 'b@example.org', '', '', '1'
FROM n
"""


def fill_parties(cursor: Any, count: int) -> None:
    """So many parties, and every head of account."""
    cursor.execute(_PARTIES.format(numbers=_NUMBERS.format(count=count)))
    for head in HEADS.values():
        row = (head.code, head.name_en, head.name_hi, head.kind)
        cursor.execute("INSERT INTO ledger_account (code, name_en, name_hi, kind) VALUES (%s, %s, %s, %s)", row)


def fill_books(cursor: Any) -> None:
    """An entry with its lines and seal for every receipt, under the receipt's own number."""
    cursor.execute(_ENTRIES)
    cursor.execute(_LINES.format(head="1000", own="NULL", debit="paid_paise", credit="0"))
    cursor.execute(_LINES.format(head="4000", own="demand_id", debit="0", credit="paid_paise"))
    cursor.execute("INSERT INTO ledger_journalseal (number) SELECT id FROM ledger_receipt")


def fill(entries: int, *, parties: int = 5000) -> None:
    """So many verified receipts with their entries: three demands in four paid at once, every fourth in two parts."""
    demands = entries * 4 // 5
    label = json.dumps({"en": "Instalment", "hi": "Instalment"}, ensure_ascii=False)
    whole = demands * 3 // 4
    # the first receipts pay one demand each; the others pay the later demands by halves
    demand = f"CASE WHEN i <= {whole} THEN i ELSE {whole} + 1 + (i - {whole} - 1) / 2 END"
    paise = f"CASE WHEN i <= {whole} THEN 100000 ELSE 50000 END"
    of_receipts = _NUMBERS.format(count=whole + 2 * (demands - whole))
    with transaction.atomic(), connection.cursor() as cursor:
        fill_parties(cursor, parties)
        cursor.execute(_DEMANDS.format(numbers=_NUMBERS.format(count=demands), parties=parties, label=label))
        cursor.execute(_RECEIPTS.format(numbers=of_receipts, demand=demand, paise=paise))
        fill_books(cursor)
    keep_house()


def keep_house() -> None:
    """What its own housekeeping does to a database that has stood for a while (PostgreSQL: outside a transaction)."""
    numbered = connection.ops.sequence_reset_sql(no_style(), [Party, Block, Demand, Receipt])
    vacuum = connection.vendor == "postgresql" and not connection.in_atomic_block
    with connection.cursor() as cursor:
        for sql in numbered:  # rows were given their numbers here, the next ones are numbered by the database
            cursor.execute(sql)
        cursor.execute("VACUUM ANALYZE" if vacuum else "ANALYZE")


def run(entries: int) -> dict[str, Any]:
    """Seconds that a fill and a whole check take; a last look makes sure that the check still finds a wrong figure."""
    from immis.ledger.selectors import problems, totals

    begun = time.perf_counter()
    fill(entries)
    filled, worked = time.perf_counter(), time.process_time()
    result = problems()
    checked, worked = time.perf_counter(), time.process_time() - worked
    known = totals()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_demand SET applied_paise = 99999, settled_at = NULL WHERE id = 77")
        noticed = len(problems())
        transaction.set_rollback(True)
    return {
        "entries": known["entries"],
        "fill_s": round(filled - begun, 1),
        "check_s": round(checked - filled, 2),
        "cpu_s": round(worked, 2),
        "problems": len(result),
        "noticed": noticed,
        "database": connection.vendor,
    }
