"""A year of e-challans for benchmarks: trucks, passes, checks, their news and log lines, as the services leave them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.challans.events import ChallanCompleted, ChallanIssued, ChallanStarted
from immis.challans.models import Challan, CheckPostScan
from immis.core.models import ActionLog, ChainHead, Counter, Decision, OutboxEvent
from immis.core.services import LOG_CHAIN, link_hash, log_body
from immis.leases.models import Lease
from immis.registry.models import Device, Place, Vehicle
from immis.rules.movement.challans import ON
from immis.tracking.events import EnteredFence, LeftFence, TripCompleted, TripStarted
from immis.tracking.models import FenceEvent, Trip

IMEI_BASE = 350_000_000_000_000
#: The papers of a truck, in force as long as any benchmark looks.
PAPERS, _LONG = ("fitness_until", "permit_until", "insurance_until", "pollution_until"), date(2035, 3, 31)
TRIP, CAPACITY_M3 = timedelta(minutes=50), Decimal("14.000")
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Fleet:
    """What the challans of a year are made of, by their place in the lists."""

    leases: tuple[Lease, ...]
    vehicles: tuple[Vehicle, ...]
    places: tuple[Place, ...]

    def load(self, n: int) -> tuple[Lease, Vehicle, Place]:
        """Settlement, truck and destination of the n-th challan."""
        return self.leases[n % len(self.leases)], self.vehicles[n % len(self.vehicles)], self.places[n % 37]


def fill_fleet(*, vehicles: int, at: datetime, begin: int = 0) -> Fleet:
    """So many fitted trucks of the settlees from a number on, and destinations, beside the settlements that stand."""
    leases = tuple(Lease.objects.select_related("block", "party").order_by("id"))
    places = [
        Place(code=f"place-{n}", name_en=f"Place {n}", name_hi=f"Place {n}", kind="site", lat=25.1, lon=86.2 + n / 100)
        for n in range(37)
    ]
    trucks = [
        Vehicle(
            registration=f"BR08G{n:04d}" if n < 10_000 else f"BR{n // 10_000:02d}H{n % 10_000:04d}",
            capacity_m3=CAPACITY_M3,
            owner_name=f"Owner {n}",
            owner=leases[0].party,
            vehicle_class="Goods Carrier",
            wheels=14,
            unladen_kg=12_000,
            gross_kg=42_000,
            **dict.fromkeys(PAPERS, _LONG),
        )  # fmt: skip
        for n in range(begin, begin + vehicles)
    ]
    Place.objects.bulk_create(places, ignore_conflicts=True)
    Vehicle.objects.bulk_create(trucks, batch_size=_ROWS_AT_ONCE)
    Device.objects.bulk_create(
        (
            Device(imei=str(IMEI_BASE + n), vehicle=truck, fitted_at=at, district="Munger")
            for n, truck in enumerate(trucks, begin)
        ),
        batch_size=_ROWS_AT_ONCE,
    )
    places = list(Place.objects.filter(code__in=[place.code for place in places]).order_by("pk"))
    return Fleet(leases, tuple(trucks), tuple(places))


def times(first: datetime, until: datetime, count: int) -> Iterator[datetime]:
    """Instants spread evenly over a span."""
    step = (until - first) / count
    return (first + n * step for n in range(count))


@transaction.atomic
def fill_challans(fleet: Fleet, *, begin: int, count: int, first: datetime, until: datetime) -> None:
    """Challans number ``begin`` and on, over a span, each carried and completed but for one in fifty."""
    log = _Log()
    made, news, decisions, checks = [], [], [], []
    for n, at in enumerate(times(first, until, count), begin):
        challan = _challan(fleet, n, at)
        made.append(challan)
        news += _news(challan, at)
        decisions.append(_decision(challan))
        log.add(ChallanIssued.KIND, challan.number, at, {"vehicle": challan.vehicle.registration})
        log.add(f"challan.{challan.state}", challan.number, challan.state_at, {"state": challan.state})
        if n % 10 == 0:
            checks.append(challan)
    for model, rows in ((Challan, made), (OutboxEvent, news), (Decision, decisions), (ActionLog, log.rows)):
        model.objects.bulk_create(rows, batch_size=_ROWS_AT_ONCE)
    CheckPostScan.objects.bulk_create((_check(challan) for challan in checks), batch_size=_ROWS_AT_ONCE)
    _crossings(made, begin)
    log.close()
    Counter.objects.update_or_create(series=f"challan:MUN:{until:%y}", defaults={"value": begin + count})


def _challan(fleet: Fleet, n: int, at: datetime) -> Challan:
    lease, vehicle, place = fleet.load(n)
    expired = n % 50 == 49
    return Challan(
        number=f"MUN-{at:%y}-{n:06d}",
        pass_id=f"{n:016x}",
        lease=lease,
        district=lease.district,
        party=lease.party,
        vehicle=vehicle,
        place=place,
        imei=str(IMEI_BASE + n % len(fleet.vehicles)),
        quantity_m3=CAPACITY_M3,
        distance_km=Decimal("14.200"),
        driver_name=f"Driver {n % 900}",
        issued_at=at,
        valid_until=at + timedelta(hours=6),
        issue_lat=25.05,
        issue_lon=86.05,
        issue_fix_at=at,
        state=Challan.EXPIRED if expired else Challan.COMPLETED,
        state_at=at + (timedelta(hours=6) if expired else TRIP),
        started_at=at + timedelta(minutes=5),
        completed_at=None if expired else at + TRIP,
        place_checked_at=at + timedelta(minutes=1),
        pass_text="IMMIS1:" + "A" * 420,
    )


def _news(challan: Challan, at: datetime) -> Iterator[OutboxEvent]:
    facts = {"challan": challan.number, "lease": challan.lease.number, "registration": challan.vehicle.registration}
    for kind in (ChallanIssued.KIND, ChallanStarted.KIND, ChallanCompleted.KIND):
        key = f"{kind}:{challan.number}"
        yield OutboxEvent(
            kind=kind, subject_kind="challan", subject_id=challan.number, facts=facts, at=at, key=key, handled_at=at
        )
    for crossing in (LeftFence, TripStarted, EnteredFence, TripCompleted):
        key = f"gateway:{challan.number}:{crossing.KIND}"
        mark = challan.vehicle.registration
        yield OutboxEvent(
            kind=crossing.KIND, subject_kind="vehicle", subject_id=mark, facts=facts, at=at, key=key, handled_at=at
        )


def _decision(challan: Challan) -> Decision:
    facts = {"lease": challan.lease.number, "vehicle": challan.vehicle.registration, "corners": [[25.0, 86.0]] * 6}
    return Decision(
        rule_code=ON, policy_on=challan.issued_at.date(), subject_kind="challan", subject_id=challan.number,
        facts=facts, outcome="issued", at=challan.issued_at,
    )  # fmt: skip


def _check(challan: Challan) -> CheckPostScan:
    return CheckPostScan(
        at=challan.issued_at + timedelta(minutes=20), lat=25.07, lon=86.1, asked=challan.number, challan=challan,
        registration=challan.vehicle.registration, verdict="good", reason="good",
    )  # fmt: skip


def _crossings(made: list[Challan], begin: int) -> None:
    """The crossings and trips that belong to challans, as they were taken in."""
    events, trips = [], []
    for n, challan in enumerate(made, begin):
        mark, started_at = challan.vehicle.registration, challan.issued_at + timedelta(minutes=5)
        ghat, place = f"ghat:{challan.lease.block.code}", f"place:{challan.place.code}"
        sides = (("left", ghat, "source", started_at), ("entered", place, "destination", started_at + TRIP))
        for part, (kind, fence, fence_kind, at) in enumerate(sides):
            seq = 2 * n + part + 1
            events.append(
                FenceEvent(seq=seq, kind=kind, imei=challan.imei, registration=mark, fence_id=fence,
                           fence_kind=fence_kind, at=at, received_at=at)
            )  # fmt: skip
        trips.append(
            Trip(imei=challan.imei, registration=mark, source_fence=ghat, started_at=started_at,
                 destination_fence=place, ended_at=started_at + TRIP, distance_km=Decimal("14.200"))
        )  # fmt: skip
    FenceEvent.objects.bulk_create(events, batch_size=_ROWS_AT_ONCE)
    Trip.objects.bulk_create(trips, batch_size=_ROWS_AT_ONCE)


class _Log:
    """Lines of the action log in their chain, written all at once."""

    def __init__(self) -> None:
        self._head, _new = ChainHead.objects.get_or_create(name=LOG_CHAIN)
        self.rows: list[ActionLog] = []

    def add(self, code: str, number: str, at: datetime, facts: dict[str, Any]) -> None:
        row = ActionLog(
            seq=self._head.seq + 1, at=at, code=code, subject_kind="challan", subject_id=number, user_id=None,
            role="party", facts=facts, prev_hash=self._head.hash,
        )  # fmt: skip
        row.hash = link_hash(self._head.hash, log_body(row))
        self._head.seq, self._head.hash = row.seq, row.hash
        self.rows.append(row)

    def close(self) -> None:
        self._head.save()
