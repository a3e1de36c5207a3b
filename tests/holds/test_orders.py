"""Closure windows by district and State, and orders that suspend a stop: with document and end, none by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import ActionLog, OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import FailedEvent
from immis.holds.models import Hold, HoldSpell, Suspension
from immis.holds.selectors import orders, suspensions
from immis.holds.services import HoldOrder, lift_hold, order_hold, withdraw_suspension
from immis.leases import selectors, services
from immis.leases.jobs import announce_dues_and_holds
from immis.leases.states import stopped_numbers
from immis.messaging.models import Message
from immis.rules.holds.orders import STATE
from tests.settlement import india

pytestmark = pytest.mark.django_db
MS = timedelta(milliseconds=1)
LATE = india("2026-10-16", "00:00:00")
DOCUMENT = "ab" * 32


def stopped(lease, at) -> list[str]:
    return [hold.rule_code for hold in selectors.standing_holds(lease, at)]


def close(world, by=None, *, district="Munger", at=india("2026-08-01", "12:00:00"), **more):
    fields = {
        "ground": "law_and_order",
        "reference": "DM/77",
        "since": india("2026-08-01", "22:00:00"),
        "until": india("2026-08-02", "02:00:00"),
    }
    closure = services.Closure(**{**fields, **more})
    return services.close_challans(district=district, closure=closure, by=by or world.district, at=at)


def suspend(world, lease, by=None, *, at=india("2026-10-20"), **more):
    fields = {
        "rule_code": "HLD-01",
        "cause": world.instalment(lease, 1, 2).number,
        "authority": "court",
        "reference": "CWJC 7/2026",
        "document": DOCUMENT,
        "until": india("2026-11-20", "00:00:00"),
    }
    order = services.SuspensionOrder(**{**fields, **more})
    return services.suspend_stop(lease=lease, order=order, by=by or world.actor("collector"), at=at)


class TestClosures:
    """E-162."""

    def test_a_window_opens_and_ends_at_its_very_instants_with_no_job(self, world):
        lease = world.mining()
        close(world)
        start, end = india("2026-08-01", "22:00:00"), india("2026-08-02", "02:00:00")
        assert [stopped(lease, at) for at in (start - MS, start, end - MS, end)] == [[], ["HLD-10"], ["HLD-10"], []]
        hold = selectors.standing_holds(lease, start)[0]
        assert "अवधि समाप्त" in hold.lifts_when["hi"] and hold.facts["reference"] == "DM/77"

    def test_another_district_is_not_reached_and_the_state_is(self, world):
        lease = world.mining()
        close(world, world.actor("patna"), district="Patna")
        assert stopped(lease, india("2026-08-01", "23:00:00")) == []
        close(world, world.actor("hq"), district=STATE, ground="maintenance")
        assert stopped(lease, india("2026-08-01", "23:00:00")) == ["HLD-10"]

    def test_who_may_not_and_what_is_no_window(self, world):
        for by, district in (
            (world.actor("patna"), "Munger"),
            (world.settlee, "Munger"),
            (world.actor("monitor"), STATE),
        ):
            with pytest.raises((NotPermitted, Refusal)):
                close(world, by, district=district)
        for odd in ({"until": None}, {"until": india("2026-08-01", "11:00:00")}, {"ground": "festival"}):
            with pytest.raises(Refusal) as refused:
                close(world, **odd)
            assert refused.value.findings[0].code == "HLD-11"
        with pytest.raises(Refusal):
            close(world, district=STATE)  # the whole State by a district
        assert not Hold.objects.exists()

    @pytest.mark.parametrize("name", ["mdo", "collector", "patna", "monitor", "nowhere"])
    def test_what_closes_the_state_is_lifted_by_headquarters_alone(self, world, name):
        """An order without a district reaches everybody: so no district's office may touch it."""
        by = replace(world.district, district="") if name == "nowhere" else world.actor(name)
        closure = close(world, world.actor("hq"), district=STATE, ground="maintenance")
        at = closure.since
        order = HoldOrder(stops="challans", reference="HQ/8")
        nowhere = order_hold(subject=("vehicle", "BR08G1234"), order=order, by=world.actor("hq"), at=at)
        for hold in (closure, nowhere):
            with pytest.raises(NotPermitted):
                lift_hold(hold=hold, reference="x", by=by, at=at)
        for subject in (("state", STATE), ("state", "Munger"), ("vehicle", "BR08G1234"), ("district", "")):
            with pytest.raises(NotPermitted):
                order_hold(subject=subject, order=order, by=by, at=at)
        assert Hold.objects.filter(lifted_at__isnull=True).count() == 2
        lift_hold(hold=closure, reference="HQ/9", by=world.actor("hq"), at=at)

    def test_a_closure_of_no_district_is_no_closure_of_the_state(self, world):
        with pytest.raises(NotFound):
            close(world, world.actor("hq"), district="")
        with pytest.raises((NotFound, NotPermitted)):
            close(world, replace(world.actor("collector"), district=""), district="")
        assert not Hold.objects.exists()

    @pytest.mark.flow
    def test_the_settlee_is_told_when_it_begins_and_ends(self, world):
        lease = world.mining()
        hold = close(world)
        run_triggers(at=india("2026-08-01", "12:01:00"))
        announce_dues_and_holds(at=india("2026-08-02", "02:00:00"))
        run_triggers(at=india("2026-08-02", "02:00:01"))
        assert not FailedEvent.objects.exists()
        assert [Message.objects.filter(template=one).count() for one in ("MSG-03", "MSG-04")] == [1, 1]
        spell = HoldSpell.objects.get(subject_id=lease.number)
        assert (spell.since, spell.ended_at, spell.end_cause) == (hold.since, hold.until, "ran_out")

    def test_lifted_early_the_spell_ends_at_that_instant(self, world):
        lease = world.mining()
        hold = close(world)
        lifted_at = india("2026-08-01", "23:00:00")
        lift_hold(hold=hold, reference="DM/78", by=world.district, at=lifted_at)
        assert stopped(lease, lifted_at) == []
        announce_dues_and_holds(at=lifted_at + MS)
        assert HoldSpell.objects.get(subject_id=lease.number).end_cause == "lifted"

    def test_who_sees_which_order(self, world):
        close(world)
        close(world, world.actor("patna"), district="Patna")
        close(world, world.actor("hq"), district=STATE, ground="maintenance")
        seen = {name: orders(world.actor(name)).count() for name in world.users}
        assert seen["mdo"] == seen["patna"] == 2 and seen["hq"] == seen["monitor"] == 3
        assert seen["settlee"] == seen["checkpost"] == 0


class TestSuspensions:
    """A-18, A-19: no switch; an order with document and end."""

    def test_a_court_order_suspends_one_stop_until_its_end(self, world):
        lease = world.mining()
        at, end = india("2026-10-20"), india("2026-11-20", "00:00:00")
        suspend(world, lease)
        assert [stopped(lease, one) for one in (at - MS, at, end - MS, end)] == [["HLD-01"], [], [], ["HLD-01"]]
        assert stopped_numbers(at) == set() and stopped_numbers(end) == {lease.number}

    def test_a_closure_of_the_state_is_suspended_by_headquarters_alone(self, world):
        lease = world.mining()
        closure = close(world, world.actor("hq"), district=STATE, ground="maintenance")
        order = {"rule_code": "HLD-10", "cause": closure.reference, "at": closure.since, "until": closure.until}
        with pytest.raises(NotPermitted):
            suspend(world, lease, **order)
        suspend(world, lease, world.actor("hq"), **order)
        assert stopped(lease, closure.since) == []

    def test_it_suspends_no_other_stop(self, world):
        lease = world.mining()
        suspend(world, lease, until=india("2027-02-01"))
        assert stopped(lease, india("2027-01-15", "23:59:59")) == []
        assert stopped(lease, india("2027-01-16", "00:00:00")) == ["HLD-01"]  # the third instalment

    def test_it_reaches_back_to_nothing(self, world):
        lease = world.mining()
        row = suspend(world, lease, since=india("2026-10-01"))
        assert row.since == india("2026-10-20") and stopped(lease, LATE) == ["HLD-01"]

    @pytest.mark.parametrize(
        "odd",
        [
            {"document": ""},
            {"reference": " "},
            {"until": None},
            {"until": india("2026-10-19")},
            {"rule_code": "HLD-02"},
            {"rule_code": "HLD-04"},
            {"authority": "minister"},
        ],
    )
    def test_what_is_no_order(self, world, odd):
        lease = world.mining()
        with pytest.raises(Refusal) as refused:
            suspend(world, lease, **odd)
        assert [finding.code for finding in refused.value.findings] == ["HLD-12"]

    def test_who_may_not(self, world):
        lease = world.mining()
        for name in ("mdo", "patna", "settlee", "monitor", "checkpost"):
            with pytest.raises(NotPermitted):
                suspend(world, lease, world.actor(name))
        assert not Suspension.objects.exists()

    def test_the_database_keeps_no_suspension_without_document(self, world):
        row = suspend(world, world.mining())
        with pytest.raises(IntegrityError), transaction.atomic():
            Suspension.objects.filter(pk=row.pk).update(document="")

    @pytest.mark.flow
    def test_withdrawn_the_stop_is_back_and_all_of_it_is_told_and_logged(self, world):
        lease = world.mining()
        row = suspend(world, lease)
        back = india("2026-10-25")
        for _ in range(2):
            withdraw_suspension(suspension=row, reference="LPA 3", by=world.actor("hq"), at=back)
        assert stopped(lease, back - MS) == [] and stopped(lease, back) == ["HLD-01"]
        for _ in range(2):
            announce_dues_and_holds(at=back)
        run_triggers(at=back)
        assert not FailedEvent.objects.exists()
        told = list(Message.objects.filter(template__in=["MSG-90", "MSG-91"]).values_list("template", flat=True))
        assert sorted(told) == ["MSG-90", "MSG-91"]
        codes = set(ActionLog.objects.filter(code__startswith="hold.susp").values_list("code", flat=True))
        assert codes == {"hold.suspended", "hold.suspension_withdrawn", "hold.suspension_over"}
        assert OutboxEvent.objects.filter(kind="hold.suspension_over").count() == 1

    def test_payment_and_verification_make_it_needless(self, world):
        lease = world.mining()
        suspend(world, lease)
        world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-11-01"))
        assert stopped(lease, india("2026-11-20", "00:00:00")) == []

    def test_whose_it_is_to_see(self, world):
        suspend(world, world.mining())
        seen = {name for name in world.users if suspensions(world.actor(name)).exists()}
        assert seen == {"mdo", "collector", "hq", "monitor"}


class TestWhoseOrder:
    """HLD-15: an order of the Collector or headquarters for a district is not switched off from below."""

    @pytest.mark.parametrize(
        ("orderer", "below", "above"),
        [("hq", ("mdo", "collector"), "hq"), ("collector", ("mdo",), "hq"), ("mdo", (), "collector")],
    )
    def test_a_lower_post_lifts_no_closure_of_a_higher_one(self, world, orderer, below, above):
        closure = close(world, world.actor(orderer))
        assert closure.ordered_role == world.actor(orderer).role
        for name in below:
            with pytest.raises(Refusal) as refused:
                lift_hold(hold=closure, reference="x", by=world.actor(name), at=closure.since)
            assert refused.value.findings[0].code == "HLD-15"
        closure.refresh_from_db()
        assert closure.lifted_at is None
        assert lift_hold(hold=closure, reference="x", by=world.actor(above), at=closure.since).lifted_at

    def test_nor_suspends_it_or_withdraws_headquarters_suspension(self, world):
        lease = world.mining()
        closure = close(world, world.actor("hq"), reference="HQ/1")
        order = {"rule_code": "HLD-10", "cause": "HQ/1", "at": closure.since, "until": closure.until}
        with pytest.raises(Refusal) as refused:
            suspend(world, lease, **order)
        assert refused.value.findings[0].code == "HLD-15" and not Suspension.objects.exists()
        row = suspend(world, lease, world.actor("hq"), **order)
        with pytest.raises(Refusal) as refused:
            withdraw_suspension(suspension=row, reference="x", by=world.actor("collector"), at=closure.since)
        assert refused.value.findings[0].code == "HLD-15"

    def test_an_order_of_the_same_number_elsewhere_bars_nobody(self, world):
        lease = world.mining()
        close(world, world.actor("hq"), district="Patna", reference="1/2026")
        own = close(world, world.actor("collector"), reference="1/2026")
        order = {"rule_code": "HLD-10", "cause": "1/2026", "at": own.since, "until": own.until}
        assert suspend(world, lease, **order).entered_role == "collector"

    def test_the_page_says_whose_order_it_is(self, world, client, at):
        closure = close(world, world.actor("hq"))
        at.set(closure.since)
        client.cookies["immis_language"] = "en"
        for name, may in (("mdo", False), ("collector", False), ("hq", True)):
            client.force_login(world.users[name])
            address = f"/office/holds/{closure.pk}/"
            page = client.get(address).content.decode()
            assert ('name="reference"' in page, "headquarters, or a higher post" in page) == (may, not may)
            sent = client.post(address, {"reference": f"by {name}"})
            assert sent.status_code == (302 if may else 409)
            closure.refresh_from_db()
            assert (closure.lifted_at is not None) == may
