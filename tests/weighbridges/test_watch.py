"""What is watched: flags for operator and desk, bridges that are silent or stay at zero, what a heartbeat costs."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans.loads import Load
from immis.challans.models import Challan
from immis.challans.services import issue_challan
from immis.challans.weighing.balance import balance_days, balances
from immis.challans.weighing.watch import watch_bridges
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.rules.calendar import india_day
from immis.weighbridges import selectors
from immis.weighbridges.models import Bridge, PairedDevice
from tests.challans.world import INSIDE, NOON
from tests.weighbridges.test_loads import weigh
from tests.weighbridges.test_orders import order_by_hand

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def beat(software, at, **more):
    quiet = {"weight_kg": 0, "stable": True, "indicator": "alive", "queued": 0, "version": "1"}
    return software.post("heartbeat", {"at": at.isoformat(), **quiet, **more})


def copied(challan, serial, at):
    """One more e-challan of the ghat, that went its way."""
    again = Challan.objects.get(pk=challan.pk)
    again.pk, again.number, again.pass_id, again.state = None, f"X-{serial}", f"{serial:016x}", "completed"
    again.key, again.issued_at = None, at
    again.save()


def watched(at) -> set[tuple[str, str]]:
    watch_bridges(at=at)
    run_triggers(at=at)
    return set(Task.objects.filter(code__in=["TRG-261", "TRG-263"]).values_list("code", "state"))


@pytest.mark.flow
def test_a_silent_bridge_is_a_task_that_ends_by_itself(world, software, at):
    beat(software, NOON)
    assert watched(NOON) == set()
    at.set(NOON + 20 * MINUTE)
    beat(software, NOON + 20 * MINUTE, indicator="silent")
    assert watched(NOON + 29 * MINUTE) == set()
    assert watched(NOON + 31 * MINUTE) == {("TRG-261", "open")}
    reason = Task.objects.get(code="TRG-261").facts["reason"]["en"]
    assert "does not hear the indicator for 31 minutes" in reason
    assert watched(NOON + 40 * MINUTE) == {("TRG-261", "open")}
    at.set(NOON + 41 * MINUTE)
    beat(software, NOON + 41 * MINUTE)
    assert watched(NOON + 42 * MINUTE) == {("TRG-261", "done")}
    order_by_hand(world, Bridge.objects.get())
    assert watched(NOON + 90 * MINUTE) == {("TRG-261", "done")}  # an order knows that it is broken


@pytest.mark.flow
def test_a_bridge_that_stays_at_zero_while_loads_leave_is_a_task(world, software, at):
    at.set(NOON + MINUTE)
    world.report(NOON, INSIDE)
    beat(software, NOON + MINUTE)
    load = Load(lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal(5), driver_name="Ram")
    challan = issue_challan(load=load, by=world.actor, at=NOON + MINUTE)
    for serial in (2, 3):
        assert watched(NOON + 2 * MINUTE) == set()
        copied(challan, serial, NOON + MINUTE)
    assert watched(NOON + 3 * MINUTE) == {("TRG-263", "open")}
    at.set(NOON + 4 * MINUTE)
    beat(software, NOON + 4 * MINUTE, weight_kg=9_000)
    assert watched(NOON + 5 * MINUTE) == {("TRG-263", "done")}
    assert Bridge.objects.get().alarm == ""


@pytest.mark.flow
def test_what_is_flagged_is_told_to_operator_and_desk(world, software):
    world.report(NOON, INSIDE)
    world.vehicle.unladen_kg, world.vehicle.gross_kg = 12_000, 31_000
    world.vehicle.save()
    weigh(software, "tare", 12_000, NOON)
    heavy = weigh(software, "gross", 36_000, NOON + SECOND).json()["findings"]
    assert [(row["code"], row["stops"]) for row in heavy] == [("WB-19", False)]
    run_triggers(at=NOON + MINUTE)
    task = Task.objects.get(code="TRG-267")
    assert task.role == "district" and "31000" in task.facts["reason"]["en"].replace(",", "")
    missing = software.weigh(NOON + MINUTE)
    jumped = software.weigh(NOON + MINUTE)
    assert software.send([jumped], NOON + MINUTE).status_code == 409
    assert software.send([missing, jumped], NOON + MINUTE).status_code == 200
    Task.objects.filter(code="TRG-267").update(state="done")
    run_triggers(at=NOON + 2 * MINUTE)
    assert "its number jumped" in Task.objects.get(code="TRG-267", state="open").facts["reason"]["en"]


@pytest.mark.flow
def test_old_tares_and_unlike_loads_are_flagged(world, software, at):
    for day, kind, kg in ((0, "tare", 12_000), *((n, "gross", 31_000 + n) for n in range(1, 6))):
        at.set(NOON + day * DAY)
        world.report(NOON + day * DAY, INSIDE)
        assert not weigh(software, kind, kg, NOON + day * DAY).json()["findings"]
    at.set(NOON + 40 * DAY)
    world.report(NOON + 40 * DAY, INSIDE)
    old = weigh(software, "gross", 20_000, NOON + 40 * DAY).json()["findings"]
    assert [row["code"] for row in old] == ["WB-18", "WB-19"]
    assert "40 days" in old[0]["message"]["en"] and "8000 kg of load" in old[1]["message"]["en"].replace(",", "")


def test_a_heartbeat_costs_one_write_or_none(world, software, at, django_assert_max_num_queries):
    world.report(NOON, INSIDE)
    beat(software, NOON)
    heard = PairedDevice.objects.get().heard_at
    at.set(NOON + 10 * SECOND)
    with django_assert_max_num_queries(6) as seen:
        assert beat(software, NOON + 10 * SECOND).json()["trucks"]
    assert not [row for row in seen.captured_queries if row["sql"].startswith(("UPDATE", "INSERT"))]
    assert PairedDevice.objects.get().heard_at == heard
    at.set(NOON + 30 * SECOND)
    beat(software, NOON + 30 * SECOND)
    at.set(NOON + 35 * SECOND)
    with django_assert_max_num_queries(60) as seen:
        beat(software, NOON + 35 * SECOND, weight_kg=20_000)
    assert len([row for row in seen.captured_queries if row["sql"].startswith(("UPDATE", "INSERT"))]) == 1
    device = PairedDevice.objects.get()
    assert device.moved_at == NOON + 35 * SECOND and selectors.health_of(device, NOON + 40 * SECOND) == "alive"


@pytest.mark.flow
def test_a_day_that_parts_is_a_task_and_a_day_that_agrees_ends_it(world, software, at):
    world.report(NOON, INSIDE)
    weigh(software, "tare", 8_500, NOON)
    weigh(software, "gross", 21_253, NOON + SECOND)
    weigh(software, "gross", 21_260, NOON + MINUTE)  # the same load again counts once
    challan = issue_challan(
        load=Load(lease=world.lease, vehicle=world.vehicle, place=world.place, driver_name="Ram"),
        by=world.actor,
        at=NOON + 2 * MINUTE,
    )
    row = balances([world.lease], first=india_day(NOON), last=india_day(NOON))[0]
    assert (row.weighed, row.bridge_kg, row.challans, row.challan_kg, row.trips) == (1, 12_760, 1, 12_760, 0)
    copied(challan, 2, NOON + 3 * MINUTE)
    assert balance_days(at=NOON) == 0  # of yesterday, on which nothing was issued
    assert balance_days(at=NOON + DAY) == 1 and balance_days(at=NOON + DAY) == 0
    run_triggers(at=NOON + DAY)
    task = Task.objects.get(code="TRG-265")
    assert (task.subject_id, task.facts["challan_t"], task.facts["percent"]) == (world.lease.number, 25.5, 100)
    Challan.objects.update(issued_at=NOON + DAY, started_at=NOON + DAY, valid_until=NOON + 2 * DAY)
    Challan.objects.exclude(pk=challan.pk).delete()
    world.report(NOON + DAY, INSIDE)
    weigh(software, "gross", 21_260, NOON + DAY)
    assert balance_days(at=NOON + 2 * DAY) == 1
    run_triggers(at=NOON + 2 * DAY)
    assert Task.objects.get(code="TRG-265").state == "done"
