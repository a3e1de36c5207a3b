"""A weighbridge is applied for, visited, fenced, approved and paired; what it lacks is said (A-06, A-07, A-10)."""

from datetime import timedelta
from io import BytesIO

import pytest

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.rules.calendar import india_day
from immis.rules.land.earth import circle
from immis.weighbridges import selectors
from immis.weighbridges.models import Bridge
from immis.weighbridges.services import bridges, pairing
from tests.challans.world import AWAY, NOON
from tests.weighbridges import world as made


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


@pytest.mark.flow
def test_it_is_approved_only_once_it_was_visited_fenced_and_stamped(world):
    bridge = made.apply(by=world.actor, at=NOON, lease=world.lease)
    assert (bridge.party_id, bridge.district, bridge.stamp_until.isoformat()) == (
        world.party.pk,
        "Munger",
        "2027-05-06",
    )
    with pytest.raises(Refusal) as far:
        bridges.record_visit(
            bridge=bridge, place=AWAY, photo=BytesIO(made.PHOTO), remark="", by=world.district, at=NOON
        )
    assert codes(far) == ["WB-02"]
    visit = {"place": made.PLACE, "photo": BytesIO(made.PHOTO), "remark": "", "by": world.district, "at": NOON}
    bridge = bridges.record_visit(bridge=bridge, **visit)
    with pytest.raises(Refusal) as early:
        bridges.approve(bridge=bridge, reference="1", by=world.district, at=NOON)
    assert codes(early) == ["WB-06"]
    order = {"reason": "new", "reference": "1", "by": world.district, "at": NOON}
    with pytest.raises(Refusal) as outside:
        bridges.fence_in(bridge=bridge, corners=circle(AWAY, 50), **order)
    assert codes(outside) == ["DEV-40"]
    bridge = bridges.fence_in(bridge=bridge, corners=circle(made.PLACE, 50), **order)
    with pytest.raises(NotPermitted):
        bridges.approve(bridge=bridge, reference="1", by=world.actor, at=NOON)
    bridge = bridges.approve(bridge=bridge, reference="1", by=world.district, at=NOON)
    assert bridge.state == Bridge.APPROVED and not selectors.may_weigh(bridge, NOON)
    with pytest.raises(Refusal) as again:
        bridges.approve(bridge=bridge, reference="1", by=world.district, at=NOON)
    assert codes(again) == ["WB-05"]


@pytest.mark.flow
def test_without_fence_or_with_an_ended_stamp_it_weighs_for_no_challan(world, bridge):
    later = NOON + timedelta(days=366)
    assert [row.facts["why"] for row in selectors.may_weigh(bridge, later)] == ["stamp"]
    stamp = bridges.Certificate(certificate="LM/8", stamped_on=india_day(later))
    assert not selectors.may_weigh(bridges.restamp(bridge=bridge, stamp=stamp, by=world.actor, at=later), later)
    moved = bridges.move(bridge=bridge, place=AWAY, reason="flood", by=world.district, at=NOON)
    assert [row.facts["why"] for row in selectors.may_weigh(moved, NOON)] == ["fence"]
    rows = selectors.covered(world.district, at=NOON)
    assert [list(row.lacks) for row in rows] == [["fence", "software"]]
    assert [(row.bridges, row.fenced_percent) for row in selectors.by_district(rows)] == [(1, 0)]


@pytest.mark.flow
def test_who_sees_it_and_what_is_measured(world, bridge, software):
    assert software.send([software.weigh(NOON)], NOON).status_code == 200
    bridge.refresh_from_db()
    steps = [step.code for step in selectors.steps_of(bridge)]
    assert steps[0] == "weighbridge.applied" and steps[-1] == "weighbridge.first_reading" and len(steps) == 7
    assert selectors.installing_minutes(bridge) == 0
    assert list(selectors.bridges(world.actor)) == [bridge]
    stranger = type(world.actor)(role="party", user_id=99, party_id=world.party.pk + 1)
    assert not selectors.bridges(stranger)
    with pytest.raises(NotPermitted):
        pairing.make_code(bridge=bridge, by=stranger, at=NOON)
    with pytest.raises(NotPermitted):
        made.apply(by=stranger, at=NOON, lease=world.lease)
    ended = bridges.take_away(bridge=bridge, reason="sold", by=world.district, at=NOON)
    with pytest.raises(NotFound):
        selectors.device_of(software.device)
    with pytest.raises(Refusal):
        pairing.make_code(bridge=ended, by=world.actor, at=NOON)


@pytest.mark.flow
def test_an_application_is_refused_in_words(world):
    bridge = made.apply(by=world.actor, at=NOON)
    refused = bridges.refuse(bridge=bridge, reason="no road", by=world.district, at=NOON)
    assert refused.state == Bridge.REFUSED
    with pytest.raises(Refusal) as late:
        bridges.record_visit(bridge=refused, place=made.PLACE, photo=None, remark="", by=world.district, at=NOON)
    assert codes(late) == ["WB-05"]
