"""Passes of an outage: key, quota, what the gate holds, taking its book in; each fraud is found and none is dropped."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immis import clock
from immis.challans import selectors, services
from immis.challans.models import Challan, OfflinePass
from immis.challans.offline import closing, keys, pack
from immis.challans.offline.taking import take_lines
from immis.challans.signed import keys as pass_keys
from immis.challans.signed import offline_root
from immis.challans.signed.checking import verify_pass
from immis.challans.signed.lists import instant_text, read_key_list
from immis.core.errors import Refusal
from immis.core.installation.readiness import CHECKS
from immis.core.models import ActionLog, OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.registers import loader
from immis.registers.models import Entry
from immis.registers.services import Given, do_act, enter
from immis.registry import services as registry
from immis.rules.calendar import india_day
from tests.challans import world as made
from tests.challans.world import BY, NOON, PLATE
from tests.doors.gate import Gate, digest, sent_at_ms
from tests.fit import LORRY

OTHER = "BR08G5678"
LATER = NOON + timedelta(days=2)  # key and quota count


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    built = made.build(data_dir)
    other = registry.register_vehicle(
        vehicle=registry.NewVehicle(
            registration=OTHER, capacity_m3=Decimal(10), owner_name="Ram", owner=built.party, **LORRY
        ),
        by=BY,
        at=NOON,
    )
    registry.fit_device(imei="490154203237518", vehicle=other, by=BY, at=NOON)
    return built


def act(entry, name, by, when, reason=""):
    register = loader.current(entry.register, india_day(when))
    return do_act(
        register=register, act=register.acts[name], given=Given({}, reason=reason), by=by, at=when, entry=entry
    )


def enrolled(world, at, passes=12):
    """A gate whose key is approved, with a quota that runs, and its pack of two days later."""
    gate = Gate()
    key = enter(keys.KEYS, "ask", gate.asks(world.lease.number), by=world.actor, at=NOON)
    act(key, "approve", world.district, NOON)
    order = {"order_no": "DMO/9", "ordered_on": "2026-06-05", "key": key.number, "passes": str(passes)}
    enter(keys.QUOTAS, "grant", order, by=world.district, at=NOON)
    assert keys.list_gate_keys(at=NOON) == 1 and keys.list_gate_keys(at=NOON) == 0
    at.set(LATER)
    gate.pack = pack.make_pack(Entry.objects.get(pk=key.pk), world.lease, by=world.actor, at=LATER)
    return gate


def send(world, lines, when, device_now=None):
    now = sent_at_ms(device_now or when)
    return take_lines(lines, device_now_ms=now, by=world.actor, at=when)


def verdict(text, when, revoked=None):
    lists = read_key_list(pass_keys.public_key_list(clock.data_dir(), at=when))
    return verify_pass(text, keys=lists, at=when)


def codes(number):
    return set(OfflinePass.objects.filter(number=number).order_by("-id").first().codes.split())


@pytest.mark.flow
def test_twelve_passes_of_an_outage_stand_once_in_the_register(world, at):
    gate = enrolled(world, at)
    quota = gate.pack["quota"]
    trucks = [PLATE, OTHER]
    made_at = [LATER + timedelta(hours=5 * (n // 2), milliseconds=300 * n) for n in range(4)]  # two within a second
    lines = [gate.issue(trucks[n % 2], "patna", made_at[n]) for n in range(4)]
    back = LATER + timedelta(hours=11)
    at.set(back)
    taken = send(world, lines, back)
    assert list(taken.kept.values()) == ["taken"] * 4, taken
    again = send(world, lines, back)
    assert again.kept == taken.kept
    rows = Challan.objects.order_by("number")
    assert [row.number for row in rows] == [f"MUN-26-{quota['first'] + n:06d}" for n in range(4)]
    assert (
        rows[0].issued_at == LATER and rows[0].pass_text == lines[0]["text"] and rows[0].quantity_m3 == Decimal("8.5")
    )
    assert rows[0].statement["code"] == "CH-12" and rows[0].driver_name == "Ram"
    kinds = list(OutboxEvent.objects.values_list("kind", flat=True))
    assert kinds.count("challan.issued") == 4 and kinds.count("challan.taken_offline") == 4
    assert not Entry.objects.filter(register=keys.FINDINGS).exists()
    assert selectors.issued_quantity_m3(world.lease, back) >= Decimal("8.5")
    assert ActionLog.objects.filter(code="challan.issued").count() == 4


def test_a_gates_pass_is_genuine_by_its_own_key_within_its_quota_alone(world, at):
    gate = enrolled(world, at, passes=2)
    good = gate.issue(PLATE, "patna", LATER)
    found = verdict(good["text"], LATER + timedelta(minutes=1))
    assert found.genuine and found.in_time and found.reason == "issued_offline" and found.gate == world.lease.number
    beyond = gate.issue(OTHER, "patna", LATER, counter=3)
    assert verdict(beyond["text"], LATER).reason == "outside_quota"
    early = gate.issue(OTHER, "patna", NOON + timedelta(hours=23))
    assert verdict(early["text"], LATER).reason == "key_not_yet_valid"
    waiting = selectors.check_challan(good["text"], LATER + timedelta(minutes=1))
    assert waiting.reason == "issued_offline" and waiting.registration == PLATE and waiting.genuine
    send(world, [good], LATER + timedelta(hours=1))
    assert selectors.check_challan(good["text"], LATER + timedelta(minutes=1)).reason == "ok"


def test_a_revoked_key_is_refused_by_both_lists(world, at):
    gate = enrolled(world, at)
    line = gate.issue(PLATE, "patna", LATER)
    old_keys = read_key_list(pass_keys.public_key_list(clock.data_dir(), at=LATER))
    key = Entry.objects.get(register=keys.KEYS)
    act(key, "revoke", world.district, LATER + timedelta(minutes=5), reason="stolen")
    keys.list_gate_keys(at=LATER + timedelta(minutes=5))
    when = LATER + timedelta(minutes=6)
    assert verdict(line["text"], when).reason == "key_revoked"
    cancelled = pass_keys.cancelled_list([], at=when, data_dir=clock.data_dir())
    found = verify_pass(line["text"], keys=old_keys, cancelled=cancelled, at=when)
    assert found.reason == "key_revoked" and found.cancelled and not found.good
    after = gate.issue(OTHER, "patna", when)
    assert list(send(world, [line, after], when + timedelta(hours=1)).kept.values()) == ["taken", "held"]
    assert codes(after_number(gate, 2)) == {"CH-81"}


def after_number(gate, counter):
    return f"{gate.pack['quota']['series']}-{gate.pack['quota']['first'] + counter - 1:06d}"


@pytest.mark.flow
def test_one_line_with_two_contents_is_a_copied_book(world, at):
    gate = enrolled(world, at)
    clone = gate.copy()
    first, second = gate.issue(PLATE, "patna", LATER), clone.issue(OTHER, "patna", LATER)
    when = LATER + timedelta(hours=1)
    assert list(send(world, [first], when).kept.values()) == ["taken"]
    assert list(send(world, [second], when).kept.values()) == ["held"]
    finding = Entry.objects.get(register=keys.FINDINGS)
    assert finding.values["codes"] == "CH-84" and PLATE in finding.values["why"] and finding.values["kept"] == "held"
    news = OutboxEvent.objects.get(kind="offline.finding")
    assert news.facts["registration"] == OTHER and news.facts["codes"] == ["CH-84"] and not news.facts["kept"]
    run_triggers(at=when)
    assert Task.objects.get(code="TRG-250").subject_id == finding.number
    assert Challan.objects.count() == 1
    assert selectors.check_challan(second["text"], LATER + timedelta(minutes=1)).reason in ("offline_held", "not_found")
    third = gate.issue(OTHER, "patna", LATER + timedelta(minutes=2))
    assert list(send(world, [third], when).kept.values()) == ["taken"]  # the true book goes on
    held = next(row for row in Entry.objects.filter(register=keys.FINDINGS) if row.state == "held")
    with pytest.raises(Refusal) as caught:
        act(held, "take_in", world.district, LATER + timedelta(hours=3), reason="the books were seen")
    assert [finding.code for finding in caught.value.findings] == ["CH-89"]


def test_a_clock_that_was_set_back_is_found(world, at):
    gate = enrolled(world, at)
    first = gate.issue(PLATE, "patna", LATER + timedelta(hours=1))
    back = gate.issue(OTHER, "patna", LATER + timedelta(minutes=30))
    when = LATER + timedelta(hours=2)
    assert list(send(world, [first, back], when).kept.values()) == ["taken", "taken"]
    assert (
        codes(after_number(gate, 2)) == {"CH-83"}
        and Entry.objects.get(register=keys.FINDINGS).values["kept"] == "taken"
    )


@pytest.mark.flow
@pytest.mark.parametrize("name", ["before", "ahead", "off"])
def test_a_clock_that_disagrees_is_found(world, at, name):
    gate, when, device = enrolled(world, at), LATER + timedelta(hours=2), None
    made_at = {"before": LATER - timedelta(minutes=30), "ahead": when + timedelta(minutes=30)}.get(name, LATER)
    if name == "before":
        gate.pack["quota"]["starts_at"] = "x"
    device = when - timedelta(minutes=20) if name == "off" else None
    send(world, [gate.issue(PLATE, "patna", made_at)], when, device)
    assert "CH-83" in codes(after_number(gate, 1))


def test_beyond_range_days_and_hours_nothing_is_taken(world, at):
    gate = enrolled(world, at, passes=2)
    late = gate.issue(PLATE, "patna", LATER + timedelta(hours=13))
    for n in (2, 3):
        gate.issue(OTHER, "patna", LATER + timedelta(hours=13, minutes=n))
    when = LATER + timedelta(hours=14)
    taken = send(world, gate.lines, when)
    assert list(taken.kept.values()) == ["held"] * 3 and not Challan.objects.exists()
    found = [row.values["why"] for row in Entry.objects.filter(register=keys.FINDINGS).order_by("id")]
    assert "too old" in found[0] and "not one of the quota" in found[2]
    assert late["text"]


@pytest.mark.flow
def test_a_wrong_key_a_changed_line_and_a_broken_chain_are_held(world, at):
    gate = enrolled(world, at)
    stranger = gate.copy()
    stranger.key = Gate().key
    forged = stranger.issue(PLATE, "patna", LATER)
    good = gate.issue(PLATE, "patna", LATER)
    changed = {**good, "driver": "Shyam"}
    gate.lines.clear()
    skipped = gate.issue(OTHER, "patna", LATER, counter=5)
    when = LATER + timedelta(hours=1)
    taken = send(world, [forged, changed, skipped, good], when)
    assert list(taken.kept.values()) == ["held", "held", "held", "taken"]
    whys = " ".join(row.values["why"] for row in Entry.objects.filter(register=keys.FINDINGS))
    assert whys.count("signature does not fit") == 2 and "does not follow" in whys


@pytest.mark.parametrize(
    "bent",
    [{"trip": {1: "MUN-26-009999"}}, {"trip": {8: "MUN-2026-99"}}, {"trip": {9: "Delhi"}}, {"minutes": 3000},
     {"line_at": 1_780_000_000_000}, {"place": "nowhere"}],
)  # fmt: skip
def test_a_pass_that_says_something_else_than_its_line_is_held(world, at, bent):
    gate = enrolled(world, at)
    line = gate.issue(PLATE, "patna", LATER, **bent) if "place" not in bent else gate.issue(PLATE, "nowhere", LATER)
    assert list(send(world, [line], LATER + timedelta(hours=1)).kept.values()) == ["held"]
    assert "CH-81" in OfflinePass.objects.get().codes and not Challan.objects.exists()


@pytest.mark.flow
def test_a_truck_on_another_trip_is_held(world, at):
    gate = enrolled(world, at)
    world.report(LATER)
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="Ram"
    )
    online = services.issue_challan(load=load, by=world.actor, at=LATER)
    line = gate.issue(PLATE, "patna", LATER + timedelta(minutes=5))
    assert list(send(world, [line], LATER + timedelta(minutes=30)).kept.values()) == ["held"]
    assert online.number in Entry.objects.get(register=keys.FINDINGS).values["why"]
    assert Challan.objects.get().number == online.number


@pytest.mark.flow
def test_the_office_takes_a_held_line_in_once_or_refuses_it(world, at):
    gate = enrolled(world, at)
    world.report(LATER)
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="Ram"
    )
    online = services.issue_challan(load=load, by=world.actor, at=LATER)
    first, second = (gate.issue(PLATE, "patna", LATER + timedelta(minutes=n)) for n in (5, 10))
    forged = {**gate.issue(OTHER, "patna", LATER + timedelta(minutes=12)), "driver": "Shyam"}
    assert list(send(world, [first, second, forged], LATER + timedelta(minutes=30)).kept.values()) == ["held"] * 3
    found = list(Entry.objects.filter(register=keys.FINDINGS).order_by("id"))
    assert [row.state for row in found] == ["held"] * 3

    def why(entry, name, when, by=world.district):
        with pytest.raises(Refusal) as caught:
            act(entry, name, by, when, reason="the books were seen")
        return [(one.code, one.facts.get("why")) for one in caught.value.findings]

    soon, late = LATER + timedelta(minutes=40), LATER + timedelta(hours=30)
    assert why(found[0], "take_in", soon) == [("CH-89", "trip")]
    assert why(found[2], "take_in", late) == [("CH-89", "unproven")]
    assert act(found[0], "take_in", world.district, late, reason="the books were seen").state == "taken"
    assert act(found[1], "refuse", world.district, late, reason="no load was seen").state == "refused"
    rows = Challan.objects.exclude(number=online.number)
    assert [row.number for row in rows] == [f"MUN-26-{gate.pack['quota']['first']:06d}"]
    assert rows[0].issued_at == LATER + timedelta(minutes=5) and rows[0].offline.outcome == "taken"
    assert why(found[0], "take_in", late) == [("RGS-01", None)]
    assert Challan.objects.count() == 2


def test_a_rule_that_meanwhile_speaks_against_it_does_not_keep_it_out(world, at):
    gate = enrolled(world, at)
    line = gate.issue(PLATE, "patna", LATER, m3="9.999")
    world.vehicle.insurance_until = india_day(NOON)
    world.vehicle.save()
    assert list(send(world, [line], LATER + timedelta(hours=1)).kept.values()) == ["taken"]
    finding = Entry.objects.get(register=keys.FINDINGS)
    assert finding.values["codes"] == "CH-32" and finding.values["kept"] == "taken"
    settled = act(finding, "settle", world.district, LATER + timedelta(hours=2), reason="paper seen")
    assert settled.state == "settled"


def test_what_the_gate_holds_says_what_stops_whom(world, at):
    world.vehicle.insurance_until = india_day(NOON)
    world.vehicle.save()
    held = enrolled(world, at).pack
    trucks = {row["mark"]: row for row in held["vehicles"]}
    if PLATE in trucks:
        assert {row["code"] for row in trucks[PLATE]["stops"]} == {"CH-32"}
    assert held["stops"] == [] and held["left"]["year"] == 91_800_000
    place = {row["code"]: row for row in held["places"]}["patna"]
    assert place["stops"] == [] and place["minutes"]["truck"] > 0 and held["quota"]["used"] == 0
    json.dumps(held)


@pytest.mark.flow
def test_numbers_that_nobody_used_go_back_and_stand_there(world, at):
    gate = enrolled(world, at, passes=5)
    quota = Entry.objects.get(register=keys.QUOTAS)
    send(world, [gate.issue(PLATE, "patna", LATER)], LATER + timedelta(hours=1))
    assert closing.close_quotas(at=LATER) == 0
    over = keys.instant(quota.values["ends_at"]) + timedelta(hours=73)
    assert closing.close_quotas(at=over) == 1 and closing.close_quotas(at=over) == 0
    quota.refresh_from_db()
    first = gate.pack["quota"]["first"]
    assert quota.state == "closed" and quota.values["returned"] == f"MUN-26-{first + 1:06d}–{first + 4:06d}"
    late = gate.issue(OTHER, "patna", LATER + timedelta(hours=2))
    assert list(send(world, [late], over).kept.values()) == ["held"] and "CH-82" in codes(after_number(gate, 2))


def test_the_series_has_no_number_twice(world, at):
    gate = enrolled(world, at)
    world.report(LATER)
    load = services.Load(
        lease=world.lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="Ram"
    )
    online = services.issue_challan(load=load, by=world.actor, at=LATER)
    assert online.number == f"MUN-26-{gate.pack['quota']['last'] + 1:06d}"


@pytest.mark.flow
def test_with_the_root_offline_a_quota_counts_a_day_after_the_list_that_has_it(world, at, tmp_path):
    stick, at_once = tmp_path / "root.json", NOON
    pass_keys.load_signer(clock.data_dir(), at=at_once)
    offline_root.carry_away(clock.data_dir(), pass_keys.public_key_list(clock.data_dir(), at=at_once), stick)
    gate = enrolled(world, at)
    assert gate.pack is None and [row.state for row in keys.unlisted_quotas()] == ["granted"]
    look = CHECKS["gate_lists"].look
    assert look(LATER).state == "weak"
    asked = pass_keys.next_list(clock.data_dir(), at=LATER)
    offline_root.install(clock.data_dir(), offline_root.sign_offline(asked, stick), at=LATER)
    assert look(LATER).state == "set"
    key = Entry.objects.get(register=keys.KEYS)
    gate.pack = pack.make_pack(key, world.lease, by=world.actor, at=LATER)
    assert gate.pack["quota"]["starts_at"] == instant_text(LATER + timedelta(hours=24))
    line = gate.issue(PLATE, "patna", LATER + timedelta(hours=2))
    assert list(send(world, [line], LATER + timedelta(hours=3)).kept.values()) == ["held"]
    assert codes(line_number(gate, 0)) == {"CH-82"}


def line_number(gate, n):
    return f"{gate.pack['quota']['series']}-{gate.pack['quota']['first'] + n:06d}"


@pytest.mark.flow
def test_a_quota_is_bounded_and_one_a_key(world, at):
    gate = Gate()
    key = enter(keys.KEYS, "ask", gate.asks(world.lease.number), by=world.actor, at=NOON)
    order = {"order_no": "DMO/9", "ordered_on": "2026-06-05", "key": key.number, "passes": "12"}
    with pytest.raises(Refusal, match="CH-80"):  # not approved
        enter(keys.QUOTAS, "grant", order, by=world.district, at=NOON)
    act(key, "approve", world.district, NOON)
    with pytest.raises(Refusal, match="CH-80"):
        enter(keys.QUOTAS, "grant", {**order, "passes": "25"}, by=world.district, at=NOON)
    enter(keys.QUOTAS, "grant", order, by=world.district, at=NOON)
    with pytest.raises(Refusal, match="CH-80"):  # one runs
        enter(keys.QUOTAS, "grant", order, by=world.district, at=NOON)
    with pytest.raises(Refusal, match="CH-88"):  # no proof
        enter(keys.KEYS, "ask", {**Gate().asks(world.lease.number), "proof": "A" * 86}, by=world.actor, at=NOON)
    with pytest.raises(Refusal, match="CH-88"):  # handed in before
        enter(keys.KEYS, "ask", gate.asks(world.lease.number), by=world.actor, at=NOON)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=10,
)


def test_nothing_that_is_sent_breaks_the_door(world, at):
    gate = enrolled(world, at)
    good = gate.issue(PLATE, "patna", LATER)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(_ANY, max_size=3), st.sampled_from(sorted(good)), _ANY)
    def throw(rows, name, value):
        taken = take_lines([*rows, {**good, name: value}], device_now_ms=None, by=world.actor, at=LATER)
        assert len(taken.kept) + len(taken.refused) >= 1

    throw()
    held = OfflinePass.objects.filter(outcome="held").count()
    assert list(send(world, [good], LATER + timedelta(hours=1)).kept.values()) == ["taken"]
    assert Challan.objects.count() == 1 and held == Entry.objects.filter(register=keys.FINDINGS).count()


def test_digests_of_device_and_office_agree(world, at):
    gate = enrolled(world, at)
    line = gate.issue(PLATE, "patna", LATER, driver='राम \u2028 "x"')
    taken = send(world, [line], LATER + timedelta(hours=1))
    assert list(taken.kept) == [digest(line)]
