"""An order under appeal: filed in time, stayed, dismissed, set aside with its money, sent back (E-168)."""

from datetime import date, timedelta

import pytest

from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.enforcement import services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.enforcement.selectors import stayed_demands
from immis.holds.models import Hold
from immis.holds.services import HoldOrder, order_hold
from immis.ledger.models import Demand
from immis.ledger.services.allocation import change_applied
from immis.messaging.models import Message
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db
LAKH_PAISE = 100_000_00
DAY = timedelta(days=1)
STAY = services.Stay(date(2026, 12, 1), "APP/3")


@pytest.fixture
def case(world, clerk) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    case = services.send_notice(Case.objects.get(), by=clerk, at=NOON)
    services.answer_by_link(case, reply="The cover broke.", documents=[], at=NOON)
    return services.order_penalty(case, amount_paise=LAKH_PAISE, reason="letter 12", by=clerk, at=NOON)


def _appeal(world, case, *, kind="appeal", at=NOON + DAY) -> Case:
    return services.file_appeal(case, kind=kind, grounds="Nobody heard me.", by=world.actors["owner"], at=at)


def _codes(refusal):
    return [finding.code for finding in refusal.value.findings]


@pytest.mark.flow
def test_an_appeal_lies_with_the_collector_until_it_is_decided(world, case):
    _appeal(world, case)
    run_triggers(at=NOON + DAY)
    task = Task.objects.get(code="TRG-281")
    assert (task.role, task.subject_id, task.act) == ("collector", case.number, "decide_appeal")
    services.decide_appeal(case, outcome="dismissed", decision="heard", by=world.actors["collector"], at=NOON + DAY)
    task.refresh_from_db()
    assert task.state == "done"


def test_who_ordered_does_not_decide_and_a_district_holds_no_such_grant(world, case, clerk):
    _appeal(world, case)
    with pytest.raises(NotPermitted):
        services.decide_appeal(case, outcome="set_aside", decision="x", by=clerk, at=NOON + DAY)
    with pytest.raises(NotPermitted):
        services.file_appeal(case, kind="appeal", grounds="x", by=world.actors["party"], at=NOON)


@pytest.mark.flow
def test_set_aside_the_demand_is_gone_and_what_was_paid_is_credit(world, case):
    collector, at = world.actors["collector"], NOON + 2 * DAY
    order = HoldOrder(stops="challans", rule_code="TRG-06", reference="case")
    facts = {"case": case.number, "district": "Munger", "registration": "BR08G1234"}
    order_hold(subject=("vehicle", "BR08G1234"), order=order, facts=facts, by=SYSTEM, at=NOON)
    _appeal(world, case)
    services.stay_order(case, stay=STAY, by=collector, at=NOON + DAY)
    assert stayed_demands(on=date(2026, 12, 1)) == {case.demand_number} and not stayed_demands(on=date(2026, 12, 2))
    row = services.decide_appeal(case, outcome="set_aside", decision="No notice came.", by=collector, at=at)
    demand = Demand.objects.get(number=case.demand_number)
    assert (row.state, row.outcome) == ("set_aside", "No notice came.") and demand.cancelled_at == at
    assert Hold.objects.get(rule_code="TRG-06").lifted_at == at and not stayed_demands(on=date(2026, 12, 1))
    paper = row.papers.get(kind="decision")
    said = " ".join(words["en"] for words in paper.facts["paragraphs"])
    assert f"{case.number}-O1" in said and "demand withdrawn" in said
    told = Message.objects.filter(template__startswith="MSG-28").order_by("id")
    assert [message.template for message in told] == ["MSG-281", "MSG-280"]


@pytest.mark.flow
def test_sent_back_it_is_heard_and_ordered_again(world, case, clerk):
    first, at = case.demand_number, NOON + 2 * DAY
    _appeal(world, case)
    row = services.decide_appeal(case, outcome="remanded", decision="Hear him.", by=world.actors["collector"], at=at)
    assert (row.state, row.replied_at, row.ordered_paise) == ("noticed", None, None)
    assert Demand.objects.get(number=first).cancelled_at == at
    services.answer_by_link(case, reply="Here is the report.", documents=[], at=at)
    again = services.order_penalty(case, amount_paise=LAKH_PAISE, reason="letter 14", by=clerk, at=at)
    assert again.demand_number != first and again.replies.count() == 2
    assert [paper.number[-2:] for paper in again.papers.order_by("pk")] == ["N1", "O1", "D1", "O2"]
    assert _appeal(world, again, at=at + DAY).appeals.count() == 2  # the new order can be appealed anew


@pytest.mark.flow
def test_dismissed_the_order_stands_and_a_revision_goes_higher(world, case, clerk):
    collector, at = world.actors["collector"], NOON + 2 * DAY
    _appeal(world, case)
    run_triggers(at=NOON + DAY)
    row = services.decide_appeal(case, outcome="dismissed", decision="He was heard.", by=collector, at=at)
    assert row.state == "ordered" and Demand.objects.get(number=case.demand_number).cancelled_at is None
    with pytest.raises(Refusal) as refusal:
        _appeal(world, case, at=at)
    assert _codes(refusal) == ["CAS-71"]
    _appeal(world, case, kind="revision", at=at)
    run_triggers(at=at)
    assert Task.objects.get(code="TRG-281", state="open").role == "hq"
    with pytest.raises(Refusal) as refusal:
        services.decide_appeal(case, outcome="set_aside", decision="x", by=collector, at=at)
    assert _codes(refusal) == ["CAS-72"]
    row = services.decide_appeal(case, outcome="dismissed", decision="x", by=world.actors["hq"], at=at)
    assert row.state == "ordered"
    with pytest.raises(Refusal) as refusal:
        _appeal(world, case, kind="revision", at=at)
    assert _codes(refusal) == ["CAS-71"]  # here that was the end


@pytest.mark.flow
def test_too_late_and_twice_are_refused_and_nothing_waits_is_told(world, case, clerk):
    with pytest.raises(Refusal) as refusal:
        _appeal(world, case, at=NOON + 31 * DAY)
    assert _codes(refusal) == ["CAS-70"]
    with pytest.raises(Refusal) as refusal:
        services.stay_order(case, stay=STAY, by=world.actors["collector"], at=NOON)
    assert _codes(refusal) == ["CAS-73"]
    _appeal(world, case)
    with pytest.raises(Refusal) as refusal:
        _appeal(world, case)
    assert _codes(refusal) == ["CAS-71"]
    with pytest.raises(Refusal) as refusal:
        services.stay_order(case, stay=services.Stay(date(2028, 1, 1), "x"), by=world.actors["collector"], at=NOON)
    assert _codes(refusal) == ["CAS-74"]


@pytest.mark.flow
def test_a_paid_case_stays_open_while_an_appeal_waits(world, case, clerk):
    change_applied(Demand.objects.get(number=case.demand_number), LAKH_PAISE, by=SYSTEM, at=NOON)
    assert services.note_paid(case.number, facts={}, at=NOON)
    _appeal(world, case)
    with pytest.raises(Refusal) as refusal:
        services.close_case(case, outcome="paid", by=clerk, at=NOON + DAY)
    assert _codes(refusal) == ["CAS-75"]
    row = services.decide_appeal(case, outcome="set_aside", decision="x", by=world.actors["collector"], at=NOON + DAY)
    demand = Demand.objects.get(number=case.demand_number)
    assert (row.state, row.paid_at, demand.applied_paise, demand.cancelled_at) == ("set_aside", None, 0, NOON + DAY)
