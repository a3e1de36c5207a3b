"""One explained answer before the load, the frauds that it refuses, and what may change after issue."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from immis.challans import selectors, services
from immis.challans.eligibility import eligibility
from immis.challans.loads import Sale
from immis.challans.models import Challan, CheckPostScan
from immis.challans.services import Load
from immis.core.errors import Refusal
from immis.leases.services.closures import Closure, close_challans
from immis.registry.models import Vehicle
from immis.rules.movement.distances import validity, with_no_entry
from immis.rules.policy import book
from tests.challans.test_services import issue, refused
from tests.challans.world import AWAY, IMEI, NOON

MINUTE = timedelta(minutes=1)


def load_of(world, **changed):
    wanted = {
        "lease": world.lease, "vehicle": world.vehicle, "place": world.place, "quantity_m3": Decimal("8.5"),
        "driver_name": "राम बहादुर",
    }  # fmt: skip
    return Load(**{**wanted, **changed})


def change(world, **fields):
    Vehicle.objects.filter(pk=world.vehicle.pk).update(**fields)
    world.vehicle.refresh_from_db()


def test_every_reason_stands_in_one_answer_with_clause_and_what_lifts_it(world):
    world.report(NOON, AWAY)
    change(world, vehicle_class="Ambulance", fitness_until=NOON.date() - timedelta(days=1))
    answer = eligibility(load_of(world, quantity_m3=Decimal(900)), by=world.actor, at=NOON)
    assert {reason.finding.code for reason in answer.reasons} == {"CH-04", "CH-05", "CH-30", "CH-31", "CH-32"}
    assert not answer.fit and answer.fit_from is None
    assert all(reason.cites and reason.lifts["hi"] and reason.lifts["en"] for reason in answer.reasons)
    assert not Challan.objects.exists()


def test_what_time_alone_lifts_says_from_when(world, at):
    """F: many e-challans for one truck within an hour."""
    world.report(NOON)
    first = issue(world)
    waits = eligibility(load_of(world), by=world.actor, at=NOON + MINUTE)
    assert [row.code for row in waits.findings] == ["CH-06"] and waits.fit_from == first.valid_until
    services.record_arrival(first.pk, arrived_at=NOON + 5 * MINUTE, at=NOON + 5 * MINUTE)
    at.set(NOON + 10 * MINUTE)
    world.report(NOON + 10 * MINUTE)
    again = eligibility(load_of(world), by=world.actor, at=NOON + 10 * MINUTE)
    assert [row.code for row in again.findings] == ["CH-35"]
    assert again.fit_from == NOON + timedelta(minutes=53, seconds=36)
    assert set(refused(world)) == {"CH-35"}
    at.set(again.fit_from)
    world.report(again.fit_from)
    assert eligibility(load_of(world), by=world.actor, at=again.fit_from).fit and issue(world)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        *(
            ({"vehicle_class": name}, "CH-30")
            for name in ("Ambulance", "M-Cycle/Scooter", "e-Rickshaw(P)", "Hearses", "Fire Tenders", "Bus", "")
        ),
        ({"body": "WATER TANKER"}, "CH-30"),
        ({"capacity_m3": Decimal(900)}, "CH-31"),
        ({"permit_until": None}, "CH-32"),
        ({"insurance_until": datetime(2026, 6, 4, tzinfo=UTC).date()}, "CH-32"),
    ],
    ids=str,
)
def test_what_cannot_carry_sand_gets_no_challan(world, fields, code):
    """The vehicles of the audits, whatever stands in the register."""
    world.report(NOON)
    change(world, **fields)
    quantity = Decimal(900) if "capacity_m3" in fields else Decimal("8.5")
    assert set(refused(world, quantity_m3=quantity)) == {code}


def test_a_closed_month_of_the_clearance_and_its_day_bind(world, at):
    world.report(NOON)
    world.lease.clearances.filter(kind="ec").update(closed_months=[6], day_m3=8)
    answer = eligibility(load_of(world), by=world.actor, at=NOON)
    assert {row.code: row.facts["fit_from"] for row in answer.findings} == {
        "CH-07": datetime(2026, 6, 30, 18, 30, tzinfo=UTC),
        "CH-36": datetime(2026, 6, 5, 18, 30, tzinfo=UTC),
    }
    assert answer.fit_from == datetime(2026, 6, 30, 18, 30, tzinfo=UTC)


def test_a_weighed_load_is_converted_once_and_kept_with_its_factor(world):
    world.report(NOON)
    change(world, unladen_kg=8500, gross_kg=28500)
    row = issue(world, quantity_m3=Decimal(0), tare_kg=8500, gross_kg=21253)
    assert (row.quantity_m3, row.density_t_m3) == (Decimal("9.000"), Decimal("1.417"))
    assert row.statement["code"] == "CH-12" and "42(xxxii)" in row.statement["cites"]
    assert row.statement["user_id"] == world.settlee.pk


def test_a_weight_that_sand_cannot_have_and_a_buyer_without_licence_are_refused(world):
    world.report(NOON)
    change(world, unladen_kg=8500, gross_kg=28500)
    sale = Sale(buyer_kind="stockist", buyer_name="Ram Stores")
    assert set(refused(world, tare_kg=8500, gross_kg=10000, sale=sale)) == {"CH-34", "CH-41"}
    kept = issue(
        world, sale=Sale(buyer_kind="works", buyer_name="RCD Munger", price_rupees=Decimal("3400.50"), invoice_no="I/7")
    )
    kept.refresh_from_db()
    assert (kept.buyer_name, kept.price_rupees, kept.invoice_no) == ("RCD Munger", Decimal("3400.50"), "I/7")


def test_the_api_answers_before_the_load_and_repeats_by_its_key(world, at):
    world.report(NOON)
    client = Client()
    client.force_login(world.settlee)
    body = {"lease": "MUN-2026-01", "vehicle": "BR08G1234", "place": "patna", "quantity_m3": "8.5", "driver_name": "R"}
    ask = lambda path, **more: client.post(  # noqa: E731
        f"/api/v1/{path}", {**body, **more}, content_type="application/json", headers={"Idempotency-Key": "gate-1"}
    )
    assert ask("challans/eligibility").json()["fit"] is True
    heavy = ask("challans/eligibility", quantity_m3="10").json()
    assert heavy["fit"] is True, "ten cubic metres are 18 t"
    refusal = ask("challans/eligibility", quantity_m3="900", buyer_kind="friend").json()
    assert {row["code"] for row in refusal["reasons"]} == {"CH-05", "CH-31", "CH-34"} and refusal["fit_from"] is None
    assert all(row["cites"] and row["lifts"]["hi"] for row in refusal["reasons"])
    made, again = ask("challans"), ask("challans")
    assert made.status_code == again.status_code == 201 and made.json()["number"] == again.json()["number"]


# -- after issue


@pytest.mark.flow
def test_a_heavier_load_amends_the_same_number_and_ends_the_earlier_pass(world, at):
    world.report(NOON)
    row = issue(world)
    before = row.pass_id
    with pytest.raises(Refusal) as caught:
        services.amend_challan(
            challan=row, quantity_m3=Decimal(12), tare_kg=None, gross_kg=None, reason="x", by=world.actor, at=NOON
        )
    assert {found.code for found in caught.value.findings} == {"CH-05", "CH-31"}
    amended = services.amend_challan(
        challan=row, quantity_m3=Decimal("9.5"), tare_kg=None, gross_kg=None, reason="scale", by=world.actor, at=NOON
    )
    change_ = amended.changes.get()
    assert amended.number == row.number and amended.quantity_m3 == Decimal("9.5") and amended.pass_id != before
    assert (change_.superseded, change_.facts["royalty_paise"]) == (before, 7500)
    assert bytes.fromhex(before) in selectors.cancelled_pass_ids(at=NOON)
    assert Challan.objects.count() == 1 and selectors.issued_quantity_m3(world.lease, NOON) == Decimal("9.5")


@pytest.mark.flow
@pytest.mark.parametrize("how", ["scanned", "outside", "started"])
def test_nothing_is_taken_back_or_amended_after_exit_crossing_or_scan(world, at, how):
    """F: a pass cancelled once past the check post."""
    world.report(NOON)
    row, later = issue(world), NOON + 5 * MINUTE
    if how == "scanned":
        CheckPostScan.objects.create(at=later, asked=row.number, challan=row, verdict="good", reason="ok")
    elif how == "outside":
        world.report(later, AWAY)
    else:
        services.record_start(row.pk, left_at=later, at=later)
    for act, code in ((services.cancel_challan, "CH-14"), (_amend, "CH-42")):
        with pytest.raises(Refusal) as caught:
            act(challan=row.number, reason="x", by=world.actor, at=later + MINUTE)
        assert [found.code for found in caught.value.findings] == [code]


def _amend(**more):
    return services.amend_challan(quantity_m3=Decimal(9), tare_kg=None, gross_kg=None, **more)


@pytest.mark.flow
def test_more_time_is_given_by_the_rule_once_for_a_truck_that_stands(world, at):
    world.report(NOON)
    row = issue(world)
    services.record_start(row.pk, left_at=NOON + 5 * MINUTE, at=NOON + 5 * MINUTE)
    asked = NOON + timedelta(hours=2)

    def ask():
        return services.extend_challan(challan=row, reason="axle", by=world.actor, at=asked)

    with pytest.raises(Refusal):
        ask()
    world.store(IMEI, [(asked - timedelta(minutes=back), *AWAY) for back in (40, 30, 20, 10, 1)])
    until = row.valid_until
    assert ask().valid_until == until + timedelta(hours=3)
    with pytest.raises(Refusal) as caught:
        ask()
    assert caught.value.findings[0].facts["why"] == "twice"


@pytest.mark.flow
def test_a_recorded_closure_for_maintenance_adds_its_length_once(world, at):
    world.report(NOON)
    row = issue(world)
    times = {"since": NOON + 10 * MINUTE, "until": NOON + 70 * MINUTE, "reference": "NIC/7"}
    for ground in ("maintenance", "law_and_order"):  # the second, for another reason, adds nothing
        close_challans(district="Munger", closure=Closure(ground=ground, **times), by=world.district, at=NOON)
        times = {**times, "since": NOON + 80 * MINUTE, "until": NOON + 90 * MINUTE}
    asked, until = NOON + timedelta(hours=2), row.valid_until
    Challan.objects.filter(pk=row.pk).update(started_at=NOON + MINUTE)
    assert services.extend_for_outage(challan=row, by=world.actor, at=asked).valid_until == until + timedelta(hours=1)
    with pytest.raises(Refusal):
        services.extend_for_outage(challan=row, by=world.actor, at=asked)


def test_validity_follows_kind_and_hours_of_no_entry():
    lasts = lambda km, kind: validity(  # noqa: E731
        distance_km=Decimal(km), kind=kind, district="Munger", policy=book(), at=NOON
    )
    assert (lasts(14, "truck"), lasts(60, "tractor")) == (timedelta(hours=6), timedelta(hours=10))
    assert lasts(500, "truck") == timedelta(minutes=1530)
    window = [{"from": "14:00", "to": "20:00"}]  # 13:00 in India at NOON
    assert with_no_entry(NOON, timedelta(hours=3), window) == timedelta(hours=9)
    night = [{"from": "22:00", "to": "06:00"}]
    assert with_no_entry(NOON, timedelta(hours=10), night) == timedelta(hours=18)
    assert with_no_entry(NOON, timedelta(hours=3), []) == timedelta(hours=3)
    odd = [{"from": "14:05", "to": "14:12"}, {"from": "14:10", "to": "14:21"}]  # one within the other's end
    assert with_no_entry(NOON, timedelta(hours=3), odd) == timedelta(hours=3, minutes=16)
    assert with_no_entry(NOON, timedelta(minutes=65), odd) == timedelta(minutes=65), "it ends as they begin"
    inside = [{"from": "12:00", "to": "13:30"}]
    assert with_no_entry(NOON, timedelta(hours=1), inside) == timedelta(minutes=90)
    assert with_no_entry(NOON, timedelta(hours=26), night) == timedelta(hours=42)
    for never in ([{"from": "00:00", "to": "24:00"}], [{"from": "07:00", "to": "07:00"}]):
        assert with_no_entry(NOON, timedelta(hours=3), never) == timedelta(days=7), "no hour is left to drive"
