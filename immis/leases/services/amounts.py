"""Amounts that change in the life of a settlement: a greater depth, and royalty above the yearly amount."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.leases.events.life import QuantityIncreased, RoyaltyExceeded
from immis.leases.life import year_quantity_m3
from immis.leases.models import Lease, LeaseAct
from immis.leases.selectors import plan_of, royalty_key
from immis.leases.services.common import check, locked, tell
from immis.leases.services.demands import raise_year
from immis.leases.services.orders import NewAct, note_act
from immis.ledger.selectors import Demand, demand_by_key, demand_state
from immis.ledger.services import NewDemand, raise_demand, release_demand
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.leases import life as rules
from immis.rules.leases.schedule import Cite
from immis.rules.policy import book
from immis.rules.writing.texts import text


@dataclass(frozen=True, kw_only=True)
class GreaterDepth:
    """The order that allows a greater depth, and with it more sand a year, from a day on."""

    from_on: date
    depth_before_m: Decimal
    depth_m: Decimal
    quantity_m3: int
    reference: str


@transaction.atomic
def increase_quantity(*, lease: Lease, increase: GreaterDepth, by: Actor, at: datetime) -> list[Demand]:
    """A greater depth is allowed: each instalment due from the day on rises with the quantity (clause 30 kha, E-110).

    The rise is demanded beside the instalment, due on its day, also of one that was paid ahead; before the deed it
    waits for it. Raises Refusal (LSE-21).
    """
    lease = locked(lease, "lease.increase_quantity", by=by)
    before, from_on, reference = year_quantity_m3(lease), increase.from_on, increase.reference
    facts = rules.IncreaseFacts(increase.depth_before_m, increase.depth_m, before, increase.quantity_m3)
    check("lease.increase", facts, lease=lease, at=at)
    body = {**asdict(facts), "from_on": from_on}
    act = note_act(lease, NewAct("increase", on=from_on, reference=reference, facts=body), by=by, at=at)
    raised = _raise_all(lease, act, by=by, at=at)
    if lease.deed_on is not None:
        _compare_again(lease, act, by=by, at=at)
    total = sum(demand.amount_paise for demand in raised)
    tell(QuantityIncreased, lease, by=by, at=at, facts={**body, "reference": reference, "amount_paise": total})
    return raised


def _raise_all(lease: Lease, act: LeaseAct, *, by: Actor, at: datetime) -> list[Demand]:
    """What the act adds to the demands that stand; before the deed, which raises them, nothing."""
    if lease.deed_on is None:
        return []
    plan = plan_of(lease, deed_on=lease.deed_on)
    demands = [demand for year in plan for demand in raise_year(lease, year, by=by, at=at)]
    return [demand for demand in demands if (demand.key or "").startswith(f"increase:{act.pk}:")]


@transaction.atomic
def settle_royalty_year(*, lease: Lease, year: int, removed_m3: Decimal, at: datetime, by: Actor = SYSTEM) -> LeaseAct:
    """Compare the royalty of a complete year with what the year owes, once; the excess is demanded (E-155)."""
    lease = Lease.objects.select_for_update(of=("self",)).select_related("party", "block").get(pk=lease.pk)
    key = royalty_key(lease.number, year)
    if known := LeaseAct.objects.filter(key=key).first():
        return known
    amount = plan_of(lease, deed_on=lease.deed_on)[year - 1].owed_paise
    facts = rules.RoyaltyFacts(year, lease.block.river, removed_m3, amount)
    return _compare(lease, facts, NewAct("royalty", on=india_day(at), key=key), by=by, at=at)


def _compare(lease: Lease, facts: rules.RoyaltyFacts, act: NewAct, *, by: Actor, at: datetime) -> LeaseAct:
    findings = check("lease.royalty", facts, lease=lease, at=at)
    noted = note_act(lease, replace(act, facts=_compared(facts, findings)), by=by, at=at)
    if findings:
        raise_demand(demand=_excess(lease, facts.year, findings[0], act.key, at), by=by, at=at)
        tell(RoyaltyExceeded, lease, by=by, at=at, facts=_compared(facts, findings))
    return noted


def _compared(facts: rules.RoyaltyFacts, findings: Sequence[Finding]) -> dict[str, Any]:
    return {**asdict(facts), **(dict(findings[0].facts) if findings else {"excess_paise": 0})}


def _excess(lease: Lease, year: int, finding: Finding, key: str | None, at: datetime) -> NewDemand:
    return NewDemand(
        party=lease.party,
        subject=("lease", lease.number),
        kind="royalty",
        label=text("leases/demands", "royalty", year=year),
        amount_paise=finding.facts["excess_paise"],
        due_on=None,
        cites=[asdict(Cite.of(book().at("LSE-29", at)))],
        district=lease.district,
        key=key,
    )


def _compare_again(lease: Lease, increase: LeaseAct, *, by: Actor, at: datetime) -> None:
    """A rise dated back raises what a compared year owes: its excess is withdrawn and demanded anew, or is none.

    What was paid on it pays the new one; the rest is credit on account (LSE-79), for the next instalment or to go back.
    """
    plan = plan_of(lease, deed_on=lease.deed_on)
    newest = {act.facts["year"]: act for act in LeaseAct.objects.filter(lease=lease, kind="royalty").order_by("id")}
    for year, before in newest.items():
        owed_paise, demand = plan[year - 1].owed_paise, demand_by_key(before.key or "")
        if owed_paise == before.facts["amount_paise"] or (demand and _stands(demand, at)):
            continue
        facts = rules.RoyaltyFacts(year, lease.block.river, Decimal(before.facts["removed_m3"]), owed_paise)
        key = f"{royalty_key(lease.number, year)}:{increase.pk}"
        act = NewAct("royalty", on=india_day(at), reference=increase.reference, key=key)
        if demand:
            findings = check("lease.royalty", facts, lease=lease, at=at)
            instead = _excess(lease, year, findings[0], key, at) if findings else None
            release_demand(demand=demand, reason=increase.reference, instead=instead, by=by, at=at)
        _compare(lease, facts, act, by=by, at=at)


def _stands(demand: Demand, at: datetime) -> bool:
    has_money = demand.applied_paise > 0 or demand_state(demand) != "open"
    return rules.paid_excess_stands(has_money=has_money, policy=book(), on=at)
