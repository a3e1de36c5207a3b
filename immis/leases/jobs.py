"""What the worker announces of settlements: instalments due soon and overdue, holds begun and ended, each once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from immis.core.access.permissions import SYSTEM
from immis.core.batches import each
from immis.core.selectors import events_of, looked_since, note_look
from immis.core.services import emit
from immis.holds.selectors import Hold, closures_over, open_cause_keys, runs_out, spells, suspensions_over
from immis.holds.services import end_spell, open_spell, tell_suspension_over
from immis.leases.events.calendar import DueSoon, Overdue
from immis.leases.models import Lease
from immis.leases.selectors import announceable, hold_of_demand, lease_facts, leases_of_numbers, owed_facts
from immis.ledger.selectors import Demand, demand_facts, demands_by_number
from immis.registry.selectors import users
from immis.rules.holds.stops import began_to_stop, may_stop
from immis.rules.leases.schedule import late_from
from immis.rules.policy import book

_CAUSE = "HLD-01:"
_LOOK = "leases.dues_and_holds"


def announce_dues_and_holds(*, at: datetime) -> int:
    """Announce what has become true of instalments and holds by this instant; answers how much was new.

    The holds themselves need no job: they are computed when they are asked for.
    """
    since = looked_since(_LOOK)
    demands = announceable(at, since=since)
    by_number = leases_of_numbers({demand.subject_id for demand in demands})
    news = _announce_dues(demands, by_number, at=at)
    news += _open_spells(demands, by_number, at=at)
    over = suspensions_over(at)
    news += each(_LOOK, over, lambda row: tell_suspension_over(row, at=at), name=lambda row: f"suspension {row.pk}")
    news += _end_spells(at=at) + _end_orders(at=at) + _end_closures(at=at)
    note_look(_LOOK, at, since=since)
    return news


def instalment_facts(demand: Demand, lease: Lease) -> dict[str, Any]:
    """What an event about an instalment carries: the settlement and the demand."""
    return {**demand_facts(demand), **lease_facts(lease)}


def _announce_dues(demands: list[Demand], by_number: Mapping[str, Lease], *, at: datetime) -> int:
    wanted = {}
    for demand in demands:
        if demand.settled_at is None and demand.due_on:
            late = at >= late_from(demand.due_on)
            kind = Overdue if late else DueSoon
            wanted[f"{kind.KIND}:{demand.number}"] = (kind, demand)
    announced = set(_told(list(wanted)))

    def tell(key: str) -> bool:
        kind, demand = wanted[key]
        lease = by_number[demand.subject_id]
        return emit(kind(**instalment_facts(demand, lease)), subject=("lease", lease.number), at=at, key=key)

    return each(_LOOK, [key for key in wanted if key not in announced], tell, name=str)


def _told(keys: list[str]) -> list[str]:
    """Which of the keys have been told already."""
    known = [events_of(kind, key__in=keys) for kind in (DueSoon, Overdue)]
    return [key for rows in known for key in rows.values_list("key", flat=True)]


def _open_spells(demands: list[Demand], by_number: Mapping[str, Lease], *, at: datetime) -> int:
    """One spell for each instalment that was, or still is, unverified when its due day was over, or was taken back."""
    begun = set(spells(cause_key__in=[_cause(d) for d in demands]).values_list("cause_key", flat=True))
    stopped = {_demand_of(key) for key in open_cause_keys(_CAUSE)}
    unknown = [d for d in demands if _cause(d) not in begun and d.number not in stopped]
    due = [(d, begins) for d in unknown if (begins := _begins(d, by_number, at=at)) and begins <= at]

    def tell(row: tuple[Demand, datetime]) -> bool:
        return _open_spell(row[0], by_number[row[0].subject_id], begins=row[1], at=at)

    return each(_LOOK, due, tell, name=lambda row: _cause(row[0]))


def _begins(demand: Demand, by_number: Mapping[str, Lease], *, at: datetime) -> datetime | None:
    """The instant from which a demand stops; None where the deed of its settlement lets it stop nothing (TKO-02)."""
    facts = owed_facts(demand, by_number[demand.subject_id])
    return began_to_stop(facts) if may_stop(facts.by_deed, policy=book(), at=at) else None


def _open_spell(demand: Demand, lease: Lease, *, begins: datetime, at: datetime) -> bool:
    hold = hold_of_demand(demand, lease, at=begins)
    if hold is None:
        return False
    facts = {**instalment_facts(demand, lease), "rule_code": hold.rule_code, "stops": hold.stops}
    return open_spell(
        cause_key=_cause(demand), subject=("lease", lease.number), since=hold.since, facts=facts, by=SYSTEM, at=at
    )


def _cause(demand: Demand) -> str:
    """What a spell is known by: its demand, and when the bank took a payment back, that instant too."""
    again = f"@{demand.reopened_at:%Y%m%d%H%M%S}" if demand.reopened_at else ""
    return f"{_CAUSE}{demand.number}{again}"


def _demand_of(cause_key: str) -> str:
    return cause_key.removeprefix(_CAUSE).partition("@")[0]


def _end_spells(*, at: datetime) -> int:
    """End the spells whose demand the district has verified (or withdrawn), at that instant, with its officer."""
    keys = open_cause_keys(_CAUSE)
    standing = demands_by_number({_demand_of(key) for key in keys})
    ended = [key for key in keys if _over(standing.get(_demand_of(key)), at)]
    return each(_LOOK, ended, lambda key: _end_spell(key, standing[_demand_of(key)], at=at), name=str)


def _over(demand: Demand | None, at: datetime) -> bool:
    """Whether a stop is over; one whose demand is not there is taken up too, so that its end fails by its name."""
    if demand is None:
        return True
    ended_at = demand.settled_at or demand.cancelled_at
    return ended_at is not None and ended_at <= at


def _end_spell(key: str, demand: Demand, *, at: datetime) -> bool:
    ended_at = demand.settled_at or demand.cancelled_at
    assert ended_at is not None
    officer = users(pk=demand.settled_by).first() if demand.settled_by else None
    return end_spell(
        cause_key=key,
        ended_at=ended_at,
        cause="verified" if demand.settled_at else "cancelled",
        at=at,
        ended_by=demand.settled_by,
        officer=officer.name_hi or officer.name_en or officer.username if officer else "",
    )


def _end_orders(*, at: datetime) -> int:
    """End the spells of ordered holds whose time is over."""

    def end(hold: Hold) -> bool:
        assert hold.until is not None
        return end_spell(cause_key=f"hold:{hold.pk}", ended_at=hold.until, cause="ran_out", at=at)

    return each(_LOOK, runs_out(at), end, name=lambda hold: f"hold {hold.pk}")


def _end_closures(*, at: datetime) -> int:
    """End the spells of settlements in a closure window whose order was lifted or whose time is over (E-162)."""

    def end(closed: tuple[str, datetime, str]) -> bool:
        key, ended_at, cause = closed
        return end_spell(cause_key=key, ended_at=ended_at, cause=cause, at=at)

    return each(_LOOK, closures_over(at), end, name=lambda closed: closed[0])
