"""What the worker announces of settlements: instalments due soon and overdue, holds begun and ended, each once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.core.permissions import SYSTEM
from immis.core.selectors import events_of, looked_since, note_look
from immis.core.services import emit
from immis.holds.selectors import hold_of, open_cause_keys, runs_out, spells, suspensions_over
from immis.holds.services import end_spell, open_spell, tell_suspension_over
from immis.leases.models import Lease
from immis.leases.selectors import announceable, hold_of_demand, lease_facts, leases_of_numbers, owed_facts
from immis.ledger.models import Demand
from immis.ledger.selectors import demand_facts, demands_by_number
from immis.registry.selectors import users
from immis.rules.holds import stops_from
from immis.rules.schedule import late_from

_CAUSE = "HLD-01:"
_LOOK = "leases.dues_and_holds"


def announce_dues_and_holds(*, at: datetime) -> int:
    """Announce what has become true of instalments and holds by this instant; answers how much was new.

    The holds themselves need no job: they are computed when they are asked for.
    """
    demands = announceable(at, since=looked_since(_LOOK))
    by_number = leases_of_numbers({demand.subject_id for demand in demands})
    news = _announce_dues(demands, by_number, at=at)
    news += _open_spells(demands, by_number, at=at)
    over = sum(tell_suspension_over(row, at=at) for row in suspensions_over(at))
    news += over + _end_spells(at=at) + _end_orders(at=at) + _end_closures(at=at)
    note_look(_LOOK, at)
    return news


def instalment_facts(demand: Demand, lease: Lease) -> dict[str, Any]:
    """What an event about an instalment carries: the settlement and the demand."""
    return {**demand_facts(demand), **lease_facts(lease)}


def _announce_dues(demands: list[Demand], by_number: Mapping[str, Lease], *, at: datetime) -> int:
    wanted = {}
    for demand in demands:
        if demand.settled_at is None and demand.due_on:
            late = at >= late_from(demand.due_on)
            kind = "instalment.overdue" if late else "instalment.due_soon"
            wanted[f"{kind}:{demand.number}"] = (kind, demand)
    told = set(_told(list(wanted)))
    return sum(
        _tell_due(key, kind, demand, by_number[demand.subject_id], at=at)
        for key, (kind, demand) in wanted.items()
        if key not in told
    )


def _told(keys: list[str]) -> list[str]:
    """Which of the keys have been told already."""
    known = [events_of(kind, key__in=keys) for kind in ("instalment.due_soon", "instalment.overdue")]
    return [key for rows in known for key in rows.values_list("key", flat=True)]


@transaction.atomic
def _tell_due(key: str, kind: str, demand: Demand, lease: Lease, *, at: datetime) -> bool:
    return emit(kind, subject=("lease", lease.number), facts=instalment_facts(demand, lease), at=at, key=key)


def _open_spells(demands: list[Demand], by_number: Mapping[str, Lease], *, at: datetime) -> int:
    """One spell for each instalment that was, or still is, unverified when its due day was over, or was taken back."""
    begun = set(spells(cause_key__in=[_cause(d) for d in demands]).values_list("cause_key", flat=True))
    stopped = {_demand_of(key) for key in open_cause_keys(_CAUSE)}
    news = 0
    for demand in demands:
        lease = by_number[demand.subject_id]
        known = _cause(demand) in begun or demand.number in stopped
        begins = stops_from(owed_facts(demand))
        if known or begins is None or at < begins:
            continue
        if hold := hold_of_demand(demand, lease.number, at=begins):
            facts = {**instalment_facts(demand, lease), "rule_code": hold.rule_code, "stops": hold.stops}
            news += open_spell(
                cause_key=_cause(demand),
                subject=("lease", lease.number),
                since=hold.since,
                facts=facts,
                by=SYSTEM,
                at=at,
            )
    return news


def _cause(demand: Demand) -> str:
    """What a spell is known by: its demand, and when the bank took a payment back, that instant too."""
    again = f"@{demand.reopened_at:%Y%m%d%H%M%S}" if demand.reopened_at else ""
    return f"{_CAUSE}{demand.number}{again}"


def _demand_of(cause_key: str) -> str:
    return cause_key.removeprefix(_CAUSE).partition("@")[0]


def _end_spells(*, at: datetime) -> int:
    """End the spells whose demand the district has verified (or withdrawn), at that instant, with its officer."""
    keys = open_cause_keys(_CAUSE)
    demands = demands_by_number(_demand_of(key) for key in keys)
    news = 0
    for key in keys:
        demand = demands[_demand_of(key)]
        ended_at = demand.settled_at or demand.cancelled_at
        if ended_at is None or ended_at > at:
            continue
        officer = users(pk=demand.settled_by).first() if demand.settled_by else None
        news += end_spell(
            cause_key=key,
            ended_at=ended_at,
            cause="verified" if demand.settled_at else "cancelled",
            at=at,
            ended_by=demand.settled_by,
            officer=officer.name_hi or officer.name_en or officer.username if officer else "",
        )
    return news


def _end_orders(*, at: datetime) -> int:
    """End the spells of ordered holds whose time is over."""
    return sum(
        end_spell(cause_key=f"hold:{hold.pk}", ended_at=hold.until, cause="ran_out", at=at)
        for hold in runs_out(at)
        if hold.until
    )


def _end_closures(*, at: datetime) -> int:
    """End the spells of settlements in a closure window whose order was lifted or whose time is over (E-162)."""
    news = 0
    for key in open_cause_keys("closure:"):
        hold = hold_of(int(key.split(":")[1]))
        ends = min(filter(None, [hold.lifted_at, hold.until]), default=None) if hold else at
        if ends is not None and ends <= at:
            cause = "lifted" if hold and hold.lifted_at == ends else "ran_out"
            news += end_spell(cause_key=key, ended_at=ends, cause=cause, at=at)
    return news
