"""Which vehicles a settlee could load at a ghat now, which not and why, and what each of them carried last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from immis import clock
from immis.challans import selectors
from immis.challans.facts import before_a_load, held_facts, stops_on, vehicle_facts
from immis.challans.models import Challan
from immis.core.access.permissions import SYSTEM, Actor
from immis.leases.selectors import Lease
from immis.registry import selectors as registry
from immis.registry.selectors import Vehicle
from immis.rules.catalogue import Finding, find
from immis.rules.movement.challans import ON
from immis.rules.movement.issue_facts import IssueFacts
from immis.rules.policy import book
from immis.tracking import selectors as tracking
from immis.tracking.selectors import LiveVehicle

_MOST_AWAY = 8
_LOOKED_EACH, _MOST_BRIDGES = timedelta(seconds=30), 5_000
_AT_BRIDGE: dict[tuple[str, int], tuple[datetime | None, "list[Loadable]"]] = {}


@dataclass(frozen=True)
class Loadable:
    """A vehicle before a settlement: where it was seen last, what the law has against it, its last load from here.

    ``seen`` is None for one that does not stand at the ghat; no finding means that it may have an e-challan.
    """

    registration: str
    capacity_m3: Decimal | None
    seen: LiveVehicle | None
    last: Challan | None
    findings: Sequence[Finding] = ()

    @property
    def fits(self) -> bool:
        return not self.findings


def loadable_vehicles(lease: Lease, by: Actor, at: datetime) -> list[Loadable]:
    """The vehicles at a settlement's ghat, and those that loaded there lately: who may have an e-challan comes first.

    What the law has against the settlement itself is left out: it stands before every vehicle.
    """
    at_ghat = {row.registration: row for row in tracking.vehicles_at_ghat(lease.block.code, at=at)}
    last = selectors.last_challans(lease)
    away = [mark for mark in last if mark not in at_ghat][:_MOST_AWAY]
    known = {row.registration: row for row in registry.vehicles(registration__in=[*at_ghat, *away])}
    live, to_any = live_challans(known.values(), at), before_a_load(lease, by, at)
    rows = [
        Loadable(
            mark,
            known[mark].capacity_m3 if mark in known else None,
            at_ghat.get(mark),
            last.get(mark),
            against(to_any, mark, known.get(mark), live.get(mark), at=at),
        )
        for mark in [*at_ghat, *away]
    ]
    return sorted(rows, key=lambda row: (not row.fits, row.seen is None))


def trucks_at_bridge(lease: Lease, at: datetime, *, anew: bool) -> list[Loadable]:
    """What ``loadable_vehicles`` says, for the software beside a scale that asks each ten seconds.

    Looked at each half minute, and ``anew`` at once: when a weight stands on the bridge.
    """
    key = (str(clock.data_dir()), lease.pk)
    looked_at, rows = _AT_BRIDGE.get(key, (None, []))
    if anew or looked_at is None or not timedelta(0) <= at - looked_at < _LOOKED_EACH:
        rows = loadable_vehicles(lease, SYSTEM, at)
        if len(_AT_BRIDGE) >= _MOST_BRIDGES:
            _AT_BRIDGE.clear()
        _AT_BRIDGE[key] = (at, rows)
    return rows


def live_challans(vehicles: Iterable[Vehicle], at: datetime) -> dict[str, Challan]:
    """The e-challans of some vehicles that are in force at an instant."""
    rows = selectors.issued_to(vehicles)
    return {row.vehicle.registration: row for row in rows if selectors.standing_of(row, at=at).state == Challan.ISSUED}


def against(
    to_any: IssueFacts, mark: str, vehicle: Vehicle | None, live: Challan | None, *, at: datetime
) -> list[Finding]:
    """What the rules of issue say of the vehicle alone, with the least load and nothing against the settlement.

    ``to_any`` is what the settlement says to any load.
    """
    clear = {
        "holds": stops_on(None, vehicle, at=at),
        "permitted_m3": None,
        "ec_months": (),
        "month_m3": None,
        "day_m3": None,
    }
    facts = replace(to_any, vehicle=mark, **{**clear, **vehicle_facts(vehicle, live), **held_facts(mark, at)})
    return find(ON, facts, policy=book(), at=at)
