"""Who sees which challan, and what a check answers (E-118)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from immis.challans import selectors, services
from immis.core.access.permissions import PUBLIC, SYSTEM
from immis.core.errors import NotFound, NotPermitted
from immis.core.models import OutboxEvent
from immis.registry.selectors import actor_of
from immis.rules.calendar import india_day
from tests.challans.world import NOON, officer_in

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def challan(world):
    world.report(NOON)
    return services.issue_challan(
        load=services.Load(
            lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
        ),
        by=world.actor,
    )


@pytest.fixture
def guard(world):
    return actor_of(officer_in(world.checkpost, "checkpost", "guard"))


@pytest.fixture
def far_guard(world):
    return actor_of(officer_in(world.farpost, "checkpost", "far-guard"))


def test_everybody_sees_what_the_post_may_see(world, challan, guard):
    elsewhere = replace(world.district, district="Gaya")
    stranger = replace(world.actor, party_id=world.party.pk + 1)
    nowhere, nobody = replace(world.district, district=""), replace(world.actor, party_id=None)
    for viewer in (world.actor, world.district, SYSTEM):
        assert selectors.challan_of("mun-26-000001", viewer) == challan
    for viewer in (elsewhere, stranger, nowhere, nobody, guard, PUBLIC):
        with pytest.raises(NotFound):
            selectors.challan_of(challan.number, viewer)


def test_a_check_post_sees_what_it_checked_itself(world, challan, guard, far_guard):
    """It looks up single passes; a list of the passes of the State is not for it."""
    services.record_scan(answer=selectors.check_challan(challan.number, NOON), by=guard, at=NOON)
    assert [one.number for one in selectors.search(guard, at=NOON)] == [challan.number]
    assert not selectors.search(far_guard, at=NOON) and not selectors.search(replace(guard, office_id=None), at=NOON)


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("MUN/26/000001", True),
        ("mun 2026 1", True),
        ("mun-26", True),
        ("000001", True),
        ("1", True),
        ("g1234", True),
        ("BR 08 G 1234", True),
        ("MUN-26-000002", False),
        ("9", False),
        ("un-26", False),
        ("BR09", False),
        ("%", False),
        ("~", False),
    ],
)
def test_a_list_is_narrowed_by_number_its_beginning_its_end_or_the_truck(world, challan, text, is_meant):
    rows = selectors.search(world.district, selectors.Wanted(text=text), at=NOON)
    assert [row.number for row in rows] == ([challan.number] if is_meant else [])


def test_a_list_is_narrowed_by_days_of_issue_in_india(world, challan):
    day = india_day(NOON)
    for first, last, count in ((day, day, 1), (day + DAY, None, 0), (None, day - DAY, 0), (None, day, 1)):
        wanted = selectors.Wanted(from_on=first, to_on=last)
        assert selectors.search(world.district, wanted, at=NOON).count() == count
    assert selectors.state_counts(world.district, from_on=day)["issued"] == 1
    assert selectors.state_counts(world.district, from_on=day + DAY)["issued"] == 0


@pytest.mark.parametrize("text", ["MUN/26/000001", "mun-26-000001", " MUN 26 000001 "])
def test_a_number_is_found_however_it_is_typed(world, challan, text):
    answer = selectors.check_challan(text, NOON)
    assert answer.good and answer.genuine and answer.in_time and answer.registration == "BR08G1234"


def test_the_qr_is_checked_by_signature_and_register(world, challan):
    assert selectors.check_challan(challan.pass_text, NOON).good
    changed = challan.pass_text[:-6] + ("A" if challan.pass_text[-6] != "A" else "B") + challan.pass_text[-5:]
    answer = selectors.check_challan(changed, NOON)
    assert not answer.genuine and answer.challan is None


def test_a_genuine_pass_that_the_register_does_not_know(world, challan):
    challan.delete()
    assert selectors.check_challan(challan.pass_text, NOON).reason == "not_found"


@pytest.mark.parametrize("text", ["MUN/26/999999", "", "%", "'; DROP TABLE", "#" * 80, "IM1:nothing", "🚚" * 70])
def test_any_text_gets_an_answer(world, challan, text):
    answer = selectors.check_challan(text, NOON)
    assert not answer.good and not answer.genuine


def test_a_vehicle_is_checked_by_its_plate(world, challan):
    assert selectors.check_vehicle("br08 g-1234", NOON).good
    assert selectors.check_vehicle("BR01A0001", NOON).reason == "no_live"


def test_a_cancelled_challan_says_so(world, challan):
    services.cancel_challan(challan=challan, reason="wrong lorry", by=world.actor, at=NOON)
    assert selectors.check_challan(challan.number, NOON + MINUTE).reason == "cancelled"


@pytest.mark.flow
def test_two_checks_far_apart_raise_a_doubt(world, challan, guard, far_guard):
    """A copied challan is seen at two places faster than a lorry drives (MOV-04)."""
    here, there = {"lat": 25.30, "lon": 86.50}, {"lat": 25.90, "lon": 87.20}
    first, no_warning = services.record_scan(
        answer=selectors.check_challan(challan.number, NOON), by=guard, at=NOON, **here
    )
    later = NOON + 20 * MINUTE
    second, warning = services.record_scan(
        answer=selectors.check_challan(challan.number, later), by=far_guard, at=later, **there
    )
    assert (first.verdict, no_warning) == ("good", None)
    assert (second.verdict, warning.code, warning.facts["minutes"]) == ("warn", "MOV-04", 20)
    assert OutboxEvent.objects.filter(kind="challan.seen_twice").count() == 1


def test_only_officers_record_checks_and_each_post_sees_its_own(world, challan, guard, far_guard):
    answer = selectors.check_challan(challan.number, NOON)
    with pytest.raises(NotPermitted):
        services.record_scan(answer=answer, by=world.actor, at=NOON)
    services.record_scan(answer=answer, by=guard, at=NOON)
    seen = [selectors.scans(viewer, since=NOON).count() for viewer in (guard, far_guard, world.district, PUBLIC)]
    assert seen == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("mun/26/1", "MUN-26-000001"), ("MUN 26 000001", "MUN-26-000001"), ("mun-26-000001", "MUN-26-000001"),
        ("MUN–26–000001", "MUN-26-000001"), ("मुन", ""), ("MUN/२६/०००००१", "MUN-26-000001"),
        ("MUN\\26\\1", "MUN-26-000001"), (" Mun . 26 . 000001. ", "MUN-26-000001"),
        ("MUN26000001", "MUN-26-000001"), ("MUN/2026/000001", "MUN-26-000001"),
        ("ＭＵＮ／２６／０００００１", "MUN-26-000001"), ("MUN_26_1", "MUN-26-000001"), ("No. x", "NO-X"),
    ],
)  # fmt: skip
def test_a_number_is_helped_however_it_was_typed(typed, number):
    assert selectors.number_of(typed) == number


def test_a_part_of_a_number_still_finds_by_its_beginning():
    assert selectors.typed_number("mun-26-00") == "MUN-26-00"
