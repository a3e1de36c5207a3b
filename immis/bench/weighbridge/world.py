"""Ghats with trucks and a paired weighbridge each, for the benchmark; its acts run in processes of their own."""

import json
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from immis import clock
from immis.bench.movement import issue_world
from immis.core.access.permissions import Actor
from immis.gateway.state.device import DeviceState
from immis.gateway.state.fleet import Fleet as Live
from immis.gateway.store.outbox import Outbox
from immis.leases.models import Lease
from immis.registry import services as registry
from immis.registry.models import Device, User
from immis.registry.selectors import actor_of
from immis.rules.land.earth import circle
from immis.weighbridges.models import Bridge, PairedDevice, Reading
from immis.weighbridges.services import bridges, pairing
from immis.weighbridges.services.bridges import Certificate, NewBridge

PLACE = (25.305, 86.505)
TRUCKS_AT_A_GHAT = 4


def seed(*, keys: list[str]) -> dict[str, Any]:
    """Bridges for so many public keys, spread over the ghats; answers device numbers and the trucks of each."""
    ghats = issue_world.GHATS
    made = issue_world.seed(trucks=ghats * TRUCKS_AT_A_GHAT, ghats=ghats)
    trucks = _stand(made["leases"])
    at = clock.now()
    first = _approved(at)
    leases = list(Lease.objects.order_by("id")[:ghats])
    rows = [_like(first, n, leases[n % ghats]) for n in range(2, len(keys) + 1)]
    Bridge.objects.bulk_create(rows, batch_size=500)
    every = list(Bridge.objects.order_by("pk").select_related("lease__block"))
    PairedDevice.objects.bulk_create(
        PairedDevice(number=f"WBD-B-{n:06d}", bridge=row, public_key=key, software={"name": "bench"}, paired_at=at)
        for n, (row, key) in enumerate(zip(every, keys, strict=True))
    )
    return {
        "devices": [f"WBD-B-{n:06d}" for n in range(len(keys))],
        "trucks": [trucks[row.lease.block.code] if row.lease else [] for row in every],
    }


def _officer() -> Actor:
    if user := User.objects.filter(username="bench-officer").first():
        return actor_of(user)
    office = registry.open_office(code="bench", kind="district", name_en="B", name_hi="B", district="Munger")
    user = registry.add_user(username="bench-officer", name_en="B", name_hi="B")
    registry.appoint(user=user, office=office, role="district")
    return actor_of(user)


def _approved(at: Any) -> Bridge:
    """One bridge by its services: stamped, visited, fenced, approved."""
    by = _officer()
    lease = Lease.objects.select_related("block").get(number=issue_world.LEASE)
    new = NewBridge(
        name_hi="B", name_en="B", site="ghat", lease=lease, district="Munger", lat=PLACE[0], lon=PLACE[1],
        indicator="Bench", capacity_kg=60_000, division_kg=10,
    )  # fmt: skip
    stamp = Certificate(certificate="B", stamped_on=(at - timedelta(days=30)).date(), document=BytesIO(b"%PDF-1.7"))
    row = bridges.apply_for(bridge=new, stamp=stamp, by=by, at=at)
    photo = BytesIO(b"\xff\xd8\xff photo")
    row = bridges.record_visit(bridge=row, place=PLACE, photo=photo, remark="", by=by, at=at)
    order = {"reason": "bench", "reference": "B/1", "by": by, "at": at}
    row = bridges.fence_in(bridge=row, corners=circle(PLACE, 60), **order)
    return bridges.approve(bridge=row, reference="B/1", by=by, at=at)


def _like(first: Bridge, n: int, lease: Lease) -> Bridge:
    row = Bridge.objects.get(pk=first.pk)
    row.pk, row.number, row.lease, row.party_id = None, f"WB-B-{n:06d}", lease, lease.party_id
    return row


def _stand(leases: list[str]) -> dict[str, list[str]]:
    """Some trucks stand at each ghat; answers them by its block. Ahead of the clock, so that no run outlasts it."""
    now, outbox, fleet = clock.now(), Outbox(clock.data_dir()), Live()
    codes = list(Lease.objects.filter(number__in=leases).order_by("id").values_list("block__code", flat=True))
    trucks: dict[str, list[str]] = {code: [] for code in codes}
    rows = Device.objects.order_by("pk").values_list("imei", "vehicle__registration")
    for n, (imei, mark) in enumerate(rows[: len(codes) * TRUCKS_AT_A_GHAT]):
        code = codes[n % len(codes)]
        trucks[code].append(mark)
        fleet.admit(
            DeviceState(
                imei=imei, vehicle=mark, at_s=(now + timedelta(minutes=2)).timestamp(), received_s=now.timestamp(),
                fix=True, lat=PLACE[0], lon=PLACE[1], speed_kmh=0.0, heading=0.0, ignition=True, main_power=True,
                inside=[f"ghat:{code}"],
            )
        )  # fmt: skip
    outbox.commit(events=[], fleet=fleet, rests={}, facts={})
    outbox.close()
    return trucks


def code() -> str:
    """A code for pairing of the first bridge."""
    first = Bridge.objects.order_by("pk")[0]
    return str(pairing.make_code(bridge=first, by=_officer(), at=clock.now()).pair_code)


def count(*, device: str = "") -> dict[str, Any]:
    """Weighments kept, of one device with their counters in the order in which they were kept."""
    rows = Reading.objects.filter(device__number=device) if device else Reading.objects.all()
    stops = rows.filter(stops=True).count()
    counters = list(rows.order_by("id").values_list("counter", flat=True)) if device else []
    return {"kept": rows.count(), "stops": stops, "counters": counters}


ACTS = {"seed": seed, "code": code, "count": count}


def answer_paper() -> None:
    """Do what the file named by IMMIS_BENCH_PAPER asks, and write the answer into it."""
    path = Path(os.environ["IMMIS_BENCH_PAPER"])
    asked = json.loads(path.read_text())
    path.write_text(json.dumps(ACTS[asked.pop("act")](**asked)))
