"""Check posts by written order, what passes them without a check, tarpaulin and signboard, and outward bans."""

from datetime import timedelta

import pytest

from immis.challans import selectors, services
from immis.challans.models import CheckPostScan
from immis.core.errors import Refusal
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.registers.models import Entry
from immis.registers.services import enter
from immis.registry.models import Place
from immis.registry.selectors import actor_of
from immis.tracking.jobs import take_in_gateway_events
from tests.challans.test_services import issue, refused
from tests.challans.world import NOON, PLATE, officer_in

MINUTE = timedelta(minutes=1)
ORDER = {
    "order_no": "DMO/17", "ordered_on": NOON.date(), "place": "cp-bariyarpur", "kind": "barrier", "opens": "06:00",
    "closes": "22:00",
}  # fmt: skip


def establish(world, **changed):
    return enter("check_posts", "establish", {**ORDER, **changed}, by=world.district, at=NOON)


@pytest.mark.flow
def test_a_check_post_stands_by_an_order_with_place_and_hours_and_once(world):
    entry = establish(world)
    assert (entry.state, entry.district) == ("stands", "Munger")
    for wrong in ({"place": "nowhere"}, {"place": "cp-far", "opens": "six"}, {}):
        with pytest.raises(Refusal) as caught:
            establish(world, **wrong)
        assert caught.value.findings[0].code == "MOV-48"
    assert Entry.objects.filter(register="check_posts").count() == 1


@pytest.mark.flow
def test_a_post_in_another_district_is_ordered_by_its_own_office(world):
    Place.objects.filter(code="cp-far").update(district="Lakhisarai")
    with pytest.raises(Refusal) as caught:
        establish(world, place="cp-far")
    assert "Lakhisarai" in caught.value.findings[0].facts["because"]["en"]
    everywhere = actor_of(officer_in(world.office, "hq", "director"))
    order = enter("check_posts", "establish", {**ORDER, "place": "cp-far"}, by=everywhere, at=NOON)
    assert order.district == "Lakhisarai"
    shift = {"post": order.number, "person": world.officer.username, "begins": NOON, "ends": NOON + 60 * MINUTE}
    with pytest.raises(Refusal) as caught:  # the order can be read, its shifts are its own office's
        plan(world, **shift)
    assert caught.value.findings[0].code == "MOV-76"


def plan(world, **values):
    return enter("check_post_roster", "plan", values, by=world.district, at=NOON)


@pytest.mark.flow
def test_a_shift_is_of_a_standing_post_and_nobody_is_at_two_at_once(world):
    near, far = establish(world), establish(world, place="cp-far")
    guard = officer_in(world.checkpost, "checkpost", "guard")
    shift = {"post": near.number, "person": guard.username, "begins": NOON, "ends": NOON + 60 * MINUTE}
    made = plan(world, **shift)
    assert made.state == "planned"
    assert [day.on_duty for day in selectors.posts_today(world.district, at=NOON)] == [["guard"], []]
    wrong = (
        {"ends": NOON}, {"post": far.number, "begins": NOON + 59 * MINUTE, "ends": NOON + 90 * MINUTE},
        {"post": made.number},
    )  # fmt: skip
    for changed in wrong:
        with pytest.raises(Refusal) as caught:
            plan(world, **{**shift, **changed})
        assert caught.value.findings[0].code == "MOV-76"
    plan(world, **{**shift, "post": far.number, "begins": NOON + 60 * MINUTE, "ends": NOON + 90 * MINUTE})


@pytest.mark.flow
def test_a_notification_that_stops_nothing_is_not_entered(world):
    by = actor_of(officer_in(world.office, "hq", "director"))
    values = {"notification": "DMG/9", "notified_on": NOON.date(), "since": NOON, "destinations": "outside"}
    with pytest.raises(Refusal) as caught:
        enter("outward_bans", "notify", {**values, "until": NOON - MINUTE}, by=by, at=NOON)
    assert caught.value.findings[0].code == "MOV-77" and not Entry.objects.exists()


@pytest.mark.flow
def test_what_passes_without_a_check_is_counted_while_the_post_works(world):
    establish(world)
    for minutes in (10, 120, 570):  # the last one when the post is closed
        world.tell(world.fence("entered", "place:cp-bariyarpur", NOON + minutes * MINUTE, fence_kind="checkpost"))
    take_in_gateway_events(at=NOON + 571 * MINUTE)
    CheckPostScan.objects.create(at=NOON + 30 * MINUTE, asked=PLATE, registration=PLATE, verdict="good", reason="ok")
    (day,) = selectors.posts_today(world.district, at=NOON + 600 * MINUTE)
    assert [(row.registration, row.checked) for row in day.passages] == [(PLATE, True), (PLATE, False)]
    assert [row.at for row in day.unchecked] == [NOON + 120 * MINUTE]


@pytest.mark.flow
def test_a_loaded_vehicle_without_tarpaulin_or_signboard_comes_to_a_case(world):
    by = actor_of(officer_in(world.checkpost, "checkpost", "post"))
    answer = selectors.check_typed(PLATE, NOON)
    scan, _warning = services.record_scan(answer=answer, by=by, at=NOON, loaded=True)
    services.record_equipment(scan=scan, covered=False, board=True, by=by, at=NOON)
    run_triggers(at=NOON)
    case = Case.objects.get()
    assert (case.offence, case.vehicle.registration, case.proposed_paise) == ("uncovered", PLATE, 25_000_00)
    task = Task.objects.get(code="TRG-216")
    assert task.facts["missing"]["en"] == "no tarpaulin over the load" and task.act == "send_notice"


@pytest.mark.flow
def test_the_task_names_pass_place_and_owner_and_opens_no_case_of_an_unknown_vehicle(world):
    world.report(NOON)
    challan, by = issue(world), actor_of(officer_in(world.checkpost, "checkpost", "post"))
    type(world.vehicle).objects.filter(pk=world.vehicle.pk).update(kind="tractor", owner=world.party)
    for plate in (PLATE, "BR01ZZ9999"):
        answer = selectors.check_typed(plate, NOON)
        scan, _warning = services.record_scan(answer=answer, by=by, at=NOON, loaded=True, lat=25.37, lon=86.47)
        services.record_equipment(scan=scan, covered=True, board=False, by=by, at=NOON)
    run_triggers(at=NOON)
    known, unknown = (Task.objects.get(code="TRG-216", subject_id=plate) for plate in (PLATE, "BR01ZZ9999"))
    shown = ("challan", "lease", "vehicle", "owner_id", "lat", "lon", "known")
    assert [known.facts[name] for name in shown] == [
        challan.number, world.lease.number, "tractor", world.party.pk, 25.37, 86.47, True,
    ]  # fmt: skip
    assert (unknown.act, unknown.facts["known"]) == ("inspect", False)
    assert [(case.offence, case.party) for case in Case.objects.all()] == [("no_board", world.party)]


def test_an_empty_vehicle_needs_no_tarpaulin(world):
    by = actor_of(officer_in(world.checkpost, "checkpost", "post"))
    scan, _warning = services.record_scan(answer=selectors.check_typed(PLATE, NOON), by=by, at=NOON, loaded=False)
    services.record_equipment(scan=scan, covered=False, board=None, by=by, at=NOON)
    run_triggers(at=NOON)
    assert not Case.objects.exists() and not Task.objects.filter(code="TRG-216").exists()


@pytest.mark.flow
def test_a_notification_stops_sand_to_other_states_until_it_ends_or_is_lifted(world):
    world.report(NOON - MINUTE)
    by = actor_of(officer_in(world.office, "hq", "director"))
    values = {
        "notification": "DMG/7", "notified_on": NOON.date(), "since": NOON - MINUTE, "until": NOON + 60 * MINUTE,
        "destinations": "outside", "office": world.office.code,
    }  # fmt: skip
    enter("outward_bans", "notify", values, by=by, at=NOON)
    world.place.kind = "outside"
    world.place.save()
    assert refused(world)["CH-70"]["notification"] == "DMG/7"
    assert selectors.bans_on("Patna") == ()
    enter("outward_bans", "notify", {**values, "destinations": "all", "since": NOON + 55 * MINUTE}, by=by, at=NOON)
    world.place.kind = "destination"
    world.place.save()
    assert issue(world).number
