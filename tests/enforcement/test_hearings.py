"""Hearings of a case: fixed ahead, put off, held with minutes, and no order before (E-144)."""

from datetime import timedelta

import pytest

from immis.core.errors import Refusal
from immis.enforcement import services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case
from immis.messaging.models import Message
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def case(world, clerk) -> Case:
    world.tamper()
    run_triggers(at=NOON)
    return services.send_notice(Case.objects.get(), by=clerk, at=NOON)


def _codes(refusal):
    return [finding.code for finding in refusal.value.findings]


@pytest.mark.flow
def test_who_is_called_is_heard_before_the_order(case, clerk):
    with pytest.raises(Refusal) as refusal:
        services.fix_hearing(case, fixed_at=NOON + 2 * DAY, place="Munger", by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-62"]
    services.fix_hearing(case, fixed_at=NOON + 4 * DAY, place="Munger", by=clerk, at=NOON)
    services.put_off_hearing(case, fixed_at=NOON + 8 * DAY, reason="Strike.", by=clerk, at=NOON + DAY)
    with pytest.raises(Refusal) as refusal:
        services.order_penalty(case, amount_paise=100_000_00, reason="x", by=clerk, at=NOON + 8 * DAY)
    assert _codes(refusal) == ["CAS-64"]
    held = services.Held("accused", "He shows the repair bill.")
    services.hold_hearing(case, held=held, by=clerk, at=NOON + 8 * DAY)
    rows = list(case.hearings.order_by("fixed_at").values_list("reason", "came", "minutes"))
    assert rows == [("Strike.", "", ""), ("", "accused", "He shows the repair bill.")]
    assert Message.objects.filter(template="MSG-282").count() == 2
    ordered = services.order_penalty(case, amount_paise=100_000_00, reason="x", by=clerk, at=NOON + 8 * DAY)
    assert ordered.state == "ordered"


@pytest.mark.flow
def test_nothing_is_held_that_was_not_fixed(case, clerk):
    with pytest.raises(Refusal) as refusal:
        services.hold_hearing(case, held=services.Held("nobody", "x"), by=clerk, at=NOON)
    assert _codes(refusal) == ["CAS-63"]
