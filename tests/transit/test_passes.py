"""Transit passes of other States from the switch to the entry and the fee that goes back (A-25)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog, OutboxEvent
from immis.ledger import services as ledger
from immis.ledger.models import Demand, Receipt, RefundOrder
from immis.ledger.selectors.refunds import free_paise
from immis.ledger.services.claims import decide_claim
from immis.transit import selectors
from immis.transit.acts import _claim
from immis.transit.jobs import settle_passes
from immis.transit.models import Registration, SwitchOrder, TransitPass
from immis.transit.papers import pass_pdf
from immis.transit.services.parties import change_registration
from immis.transit.services.passes import record_entry, withdraw
from immis.transit.services.switch import switch
from tests.settlement import india, treasury, world
from tests.transit.loads import NOON, ON, TRUCK, asked, issued, paid, ready, registered, switched_on, truck

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


def why(act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return [row.code for row in caught.value.findings]


@pytest.mark.flow
def test_every_door_is_shut_before_the_day_of_the_order_and_open_from_its_first_minute(world):
    assert selectors.switch_now(NOON).state == "none"
    assert why(registered, world) == ["IST-01"]
    order = switched_on(world)
    assert (order.number, order.order_no) == ("ISTPO-26-0001", "HQ/ISTP/1")
    last = india("2026-07-02", "23:59:59")
    assert selectors.switch_now(last).state == "ordered" and why(registered, world, at=last) == ["IST-01"]
    assert selectors.switch_now(india("2026-07-03", "00:00:00")).state == "in_force"
    row = registered(world, at=india("2026-07-03", "00:00:00"))
    assert row.number == "ISTPP-26-000001" and why(registered, world) == ["IST-13"]
    assert why(switched_on, world, order_no="HQ/ISTP/2", at=NOON) == ["IST-12"]
    switch(kind="off", order_no="HQ/ISTP/3", starts_on=date(2026, 7, 10), by=world.actor("hq"), at=NOON)
    assert selectors.switch_now(india("2026-07-09")).state == "in_force"
    assert selectors.switch_now(india("2026-07-10")).state == "ended"
    with pytest.raises(DatabaseError), transaction.atomic():
        SwitchOrder.objects.update(starts_on=date(2026, 7, 1))


def test_only_headquarters_switches(world):
    for post in ("mdo", "collector", "settlee", "checkpost"):
        with pytest.raises(NotPermitted):
            switch(kind="on", order_no="X", starts_on=date(2026, 7, 3), by=world.actor(post), at=ON)


@pytest.mark.flow
def test_the_fee_goes_by_the_unit_of_the_challan_and_its_money_makes_the_pass(world):
    ready(world)
    row = asked(world)
    assert (row.number, row.fee_paise, row.checked_how) == ("ISTP-26-000001", 123_000, "paper")
    assert row.due_at == NOON + timedelta(hours=5)
    by_volume = asked(world, origin_number="JHK/2", unit="m3", quantity=Decimal("10.255"))
    assert by_volume.fee_paise == 87_168  # 10.255 m³ at 85, half up to the paisa
    assert asked(world).pk == row.pk, "the same challan again is the same pass"
    row = paid(world, row)
    assert row.state == "issued" and row.pass_text and row.paid_at <= NOON + timedelta(minutes=2)
    assert settle_passes(at=NOON + timedelta(minutes=3)) == 0
    assert pass_pdf(row, at=NOON)[:5] == b"%PDF-"
    with pytest.raises(DatabaseError), transaction.atomic():
        TransitPass.objects.filter(pk=row.pk).update(quantity=99)
    kinds = list(OutboxEvent.objects.filter(subject_id=row.number).values_list("kind", flat=True))
    assert kinds[0] != "istp.issued" and "istp.issued" in kinds


@pytest.mark.flow
def test_who_is_late_gets_no_pass(world):
    ready(world)
    assert why(asked, world, at=NOON + timedelta(hours=5, minutes=1)) == ["IST-03"]
    assert why(asked, world, origin_until=NOON - timedelta(minutes=1)) == ["IST-04"]
    row = asked(world)
    assert paid(world, row, at=NOON + timedelta(hours=5, minutes=1)).state == "late"
    other = asked(world, origin_number="JHK/2")
    assert settle_passes(at=other.due_at) == 0 and settle_passes(at=other.due_at + timedelta(seconds=1)) == 1
    other.refresh_from_db()
    assert other.state == "lapsed" and Demand.objects.get(number=other.demand).cancelled_at


@pytest.mark.flow
def test_one_challan_carries_one_pass_and_the_truck_must_be_one_that_was_seen(world):
    ready(world)
    asked(world)
    truck(world, "JH05AB9999")
    assert why(asked, world, vehicle="JH05AB9999") == ["IST-05"]
    assert why(asked, world, origin_number="N2", vehicle="JH01ZZ0001") == ["IST-07"]
    truck(world, "JH05AB7777", seen=False)
    assert why(asked, world, origin_number="N2", vehicle="JH05AB7777") == ["IST-07"]
    truck(world, "JH05AB6666", vehicle_class="Dumper", fitness_until=date(2026, 7, 2))
    assert why(asked, world, origin_number="N2", vehicle="JH05AB6666") == ["IST-07"]
    assert why(asked, world, origin_number="N2", content=b"") == ["IST-06"]


@pytest.mark.flow
def test_an_officer_stops_a_registration_and_opens_it_again(world):
    row = registered(ready_switch(world))
    truck(world)
    change_registration(registration=row, to=Registration.STOPPED, reason="licence ended", by=world.district, at=NOON)
    assert why(asked, world) == ["IST-08"]
    with pytest.raises(NotPermitted):
        change_registration(registration=row, to=Registration.STANDS, reason="x", by=world.actor("patna"), at=NOON)
    opened = {"registration": row, "to": Registration.STANDS, "reason": "renewed", "by": world.district, "at": NOON}
    change_registration(**opened)
    assert why(change_registration, **opened) == ["IST-14"]
    assert asked(world).state == "applied"
    assert ActionLog.objects.filter(code__startswith="istp_party.", subject_id=row.number).count() == 3


def ready_switch(world):
    switched_on(world)
    return world


@pytest.mark.flow
def test_a_check_post_records_the_entry_once_and_sees_who_comes_late(world):
    row = issued(world)
    post, at = world.actor("checkpost"), NOON + timedelta(hours=6)
    entered, late = record_entry(istp=row, by=post, at=at)
    assert entered.entered_at == at and [found.code for found in late] == ["IST-10"]
    assert why(record_entry, istp=row, by=post, at=at) == ["IST-09"]
    assert selectors.state_of(entered, at) == "entered"
    assert why(withdraw, istp=row, order_no="DMO/1", reason="x", by=world.district, at=at) == ["IST-11"]
    report = selectors.summary(world.district, from_on=date(2026, 7, 1), to_on=date(2026, 7, 31), at=at)
    assert [(line["count"], line["entered"], line["late"], line["fee_paise"]) for line in report] == [
        (1, 1, 1, 123_000)
    ]


@pytest.mark.flow
def test_an_order_sets_the_fee_free_the_party_asks_and_the_collector_decides(world):
    row = issued(world)
    receipt = Receipt.objects.get(demand__number=row.demand)
    ledger.verify_receipt(receipt=receipt, by=world.district, at=NOON)
    with pytest.raises(NotPermitted):
        withdraw(istp=row, order_no="DMO/1", reason="x", by=world.actor("patna"), at=NOON)
    row = withdraw(istp=row, order_no="DMO/1", reason="the truck broke down", by=world.district, at=NOON)
    assert row.state == "withdrawn" and selectors.withdrawn_ids(at=NOON) == [bytes.fromhex(row.pass_id)]
    assert free_paise(("istp", row.number), party_id=row.party_id) == row.fee_paise
    claim = _claim(istp=row, reason="no trip", by=world.settlee, at=NOON)
    decided = decide_claim(claim=claim, approve=True, reason="", by=world.collector, at=NOON)
    assert decided.state == "approved" and RefundOrder.objects.get().amount_paise == row.fee_paise
    assert not selectors.summary(world.district, from_on=date(2026, 7, 1), to_on=date(2026, 7, 31), at=NOON)


def test_each_reader_sees_what_is_his(world):
    row = issued(world)
    seen = {name: [found.number for found in selectors.passes(world.actor(name))] for name in world.users}
    assert {name for name, rows in seen.items() if rows} == {
        *("mdo", "collector", "hq", "monitor", "settlee", "checkpost"),
    }
    assert row.vehicle.registration == TRUCK


def test_one_challan_carries_one_pass_in_whatever_writing(world):
    ready(world)
    row = asked(world, origin_number="JHK/2026/000123")
    for writing in ("jhk-2026-000123", "JHK 2026 000123", "JHK/\u0968\u0966\u0968\u096c/000123"):
        assert asked(world, origin_number=writing).pk == row.pk, writing
        truck(world, "JH05AB9999") if writing.startswith("jhk") else None
        assert why(asked, world, origin_number=writing, vehicle="JH05AB9999") == ["IST-05"], writing
    assert asked(world, origin_number="JHK/2026/000124").pk != row.pk


def test_whoever_paid_gets_the_pass_however_many_wait_before(world):
    ready(world)
    first = asked(world, origin_number="JHK/1")
    others = ({"number": f"ISTP-26-9{n:05d}", "origin_key": f"X{n}", "demand": f"none-{n}"} for n in range(300))
    kept = {name: value for name, value in vars(first).items() if name not in ("_state", "id")}
    TransitPass.objects.bulk_create(TransitPass(**{**kept, **other}) for other in others)
    last = asked(world, origin_number="JHK/9", origin_issued_at=NOON - timedelta(minutes=5))
    assert last.due_at > first.due_at
    assert paid(world, last).state == "issued"
    assert TransitPass.objects.filter(state="applied").count() == 301
