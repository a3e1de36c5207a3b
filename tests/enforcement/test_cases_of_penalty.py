"""A case from evidence to outcome: notice, reply, order, demand, payment, and the proposed bar (A-15, A-16, A-24)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from immis.challans.facts import stops_on
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.enforcement import selectors, services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.holds.models import Hold
from immis.ledger.models import Demand
from immis.ledger.services.allocation import change_applied
from immis.messaging.models import Message
from immis.messaging.texts import body
from immis.rules.calendar import end_of
from immis.rules.policy import PolicyBook, book
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db
LAKH_PAISE = 100_000_00
WEEK = timedelta(days=7)
AFTER = end_of(date(2026, 10, 23))  # the time to reply is over
GROUND = "The AD (HQ) has confirmed the figure by letter 12."


@pytest.fixture
def case(world) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    return Case.objects.get()


def _codes(refusal) -> list[str]:
    return [finding.code for finding in refusal.value.findings]


def _ordered(case, clerk, *, at=NOON) -> Case:
    services.send_notice(case, by=clerk, at=at)
    services.record_reply(case, reply="The cover broke on the road.", by=clerk, at=at)
    return services.order_penalty(case, amount_paise=LAKH_PAISE, reason=GROUND, by=clerk, at=at)


def _paid(world, case, *, at, policy=None, paise=None) -> None:
    """The ledger has verified a payment of the demand, in full where nothing is said."""
    demand = Demand.objects.get(number=case.demand_number)
    change_applied(demand, demand.balance_paise if paise is None else paise, by=SYSTEM, at=at)
    facts = {
        "receipt": f"R-26-{at:%H%M%S%f}",
        "demand": demand.number,
        "kind": "penalty",
        "label": demand.label,
        "amount_paise": demand.amount_paise,
        "district": "Munger",
        "party_id": demand.party_id,
        "party": {"en": "Ram", "hi": "राम"},
        "officer": "खनिज विकास पदाधिकारी",
    }
    world.event("receipt.verified", subject=("case", case.number), key=f"receipt.verified:{at}", at=at, **facts)
    run_triggers(at=at, policy=policy)


@pytest.mark.flow
def test_the_whole_way_with_every_step_in_the_log(world, case, clerk):
    services.send_notice(case, by=clerk, at=NOON)
    assert Task.objects.get(code="TRG-05").state == "done"  # what the task asked for has been done
    case.refresh_from_db()
    assert (case.state, case.reply_due_at) == ("noticed", end_of(date(2026, 10, 23)))
    services.record_reply(case, reply="The cover broke on the road.", by=clerk, at=NOON + timedelta(days=1))
    ordered = services.order_penalty(
        case, amount_paise=LAKH_PAISE, reason=GROUND, by=clerk, at=NOON + timedelta(days=2)
    )
    demand = Demand.objects.get(number=ordered.demand_number)
    assert (demand.kind, demand.amount_paise, demand.party) == ("penalty", LAKH_PAISE, world.owner)
    assert (demand.subject_kind, demand.subject_id, demand.district) == ("case", case.number, "Munger")
    assert demand.cites[0]["code"] == "PEN-01" and demand.due_on == date(2026, 11, 17)
    _paid(world, ordered, at=NOON + timedelta(days=3))
    case.refresh_from_db()
    assert case.state == "paid"
    services.close_case(case, outcome="Penalty paid.", by=clerk, at=NOON + timedelta(days=4))
    lines = list(ActionLog.objects.filter(subject_kind="case").order_by("seq").values_list("code", "user_id"))
    assert [code for code, _user in lines if code.startswith("case.")] == [
        "case.opened", "case.noticed", "case.replied", "case.ordered", "case.paid", "case.closed",
    ]  # fmt: skip
    assert dict(lines)["case.ordered"] == clerk.user_id
    told = list(Message.objects.filter(to_id=str(world.owner.pk)).order_by("id").values_list("template", flat=True))
    assert told == ["MSG-05", "MSG-06", "MSG-12", "MSG-13"]
    notice = Message.objects.get(template="MSG-05")
    for lang, doubt in (("en", "(from the press, not verified)"), ("hi", "(समाचार पत्र से, असत्यापित)")):
        assert f"₹\u00a01,00,000 {doubt}" in body("MSG-05", notice.facts, lang)


def _overdue(world, demand) -> None:
    facts = {
        "kind": "penalty",
        "label": demand.label,
        "amount_paise": demand.amount_paise,
        "due_on": date(2026, 10, 15),
    }
    facts |= {**world.lease_facts(), "demand": demand.number}
    world.event("instalment.overdue", subject=("lease", world.lease.number), key=f"overdue:{demand.pk}", **facts)


def test_a_rupee_pays_no_lakh_and_ends_no_recovery(world, case, clerk):
    ordered = _ordered(case, clerk)
    demand = Demand.objects.get(number=ordered.demand_number)
    _overdue(world, demand)
    _paid(world, ordered, at=NOON + WEEK, paise=100)
    case.refresh_from_db()
    assert case.state == "ordered" and Task.objects.get(code="TRG-02").state == "open"
    with pytest.raises(Refusal) as refusal:
        services.close_case(case, outcome="paid a rupee", by=clerk, at=NOON + WEEK)
    assert _codes(refusal) == ["CAS-06"]
    _paid(world, ordered, at=NOON + 2 * WEEK, paise=LAKH_PAISE - 101)
    case.refresh_from_db()
    assert case.state == "ordered"
    _paid(world, ordered, at=NOON + 3 * WEEK)
    case.refresh_from_db()
    assert case.state == "paid" and Task.objects.get(code="TRG-02").state == "done"


@pytest.mark.flow
def test_what_the_bank_takes_back_is_owed_again(world, case, clerk):
    ordered = _ordered(case, clerk)
    _paid(world, ordered, at=NOON + WEEK)
    demand = Demand.objects.get(number=ordered.demand_number)
    change_applied(demand, -100, by=SYSTEM, at=NOON + WEEK)
    case.refresh_from_db()
    with pytest.raises(Refusal) as refusal:  # the balance speaks before the worker does
        services.close_case(case, outcome="paid", by=clerk, at=NOON + WEEK)
    assert _codes(refusal) == ["CAS-21"]
    facts = {"receipt": "R", "demand": demand.number, "subject_id": case.number, "label": demand.label}
    facts |= {"paid_paise": 100, "district": "Munger", "party_id": demand.party_id, "party": {"en": "R", "hi": "R"}}
    world.event("receipt.reversed", subject=("case", case.number), **facts)
    run_triggers(at=NOON + WEEK)
    case.refresh_from_db()
    assert (case.state, case.paid_at) == ("ordered", None)
    _paid(world, ordered, at=NOON + 2 * WEEK)
    case.refresh_from_db()
    assert services.close_case(case, outcome="paid", by=clerk, at=NOON + 2 * WEEK).state == "closed"


def test_no_order_without_notice_or_before_the_reply(case, clerk):
    with pytest.raises(Refusal) as refusal:
        services.order_penalty(case, amount_paise=LAKH_PAISE, by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-01", "CAS-24"]  # the table's figure is from the press: it needs a ground
    services.send_notice(case, by=clerk, at=NOON)
    with pytest.raises(Refusal) as refusal:
        services.order_penalty(case, amount_paise=LAKH_PAISE, by=clerk, at=AFTER - timedelta(milliseconds=1))
    assert _codes(refusal) == ["CAS-02", "CAS-24"]
    ordered = services.order_penalty(case, amount_paise=LAKH_PAISE, reason=GROUND, by=clerk, at=AFTER)
    assert ordered.state == "ordered" and ordered.order_reason == GROUND


@pytest.mark.flow
def test_another_amount_needs_a_reason(case, clerk):
    services.send_notice(case, by=clerk, at=NOON)
    with pytest.raises(Refusal) as refusal:
        services.order_penalty(case, amount_paise=50_000_00, by=clerk, at=AFTER)
    assert _codes(refusal) == ["CAS-03"]
    reason = "Reported by the owner."
    ordered = services.order_penalty(case, amount_paise=50_000_00, reason=reason, by=clerk, at=AFTER)
    assert (ordered.ordered_paise, ordered.order_reason) == (50_000_00, reason)


def test_nobody_liable_is_refused_until_a_party_is_chosen(world, clerk):
    world.vehicle.owner = None
    world.vehicle.save()
    world.tamper()
    run_triggers(at=NOON)
    case = Case.objects.get()
    with pytest.raises(Refusal) as refusal:
        services.send_notice(case, by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-04"]
    assert services.send_notice(case, party=world.owner, by=clerk, at=NOON).party == world.owner


def test_steps_out_of_turn_are_refused(case, clerk):
    with pytest.raises(Refusal) as refusal:
        services.close_case(case, outcome="done", by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-06"]
    _ordered(case, clerk)
    with pytest.raises(Refusal):
        services.drop_case(case, reason="too late", by=clerk, at=NOON)
    with pytest.raises(Refusal):
        services.order_penalty(case, amount_paise=LAKH_PAISE, by=clerk, at=NOON)
    assert Demand.objects.filter(kind="penalty").count() == 1


def test_dropping_needs_a_reason(case, clerk):
    with pytest.raises(Refusal) as refusal:
        services.drop_case(case, reason=" ", by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-07"]
    assert services.drop_case(case, reason="Sensor fault.", by=clerk, at=NOON).outcome == "Sensor fault."


def test_a_dismissal_needs_a_reason_and_a_decision_stands(case, clerk):
    task = Task.objects.get()
    with pytest.raises(Refusal) as refusal:
        services.decide_task(task, done=False, note="", by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-07"]
    services.decide_task(task, done=False, note="Known fault.", by=clerk, at=NOON)
    with pytest.raises(Refusal) as refusal:
        services.decide_task(task, done=True, note="", by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-08"]


def test_only_this_district_decides_and_sees(world, case):
    far, cell = world.actors["far"], world.actors["monitoring"]
    with pytest.raises(NotPermitted):
        services.send_notice(case, by=far, at=NOON)
    with pytest.raises(NotPermitted):
        services.send_notice(case, by=cell, at=NOON)
    with pytest.raises(NotFound):
        selectors.case_of(far, case.number)
    assert selectors.case_of(cell, case.number) == case
    assert not selectors.tasks(far).exists()


def test_the_owner_sees_the_case_once_the_notice_is_out(world, case, clerk):
    owner, settlee = world.actors["owner"], world.actors["party"]
    assert not selectors.cases(owner).exists()
    services.send_notice(case, by=clerk, at=NOON)
    assert selectors.cases(owner).get() == case
    assert not selectors.cases(settlee).exists()


def _approved(*, counted_from: str) -> PolicyBook:
    """The rule book as it would stand once the bar of A-16 has its approval."""
    law = book()
    entry = law.entry("TRG-06")
    value = {**entry.values[0].value, "from": counted_from}
    approved = replace(entry.values[0], value=value, approval="Order 1234 of 01.09.2026")
    return PolicyBook({**law.entries, "TRG-06": replace(entry, values=(approved,))})


def test_the_bar_is_inert_while_it_is_a_proposal(world, case, clerk):
    _ordered(case, clerk)
    run_triggers(at=NOON)
    _paid(world, Case.objects.get(), at=NOON + timedelta(days=1))
    assert not Hold.objects.exists()
    assert _vehicle_stops(world, NOON + timedelta(days=1)) == []


def _vehicle_stops(world, at) -> list[str]:
    found = stops_on(world.lease, world.vehicle, at=at)
    return [one.rule_code for one in found if one.subject_kind == "vehicle"]


def test_the_bar_counts_from_the_order_once_it_is_approved(world, case, clerk):
    _ordered(case, clerk)
    run_triggers(at=NOON, policy=_approved(counted_from="order"))
    hold = Hold.objects.get()
    assert (hold.subject_kind, hold.subject_id, hold.stops) == ("vehicle", "BR08G1234", "challans")
    assert hold.until.isoformat() == "2027-01-15T18:30:00+00:00"  # three months after 16.10.2026, India's midnight
    assert _vehicle_stops(world, hold.until - timedelta(milliseconds=1)) == ["TRG-06"]
    assert _vehicle_stops(world, hold.until) == []


def test_the_bar_counts_from_the_payment_where_the_value_says_so(world, case, clerk):
    law = _approved(counted_from="payment")
    _ordered(case, clerk)
    run_triggers(at=NOON, policy=law)
    assert not Hold.objects.exists()
    _paid(world, Case.objects.get(), at=NOON + timedelta(days=5), policy=law)
    assert Hold.objects.get().since == NOON + timedelta(days=5)
