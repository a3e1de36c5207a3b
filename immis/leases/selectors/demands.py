"""Demands of a settlement: the plan they come from, what is open, owed or next."""

from datetime import date, datetime, timedelta
from typing import Any

from immis.leases.models import Lease, LeaseAct
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.selectors import (
    Demand,
    Entry,
    demand_by_key,
    demands_on,
    dues_of,
    held_paise,
    instalments_to_announce,
    unsettled_of,
)
from immis.ledger.selectors import statement_of as ledger_statement
from immis.rules.calendar import india_day
from immis.rules.leases import by_deed, schedule
from immis.rules.money import PAISE
from immis.rules.policy import NotInForce, book


def instalment_key(number: str, year: int, instalment: int) -> str:
    """The key under which an instalment of a settlement is demanded once."""
    return f"instalment:{number}:{year}:{instalment}"


def dmf_key(number: str, year: int) -> str:
    """The key under which a year's share of the DMF is demanded once."""
    return f"dmf:{number}:{year}"


def royalty_key(number: str, year: int) -> str:
    """The key under which a year's royalty is compared, and its excess demanded, once."""
    return f"royalty:{number}:{year}"


def added_key(added: schedule.Added, to: str) -> str:
    """The key under which what a greater quantity adds to a demand (its key ``to``) is demanded once."""
    return f"increase:{added.rise}:{to}"


def rises_of(lease: Lease) -> list[schedule.Rise]:
    """The orders of greater yearly quantities, oldest first (E-110)."""
    rows = LeaseAct.objects.filter(lease=lease, kind="increase").order_by("id").values_list("pk", "facts")
    return [
        schedule.Rise(
            str(pk), date.fromisoformat(facts["from_on"]), int(facts["quantity_before_m3"]), int(facts["quantity_m3"])
        )
        for pk, facts in rows
    ]


def plan_of(lease: Lease, *, deed_on: date | None) -> list[schedule.SettlementYear]:
    """Years, instalments and DMF of a settlement by the terms at its auction, with what greater quantities add.

    One older than the rule book has the terms of its deed (TKO-02). What a year owes is reckoned here alone: demands,
    schedule, royalty and open data take it from this plan. Due days only with a deed's day.
    """
    if lease.own_terms:
        return [schedule.risen(year, rises_of(lease)) for year in by_deed.years_of(lease.own_terms)]
    return schedule.years(
        lease.bid_rupees * PAISE,
        deed_on=deed_on,
        policy=book(),
        on=lease.auction_closed_at,
        district=lease.district,
        rises=rises_of(lease),
    )


def demands_of(lease: Lease, **filters: Any) -> list[Demand]:
    """All demands on a settlement, oldest due first."""
    return demands_on(("lease", lease.number), **filters)


def security_demand(lease: Lease) -> Demand | None:
    """The demand for the balance of the security; None where the earnest money covered it."""
    return demand_by_key(f"security:{lease.number}")


def security_open_paise(lease: Lease) -> int:
    """What the ledger does not hold of the security, in paise; earnest money that the bank took back counts as open."""
    held = held_paise(SECURITY, party_id=lease.party_id, subject=("lease", lease.number))
    earnest = held_paise(EMD, party_id=lease.party_id, subject=("lot", lease.lot_code))
    return max(lease.security_paise - held - min(earnest, 0), 0)


def settled_on(demand: Demand | None) -> date | None:
    """The day on which the district verified the last of a demand."""
    return india_day(demand.settled_at) if demand and demand.settled_at else None


def first_instalment(lease: Lease) -> Demand | None:
    """The demand for the first instalment of the first year, once all clearances are granted."""
    return demand_by_key(instalment_key(lease.number, 1, 1))


def oldest_owed(lease: Lease, *, at: datetime) -> Demand | None:
    """The oldest instalment that has fallen due and is not verified."""
    owed = dues_of(subject=("lease", lease.number), at=at)
    return next((demand for demand in owed if demand.kind == "instalment"), None)


def statement_of(lease: Lease, *, at: datetime) -> list[Entry]:
    """The account of a settlement with running balance."""
    return ledger_statement(("lease", lease.number), at=at)


def notice_time(at: datetime, *, district: str = "") -> timedelta:
    """How long before its due day an instalment is announced; nothing before the first policy."""
    try:
        return timedelta(days=int(book().value("INS-04", at, district=district)))
    except NotInForce:
        return timedelta(0)


def announceable(at: datetime, *, since: datetime) -> list[Demand]:
    """Instalments that a job must look at: unsettled ones due soon or late, and ones settled late since then."""
    return instalments_to_announce(at=at, ahead=notice_time(at), since=since)


def next_due(lease: Lease, at: datetime) -> Demand | None:
    """The unsettled demand of a settlement that is to be paid first."""
    owed = dues_of(subject=("lease", lease.number))
    return owed[0] if owed else None


def next_dues(numbers: list[str]) -> dict[str, Demand]:
    """The same for many settlements at once, by their numbers."""
    demands: dict[str, Demand] = {}
    for demand in unsettled_of("lease", numbers):
        demands.setdefault(demand.subject_id, demand)
    return demands
