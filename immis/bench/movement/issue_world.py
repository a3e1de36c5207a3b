"""A ghat with trucks that stand in its fence, for the benchmark of issue; acts of it run in processes of their own."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from immis import clock
from immis.bench.auction_world import session_of
from immis.bench.challans import CAPACITY_M3, fill_fleet
from immis.bench.movement import store
from immis.challans import selectors, services
from immis.challans.events import ChallanIssued
from immis.challans.facts import issue_facts
from immis.challans.loads import Load
from immis.challans.models import Challan
from immis.core.access.permissions import SYSTEM
from immis.core.models import ActionLog, Counter, Decision, OutboxEvent
from immis.gateway.state.device import DeviceState
from immis.gateway.state.fleet import Fleet as Live
from immis.gateway.store.outbox import Outbox
from immis.leases.models import Clearance, Lease
from immis.registry import services as registry
from immis.registry.models import Block, Device, Place, Vehicle
from immis.registry.selectors import actor_of
from immis.rules import catalogue
from immis.rules.movement.challans import ON
from immis.rules.policy import book

_SQUARE = [[25.30, 86.50], [25.30, 86.51], [25.31, 86.51], [25.31, 86.50]]
_INSIDE = (25.305, 86.505)
#: Ghats of the State that work at once.
GHATS = 450
LEASE, PLACE = "MUN-2026-01", "place-0"


def seed(*, trucks: int, kept: int = 0, ghats: int = 1, permitted_m3: int = 10**8) -> dict[str, Any]:
    """A settlee with so many working ghats and trucks at them, beside ``kept`` e-challans of the past.

    Answers a session of his, the trucks and the settlements.
    """
    now = clock.now()
    user = registry.add_user(username="bench", name_en="Bench", name_hi="Bench")
    party = registry.add_party(
        party=registry.NewParty(
            code="bench", kind="company", name_en="Bench", name_hi="Bench", pan="ACUPA7085R", email="b@example.org"
        ),
        users=[user],
    )
    block = registry.save_block(
        block=registry.NewBlock(
            code=LEASE, serial=1, block_no="1", name_en="Bench", name_hi="Bench", district="Munger",
            area_ha=Decimal("15.3"), quantity_m3=91_800, corners=_SQUARE,
        ),
        by=SYSTEM, at=now,
    )  # fmt: skip
    day = now.date() - timedelta(days=40)
    common = dict(
        party=party, district="Munger", bid_rupees=8_950_500,
        auction_closed_at=now - timedelta(days=90), security_paise=1, loi_number="L/1", loi_on=day, deed_on=day,
        registered_on=day, period_from=day, period_to=day + timedelta(days=1800), gst_registered_on=day,
        permission_number="P/1", permitted_at=now - timedelta(days=30),
    )  # fmt: skip
    Lease.objects.create(number=LEASE, lot_code=LEASE, block=block, **common)
    _other_ghats(block, common)
    working = list(Lease.objects.order_by("id")[:ghats])
    Clearance.objects.bulk_create(
        Clearance(
            lease=each, kind=kind, applied_on=day, granted_on=day, reference="R", quantity_m3=permitted_m3,
            closed_months=[1] if now.month != 1 else [2],
        )
        for each in working for kind in ("plan", "ec", "cte_cto")
    )  # fmt: skip
    fleet = fill_fleet(vehicles=trucks, at=now)
    Place.objects.filter(code=PLACE).update(kind="destination")
    if kept:
        store.fill(fleet, kept, now)
    _stand(clock.now())
    marks = list(Vehicle.objects.order_by("registration").values_list("registration", flat=True))
    return {"session": session_of(user), "marks": marks, "leases": [each.number for each in working]}


def _other_ghats(block: Block, common: dict[str, Any]) -> None:
    """The other ghats of a State, among which the e-challans of the past are spread."""
    blocks = Block.objects.bulk_create(
        Block(
            code=f"OTH-2026-{n:03d}", serial=n, block_no=str(n), name_en="Other", name_hi="Other", district="Munger",
            area_ha=block.area_ha, quantity_m3=91_800, corners=_SQUARE,
        )
        for n in range(2, GHATS + 1)
    )  # fmt: skip
    Lease.objects.bulk_create(Lease(number=row.code, lot_code=row.code, block=row, **common) for row in blocks)


def _stand(now: Any) -> None:
    """Every truck stands in the fence and has just reported; half an hour ahead, so that no run outlasts it."""
    outbox, fleet = Outbox(clock.data_dir()), Live()
    seen_s = (now + timedelta(minutes=4)).timestamp()
    for imei, mark in Device.objects.order_by("pk").values_list("imei", "vehicle__registration"):
        fleet.admit(
            DeviceState(
                imei=imei, vehicle=mark, at_s=seen_s, received_s=now.timestamp(), fix=True, lat=_INSIDE[0],
                lon=_INSIDE[1], speed_kmh=0.0, heading=0.0, ignition=True, main_power=True, inside=[f"ghat:{LEASE}"],
            )
        )  # fmt: skip
    outbox.commit(events=[], fleet=fleet, rests={}, facts={})
    outbox.close()


def count(*, acks: list[str]) -> dict[str, int]:
    """What was kept beside what was acknowledged: lost ones, numbers twice, gaps, and what lacks its log or news."""
    numbers = list(Challan.objects.exclude(key=None).values_list("number", flat=True))
    kinds = {"kind": ChallanIssued.KIND, "subject_kind": "challan"}
    told = set(OutboxEvent.objects.filter(key__isnull=False, **kinds).values_list("subject_id", flat=True))
    logged = set(ActionLog.objects.filter(code=ChallanIssued.KIND).values_list("subject_id", flat=True))
    decided = set(Decision.objects.filter(rule_code=ON, outcome="issued").values_list("subject_id", flat=True))
    series = Counter.objects.filter(series__startswith="challan:").values_list("value", flat=True)
    every = Challan.objects.count()
    return {
        "kept": len(numbers),
        "lost_acks": len(set(acks) - set(numbers)),
        "twice": len(numbers) - len(set(numbers)),
        "gaps": sum(series) - every,
        "halves": sum(number not in told or number not in logged or number not in decided for number in numbers),
    }


def costs(*, rounds: int = 200) -> dict[str, float]:
    """Milliseconds of processor of an issue by part: gathering, each rule, the whole service, one after another."""
    lease = Lease.objects.select_related("block", "party").get(number=LEASE)
    place, by = Place.objects.get(code=PLACE), actor_of(lease.party.users.get())
    trucks = list(Vehicle.objects.order_by("-registration")[:rounds])
    loads = [
        Load(lease=lease, vehicle=row, place=place, quantity_m3=CAPACITY_M3, driver_name="Driver") for row in trucks
    ]
    now = clock.now()
    spent = {"gather": _each(lambda load: issue_facts(load, vehicle=load.vehicle, live=None, at=now), loads)}
    facts = issue_facts(loads[0], vehicle=trucks[0], live=None, at=now)
    spent["last load"] = _each(selectors.last_load_of, trucks)
    spent["quantity of the year"] = _each(lambda load: selectors.issued_quantity_m3(load.lease, now), loads)
    for row in [row for row in catalogue.RULES.values() if row.on == ON]:
        spent[row.code] = _each(lambda _load, row=row: catalogue.apply(row, facts, policy=book(), at=now), loads)
    spent["whole issue"] = _each(lambda load: services.issue_challan(load=load, by=by), loads)
    return {name: round(value, 3) for name, value in spent.items()}


def _each(act: Callable[[Any], Any], rows: list[Any]) -> float:
    begun = time.process_time()
    for row in rows:
        act(row)
    return 1000 * (time.process_time() - begun) / len(rows)
