"""The demands of a settlement: instalments and the share of the District Mineral Foundation."""

from dataclasses import asdict
from datetime import datetime

from immis.core.permissions import Actor
from immis.leases.models import Lease
from immis.ledger.models import Demand
from immis.ledger.services import raise_demand
from immis.rules.schedule import Instalment, SettlementYear


def instalment_key(lease: Lease, year: int, number: int) -> str:
    """The key under which an instalment is demanded once."""
    return f"instalment:{lease.number}:{year}:{number}"


def raise_instalment(lease: Lease, instalment: Instalment, *, by: Actor, at: datetime) -> Demand:
    """Demand one instalment; a demand that stands already (the first one, before the deed) is answered."""
    return raise_demand(
        party=lease.party,
        subject=("lease", lease.number),
        kind="instalment",
        label=instalment.label,
        amount_paise=instalment.amount_paise,
        due_on=instalment.due_on,
        cites=[asdict(instalment.cite)],
        district=lease.district,
        key=instalment_key(lease, instalment.year, instalment.number),
        by=by,
        at=at,
    )


def raise_year(lease: Lease, year: SettlementYear, *, by: Actor, at: datetime) -> list[Demand]:
    """Demand all instalments of one settlement year and its share of the DMF (clauses 24 and 27)."""
    demands = [raise_instalment(lease, instalment, by=by, at=at) for instalment in year.instalments]
    dmf = raise_demand(
        party=lease.party,
        subject=("lease", lease.number),
        kind="dmf",
        label=year.dmf_label,
        amount_paise=year.dmf_paise,
        due_on=year.dmf_due_on,
        cites=[asdict(year.dmf_cite)],
        district=lease.district,
        key=f"dmf:{lease.number}:{year.number}",
        by=by,
        at=at,
    )
    return [*demands, dmf]
