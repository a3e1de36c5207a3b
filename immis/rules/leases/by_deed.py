"""The terms of a settlement that began before the law of the rule book: those of its own deed (TKO-02).

Nothing is reckoned here: the yearly instalments, the share of the DMF and the security are what the signed file says of
the deed, its years and parts whole and in order. They are kept with the settlement as plain data.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from immis.rules.calendar import add_years
from immis.rules.holds.stops import NO, YES
from immis.rules.leases.schedule import Cite, Instalment, SettlementYear
from immis.rules.leases.taken import Due, Fault, Settlement

SECURITY, DMF = "security", "dmf"
MOST_PARTS, MOST_YEARS = 12, 30

Part = tuple[int, str]
_NUMBERS = [str(number) for number in range(1, MOST_PARTS + 1)]


def _is_part(due: Due) -> bool:
    if due.part == SECURITY or due.year == 0:
        return due.part == SECURITY and due.year == 0
    return due.year <= MOST_YEARS and (due.part == DMF or due.part in _NUMBERS)


def stated_of(dues: Sequence[Due]) -> dict[Part, tuple[int, date | None]]:
    """Amount in paise and due day by year and part, as a deed states them; the security stands under year 0."""
    return {(due.year, due.part): (due.amount_paise, due.due_on) for due in dues if _is_part(due)}


def terms_faults(row: Settlement, dues: Sequence[Due]) -> Iterator[Fault]:
    """What is not whole in the terms that a file gives of a deed: a part twice or lacking, a day out of its order."""
    named: set[Part] = set()
    for due in dues:
        key = (due.year, due.part)
        if not _is_part(due):
            facts = {"found": f"{due.year}/{due.part}", "most": MOST_PARTS, "years": MOST_YEARS}
            yield Fault(due.line, "part", "no_part_by_deed", facts)
        elif key in named:
            yield Fault(due.line, "part", "twice", {"found": f"{due.year}/{due.part}"})
        else:
            named.add(key)
        if not due.amount_paise:
            yield Fault(due.line, "amount_paise", "rupees", {"found": "0"})
        if due.due_on < row.auction_on:
            yield Fault(due.line, "due_on", "order", {"found": due.due_on, "expected": row.auction_on})
    if (0, SECURITY) not in named:
        yield Fault(row.line, "auction_on", "deed_security", {"found": row.auction_on})
    if lacking := list(_lacking(named)):
        yield Fault(row.line, "", "schedule_lacks", {"found": ", ".join(lacking)})
    yield from _out_of_order(dues)
    if row.unpaid_stops not in ("", YES, NO):
        yield Fault(row.line, "unpaid_stops", "kind", {"found": row.unpaid_stops, "expected": f"{YES}, {NO}"})
    last_on = last_day(row, max((year for year, _part in named), default=1))
    if row.ends_on and not row.deed_on < row.ends_on <= last_on:
        yield Fault(row.line, "ends_on", "ends_on", {"found": row.ends_on, "from": row.deed_on, "to": last_on})


def last_day(row: Settlement, years: int) -> date:
    """The day on which so many years of a deed end."""
    return add_years(row.deed_on, years) - timedelta(days=1)


def _lacking(named: set[Part]) -> Iterator[str]:
    """Years and instalments that are missing between the first and the last that are named."""
    for year in range(1, max({year for year, _part in named} | {1}) + 1):
        numbers = {int(part) for at, part in named if at == year and part.isdigit()}
        yield from (f"{year}/{k}" for k in range(1, max(numbers, default=1) + 1) if k not in numbers)


def _out_of_order(dues: Sequence[Due]) -> Iterator[Fault]:
    """Instalments of a year that fall due before the one that comes before them."""
    rows = sorted((due for due in dues if due.part in _NUMBERS), key=lambda due: (due.year, int(due.part)))
    for before, due in zip(rows, rows[1:], strict=False):
        if before.year == due.year and due.due_on < before.due_on:
            yield Fault(due.line, "due_on", "order", {"found": due.due_on, "expected": before.due_on})


def kept_terms(dues: Sequence[Due], cite: Cite) -> dict[str, Any]:
    """The terms of a deed as they are kept with the settlement: years with their parts, and where they come from."""
    years: dict[str, dict[str, list[Any]]] = {}
    for due in dues:
        years.setdefault(str(due.year), {})[due.part] = [due.amount_paise, due.due_on.isoformat()]
    return {"years": years, "cite": [cite.code, cite.from_on.isoformat(), cite.cites]}


def cite_of(terms: Mapping[str, Any]) -> Cite:
    """Where the figures of kept terms come from."""
    code, from_on, cites = terms["cite"]
    return Cite(code, date.fromisoformat(from_on), cites)


def security_of(terms: Mapping[str, Any]) -> tuple[int, date]:
    """The whole security in paise and the day on which it fell due."""
    paise, due_on = terms["years"]["0"][SECURITY]
    return int(paise), date.fromisoformat(due_on)


def years_of(terms: Mapping[str, Any]) -> list[SettlementYear]:
    """All years of kept terms; a year without a share of the DMF owes none."""
    cite = cite_of(terms)
    numbers = sorted(int(number) for number in terms["years"] if number != "0")
    return [_year(number, terms["years"][str(number)], cite) for number in numbers]


def _year(number: int, parts: Mapping[str, Sequence[Any]], cite: Cite) -> SettlementYear:
    instalments = tuple(
        Instalment(number, int(part), int(parts[part][0]), date.fromisoformat(parts[part][1]), cite)
        for part in sorted((part for part in parts if part.isdigit()), key=int)
    )
    dmf_paise, dmf_due_on = parts.get(DMF, (0, None))
    return SettlementYear(
        number=number,
        starts_on=None,
        amount_paise=sum(instalment.amount_paise for instalment in instalments),
        instalments=instalments,
        dmf_paise=int(dmf_paise),
        dmf_due_on=date.fromisoformat(dmf_due_on) if dmf_due_on else None,
        dmf_cite=cite,
    )
