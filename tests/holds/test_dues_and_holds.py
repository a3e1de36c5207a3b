"""Holds that follow from facts stand and fall at the very instant; the worker only announces them (A-12, A-17…A-19)."""

from datetime import timedelta

import pytest
from django.db import connection

from immis.core.errors import NotPermitted
from immis.core.models import ActionLog, OutboxEvent
from immis.holds import services
from immis.holds.models import Hold, HoldSpell
from immis.holds.selectors import ordered_holds, orders_on
from immis.leases import selectors
from immis.leases.jobs import announce_dues_and_holds
from immis.leases.states import stopped_numbers
from immis.ledger.models import Demand
from immis.ledger.selectors import demands_for
from immis.ledger.services import cancel_demand, import_scroll, note_payment, verify_receipt
from immis.ledger.treasury import treasury as the_treasury
from immis.rules.calendar import start_of
from immis.rules.leases.schedule import late_from
from tests.settlement import india

pytestmark = pytest.mark.django_db
LATE = india("2026-10-16", "00:00:00")
MS = timedelta(milliseconds=1)


def stopped(lease, at) -> list[str]:
    return [hold.rule_code for hold in selectors.standing_holds(lease, at)]


def events(kind: str) -> list[dict]:
    return [event.facts for event in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def test_an_unpaid_instalment_stops_challans_at_midnight_with_no_job_running(world):
    lease = world.mining()
    assert stopped(lease, LATE - MS) == []
    assert stopped(lease, LATE) == ["HLD-01"]
    hold = selectors.standing_holds(lease, LATE)[0]
    assert hold.since == LATE and hold.facts["amount_paise"] == 223_762_500
    assert hold.lifts_when["hi"] and hold.subject_id == "MUN-2026-01"


def test_the_districts_verification_opens_them_at_that_instant(world):
    """A-18: payment alone opens nothing; verification does, with no further act."""
    lease = world.mining()
    receipt = world.pay(world.instalment(lease, 1, 2), at=india("2026-10-20"))
    note_payment(standing=the_treasury().status(receipt.grn), source="webhook", at=india("2026-10-20"))
    assert stopped(lease, india("2026-10-20", "12:00:00")) == ["HLD-01"]
    verified_at = india("2026-10-21", "11:30:00")
    verify_receipt(receipt=receipt, by=world.district, at=verified_at)
    assert stopped(lease, verified_at - MS) == ["HLD-01"]
    assert stopped(lease, verified_at) == []


def test_paid_in_time_and_verified_in_time_never_stops(world):
    lease = world.mining()
    world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-10-15", "23:59:00"))
    assert stopped(lease, LATE) == []
    announce_dues_and_holds(at=LATE)
    assert HoldSpell.objects.count() == 0


def test_before_the_permission_and_after_the_period_nothing_leaves(world):
    lease = world.deeded()
    assert stopped(lease, india("2026-07-16")) == ["HLD-02"]
    lease = world.mining(lease)
    assert stopped(lease, india("2026-07-16")) == []
    assert "HLD-04" in stopped(lease, india("2031-07-15", "00:00:00"))
    assert "HLD-04" not in stopped(lease, india("2031-07-15", "00:00:00") - MS)


def test_the_worker_announces_each_thing_once(world):
    lease = world.mining()
    for at in (india("2026-09-29"), india("2026-09-30"), india("2026-10-01"), LATE - MS, LATE, LATE + MS):
        for _ in range(2):
            announce_dues_and_holds(at=at)
    soon, late, started = events("instalment.due_soon"), events("instalment.overdue"), events("hold.started")
    assert (len(soon), len(late), len(started)) == (1, 1, 1)
    fact = late[0]
    assert fact["lease"] == lease.number and fact["district"] == "Munger" and fact["party_id"] == world.party.pk
    assert (
        fact["amount_paise"] == 223_762_500 and fact["due_on"] == "2026-10-15" and fact["cites"][0]["code"] == "INS-02"
    )
    assert fact["ghat"]["hi"] == "कलिस्थान फुलकिया" and fact["demand"].startswith("D26-")


def test_due_soon_begins_at_the_first_instant_of_its_day(world):
    world.mining()
    announce_dues_and_holds(at=india("2026-09-30", "00:00:00") - MS)
    assert events("instalment.due_soon") == []
    announce_dues_and_holds(at=india("2026-09-30", "00:00:00"))
    assert len(events("instalment.due_soon")) == 1


def test_a_spell_is_kept_with_cause_rule_time_and_officer(world):
    """A-19."""
    lease = world.mining()
    announce_dues_and_holds(at=LATE)
    paid_at = india("2026-10-21", "11:30:00")
    world.pay_and_verify(world.instalment(lease, 1, 2), at=paid_at)
    for _ in range(2):
        announce_dues_and_holds(at=paid_at + timedelta(seconds=1))
    spell = HoldSpell.objects.get()
    assert (spell.since, spell.ended_at, spell.rule_code) == (LATE, paid_at, "HLD-01")
    assert (spell.ended_by, spell.end_cause) == (world.district.user_id, "verified")
    ended = events("hold.ended")
    assert (
        len(ended) == 1 and ended[0]["officer"] == "mdo जी" and ended[0]["cause"]["en"].startswith("Payment verified")
    )
    logged = list(ActionLog.objects.filter(code__startswith="hold.").order_by("seq").values_list("code", flat=True))
    assert logged == ["hold.started", "hold.ended"]


def test_a_hold_that_came_and_went_between_two_runs_is_told_in_order(world):
    lease = world.mining()
    announce_dues_and_holds(at=LATE - MS)
    world.pay_and_verify(world.instalment(lease, 1, 2), at=LATE + timedelta(seconds=5))
    announce_dues_and_holds(at=LATE + timedelta(seconds=9))
    kinds = OutboxEvent.objects.filter(kind__startswith="hold.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["hold.started", "hold.ended"]
    assert HoldSpell.objects.get().ended_at == LATE + timedelta(seconds=5)


@pytest.mark.parametrize("days", [3, 40])
def test_a_hold_that_came_and_went_while_the_worker_was_down_is_told(world, days):
    lease = world.mining()
    announce_dues_and_holds(at=LATE - MS)
    paid_at = LATE + timedelta(hours=5)
    world.pay_and_verify(world.instalment(lease, 1, 2), at=paid_at)
    announce_dues_and_holds(at=LATE + timedelta(days=days))
    assert HoldSpell.objects.get(since=LATE).ended_at == paid_at
    assert announce_dues_and_holds(at=LATE + timedelta(days=days, hours=1)) == 0


def test_a_withdrawn_demand_ends_its_hold(world):
    lease = world.mining()
    announce_dues_and_holds(at=LATE)
    cancel_demand(demand=world.instalment(lease, 1, 2), reason="शुद्धि", by=world.district, at=LATE + MS)
    announce_dues_and_holds(at=LATE + 2 * MS)
    assert stopped(lease, LATE + 2 * MS) == [] and HoldSpell.objects.get().end_cause == "cancelled"


def test_two_unpaid_instalments_are_two_holds(world):
    lease = world.mining()
    at = india("2027-01-16", "00:00:00")
    assert stopped(lease, at) == ["HLD-01", "HLD-01"]
    world.pay_and_verify(world.instalment(lease, 1, 2), at=at)
    assert stopped(lease, at) == ["HLD-01"]


def order(world, by=None, **more):
    fields = {
        "subject": ("lease", "MUN-2026-01"),
        "facts": {"district": "Munger", "party_id": world.party.pk},
        "by": by or world.district,
        "at": LATE,
    }
    fields |= {name: more.pop(name) for name in ("subject", "facts", "at", "key") if name in more}
    wanted = {"stops": "challans", "reference": "DMO/417", "reason": "सीमा विवाद", **more}
    return services.order_hold(order=services.HoldOrder(**wanted), **fields)


def test_an_ordered_hold_stands_until_it_is_lifted_by_a_document(world):
    lease = world.mining()
    at = india("2026-08-01")
    hold = order(world, at=at)
    standing = selectors.standing_holds(lease, at)[0]
    assert standing.rule_code == "HLD-03" and standing.facts["reference"] == "DMO/417"
    for _ in range(2):
        services.lift_hold(hold=hold, reference="DMO/502", by=world.district, at=at + MS)
    assert stopped(lease, at) == ["HLD-03"] and stopped(lease, at + MS) == []
    assert len(events("hold.started")) == len(events("hold.ended")) == 1
    assert orders_on(("lease", lease.number))[0].lift_reference == "DMO/502"


def test_an_ordered_hold_runs_out_by_itself(world):
    lease = world.mining()
    at, until = india("2026-08-01"), india("2026-09-01")
    order(world, at=at, until=until)
    assert stopped(lease, until - MS) == ["HLD-03"] and stopped(lease, until) == []
    announce_dues_and_holds(at=until - MS)
    assert events("hold.ended") == []
    announce_dues_and_holds(at=until + MS)
    spell = HoldSpell.objects.get()
    assert (spell.ended_at, spell.end_cause) == (until, "ran_out")


def test_the_same_order_is_placed_once_and_another_rule_keeps_its_code(world):
    first = order(world, key="TRG-06:7", rule_code="TRG-06", subject=("vehicle", "BR08G1234"))
    again = order(world, key="TRG-06:7", rule_code="TRG-06", subject=("vehicle", "BR08G1234"))
    assert first.pk == again.pk and Hold.objects.count() == 1
    standing = ordered_holds(("vehicle", "BR08G1234"), ("lease", "x"), at=LATE)
    assert [hold.rule_code for hold in standing] == ["TRG-06"]
    assert ordered_holds(("vehicle", "BR08G1234"), at=LATE, stops="auction") == []


def test_who_may_order_holds(world):
    for name in ("settlee", "monitor", "checkpost", "patna"):
        with pytest.raises(NotPermitted):
            order(world, by=world.actor(name))
    order(world, by=world.actor("hq"))


def test_before_the_first_policy_nothing_is_announced_and_no_page_breaks(world):
    world.mining()
    early = india("2026-04-01")
    assert announce_dues_and_holds(at=early) == 0
    assert stopped_numbers(early) == set()


@pytest.mark.flow
def test_the_banks_reversal_of_the_first_instalment_stops_challans_at_that_instant(world):
    """It was due before the deed: on the deed's own day already, and it stands on the lists of dues."""
    lease = world.mining()
    first = world.instalment(lease, 1, 1)
    assert first.due_on == lease.deed_on and stopped(lease, india("2026-07-15", "15:00:00")) == []
    receipt = first.receipts.get()
    line = f"R,{receipt.grn},U9,{receipt.paid_paise // 100}.00,2026-07-15,30012345678"
    raw = f"SCROLL,B/1,2026-07-15,\n{line}\nTOTAL,1,-{receipt.paid_paise // 100}.00\n".encode()
    back_at = india("2026-07-15", "15:00:00")
    taken = import_scroll(raw=raw, file_name="s.csv", by=world.actor("hq"), at=back_at)
    assert [row.outcome for row in taken.lines.all()] == ["reversed"]
    assert stopped(lease, back_at - MS) == [] and stopped(lease, back_at) == ["HLD-01"]
    assert stopped_numbers(back_at) == {lease.number}
    announce_dues_and_holds(at=back_at)
    assert HoldSpell.objects.get().since == back_at
    owed = demands_for(world.actor("hq"), at=india("2026-07-16"), state="overdue")
    assert first in owed
    again = india("2026-07-20", "11:00:00")
    world.pay_and_verify(first, at=again)
    assert stopped(lease, again) == [] and stopped(lease, again - MS) == ["HLD-01"]


@pytest.mark.flow
def test_a_look_takes_up_the_first_instalment_from_the_first_instant_at_which_it_was_late(world):
    """It was due before the deed: verified at the day's first instant it stopped nothing, a moment later it did."""
    first = world.instalment(world.mining(), 1, 1)
    day = start_of(first.due_on)
    listed = {}
    for settled_at in (day - MS, day, day + MS, late_from(first.due_on) - MS):
        Demand.objects.filter(pk=first.pk).update(settled_at=settled_at)
        rows = selectors.announceable(LATE, since=day - timedelta(days=9))
        listed[settled_at] = first.pk in {demand.pk for demand in rows}
    assert list(listed.values()) == [False, False, True, True]


def test_a_look_reads_demands_by_their_deadlines_only(world, django_assert_max_num_queries):
    """Twice a second: what lies settled for years is not read again."""
    if connection.vendor != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    world.mining()
    with django_assert_max_num_queries(10) as asked:
        selectors.announceable(LATE, since=LATE - timedelta(hours=1))
    sql = [query["sql"] for query in asked.captured_queries if 'FROM "ledger_demand"' in query["sql"]]
    with connection.cursor() as cursor:
        plans = [cursor.execute("EXPLAIN QUERY PLAN " + one).fetchall()[0][3] for one in sql]
    unsettled, settled = plans
    assert "INDEX demand_open (due_on<?)" in unsettled and "INDEX demand_settled (settled_at>?)" in settled


@pytest.mark.flow
def test_a_stop_whose_demand_is_not_there_keeps_no_other_from_its_end(world, caplog):
    """One poisoned row is logged, once, by its name; the others go on."""
    lease = world.mining()
    announce_dues_and_holds(at=LATE)
    own = HoldSpell.objects.get()
    poison = {"stops": own.stops, "rule_code": own.rule_code, "since": LATE, "announced_at": LATE}
    HoldSpell.objects.create(cause_key="HLD-01:D-none", subject_kind="lease", subject_id=lease.number, **poison)
    paid_at = india("2026-10-17")
    world.pay_and_verify(world.instalment(lease, 1, 2), at=paid_at)
    announce_dues_and_holds(at=paid_at)
    announce_dues_and_holds(at=paid_at + MS)
    assert HoldSpell.objects.get(cause_key=own.cause_key).ended_at == paid_at
    assert [row.getMessage() for row in caplog.records if "D-none" in row.getMessage()] == [
        "leases.dues_and_holds: HLD-01:D-none failed; the others go on"
    ]
