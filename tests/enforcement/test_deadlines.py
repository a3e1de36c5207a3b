"""No day passes in silence: what was to be done by a day that is over stands on a desk until it is done (A-12)."""

from datetime import timedelta

import pytest

from immis.core.models import OutboxEvent
from immis.enforcement.deadlines import announce_deadlines
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case, Task
from immis.leases.models import LeaseNotice
from immis.ledger.models import Demand, RefundOrder
from tests.enforcement import world as made
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db, at):
    at.set(NOON)
    return made.build()


def _days(at) -> list[str]:
    announce_deadlines(at=at)
    run_triggers(at=at)
    return sorted(Task.objects.filter(code="TRG-180", state="open").values_list("subject_id", flat=True))


@pytest.mark.flow
def test_a_notice_without_an_answer_comes_back_to_the_desk_and_goes_with_the_reply(world, at):
    world.tamper()
    run_triggers(at=NOON)
    Case.objects.update(state="noticed", noticed_at=NOON, reply_due_at=NOON + timedelta(days=7))
    case = Case.objects.get()
    key = f"case:{case.number}"
    assert key not in _days(NOON + timedelta(days=6))
    late = NOON + timedelta(days=8)
    at.set(late)
    assert key in _days(late)
    task = Task.objects.get(subject_id=key)
    assert (task.role, task.act, task.due_at) == ("district", "send_notice", late + timedelta(days=3))
    before = OutboxEvent.objects.count()
    assert announce_deadlines(at=late + timedelta(hours=1)) == 0 and OutboxEvent.objects.count() == before
    Case.objects.update(replied_at=late)
    assert key not in _days(late + timedelta(hours=2))
    task.refresh_from_db()
    assert (task.state, task.note) == ("done", "TRG-181")


def test_a_demand_that_is_no_instalment_and_a_gate_have_an_owner_too(world, at):
    lease = world.lease
    Demand.objects.create(
        number="D-PEN-1", party=lease.party, subject_kind="lease", subject_id=lease.number, district=lease.district,
        kind="penalty", label={"en": "Penalty", "hi": "शास्ति"}, amount_paise=100, due_on=NOON.date(), key="pen:1",
        raised_at=NOON,
    )  # fmt: skip
    late = NOON + timedelta(days=2)
    at.set(late)
    rows = _days(late)
    assert "demand:D-PEN-1" in rows and f"documents:{lease.number}" in rows
    Demand.objects.filter(number="D-PEN-1").update(cancelled_at=late)
    assert "demand:D-PEN-1" not in _days(late + timedelta(hours=1))


def test_a_collectors_notice_without_a_reply_is_the_collectors_task_until_it_is_answered(world, at):
    notice = LeaseNotice.objects.create(
        lease=world.lease, number="NTC-1", kind="show_cause", grounds="Pits left open", issued_at=NOON,
        due_on=NOON.date() + timedelta(days=15),
    )  # fmt: skip
    key = f"notice:{world.lease.number}"
    at.set(last := NOON + timedelta(days=15))
    assert key not in _days(last)
    at.set(late := NOON + timedelta(days=16))
    assert key in _days(late)
    task = Task.objects.get(subject_id=key)
    assert (task.role, task.act, task.due_at) == ("collector", "life", late + timedelta(days=7))
    LeaseNotice.objects.filter(pk=notice.pk).update(replied_at=late)
    assert key not in _days(late + timedelta(hours=1))


def test_an_ordered_return_that_the_treasury_does_not_pay_comes_to_the_desk(world, at):
    order = RefundOrder.objects.create(
        number="RFD-1", party=world.settlee, subject_kind="lease", subject_id=world.lease.number, district="Munger",
        head="2100", label={"en": "Security", "hi": "प्रतिभूति"}, amount_paise=100, account="1234", key="rfd:1",
        due_on=NOON.date(), ordered_at=NOON,
    )  # fmt: skip
    assert "refund:RFD-1" not in _days(NOON)
    at.set(late := NOON + timedelta(days=1))
    assert "refund:RFD-1" in _days(late)
    task = Task.objects.get(subject_id="refund:RFD-1")
    assert (task.role, task.due_at) == ("district", late + timedelta(days=3))
    RefundOrder.objects.filter(pk=order.pk).update(state="paid", paid_at=late)
    assert "refund:RFD-1" not in _days(late + timedelta(hours=1))


def test_what_is_put_aside_and_still_late_comes_back(world, at):
    world.tamper()
    run_triggers(at=NOON)
    Case.objects.update(state="noticed", noticed_at=NOON, reply_due_at=NOON + timedelta(days=7))
    key = f"case:{Case.objects.get().number}"
    late = NOON + timedelta(days=8)
    assert key in _days(late)
    Task.objects.filter(subject_id=key).update(state="dismissed")
    assert key not in _days(late + timedelta(days=1))
    assert key in _days(late + timedelta(days=30))
