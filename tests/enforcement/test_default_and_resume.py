"""A default from due day to resumed challans, with the real settlement, ledger and treasury (A-12, A-17…A-19)."""

import pytest

from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import FailedEvent, Task
from immis.leases.jobs import announce_dues_and_holds
from immis.leases.selectors import standing_holds
from immis.ledger import services as ledger
from immis.ledger.jobs import poll_treasury
from immis.ledger.models import Demand
from immis.messaging.models import Message
from tests.settlement import india, treasury, world

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


def _work(at) -> None:
    """What the worker does in one round, as far as money is concerned."""
    poll_treasury(at=at)
    announce_dues_and_holds(at=at)
    run_triggers(at=at)


def _open(code: str) -> list[str]:
    return list(Task.objects.filter(code=code, state="open").values_list("subject_id", flat=True))


def test_default_stops_and_verification_resumes_with_every_step_told(world):
    lease = world.mining()
    second = world.instalment(lease, 1, 2)
    _work(india("2026-07-20"))
    before = set(Message.objects.values_list("pk", flat=True))

    _work(india("2026-10-10"))
    assert _open("TRG-01") == [second.number]

    _work(india("2026-10-16", "00:00:00"))
    assert (_open("TRG-01"), _open("TRG-02")) == ([], [second.number])
    assert [hold.rule_code for hold in standing_holds(lease, india("2026-10-16", "00:00:00"))] == ["HLD-01"]

    world.pay(Demand.objects.get(pk=second.pk), at=india("2026-10-18"))
    _work(india("2026-10-19"))
    receipt = second.receipts.get()
    assert _open("TRG-09") == [receipt.number]
    assert _open("TRG-02") == [second.number]  # paid is not verified

    ledger.verify_receipt(receipt=receipt, by=world.district, at=india("2026-10-20"))
    _work(india("2026-10-20", "10:00:01"))
    assert not Task.objects.filter(state="open", subject_id__in=[second.number, receipt.number]).exists()
    assert standing_holds(lease, india("2026-10-20", "10:00:01")) == []

    told = Message.objects.exclude(pk__in=before).filter(to_id=str(world.party.pk)).order_by("pk")
    assert list(told.values_list("template", flat=True)) == ["MSG-01", "MSG-02", "MSG-03", "MSG-12", "MSG-04"]
    resumed = told.get(template="MSG-04")
    assert resumed.facts["officer"] and resumed.facts["cause"]["hi"] == "जिला कार्यालय द्वारा भुगतान सत्यापित"
    assert not FailedEvent.objects.exists()
