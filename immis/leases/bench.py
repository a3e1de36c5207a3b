"""Settlements in any number for benchmarks: five years of demands each, the past ones paid but for the defaulters."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from immis.ledger.bench import fill_books, fill_parties
from immis.rules.calendar import add_months, add_years, end_of, start_of

_AMOUNT, _SHARES = 400_000_000, (50, 25, 25)
_SPREAD_DAYS = 900
_LEASE = """
INSERT INTO leases_lease (id, number, code, lot_code, block_id, party_id, district, bid_rupees, auction_closed_at,
  security_paise, emd_adjusted_paise, loi_number, loi_on, deed_on, registration_number, period_from, period_to,
  permission_number, permitted_at, cancel_reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, 4000000, %s, 100000000, 0, 'LoI', %s, %s, '', %s, %s, 'MP', %s, '')
"""
_BLOCK = """
INSERT INTO registry_block (id, code, serial, block_no, name_en, name_hi, district, river, area_ha, quantity_m3,
  corners, version) VALUES (%s, %s, %s, '1', %s, %s, %s, '', 10, 50000, '[[25.0, 86.0], [25.0, 86.1], [25.1, 86.1]]', 1)
"""
_DEMAND = """
INSERT INTO ledger_demand (id, number, party_id, subject_kind, subject_id, district, kind, label, amount_paise,
  applied_paise, due_on, cites, key, raised_at, settled_at, cancel_reason)
VALUES (%s, %s, %s, 'lease', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')
"""
_RECEIPT = """
INSERT INTO ledger_receipt (id, number, demand_id, district, amount_paise, paid_paise, grn, pay_url, state,
  channel, flags, payer_account, bank_ref, created_at, paid_at, verified_at, reason, polls)
SELECT id, 'R' || id, id, district, amount_paise, amount_paise, 'G' || id, '', 'verified', 'treasury',
  '[]', '1', 'U', settled_at, settled_at, settled_at, '', 0 FROM ledger_demand WHERE settled_at IS NOT NULL
"""


def fill_leases(count: int, *, at: datetime, districts: list[str]) -> None:
    """So many settlements that permit mining, deeds spread over the last years, one in 33 behind with its payments."""
    today = start_of(at.date()).date()
    with transaction.atomic(), connection.cursor() as cursor:
        fill_parties(cursor, count)
        cursor.executemany(_BLOCK, list(_blocks(count, districts)))
        cursor.executemany(_LEASE, list(_leases(count, districts, today)))
        cursor.executemany(_DEMAND, list(_demands(count, districts, today)))
        cursor.execute(_RECEIPT)
        fill_books(cursor)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _code(n: int, districts: list[str]) -> str:
    return f"{districts[n % len(districts)][:3].upper()}-2026-{n:05d}"


def _blocks(count: int, districts: list[str]) -> Iterator[tuple[Any, ...]]:
    for n in range(1, count + 1):
        yield n, _code(n, districts), n, f"Ghat {n}", f"घाट {n}", districts[n % len(districts)]


def _deed_on(n: int, today: date) -> date:
    return today - timedelta(days=n * 37 % _SPREAD_DAYS)


def _leases(count: int, districts: list[str], today: date) -> Iterator[tuple[Any, ...]]:
    for n in range(1, count + 1):
        code, deed = _code(n, districts), _deed_on(n, today)
        until, closed = add_years(deed, 5) - timedelta(days=1), start_of(deed - timedelta(days=60))
        names = (code.replace("-", "/"), code, code)
        yield n, *names, n, n, districts[n % len(districts)], closed, deed, deed, deed, until, start_of(deed)


def _demands(count: int, districts: list[str], today: date) -> Iterator[tuple[Any, ...]]:
    cites = json.dumps([{"code": "INS-02", "from_on": "2026-05-01", "cites": "Munger tender 2026, clause 24(ii)"}])
    serial = 0
    for n in range(1, count + 1):
        number, deed, district = (
            _code(n, districts).replace("-", "/"),
            _deed_on(n, today),
            districts[n % len(districts)],
        )
        for kind, year, part, due, paise in _plan(deed):
            serial += 1
            late = n % 33 == 0 and due > today - timedelta(days=120)
            settled = end_of(due) - timedelta(days=1) if due < today and not late else None
            key = f"{kind}:{number}:{year}:{part}" if kind == "instalment" else f"{kind}:{number}:{year}"
            label = json.dumps({"en": f"{kind} {part}, year {year}", "hi": f"वर्ष {year}, किस्त {part}"})
            applied = paise if settled else 0
            yield (
                *(serial, f"D26-{serial:06d}", n, number, district, kind, label, paise, applied, due, cites, key),
                *(start_of(deed), settled),
            )


def _plan(deed: date) -> Iterator[tuple[str, int, int, date, int]]:
    """Three instalments and the DMF of each of five years, as clause 24 has them."""
    for year in range(1, 6):
        begins = add_years(deed, year - 1)
        amount = _AMOUNT * 12 ** (year - 1) // 10 ** (year - 1)
        first = begins if year == 1 else begins - timedelta(days=60)
        days = (first, add_months(begins, 3), add_months(begins, 6))
        for part, (due, share) in enumerate(zip(days, _SHARES, strict=True), 1):
            yield "instalment", year, part, due, amount * share // 100
        yield "dmf", year, 0, first, amount * 2 // 100
