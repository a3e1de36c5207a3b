"""A hundred at once for the last ten cubic metres: exactly the quantity is issued, never more (CH-08)."""

import threading
from decimal import Decimal

from django.db import connection

from immis.challans import selectors, services
from immis.challans.models import Challan
from immis.core.errors import Refusal
from immis.core.models import Counter
from immis.registry.models import Device, Vehicle
from tests.challans.world import NOON, build
from tests.fit import LORRY

MANY, EACH_M3 = 100, Decimal(2)


def test_a_hundred_at_once_for_the_last_ten_cubic_metres_get_exactly_ten(own_database, data_dir, at):
    at.set(NOON)
    world = build(data_dir)
    world.lease.clearances.filter(kind="ec").update(quantity_m3=10)
    trucks = [
        Vehicle.objects.create(registration=f"BR08H{n:04d}", capacity_m3=10, owner_name="x", **LORRY)
        for n in range(MANY)
    ]
    for n, truck in enumerate(trucks):
        Device.objects.create(imei=f"8612345678{n:05d}", vehicle=truck, fitted_at=NOON)
        world.report(NOON, imei=f"8612345678{n:05d}", stored=False)
    together, outcomes = threading.Barrier(MANY), []

    def ask(truck):
        load = services.Load(
            lease=world.lease, vehicle=truck, place=world.place, quantity_m3=EACH_M3, driver_name="राम"
        )
        together.wait()
        try:
            outcomes.append(services.issue_challan(load=load, by=world.actor).number)
        except Refusal as refusal:
            outcomes.append([finding.code for finding in refusal.findings])
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(truck,)) for truck in trucks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    numbers = sorted(row for row in outcomes if isinstance(row, str))
    assert len(outcomes) == MANY and numbers == [f"MUN-26-{n:06d}" for n in range(1, 6)]
    assert all(row == ["CH-08"] for row in outcomes if not isinstance(row, str))
    assert selectors.issued_quantity_m3(world.lease, NOON) == Decimal(10)
    assert Challan.objects.count() == Counter.objects.get(series="challan:MUN:26").value == 5
