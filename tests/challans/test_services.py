"""Issuing, refusing and ending e-challans (A-17, A-21, E-118, E-128, E-150, E-157, E-159)."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from immis.challans import selectors, services
from immis.challans.models import Challan
from immis.challans.signed.checking import verify_pass
from immis.challans.signed.keys import public_key_list
from immis.core.access.permissions import PUBLIC
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog, Counter, Decision, OutboxEvent
from immis.holds.models import Hold
from immis.registry import services as registry
from immis.registry.people import authorities
from immis.registry.selectors import actor_of
from tests.challans.world import AWAY, BY, NOON, build
from tests.fit import LORRY

MINUTE = timedelta(minutes=1)


def issue(world, **changed):
    wanted = {
        "lease": world.lease, "vehicle": world.vehicle, "place": world.place, "quantity_m3": Decimal("8.5"),
        "driver_name": "राम बहादुर",
    }  # fmt: skip
    more = {name: changed.pop(name) for name in ("by", "at", "key") if name in changed}
    return services.issue_challan(load=services.Load(**{**wanted, **changed}), **{"by": world.actor, **more})


def refused(world, **changed) -> dict:
    with pytest.raises(Refusal) as caught:
        issue(world, **changed)
    return {finding.code: dict(finding.facts) for finding in caught.value.findings}


def test_a_challan_is_issued_with_a_pass_that_proves_it(world, data_dir):
    """E-118, E-128: number, validity by distance, signed pass, event, decision."""
    world.report(NOON - MINUTE)
    challan = issue(world)
    assert (challan.number, challan.state, challan.issued_at) == ("MUN-26-000001", "issued", NOON)
    assert challan.valid_until == NOON + timedelta(hours=6), "about 14 km by road: the class up to 50 km"
    assert (challan.issue_lat, challan.issue_lon, challan.issue_fix_at) == (25.305, 86.505, NOON - MINUTE)
    verdict = verify_pass(challan.pass_text, keys=public_key_list(data_dir, at=NOON), at=NOON + MINUTE)
    assert verdict.good and verdict.pass_facts.vehicle == "BR08G1234" and verdict.pass_facts.number == challan.number
    assert OutboxEvent.objects.filter(kind="challan.issued", subject_id=challan.number).count() == 1
    decision = Decision.objects.get(subject_id=challan.number)
    assert (decision.rule_code, decision.outcome, str(decision.policy_on)) == ("challan.issue", "issued", "2026-06-05")


@pytest.mark.flow
def test_every_reason_is_named_at_once_and_kept(world):
    """A refusal takes no number, and is logged, told and recorded rule by rule."""
    registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration="BR08G9999", capacity_m3=Decimal(5), owner_name="x", commercial=False, **LORRY
        ),
        by=BY,
        at=NOON,
    )
    found = refused(world, vehicle="BR08G9999", driver_name=" ", quantity_m3=Decimal("5.001"))
    assert set(found) == {"CH-02", "CH-03", "CH-05", "CH-09"}
    event = OutboxEvent.objects.get(kind="challan.refused")
    assert [one["code"] for one in event.facts["findings"]] == ["CH-02", "CH-03", "CH-05", "CH-09"]
    assert set(Decision.objects.filter(outcome="refused").values_list("rule_code", flat=True)) == set(found)
    assert ActionLog.objects.filter(code="challan.refused").count() == 1
    assert not Challan.objects.exists() and not Counter.objects.filter(series__startswith="challan").exists()


@pytest.mark.flow
def test_a_vehicle_that_nobody_registered_is_refused(world):
    """E-150."""
    assert refused(world, vehicle="BR99Z0001")["CH-02"]["why"] == "unregistered"


def test_a_vehicle_away_from_the_ghat_is_refused(world):
    """A-23 begins here: the vehicle must stand at the source."""
    world.report(NOON, AWAY)
    found = refused(world)
    assert set(found) == {"CH-04"} and found["CH-04"]["distance_m"] > 10_000


def test_a_silent_device_is_refused(world):
    """E-157: no challan for a vehicle whose tracking is not shared."""
    world.report(NOON - timedelta(minutes=10, seconds=1))
    assert set(refused(world)) == {"CH-03"}


@pytest.mark.parametrize(("kind", "subject"), [("vehicle", "BR08G1234"), ("lease", "MUN-2026-01")])
@pytest.mark.flow
def test_an_ordered_hold_stops_until_it_is_lifted(world, kind, subject):
    """A hold on the vehicle or on the settlement refuses, with what it is and since when."""
    world.report(NOON)
    hold = Hold.objects.create(
        subject_kind=kind, subject_id=subject, stops="challans", rule_code="HLD-03", reason="law and order",
        reference="Order 7", ordered_at=NOON, since=NOON - MINUTE,
    )  # fmt: skip
    finding = refused(world)["CH-01"]
    assert finding["hold_code"] == "HLD-03" and finding["since"] == NOON - MINUTE
    assert finding["holds"][0]["facts"]["reference"] == "Order 7" and finding["holds"][0]["lifts_when"]["hi"]
    hold.lifted_at = NOON
    hold.save()
    assert issue(world).state == "issued"


def test_the_year_s_quantity_is_counted_without_invalid_ones(world):
    """E-092: the least of plan, clearance and consents, in the running year of the settlement."""
    world.report(NOON)
    world.lease.clearances.filter(kind="ec").update(quantity_m3=10)
    first = issue(world)
    assert selectors.issued_quantity_m3(world.lease, NOON) == Decimal("8.5")
    services.cancel_challan(challan=first, reason="wrong", by=world.actor, at=NOON)
    assert selectors.issued_quantity_m3(world.lease, NOON) == 0
    issue(world)
    other = registry.register_vehicle(
        vehicle=registry.NewVehicle(registration="BR08G5555", capacity_m3=Decimal(10), owner_name="x", **LORRY),
        by=BY,
        at=NOON,
    )
    registry.fit_device(imei="861234567890555", vehicle=other, by=BY, at=NOON)
    world.report(NOON, imei="861234567890555")
    found = refused(world, vehicle=other)
    assert set(found) == {"CH-08"} and found["CH-08"]["left_m3"] == Decimal("1.5")


def test_settlement_years_run_from_the_first_day_of_the_period(world):
    start, end = selectors.settlement_year(world.lease.period_from, NOON + timedelta(days=400))
    assert (str(start), str(end)) == ("2027-05-14 18:30:00+00:00", "2028-05-14 18:30:00+00:00")


def test_the_monsoon_closes_the_river_bed(world, at):
    """E-140."""
    at.set(NOON + timedelta(days=30))
    world.report(NOON + timedelta(days=30))
    assert refused(world)["CH-07"]["months"] == [7, 8, 9]


@pytest.mark.flow
def test_one_live_challan_a_vehicle(world, at):
    """E-118: the second is refused while the first lives; it is free again when the first is over."""
    world.report(NOON)
    first = issue(world)
    assert refused(world)["CH-06"]["challan"] == first.number
    later = first.valid_until
    services.record_start(first.pk, left_at=NOON + MINUTE, at=NOON + MINUTE)
    at.set(later)
    world.report(later)
    second = issue(world)
    first.refresh_from_db()
    assert (first.state, second.number) == ("expired", "MUN-26-000002")


@pytest.mark.flow
def test_an_operator_issues_within_the_limits_that_the_settlee_set(world, at):
    """Clause 42(xxxii): so many e-challans a day, from the settlements that were named."""
    operator = registry.add_user(username="operator", name_en="O", name_hi="O")
    limits = {"grants": ["challan.issue"], "leases": [world.lease.number], "challans_a_day": 1}
    authority = authorities.give_authority(
        user=operator, kind="operator", limits=authorities.Limits(**limits), by=world.actor, at=NOON
    )
    world.report(NOON)
    by = actor_of(operator)
    assert issue(world, by=by).number == "MUN-26-000001"
    assert refused(world, by=by)["PPL-08"]["most"] == 1
    elsewhere = authorities.Limits(**{**limits, "leases": ["MUN-2026-99"]})
    authorities.limit_authority(authority=authority, limits=elsewhere, by=world.actor, at=NOON)
    assert refused(world, by=actor_of(operator))["PPL-08"]["lease"] == world.lease.number


def test_the_database_itself_keeps_two_live_challans_apart(world):
    world.report(NOON)
    first = issue(world)
    first.pk, first.number, first.pass_id = None, "MUN-26-000099", "00" * 8
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_a_challan_that_never_started_gives_way_at_its_deadline(world, at):
    """A-21: past the deadline the first is invalid by law, so the second may be issued."""
    world.report(NOON)
    first = issue(world)
    deadline = selectors.start_by(first)
    at.set(deadline)
    world.report(deadline)
    second = issue(world)
    first.refresh_from_db()
    assert (first.state, first.state_rule, second.state) == ("invalid", "MOV-01", "issued")
    assert OutboxEvent.objects.filter(kind="challan.not_started", subject_id=first.number).count() == 1


def test_the_same_key_answers_the_same_challan(world):
    world.report(NOON)
    first, again = issue(world, key="form-1"), issue(world, key="form-1")
    assert first.pk == again.pk and Challan.objects.count() == 1


def test_only_the_settlee_of_the_lease_issues(world):
    world.report(NOON)
    for actor in (PUBLIC, world.district):
        with pytest.raises(NotPermitted):
            issue(world, by=actor)


def test_a_challan_is_cancelled_only_before_the_vehicle_leaves(world, at):
    world.report(NOON)
    challan = issue(world)
    with pytest.raises(NotPermitted):
        services.cancel_challan(challan=challan, reason="x", by=PUBLIC, at=NOON)
    services.record_start(challan.pk, left_at=NOON + MINUTE, at=NOON + MINUTE)
    with pytest.raises(Refusal) as caught:
        services.cancel_challan(challan=challan, reason="x", by=world.actor, at=NOON + 2 * MINUTE)
    assert caught.value.findings[0].code == "CH-14"


def test_invalid_stays_invalid_and_is_written_once(world):
    """A-21: the trigger may fire twice; the record changes once."""
    world.report(NOON)
    challan = issue(world)
    for _ in range(2):
        row = services.invalidate_challan(challan=challan.number, rule_code="TRG-07", facts={"rule": "MOV-01"}, at=NOON)
    assert (row.state, row.state_rule) == ("invalid", "MOV-01")
    assert ActionLog.objects.filter(code="challan.invalid").count() == 1


def test_two_windows_cut_one_challan_for_one_vehicle(own_database, data_dir, at):
    """Both ask at once for the same lorry: one is issued, the other refused by CH-06; numbers stay gapless."""
    at.set(NOON)
    world = build(data_dir)
    world.report(NOON)
    together, outcomes = threading.Barrier(2), []

    def ask():
        together.wait()
        try:
            outcomes.append(issue(world).number)
        except Refusal as refusal:
            outcomes.append([finding.code for finding in refusal.findings])
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(map(str, outcomes)) == ["MUN-26-000001", "['CH-06']"]
    assert Counter.objects.get(series="challan:MUN:26").value == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [({"active": False}, "inactive"), ({"registered_until": NOON.date() - timedelta(days=1)}, "expired")],
    ids=str,
)
@pytest.mark.flow
def test_a_vehicle_whose_registration_was_ended_carries_nothing(world, changed, why):
    """CH-02 by the register's own service: the officer ends a registration, with a reason that is logged."""
    record = {"registration": world.vehicle.registration, "capacity_m3": Decimal(10), "owner_name": "Ram", **LORRY}
    ended = registry.NewVehicle(**record, **changed)
    if "active" in changed:
        with pytest.raises(Refusal) as caught:
            registry.register_vehicle(vehicle=ended, by=BY, at=NOON)
        assert [finding.code for finding in caught.value.findings] == ["REG-10"]
    vehicle = registry.register_vehicle(vehicle=ended, by=BY, at=NOON, reason="sold to another State")
    assert refused(world, vehicle=vehicle)["CH-02"]["why"] == why
