"""The payment schedule of a settlement, row by row."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from immis.leases.models import Lease
from immis.leases.selectors.demands import (
    added_key,
    demands_of,
    dmf_key,
    instalment_key,
    notice_time,
    plan_of,
    royalty_key,
)
from immis.ledger.selectors import (
    Demand,
    demand_state,
)
from immis.rules.calendar import india_day
from immis.rules.leases import schedule
from immis.rules.policy import book


@dataclass(frozen=True)
class DueRow:
    """One row of a settlement's schedule. ``state``: settled, waiting, overdue, due_soon, due, upcoming or planned."""

    label: dict[str, str]
    kind: str
    year: int
    due_on: date | None
    amount_paise: int
    state: str
    code: str
    cites: str
    demand: str = ""


def schedule_of(lease: Lease, at: datetime) -> list[DueRow]:
    """Instalments and DMF of all years: as demanded once there is a deed, as planned before (A-11, A-13)."""
    by_key = {demand.key: demand for demand in demands_of(lease, kind__in=["instalment", "dmf", "royalty"])}
    rows = planned_rows(lease, deed_on=lease.deed_on, demands=by_key, at=at)
    planned = {row.demand for row in rows}
    return rows + [_added_row(lease, demand, at) for demand in by_key.values() if demand.number not in planned]


def _added_row(lease: Lease, demand: Demand, at: datetime) -> DueRow:
    """A demand that came to the plan later, of the year that its key names: royalty above the amount."""
    cite = demand.cites[0] if demand.cites else {"code": "", "cites": ""}
    key = f"{demand.key}:"  # one that was compared again has the rise behind its year
    year = next((k for k in range(1, 100) if key.startswith(f"{royalty_key(lease.number, k)}:")), 1)
    state = due_state(demand, at=at)
    return DueRow(
        demand.label, demand.kind, year, demand.due_on, demand.amount_paise, state, cite["code"], cite["cites"],
        demand.number,
    )  # fmt: skip


def planned_rows(
    lease: Lease, *, deed_on: date | None, at: datetime, demands: dict[str | None, Demand] | None = None
) -> list[DueRow]:
    """The schedule if the deed is (or were) executed on a day."""
    rows, known = [], demands or {}
    for year in plan_of(lease, deed_on=deed_on):
        sums = [
            _Sum(row.label, "instalment", row.due_on, row.amount_paise, row.cite, row.added,
                 instalment_key(lease.number, year.number, row.number))
            for row in year.instalments
        ]  # fmt: skip
        dmf = _Sum(year.dmf_label, "dmf", year.dmf_due_on, year.dmf_paise, year.dmf_cite, year.dmf_added,
                   dmf_key(lease.number, year.number))  # fmt: skip
        sums += [dmf] if year.dmf_paise else []
        rows += [row for item in sums for row in _rows(item, year.number, known, at)]
    return rows


@dataclass(frozen=True)
class _Sum:
    """One sum of the plan, the key of its demand, and what greater quantities add to it."""

    label: dict[str, str]
    kind: str
    due_on: date | None
    amount_paise: int
    cite: schedule.Cite
    added: tuple[schedule.Added, ...]
    key: str


def _rows(row: _Sum, year: int, known: dict[str | None, Demand], at: datetime) -> list[DueRow]:
    """A sum of the plan as it is demanded, and beside it what greater quantities add."""
    rows = [_row(row, year, known.get(row.key), at)]
    for added in row.added:
        demand = known.get(added_key(added, row.key))
        part = replace(row, amount_paise=added.amount_paise, cite=schedule.Cite.of(book().at("LSE-21", at)))
        rows.append(_row(part, year, demand, at))
    return rows


def _row(row: _Sum, year: int, demand: Demand | None, at: datetime) -> DueRow:
    state = due_state(demand, at=at) if demand else "planned"
    number, label = (demand.number, demand.label) if demand else ("", row.label)
    amount = demand.amount_paise if demand else row.amount_paise
    return DueRow(label, row.kind, year, row.due_on, amount, state, row.cite.code, row.cite.cites, number)


def due_state(demand: Demand, *, at: datetime) -> str:
    """How a demand stands against its due day: settled, waiting, cancelled, overdue, due_soon, due or upcoming."""
    state = demand_state(demand)
    if state != "open":
        return state
    if demand.due_on is None:
        return "due"
    if at >= schedule.late_from(demand.due_on):
        return "overdue"
    if india_day(at) == demand.due_on:
        return "due"
    return "due_soon" if india_day(at) >= demand.due_on - notice_time(at, district=demand.district) else "upcoming"
