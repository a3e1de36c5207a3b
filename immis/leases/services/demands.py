"""The demands of a settlement: instalments and the share of the District Mineral Foundation."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.leases.models import Lease
from immis.leases.selectors import added_key, dmf_key, instalment_key
from immis.ledger.selectors import Demand
from immis.ledger.services import NewDemand, raise_demand, set_due_day
from immis.rules.leases.schedule import Added, Cite, Instalment, SettlementYear
from immis.rules.policy import book
from immis.rules.writing.texts import text


def _raise(lease: Lease, *, by: Actor, at: datetime, **owed: Any) -> Demand:
    """Demand a sum of a settlement."""
    demand = NewDemand(party=lease.party, subject=("lease", lease.number), district=lease.district, **owed)
    return raise_demand(demand=demand, by=by, at=at)


def raise_instalment(lease: Lease, instalment: Instalment, *, by: Actor, at: datetime) -> Demand:
    """Demand one instalment; the first one stands before the deed, which gives it its day, and is answered."""
    demand = _raise(
        lease,
        kind="instalment",
        label=instalment.label,
        amount_paise=instalment.amount_paise,
        due_on=instalment.due_on,
        cites=[asdict(instalment.cite)],
        key=instalment_key(lease.number, instalment.year, instalment.number),
        by=by,
        at=at,
    )
    if demand.due_on is None and instalment.due_on:
        return set_due_day(demand=demand, due_on=instalment.due_on, by=by, at=at)
    return demand


def raise_year(lease: Lease, year: SettlementYear, *, by: Actor, at: datetime) -> list[Demand]:
    """Demand all instalments of one settlement year and its share of the DMF (clauses 24 and 27).

    What greater quantities add is demanded beside each, due on its day; what stands already is answered.
    """
    owed = [(raise_instalment(lease, each, by=by, at=at), each.added) for each in year.instalments]
    if year.dmf_paise:
        owed.append((_raise_dmf(lease, year, by=by, at=at), year.dmf_added))
    added = [
        _raise_added(lease, demand, part, by=by, at=at)
        for demand, parts in owed
        for part in parts
        if demand.cancelled_at is None
    ]
    return [*(demand for demand, _parts in owed), *added]


def _raise_dmf(lease: Lease, year: SettlementYear, *, by: Actor, at: datetime) -> Demand:
    return _raise(
        lease,
        kind="dmf",
        label=year.dmf_label,
        amount_paise=year.dmf_paise,
        due_on=year.dmf_due_on,
        cites=[asdict(year.dmf_cite)],
        key=dmf_key(lease.number, year.number),
        by=by,
        at=at,
    )


def _raise_added(lease: Lease, demand: Demand, added: Added, *, by: Actor, at: datetime) -> Demand:
    """Demand what a greater quantity adds to an instalment or a share of the DMF (clause 30 kha, E-110)."""
    return _raise(
        lease,
        kind=demand.kind,
        label=text("leases/demands", "added", demand=demand.label),
        amount_paise=added.amount_paise,
        due_on=demand.due_on,
        cites=[asdict(Cite.of(book().at("LSE-21", at)))],
        key=added_key(added, demand.key or ""),
        by=by,
        at=at,
    )
