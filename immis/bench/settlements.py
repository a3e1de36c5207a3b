"""Settlements in any number for benchmarks: five years of demands each, the past ones paid but for the defaulters."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction

from immis.bench.books import fill_books, fill_parties, keep_house
from immis.leases.models import Lease, LeaseAct
from immis.ledger.models import Demand
from immis.registry.models import Block
from immis.rules.calendar import add_months, add_years, end_of, start_of
from immis.rules.districts import letters_of

_AMOUNT, _SHARES = 400_000_000, (50, 25, 25)
_SPREAD_DAYS = 900
_CITES = [{"code": "INS-02", "from_on": "2026-05-01", "cites": "Munger tender 2026, clause 24(ii)"}]
_CORNERS = [[25.0, 86.0], [25.0, 86.1], [25.1, 86.1]]
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
        _store(Block, _blocks(count, districts))
        _store(Lease, _leases(count, districts, today))
        _store(LeaseAct, _compared(count, districts, today))
        _store(Demand, _demands(count, districts, today))
        cursor.execute(_RECEIPT)
        fill_books(cursor)
    keep_house()


def _store(model: Any, rows: Iterable[Any]) -> None:
    rows = iter(rows)
    while batch := list(islice(rows, 2000)):
        model.objects.bulk_create(batch)


def code_of(n: int, districts: list[str]) -> str:
    """The code of the n-th settlement, counted from 1."""
    return f"{letters_of(districts[n % len(districts)])}-2026-{n:05d}"


def _blocks(count: int, districts: list[str]) -> Iterator[Block]:
    for n in range(1, count + 1):
        names = {"name_en": f"Ghat {n}", "name_hi": f"Ghat {n}", "district": districts[n % len(districts)]}
        figures = {"area_ha": Decimal(10), "quantity_m3": 50_000, "corners": _CORNERS}
        yield Block(id=n, code=code_of(n, districts), serial=n, block_no="1", **names, **figures)


def _deed_on(n: int, today: date) -> date:
    return today - timedelta(days=n * 37 % _SPREAD_DAYS)


def _leases(count: int, districts: list[str], today: date) -> Iterator[Lease]:
    for n in range(1, count + 1):
        code, deed = code_of(n, districts), _deed_on(n, today)
        yield Lease(
            id=n,
            number=code,
            lot_code=code,
            block_id=n,
            party_id=n,
            district=districts[n % len(districts)],
            bid_rupees=_AMOUNT // 100,
            auction_closed_at=start_of(deed - timedelta(days=60)),
            security_paise=_AMOUNT // 4,
            loi_number="LoI",
            loi_on=deed,
            deed_on=deed,
            period_from=deed,
            period_to=add_years(deed, 5) - timedelta(days=1),
            permission_number="MP",
            permitted_at=start_of(deed),
        )


def _compared(count: int, districts: list[str], today: date) -> Iterator[LeaseAct]:
    """The royalty of every year that was complete the day before was compared then (E-155)."""
    for n in range(1, count + 1):
        number, deed, year = code_of(n, districts), _deed_on(n, today), 1
        while add_years(deed, year) < today:
            after = add_years(deed, year)
            facts = {"year": year, "excess_paise": 0}
            key = f"royalty:{number}:{year}"
            yield LeaseAct(
                lease_id=n, kind="royalty", on=after, facts=facts, role="system", at=start_of(after), key=key
            )
            year += 1


def _demands(count: int, districts: list[str], today: date) -> Iterator[Demand]:
    serial = 0
    for n in range(1, count + 1):
        number, deed = code_of(n, districts), _deed_on(n, today)
        for kind, year, part, due, paise in _plan(deed):
            serial += 1
            late = n % 33 == 0 and due > today - timedelta(days=120)
            settled = end_of(due) - timedelta(days=1) if due < today and not late else None
            yield Demand(
                id=serial,
                number=f"D26-{serial:06d}",
                party_id=n,
                subject_kind="lease",
                subject_id=number,
                district=districts[n % len(districts)],
                kind=kind,
                label={"en": f"{kind} {part}, year {year}", "hi": f"{kind} {part}, year {year}"},
                amount_paise=paise,
                applied_paise=paise if settled else 0,
                due_on=due,
                cites=_CITES,
                key=f"{kind}:{number}:{year}:{part}" if kind == "instalment" else f"{kind}:{number}:{year}",
                raised_at=start_of(deed),
                settled_at=settled,
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
