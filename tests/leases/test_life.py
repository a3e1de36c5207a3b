"""The life of a settlement: extensions, forfeiture, notices, surrender, refund, carry-over, depth, royalty, sand."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from immis.core.errors import NotPermitted, Refusal
from immis.core.models import Decision, OutboxEvent
from immis.leases import life, selectors, services
from immis.leases.models import Lease, LeaseAct, LeaseNotice
from immis.leases.path import path_of
from immis.leases.services import amounts
from immis.ledger.chart import FORFEITURE, REFUNDS, SECURITY
from immis.ledger.models import Demand, RefundOrder
from immis.ledger.selectors import credit_on, held_paise, problems
from immis.registry.models import Block
from immis.rules.policy import PolicyBook, book
from tests.settlement import BID, EMD_PAISE, STATEMENT, india

pytestmark = pytest.mark.django_db
SECURITY_PAISE = 223_762_500


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


@pytest.fixture
def collector(world):
    return world.actor("collector")


def next_lease(world, *, closed="2026-09-01") -> Lease:
    """The same ghat is sold again, to the same party (who paid no earnest money in the ledger)."""
    return services.open_settlement(
        lot=services.SoldLot(
            lot_code="MUN-2026-01-B",
            block=world.block,
            party=world.party,
            bid_rupees=BID,
            emd_paise=EMD_PAISE,
            closed_at=india(closed),
        ),
        at=india(closed),
    )


class TestWhoObtains:
    def test_by_the_rule_book_the_settlee(self, world):
        assert world.opened().clearances_by == "settlee"

    @pytest.mark.flow
    def test_an_auction_may_name_the_department_and_the_clock_of_plan_and_ec_stands_still(self, world, collector):
        lease = world.with_loi()
        services.set_obtainer(lease=lease, who="department", reference="No. 4", by=collector, at=india("2026-06-11"))
        lease.refresh_from_db()
        steps = {step.key: step for step in path_of(lease, india("2026-09-01"))}
        assert steps["plan"].due_on is None and steps["plan"].state != "late"
        late = services.record_clearance(
            lease=lease, kind="plan", applied_on=date(2026, 8, 30), by=world.district, at=india("2026-09-01")
        )
        assert late == []
        with pytest.raises(Refusal) as refused:
            services.set_obtainer(lease=lease, who="settlee", reference="x", by=collector, at=india("2026-09-01"))
        assert codes(refused) == ["LSE-16"]


class TestExtensions:
    def extend(self, lease, by, clock="plan", until=date(2026, 7, 31), **more):
        fields = {"reason": "बाढ़", "reference": "DM/81", "at": india("2026-07-09")}
        return services.extend_clock(lease=lease, clock=clock, until_on=until, by=by, **{**fields, **more})

    @pytest.mark.flow
    def test_an_extended_clock_moves_the_path_and_the_lateness(self, world, collector):
        lease = world.with_loi()
        self.extend(lease, collector)
        plan = next(step for step in path_of(lease, india("2026-07-20")) if step.key == "plan")
        assert (plan.state, plan.due_on) == ("now", date(2026, 7, 31))
        assert not services.record_clearance(
            lease=lease, kind="plan", applied_on=date(2026, 7, 31), by=world.district, at=india("2026-08-02")
        )

    def test_an_extension_is_only_forward_and_only_by_the_collector_or_headquarters(self, world, collector):
        lease = world.with_loi()
        with pytest.raises(Refusal) as refused:
            self.extend(lease, collector, until=date(2026, 7, 10))
        assert codes(refused) == ["LSE-17"]
        with pytest.raises(Refusal):
            self.extend(lease, collector, clock="ec")  # no plan approved yet
        self.extend(lease, world.actor("hq"))
        self.extend(lease, collector, until=date(2026, 8, 15))
        assert life.extensions_of(lease) == {"plan": date(2026, 8, 15)}
        for name in ("mdo", "patna", "settlee", "monitor"):
            with pytest.raises(NotPermitted):
                self.extend(lease, world.actor(name), until=date(2026, 9, 15))

    def test_acts_are_never_changed(self, world, collector):
        act = self.extend(world.with_loi(), collector)
        for change in (lambda: LeaseAct.objects.filter(pk=act.pk).update(reason="x"), act.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


class TestForfeiture:
    def forfeit(self, lease, by, ground="security", day="2026-06-11"):
        return services.forfeit_settlement(
            lease=lease, ground=ground, reason="राशि जमा नहीं", reference="DM/90", by=by, at=india(day)
        )

    @pytest.mark.flow
    def test_no_security_in_five_days(self, world, collector):
        """E-078, E-094: the earnest money goes to the State, the ghat to auction again."""
        lease = world.opened()
        with pytest.raises(Refusal) as refused:
            self.forfeit(lease, collector, day="2026-06-10")
        assert codes(refused) == ["LSE-18"]
        with pytest.raises(NotPermitted):
            self.forfeit(lease, world.district)
        lease = self.forfeit(lease, collector)
        subject = ("lease", lease.number)
        assert held_paise(FORFEITURE, party_id=world.party.pk, subject=subject) == EMD_PAISE
        assert held_paise(SECURITY, party_id=world.party.pk, subject=subject) == 0
        assert (lease.ended_kind, lease.reauction_at) == ("forfeited", india("2026-06-11"))
        assert [one.pk for one in life.marked_for_reauction(collector)] == [lease.pk]
        assert selectors.security_demand(lease).cancelled_at and problems() == []
        assert "HLD-04" in {hold.rule_code for hold in selectors.standing_holds(lease, india("2026-06-11"))}

    @pytest.mark.flow
    def test_an_extension_or_a_valid_reason_stands_against_it(self, world, collector):
        lease = world.with_loi()
        services.extend_clock(
            lease=lease, clock="plan", until_on=date(2026, 8, 1), reason="x", reference="y", by=collector,
            at=india("2026-07-01"),
        )  # fmt: skip
        with pytest.raises(Refusal):
            self.forfeit(lease, collector, "plan", "2026-08-01")
        services.accept_reason(
            lease=lease, clock="plan", reason="RQP की मृत्यु", reference="DM/7", by=collector, at=india("2026-08-02")
        )
        with pytest.raises(Refusal) as refused:
            self.forfeit(lease, collector, "plan", "2026-08-02")
        assert "RQP की मृत्यु" in refused.value.findings[0].facts["because"]["hi"]

    @pytest.mark.flow
    def test_plan_not_submitted_without_reason_takes_the_whole_security(self, world, collector):
        lease = self.forfeit(world.with_loi(), collector, "plan", "2026-07-11")
        assert held_paise(FORFEITURE, party_id=world.party.pk, subject=("lease", lease.number)) == SECURITY_PAISE
        with pytest.raises(Refusal):
            self.forfeit(lease, collector, "plan", "2026-07-12")  # once


class TestDemarcation:
    def test_a_corrected_ghat_is_certified_anew(self, world):
        """E-147, E-148."""
        lease = world.mining()
        assert life.demarcated(lease)
        Block.objects.filter(pk=world.block.pk).update(version=2)
        lease = Lease.objects.get(pk=lease.pk)
        assert not life.demarcated(lease)
        steps = {step.key: step.state for step in path_of(lease, india("2026-08-01"))}
        assert steps["demarcation"] != "done"
        world.demarcate(lease, at=india("2026-08-02"))
        assert life.demarcated(Lease.objects.get(pk=lease.pk))

    def test_too_few_pillars_or_nobody_present(self, world):
        lease = world.with_loi()
        fields = {"on": date(2026, 6, 20), "certified_by": "x", "reference": "y"}
        for odd in ({"pillars": 3, "present": ["rqp"]}, {"pillars": 4, "present": []}):
            with pytest.raises(Refusal) as refused:
                pillars = services.Demarcation(**fields, **odd)
                services.record_demarcation(lease=lease, demarcation=pillars, by=world.district, at=india("2026-06-21"))
            assert codes(refused) == ["LSE-19"]


class TestNotices:
    def show_cause(self, lease, by, day="2026-08-01"):
        return services.issue_notice(lease=lease, kind="show_cause", grounds="उप-पट्टा", by=by, at=india(day))

    def test_no_cancellation_without_asking_first(self, world, collector):
        """E-144."""
        lease = world.mining()
        cancel = {"lease": lease, "reason": "उप-पट्टा", "by": collector}
        with pytest.raises(Refusal) as refused:
            services.cancel_settlement(**cancel, at=india("2026-08-01"))
        assert codes(refused) == ["LSE-25"]
        notice = self.show_cause(lease, collector)
        assert notice.due_on == date(2026, 8, 16) and self.show_cause(lease, collector).pk == notice.pk
        with pytest.raises(Refusal):
            services.cancel_settlement(**cancel, at=india("2026-08-16", "23:59:59"))
        ended = services.cancel_settlement(**cancel, at=india("2026-08-17", "00:00:00"))
        assert ended.ended_kind == "cancelled" and LeaseNotice.objects.get().outcome == "acted"

    def test_the_settlee_answers_once_and_the_collector_may_accept_it(self, world, collector):
        lease = world.mining()
        notice = self.show_cause(lease, collector)
        with pytest.raises(NotPermitted):
            services.reply_to_notice(notice=notice, reply="x", by=world.actor("other"), at=india("2026-08-05"))
        services.reply_to_notice(notice=notice, reply="कोई उप-पट्टा नहीं", by=world.settlee, at=india("2026-08-05"))
        with pytest.raises(NotPermitted):
            services.reply_to_notice(notice=notice, reply="और", by=world.settlee, at=india("2026-08-06"))
        services.close_notice(notice=notice, outcome="accepted", reason="संतोषजनक", by=collector, at=india("2026-08-07"))
        with pytest.raises(Refusal):
            services.cancel_settlement(lease=lease, reason="x", by=collector, at=india("2026-09-07"))
        kinds = list(
            OutboxEvent.objects.filter(kind__startswith="lease.notice").order_by("id").values_list("kind", flat=True)
        )
        assert kinds == ["lease.notice_issued", "lease.notice_replied", "lease.notice_closed"]

    def test_dues_are_asked_for_thirty_days_and_payment_ends_the_matter(self, world, collector):
        """E-145."""
        lease = world.mining()
        with pytest.raises(Refusal):
            services.issue_notice(lease=lease, kind="non_payment", grounds="-", by=collector, at=india("2026-07-14"))
        world.pay_and_verify(Demand.objects.get(kind="dmf", due_on=date(2026, 7, 15)), at=india("2026-07-16"))
        notice = services.issue_notice(
            lease=lease, kind="non_payment", grounds="द्वितीय किस्त", by=collector, at=india("2026-10-16")
        )
        assert (notice.amount_paise, notice.due_on) == (SECURITY_PAISE, date(2026, 11, 15))
        with pytest.raises(Refusal) as refused:
            services.cancel_settlement(lease=lease, reason="x", by=collector, at=india("2026-11-15"))
        assert codes(refused) == ["LSE-24"]
        world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-11-16"))
        with pytest.raises(Refusal):
            services.cancel_settlement(lease=lease, reason="x", by=collector, at=india("2026-11-17"))

    def test_unpaid_after_thirty_days_it_is_cancelled_and_what_fell_due_stays_owed(self, world, collector):
        lease = world.mining()
        services.issue_notice(lease=lease, kind="non_payment", grounds="x", by=collector, at=india("2026-10-16"))
        lease = services.cancel_settlement(lease=lease, reason="बकाया", by=collector, at=india("2026-11-16"))
        left = {demand.key for demand in life.open_demands_of(lease)}
        assert f"instalment:{lease.number}:1:2" in left and f"instalment:{lease.number}:1:3" not in left

    @pytest.mark.flow
    def test_dues_outside_the_ledger_count_too(self, world, collector):
        """E-145: GST, income tax, stamp duty, registration fee."""
        lease = world.mining()
        world.pay_and_verify(Demand.objects.get(kind="dmf", due_on=date(2026, 7, 15)), at=india("2026-07-16"))
        notice = services.issue_notice(
            lease=lease, kind="non_payment", grounds="GST", other_paise=5_000_00, by=collector, at=india("2026-08-01")
        )
        assert notice.amount_paise == 5_000_00
        ended = services.cancel_settlement(lease=lease, reason="GST", by=collector, at=india("2026-09-01"))
        assert ended.ended_kind == "cancelled"


class TestAnnulment:
    def test_a_cancelled_auction_forfeits_nothing_and_the_department_gives_the_money_back(self, world, collector):
        """E-067, E-084: 18, 20 iii gha."""
        lease, hq = world.with_loi(), world.actor("hq")
        order = {"lease": lease, "reference": "M/1", "at": india("2026-06-20")}
        with pytest.raises(Refusal) as refused:
            services.return_annulled(by=hq, **order)
        assert codes(refused) == ["LSE-77"]
        lease = services.annul_auction(reason="Collusion found", by=collector, **order)
        assert lease.ended_kind == "annulled" and lease.reauction_at
        assert held_paise(FORFEITURE, party_id=world.party.pk, subject=("lease", lease.number)) == 0
        with pytest.raises(NotPermitted):
            services.return_annulled(by=collector, **order)
        assert services.return_annulled(by=hq, **order).facts["amount_paise"] == SECURITY_PAISE
        assert sum(life.deposits_of(lease).values()) == 0 and problems() == []
        with pytest.raises(Refusal) as refused:
            services.return_annulled(by=hq, **order)
        assert codes(refused) == ["LSE-77"]

    def test_a_verified_first_instalment_goes_back_too(self, world, collector):
        """E-067, E-084: "money of the successful bidder", not its deposits alone."""
        lease, hq = world.cleared(), world.actor("hq")
        first = selectors.first_instalment(lease)
        world.pay_and_verify(first, at=india("2026-07-14"))
        order = {"lease": lease, "reference": "M/1", "at": india("2026-07-15")}
        order["lease"] = services.annul_auction(reason="Collusion found", by=collector, **order)
        act = services.return_annulled(by=hq, **order)
        assert act.facts["amount_paise"] == SECURITY_PAISE + first.amount_paise and problems() == []
        back = RefundOrder.objects.get(key=f"annulled_instalment:{lease.number}")
        assert back.amount_paise == first.amount_paise and back.account == world.party.bank_account
        assert sum(life.returnable_of(lease).values()) == 0

    def test_not_once_the_deed_is_executed(self, world, collector):
        with pytest.raises(Refusal) as refused:
            services.annul_auction(
                lease=world.deeded(), reference="M/1", reason="x", by=collector, at=india("2026-08-20")
            )
        assert codes(refused) == ["LSE-76"]


class TestSurrender:
    @pytest.mark.flow
    def test_the_whole_calendar_year_first(self, world, collector):
        """E-111: 31 i."""
        lease = world.mining()
        act = services.ask_surrender(lease=lease, reason="बालू नहीं", by=world.settlee, at=india("2026-08-20"))
        assert act.facts["open_paise"] == SECURITY_PAISE  # the instalment of 15.10.2026; the next is of 2027
        assert services.ask_surrender(lease=lease, reason="x", by=world.settlee, at=india("2026-08-21")).pk == act.pk
        with pytest.raises(Refusal) as refused:
            services.accept_surrender(lease=lease, reference="DM/1", by=collector, at=india("2026-08-25"))
        assert codes(refused) == ["LSE-22"]
        world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-08-26"))
        lease = services.accept_surrender(lease=lease, reference="DM/1", by=collector, at=india("2026-08-27"))
        assert lease.ended_kind == "surrendered" and lease.cancel_reason == "बालू नहीं"
        assert held_paise(FORFEITURE, party_id=world.party.pk, subject=("lease", lease.number)) == SECURITY_PAISE
        assert {d.kind for d in life.open_demands_of(lease)} == {"dmf"}  # due with the first instalment already
        assert problems() == []

    @pytest.mark.flow
    def test_twenty_one_days_then_the_certificate_case(self, world, collector):
        """E-112: 31 ii."""
        lease = world.mining()
        notice = services.issue_notice(
            lease=lease, kind="surrender_dues", grounds="समर्पण", by=collector, at=india("2026-09-01")
        )
        assert (notice.due_on, notice.amount_paise) == (date(2026, 9, 22), SECURITY_PAISE)
        with pytest.raises(Refusal) as refused:
            services.open_certificate_case(lease=lease, number="C/1", by=collector, at=india("2026-09-22"))
        assert codes(refused) == ["LSE-23"]
        case = services.open_certificate_case(lease=lease, number="C/1", by=collector, at=india("2026-09-23"))
        assert case.facts["amount_paise"] == SECURITY_PAISE
        lease = services.accept_surrender(lease=lease, reference="DM/1", by=collector, at=india("2026-09-24"))
        left = {demand.key for demand in life.open_demands_of(lease, kinds=["instalment"])}
        assert left == {f"instalment:{lease.number}:1:2"}  # recovered by the case

    def test_only_its_own_settlee_gives_it_up(self, world):
        lease = world.mining()
        for name in ("other", "mdo", "collector"):
            with pytest.raises(NotPermitted):
                services.ask_surrender(lease=lease, reason="x", by=world.actor(name), at=india("2026-08-20"))


class TestTheEnd:
    def all_paid(self, world, lease):
        for demand in life.open_demands_of(lease):
            world.pay_and_verify(demand, at=india("2027-01-01"))

    @pytest.mark.flow
    def test_the_security_goes_back_once_when_nothing_is_owed(self, world, collector):
        """E-081, E-082."""
        lease = world.mining()
        with pytest.raises(Refusal) as refused:
            services.refund_security(lease=lease, reference="DM/5", by=collector, at=india("2031-07-15"))
        assert codes(refused) == ["LSE-26"]
        self.all_paid(world, lease)
        with pytest.raises(Refusal):
            services.refund_security(lease=lease, reference="DM/5", by=collector, at=india("2031-07-14"))
        acts = [
            services.refund_security(lease=lease, reference="DM/5", by=collector, at=india("2031-07-15"))
            for _ in range(2)
        ]
        assert acts[0].pk == acts[1].pk and acts[0].facts["amount_paise"] == SECURITY_PAISE
        assert held_paise(REFUNDS, party_id=world.party.pk, subject=("lease", lease.number)) == SECURITY_PAISE

    @pytest.mark.flow
    def test_plan_and_ec_pass_to_the_next_settlee_with_the_loi(self, world, collector):
        """E-113, E-114."""
        lease = world.mining()
        services.issue_notice(lease=lease, kind="show_cause", grounds="x", by=collector, at=india("2026-08-01"))
        services.cancel_settlement(lease=lease, reason="x", by=collector, at=india("2026-08-20"))
        after = next_lease(world)
        world.pay_and_verify(selectors.security_demand(after), at=india("2026-09-02"))
        order = {"lease": after, "on": date(2026, 9, 2), "by": world.district, "at": india("2026-09-02")}
        services.record_documents(**order)
        services.record_assets(**STATEMENT, **order)
        after = world.issue("loi", lease=after, at=india("2026-09-03"))
        assert selectors.granted_kinds(after) == ["plan", "ec"] and selectors.permitted_quantity(after) == 91_800
        assert {act.facts["from_lease"] for act in life.acts_of(after, "carried")} == {lease.number}
        assert Decision.objects.filter(rule_code="LSE-27").count() == 2
        consents = next(step for step in path_of(after, india("2026-09-04")) if step.key == "cte_cto")
        assert consents.due_on == date(2026, 9, 10)

    def test_nothing_passes_from_a_settlement_that_ran(self, world):
        world.mining()
        after = next_lease(world)
        assert life.previous_on_block(after) is None

    @pytest.mark.flow
    def test_stored_sand_after_the_end_is_the_governments(self, world):
        """E-153."""
        lease = world.mining()
        sand = {"quantity_m3": Decimal("120.5"), "distance_m": 250, "place": "बाँध", "reference": "P/1"}
        before, after = (
            services.record_stored_sand(
                lease=lease, sand=services.StoredSand(on=at.date(), **sand), by=world.district, at=at
            )
            for at in (india("2031-07-14"), india("2031-07-15"))
        )
        assert (before, [finding.code for finding in after]) == ([], ["LSE-28"])
        assert [act.facts["government"] for act in life.acts_of(lease, "stored_sand")] == [False, True]


class TestAmounts:
    @pytest.mark.flow
    def test_a_greater_depth_raises_what_falls_due_from_the_day_on(self, world, collector):
        """E-110: half as much again from 01.12.2026."""
        lease = world.mining()
        world.pay_and_verify(
            world.instalment(lease, 1, 3), at=india("2026-11-01")
        )  # paid ahead, and rises all the same
        raised = services.increase_quantity(
            lease=lease,
            increase=services.GreaterDepth(
                from_on=date(2026, 12, 1),
                depth_before_m=Decimal("2"),
                depth_m=Decimal("3"),
                quantity_m3=137_700,
                reference="SEIAA/9",
            ),
            by=collector,
            at=india("2026-11-20"),
        )
        first = min(raised, key=lambda demand: demand.due_on)
        assert (first.due_on, first.amount_paise) == (date(2027, 1, 15), SECURITY_PAISE // 2)
        assert all(demand.due_on >= date(2026, 12, 1) for demand in raised)
        instalments = [demand for demand in raised if demand.kind == "instalment"]
        assert len(instalments) == 13 and first.cites[0]["code"] == "LSE-21"
        assert life.year_quantity_m3(lease) == 137_700
        rows = [row for row in selectors.schedule_of(lease, india("2026-12-02")) if row.code == "LSE-21"]
        assert len(rows) == len(raised)
        with pytest.raises(Refusal) as refused:
            services.increase_quantity(
                lease=lease,
                increase=services.GreaterDepth(
                    from_on=date(2027, 1, 1),
                    depth_before_m=Decimal("3"),
                    depth_m=Decimal("4"),
                    quantity_m3=150_000,
                    reference="x",
                ),
                by=collector,
                at=india("2026-12-20"),
            )
        assert codes(refused) == ["LSE-21"]

    def test_an_unpaid_added_instalment_stops_challans_like_any_other(self, world, collector):
        lease = world.mining()
        services.increase_quantity(
            lease=lease,
            increase=services.GreaterDepth(
                from_on=date(2026, 10, 1),
                depth_before_m=Decimal("2"),
                depth_m=Decimal("3"),
                quantity_m3=100_000,
                reference="x",
            ),
            by=collector,
            at=india("2026-09-20"),
        )
        world.pay_and_verify(world.instalment(lease, 1, 2), at=india("2026-10-10"))
        held = selectors.standing_holds(lease, india("2026-10-16"))
        assert [hold.rule_code for hold in held] == ["HLD-01"] and "बढ़ी हुई" in held[0].facts["label"]["hi"]

    def test_royalty_above_the_year_is_demanded_once(self, world):
        """E-155: 1,19,340 m³ at Rs 75 equal the bid; ten more cost Rs 750."""
        lease = world.mining()
        at = india("2027-07-15")
        for _ in range(2):
            services.settle_royalty_year(lease=lease, year=1, removed_m3=Decimal("119350"), at=at)
        demand = Demand.objects.get(kind="royalty")
        assert (demand.amount_paise, demand.subject_id) == (75_000, lease.number)
        world.pay_and_verify(demand, at=at)
        assert problems() == []

    def test_royalty_of_a_raised_year_is_compared_with_what_the_raised_year_owes(self, world, collector):
        """Ghat 1 with 4,59,000 m³: royalty of 3.44 crore lies under the raised amount, not 2.55 crore above the bid."""
        lease = world.mining()
        services.increase_quantity(
            lease=lease,
            increase=services.GreaterDepth(
                from_on=date(2026, 7, 15),
                depth_before_m=Decimal("1"),
                depth_m=Decimal("3"),
                quantity_m3=459_000,
                reference="SEIAA/9",
            ),
            by=collector,
            at=india("2026-07-20"),
        )
        act = services.settle_royalty_year(lease=lease, year=1, removed_m3=Decimal("459000"), at=india("2027-07-15"))
        assert not Demand.objects.filter(kind="royalty").exists()
        owed = act.facts["amount_paise"]
        shown = [row for row in selectors.schedule_of(lease, india("2027-07-15")) if row.year == 1]
        assert owed == 5 * 895_050_000 == sum(row.amount_paise for row in shown if row.kind == "instalment")
        demands = [demand for demand in selectors.demands_of(lease, kind="instalment", due_on__lt=date(2027, 2, 1))]
        assert owed == sum(demand.amount_paise for demand in demands)

    def test_two_rises_and_the_royalty_show_under_their_own_years(self, world, collector):
        """A later rise counts from what was raised already; the first instalment of year 2 falls due in year 1."""
        lease = world.mining()
        for quantity, day, depth in ((137_700, "2026-12-01", "1"), (183_600, "2027-02-01", "2")):
            services.increase_quantity(
                lease=lease,
                increase=services.GreaterDepth(
                    from_on=date.fromisoformat(day),
                    depth_before_m=Decimal(depth),
                    depth_m=Decimal(depth) + 1,
                    quantity_m3=quantity,
                    reference=day,
                ),
                by=collector,
                at=india(day),
            )
        rows = [row for row in selectors.schedule_of(lease, india("2027-03-01")) if row.kind == "instalment"]
        sums = {year: sum(row.amount_paise for row in rows if row.year == year) for year in (1, 2)}
        assert sums[1] == 895_050_000 + SECURITY_PAISE // 2
        assert sums[2] == 2 * 1_074_060_000
        act = services.settle_royalty_year(lease=lease, year=2, removed_m3=Decimal("300000"), at=india("2028-07-15"))
        assert act.facts["amount_paise"] == sums[2]
        royalty = Demand.objects.get(kind="royalty")
        assert royalty.amount_paise == 300_000 * 7_500 - sums[2]
        (row,) = [row for row in selectors.schedule_of(lease, india("2028-07-16")) if row.kind == "royalty"]
        assert row.year == 2 and problems() == []

    @pytest.mark.flow
    def test_a_rise_dated_back_compares_a_royalty_year_again(self, world, collector):
        """What the raised year owes on top is not asked for again as royalty; what was paid is credit (LSE-79)."""
        lease, removed = world.mining(), Decimal("300000")
        services.settle_royalty_year(lease=lease, year=1, removed_m3=removed, at=india("2027-07-15"))
        first = Demand.objects.get(kind="royalty")
        assert first.amount_paise == 300_000 * 7_500 - 895_050_000
        paid_at = india("2027-08-02")

        def rise(quantity: int, depth: str, at: datetime = india("2027-08-01")) -> None:
            services.increase_quantity(
                lease=lease,
                increase=services.GreaterDepth(
                    from_on=date(2026, 7, 15), depth_before_m=Decimal(depth), depth_m=Decimal(depth) + 1,
                    quantity_m3=quantity, reference=f"SEIAA/{depth}",
                ),
                by=collector, at=at,
            )  # fmt: skip

        rise(183_600, "1")
        again = Demand.objects.get(kind="royalty", cancelled_at=None)
        first.refresh_from_db()
        assert (first.cancel_reason, again.amount_paise) == ("SEIAA/1", 300_000 * 7_500 - 2 * 895_050_000)
        assert [row.year for row in selectors.schedule_of(lease, paid_at) if row.demand == again.number] == [1]
        world.pay_and_verify(again, at=paid_at)
        rise_at = india("2027-08-05")
        rise(229_500, "1.5", rise_at)  # a part of what was paid pays the excess that is left
        again.refresh_from_db()
        left = Demand.objects.get(kind="royalty", cancelled_at=None)
        excess = 300_000 * 7_500 - 5 * 895_050_000 // 2
        assert (left.amount_paise, left.settled_at) == (excess, rise_at) and excess > 0
        assert (again.applied_paise, again.cancel_reason) == (0, "SEIAA/1.5")
        credit = credit_on(("lease", lease.number))
        assert credit == again.amount_paise - excess
        rise(275_400, "2", rise_at)  # and now nothing of it is owed
        assert not Demand.objects.filter(kind="royalty", cancelled_at=None).exists()
        assert credit_on(("lease", lease.number)) == again.amount_paise
        (paid,) = [row for row in selectors.statement_of(lease, at=rise_at) if row.demand == again.number]
        assert (paid.debit_paise, paid.credit_paise) == (0, again.amount_paise)
        years = [act.facts["amount_paise"] for act in LeaseAct.objects.filter(kind="royalty").order_by("id")]
        assert years == [895_050_000 * part // 2 for part in (2, 4, 5, 6)] and problems() == []

    def test_where_the_setting_says_so_a_paid_excess_is_left_as_it_was_paid(self, world, collector, monkeypatch):
        """The other reading of LSE-79: a rise dated back touches an excess that nobody has paid, and no other."""
        law, entry = book(), book().entries["LSE-79"]
        stands = replace(entry, values=tuple(replace(value, value="stands") for value in entry.values))
        monkeypatch.setattr(amounts, "book", lambda: PolicyBook({**law.entries, "LSE-79": stands}))
        lease, at = world.mining(), india("2027-08-05")
        services.settle_royalty_year(lease=lease, year=1, removed_m3=Decimal("300000"), at=india("2027-07-15"))
        paid = Demand.objects.get(kind="royalty")
        world.pay_and_verify(paid, at=india("2027-08-02"))
        rise = services.GreaterDepth(
            from_on=date(2026, 7, 15), depth_before_m=Decimal("1"), depth_m=Decimal("2"), quantity_m3=183_600,
            reference="SEIAA/1",
        )  # fmt: skip
        services.increase_quantity(lease=lease, increase=rise, by=collector, at=at)
        paid.refresh_from_db()
        assert (paid.cancelled_at, paid.applied_paise) == (None, paid.amount_paise)
        assert Demand.objects.filter(kind="royalty").count() == 1 and credit_on(("lease", lease.number)) == 0
        assert LeaseAct.objects.filter(kind="royalty").count() == 1 and problems() == []

    def test_a_year_within_its_amount_is_recorded_without_a_demand(self, world):
        lease = world.mining()
        assert [(year, first) for _, year, first, _ in life.royalty_years(india("2027-07-14"))] == []
        due = life.royalty_years(india("2028-07-15"))
        assert [(year, first, after) for _, year, first, after in due] == [
            (1, date(2026, 7, 15), date(2027, 7, 15)),
            (2, date(2027, 7, 15), date(2028, 7, 15)),
        ]
        services.settle_royalty_year(lease=lease, year=1, removed_m3=Decimal("91800"), at=india("2027-07-15"))
        assert not Demand.objects.filter(kind="royalty").exists()
        assert [year for _, year, _, _ in life.royalty_years(india("2028-07-15"))] == [2]
