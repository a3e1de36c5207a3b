"""After the auction: who gets his earnest money back, who loses it, the single tender, the next auction of a ghat."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from immis.auctions import jobs, selectors, services
from immis.auctions.models import Lot, LotOrder, LotSuccession, TechnicalBid
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import Decision, OutboxEvent
from immis.enforcement.deadlines import announce_deadlines
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.leases.models import Lease
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.models import Demand, JournalEntry, RefundOrder
from immis.ledger.refund_jobs import carry_out_refunds
from immis.ledger.selectors import held_paise, problems, trial_balance
from immis.ledger.services.deposits import forfeit_deposit
from immis.ledger.services.refunds import NewRefund, order_refund, resend_refund
from immis.messaging.models import Message
from tests.auctions.bars import enter_debarment, lift_debarment, the_debarment
from tests.auctions.season import ACCEPTED, CLOSES, OPENS, RESERVE, STEP, india, read_once
from tests.settlement import treasury

__all__ = ["treasury"]
pytestmark = pytest.mark.django_db
LATER = india("2026-06-08T10:00")
EMD_PAISE = 172_125_000
ORDER = {"number": "44/M", "on": date(2026, 6, 8), "at": LATER}


def _codes(refused):
    return sorted({finding.code for finding in refused.value.findings})


def _balance(code):
    row = next((row for row in trial_balance() if row["account_id"] == code), {"debit": 0, "credit": 0})
    return (row["credit"] or 0) - (row["debit"] or 0)


def _states(lot):
    return {one.bid.bidder.party.code: one.state for one in selectors.deposits_of(lot)}


@pytest.fixture
def sold(season, at):
    """Asha and Bina passed, Chand failed; Bina wins."""
    season.in_world("sold, and lost by two", lambda: _sell(season, at))
    at.set(LATER)
    return season


def _sell(season, at):
    season.bidder("asha")
    season.bidder("bina")
    season.applied("chand")
    chand = TechnicalBid.objects.get(bidder__party__code="chand")
    season.pay(chand)
    services.decide_technical(bid=chand, passed=False, reasons="अपठनीय", by=season.mdo, at=india("2026-06-01T10:00"))
    at.set(OPENS)
    season.bid("asha", 1)
    season.bid("bina", 1)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)


def test_the_earnest_money_of_all_is_asked_for_at_once(sold, django_assert_num_queries):
    lot = sold.lot(1)
    with django_assert_num_queries(7):  # the bids, what followed (3), money held, refunds, debarments; not each by each
        assert len(_states(lot)) == 3


def test_earnest_money_that_nobody_orders_back_by_its_day_is_the_collectors_task(sold, treasury, at):
    lot = sold.lot()

    def days(day):
        at.set(day)
        announce_deadlines(at=day)
        run_triggers(at=day)
        return [row.role for row in Task.objects.filter(subject_id=f"earnest:{lot.code}", state="open")]

    assert days(india("2026-06-12T10:00")) == []  # the last day itself
    assert days(india("2026-06-13T10:00")) == ["collector"]
    services.order_refunds(lot=lot, by=sold.mdo, at=india("2026-06-13T10:30"))
    assert days(india("2026-06-13T11:00")) == []


def test_the_losers_get_theirs_back_and_the_winner_does_not(sold, treasury):
    lot = sold.lot()
    assert _states(lot) == {"asha": "to_return", "bina": "adjusted", "chand": "to_return"}
    orders = services.order_refunds(lot=lot, by=sold.mdo, at=LATER)
    assert [(one.party.code, one.amount_paise, one.due_on) for one in orders] == [
        ("asha", EMD_PAISE, date(2026, 6, 12)),
        ("chand", EMD_PAISE, date(2026, 6, 12)),
    ]
    assert services.order_refunds(lot=lot, by=sold.mdo, at=LATER) == [] and _balance("2400") == 2 * EMD_PAISE
    assert carry_out_refunds(at=LATER) == 2 and set(RefundOrder.objects.values_list("state", flat=True)) == {"sent"}
    assert carry_out_refunds(at=LATER) == 0, "the treasury is not asked again at once"
    carry_out_refunds(at=LATER + timedelta(minutes=1))
    assert _states(lot) == {"asha": "paid", "bina": "adjusted", "chand": "paid"}
    assert _balance("2400") == 0 and problems() == []
    assert JournalEntry.objects.filter(kind="refund.paid").count() == 2
    run_triggers(at=LATER + timedelta(minutes=1))
    assert Message.objects.filter(template="MSG-72").count() == 2


def test_a_refund_that_comes_back_is_sent_again_to_the_right_account(sold, treasury):
    bid = TechnicalBid.objects.get(bidder__party__code="asha")
    bid.bank_account = "99990001"
    bid.save()
    order = services.order_refunds(lot=sold.lot(), by=sold.mdo, at=LATER)[0]
    for minutes in (0, 1, 30):
        carry_out_refunds(at=LATER + timedelta(minutes=minutes))
    order.refresh_from_db()
    assert (order.state, order.failure, order.next_try_at) == ("failed", "account closed", None)
    run_triggers(at=LATER + timedelta(minutes=31))
    assert Task.objects.filter(code="TRG-73", state="open").count() == 1
    resend_refund(order=order, account=order.party.bank_account, reason="पासबुक देखी", by=sold.mdo, at=LATER)
    for minutes in (0, 1):
        carry_out_refunds(at=LATER + timedelta(hours=1, minutes=minutes))
    order.refresh_from_db()
    assert (order.state, order.attempts, order.failure) == ("paid", 2, "") and _balance("2400") == 0
    run_triggers(at=LATER + timedelta(hours=2))
    assert not Task.objects.filter(code="TRG-73", state="open").exists()


@pytest.fixture
def came_back(sold, treasury):
    """A return that the bank sent back: the account of the bid is closed."""
    TechnicalBid.objects.filter(bidder__party__code="asha").update(bank_account="99990001")
    order = services.order_refunds(lot=sold.lot(), by=sold.mdo, at=LATER)[0]
    for minutes in (0, 1, 30):
        carry_out_refunds(at=LATER + timedelta(minutes=minutes))
    order.refresh_from_db()
    assert order.state == "failed"
    return order


@pytest.mark.flow
def test_one_officer_turns_no_return_aside(sold, came_back):
    """Another account than the party's proved one goes by two posts, and the party is told of both steps (A-19)."""
    collector = replace(sold.mdo, role="collector", user_id=9_001)
    order, new = came_back, {"account": "4444000011", "reason": "पासबुक देखी", "at": LATER + timedelta(hours=1)}
    resend_refund(order=order, by=sold.mdo, **new)
    order.refresh_from_db()
    assert (order.account, order.next_try_at, order.proposed_account) == ("99990001", None, "4444000011")
    for by in (sold.mdo, replace(sold.mdo, user_id=9_002), replace(collector, user_id=sold.mdo.user_id)):
        with pytest.raises(Refusal) as refused:
            resend_refund(order=order, by=by, **new)
        assert _codes(refused) == ["PAY-51"]
    for by in (replace(collector, district="Gaya"), replace(collector, district=""), replace(collector, role="hq")):
        with pytest.raises(NotPermitted):
            resend_refund(order=order, by=by, **new)
    run_triggers(at=LATER + timedelta(hours=2))
    assert Task.objects.get(code="TRG-151", state="open").role == "collector"
    resend_refund(order=order, by=collector, **new)
    order.refresh_from_db()
    assert order.account == "4444000011" and order.next_try_at and not order.proposed_account
    run_triggers(at=LATER + timedelta(hours=2))
    told = Message.objects.filter(template__in=["MSG-151", "MSG-152"], to_id=str(order.party_id)).order_by("pk")
    assert [(one.template, one.facts["account"]) for one in told] == [("MSG-151", "0011"), ("MSG-152", "0011")]


def test_the_second_officer_says_the_account_that_the_first_said(sold, came_back):
    collector = replace(sold.mdo, role="collector", user_id=9_001)
    new = {"order": came_back, "reason": "पासबुक देखी", "at": LATER + timedelta(hours=1)}
    resend_refund(account="4444000011", by=sold.mdo, **new)
    order = resend_refund(account="5555000011", by=collector, **new)
    assert order.next_try_at is None and (order.proposed_account, order.proposed_role) == ("5555000011", "collector")


def test_no_service_of_the_ledger_moves_held_money_for_another_office(sold):
    party = TechnicalBid.objects.get(bidder__party__code="asha").bidder.party
    source = (EMD, ("lot", sold.lot().code))
    refund = NewRefund(party=party, source=source, account="1", label={}, key="k", district="Munger")
    for by in (replace(sold.mdo, district="Gaya"), replace(sold.mdo, district=""), replace(sold.mdo, role="party")):
        with pytest.raises(NotPermitted):
            order_refund(refund=refund, by=by, at=LATER)
        with pytest.raises(NotPermitted):
            forfeit_deposit(party=party, source=source, order="1", by=by, at=LATER, district="Munger")
    assert not RefundOrder.objects.exists() and _balance("2400") == 0


def test_a_silent_treasury_is_asked_again_later(sold, settings):
    settings.TREASURY_URL = "http://127.0.0.1:9"
    services.order_refunds(lot=sold.lot(), by=sold.mdo, at=LATER)
    carry_out_refunds(at=LATER)
    assert set(RefundOrder.objects.values_list("state", "attempts")) == {("ordered", 0)}
    assert all(one.next_try_at > LATER for one in RefundOrder.objects.all())


def test_the_database_keeps_a_refund_order_as_it_was(sold):
    order = services.order_refunds(lot=sold.lot(), by=sold.mdo, at=LATER)[0]
    for change in ({"amount_paise": 1}, {"number": "W-x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundOrder.objects.filter(pk=order.pk).update(**change)
    RefundOrder.objects.filter(pk=order.pk).update(state="paid", paid_at=LATER)
    for change in ({"state": "sent"}, {"account": "1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RefundOrder.objects.filter(pk=order.pk).update(**change)


def test_nobody_bids_and_all_who_passed_lose_theirs(season, at):
    for name in ("asha", "bina"):
        season.bidder(name)
    season.applied("chand")
    season.pay(TechnicalBid.objects.get(bidder__party__code="chand"))
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    lot = season.lot()
    run_triggers(at=LATER)
    assert Task.objects.filter(code="TRG-70", subject_id=lot.code, act="after_auction").count() == 1
    with pytest.raises(NotPermitted):
        services.forfeit_where_nobody_bid(lot=lot, by=season.mdo, **ORDER)
    taken = services.forfeit_where_nobody_bid(lot=lot, by=season.actor("collector"), **ORDER)
    assert taken == _balance("4500") == 2 * EMD_PAISE
    assert _states(lot) == {"asha": "forfeited", "bina": "forfeited", "chand": "to_return"}
    assert Decision.objects.filter(rule_code="AUC-90", outcome="forfeited").count() == 2
    with pytest.raises(Refusal) as refused:
        services.forfeit_where_nobody_bid(lot=lot, by=season.actor("collector"), **ORDER)
    assert _codes(refused) == ["AUC-19"] and _balance("4500") == 2 * EMD_PAISE
    run_triggers(at=LATER)
    assert Message.objects.filter(template="MSG-71").count() == 2 and problems() == []


@pytest.mark.flow
def test_a_winner_who_refuses_loses_all_and_is_barred_for_two_years(sold, at):
    lot, collector = sold.lot(), sold.actor("collector")
    lease = Lease.objects.get()
    assert [row["key"] for row in lease.terms["clauses"]] == ACCEPTED  # they go with the settlement
    assert lease.emd_adjusted_paise == EMD_PAISE
    with pytest.raises(Refusal):
        services.declare_default(lot=lot, cause="refused", reason="", by=collector, **ORDER)
    services.declare_default(lot=lot, cause="refused", reason="पत्र दिनांक 07.06.2026", by=collector, **ORDER)
    party = lot.highest_bidder.party
    assert held_paise(SECURITY, party_id=party.pk, subject=("lease", lease.number)) == 0
    assert _balance("4500") == EMD_PAISE and _states(lot)["bina"] == "forfeited"
    bar = the_debarment()
    assert (bar.pan, bar.from_on, bar.until_on) == (party.pan, date(2026, 6, 8), date(2028, 6, 7))
    lease.refresh_from_db()
    assert lease.cancelled_at == LATER
    assert not Demand.objects.filter(subject_kind="lease", subject_id=lease.number, cancelled_at__isnull=True).exists()
    run_triggers(at=LATER)
    assert Message.objects.filter(template="MSG-74", to_id=str(party.pk)).count() == 1
    assert _states(lot)["asha"] == "to_return" and problems() == []


@pytest.mark.flow
def test_a_barred_firm_neither_applies_nor_passes(season):
    season.applied("asha")
    bid = TechnicalBid.objects.get()
    season.pay(bid)
    hq = season.actor("hq")
    enter_debarment(
        pan=bid.bidder.party.pan, name="Asha", cause="other", order_number="7/S", source="Jharkhand",
        from_on=date(2026, 5, 21), by=hq, at=india("2026-05-21T10:00"),
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        services.apply_for_lot(
            lot=season.lot(2), bidder=bid.bidder, form={"turnover_rupees": [1]}, by=season.actor("asha"),
            at=india("2026-05-22T10:00"),
        )  # fmt: skip
    assert _codes(refused) == ["AUC-84"]
    decide = {"bid": bid, "passed": True, "reasons": "", "by": season.mdo, "at": india("2026-06-01T10:00")}
    with pytest.raises(Refusal) as refused:
        services.decide_technical(**decide)
    assert _codes(refused) == ["AUC-85"]
    with pytest.raises(NotPermitted):
        lift_debarment(the_debarment(), order="8/S", by=season.mdo, at=decide["at"])
    lift_debarment(the_debarment(), order="8/S", by=hq, at=decide["at"])
    assert services.decide_technical(**decide).state == "passed"


def _single(season, at, serial=2):
    season.bidder("asha", serial)
    at.set(OPENS)
    season.bid("asha", 1, serial=serial)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    return season.lot(serial)


def _second_notice(season, at, serial=2):
    """The ghat of a failed lot alone, as number 1 of a new notice."""
    facts = read_once()
    shift = timedelta(days=60)
    steps = {step.value: when + shift for step, when in facts.programme.steps()}
    ghat = replace(facts.ghats[serial - 1], serial=1)
    again = replace(facts, number="PR 9", ghats=(ghat,), programme=replace(facts.programme, **steps))
    services.import_notice(facts=again, findings=[], source=b"again", filename="again.txt", by=SYSTEM, at=LATER)
    return Lot.objects.get(code="MUN-2026-02-R2"), shift


def test_a_single_tender_is_called_again_and_its_ghat_keeps_its_block(season, at):
    lot = _single(season, at)
    collector = season.actor("collector")
    with pytest.raises(Refusal) as refused:
        services.recommend_single(lot=lot, reason="", by=collector, **ORDER)
    assert _codes(refused) == ["AUC-92"]
    services.call_again(lot=lot, by=collector, **ORDER)
    assert _states(lot) == {"asha": "to_return"}
    following, _ = _second_notice(season, at)
    assert following.block == lot.block and season.lot(3).code == "MUN-2026-03"
    link = LotSuccession.objects.get()
    assert (link.previous, link.attempt) == (lot, 2) and selectors.follow_up_of(lot).following == following


def _second_single(season, at, steps):
    lot = _single(season, at)
    services.call_again(lot=lot, by=season.actor("collector"), **ORDER)
    following, shift = _second_notice(season, at)
    bidder = TechnicalBid.objects.get().bidder
    at.set(OPENS + shift)
    bid = TechnicalBid.objects.create(
        lot=following, bidder=bidder, applied_at=LATER, bank_account="31415926", state="passed",
    )  # fmt: skip
    bid.emd_demand = services.bidders._demand(following, bidder, "emd", following.emd_rupees, by=SYSTEM, at=LATER)
    bid.save()
    bid.fee_demand = services.bidders._demand(following, bidder, "fee", 5000, by=SYSTEM, at=LATER)
    bid.save()
    season.pay(bid)
    services.place_bid(lot=following, steps=steps, key="k" * 12, by=season.actor("asha"))
    at.set(LATER + shift)
    jobs.announce_closed_lots(at=LATER + shift)
    following.refresh_from_db()
    return following, {"number": "9/C", "on": date(2026, 8, 7), "at": LATER + shift}


@pytest.mark.flow
def test_a_second_single_tender_is_settled_after_recommendation_and_approval(season, at):
    lot, order = _second_single(season, at, steps=1)
    assert lot.result == "single_bid" and _states(lot) == {"asha": "held"}
    hq = season.actor("hq")
    with pytest.raises(Refusal) as refused:
        services.decide_single(lot=lot, approved=True, reason="", by=hq, **order)
    assert _codes(refused) == ["AUC-92"]
    services.recommend_single(lot=lot, reason="", by=season.actor("collector"), **order)
    with pytest.raises(NotPermitted):
        services.decide_single(lot=lot, approved=True, reason="", by=season.actor("collector"), **order)
    services.decide_single(lot=lot, approved=True, reason="", by=hq, **{**order, "number": "S-7"})
    lease = Lease.objects.get()
    assert (lease.lot_code, lease.bid_rupees, lease.emd_adjusted_paise) == (
        lot.code,
        lot.highest_rupees,
        lot.emd_rupees * 100,
    )
    assert _states(lot) == {"asha": "adjusted"} and lease.auction_closed_at == order["at"]


def test_a_second_single_tender_at_the_reserve_price_is_not_settled(season, at):
    lot, order = _second_single(season, at, steps=0)
    assert lot.highest_rupees == lot.reserve_rupees
    with pytest.raises(Refusal) as refused:
        services.recommend_single(lot=lot, reason="", by=season.actor("collector"), **order)
    assert _codes(refused) == ["AUC-92"]


@pytest.mark.flow
def test_a_rejected_single_tender_gets_its_money_back(season, at):
    lot, order = _second_single(season, at, steps=1)
    services.recommend_single(lot=lot, reason="", by=season.actor("collector"), **order)
    services.decide_single(lot=lot, approved=False, reason="कम राशि", by=season.actor("hq"), **order)
    assert _states(lot) == {"asha": "to_return"} and not Lease.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        LotOrder.objects.create(lot=lot, kind="approve", number="x", ordered_on=order["on"], at=order["at"])


@pytest.mark.parametrize("change", [{"number": " "}, {"on": date(2026, 6, 4)}, {"on": date(2026, 6, 9)}])
def test_an_order_has_a_number_and_a_day_between_the_auction_and_today(season, at, change):
    season.bidder("asha")
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    with pytest.raises(Refusal) as refused:
        services.forfeit_where_nobody_bid(lot=season.lot(), by=season.actor("collector"), **{**ORDER, **change})
    assert _codes(refused) == ["AUC-19"] and _balance("4500") == 0


def test_orders_are_never_changed(season, at):
    season.bidder("asha")
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    services.forfeit_where_nobody_bid(lot=season.lot(), by=season.actor("collector"), **ORDER)
    with pytest.raises(DatabaseError), transaction.atomic():
        LotOrder.objects.update(number="45/M")
    assert held_paise(EMD, party_id=TechnicalBid.objects.get().bidder.party_id, subject=("lot", "MUN-2026-01")) == 0


def test_another_district_orders_nothing(sold):
    with pytest.raises(NotPermitted):
        services.order_refunds(lot=sold.lot(), by=sold.actor("patna"), at=LATER)
    assert not OutboxEvent.objects.filter(kind="refund.ordered").exists()
    assert CLOSES < LATER and sold.lot().highest_rupees == RESERVE + 2 * STEP


def test_an_aborted_lot_returns_all_deposits_and_the_leaders_by_order(season, at, treasury):
    for name in ("asha", "bina", "chand"):
        season.bidder(name)
    at.set(OPENS)
    season.bid("asha", 1)
    lot = season.lot()
    order = services.ask_order(act="abort", notice=lot.notice, lot=lot, reason="अनियमितता", by=season.mdo)
    services.confirm_order(order=order, by=season.actor("collector"))
    assert jobs.return_after_aborts(at=OPENS) == 2 and jobs.return_after_aborts(at=OPENS) == 0
    assert _states(lot) == {"asha": "to_return", "bina": "ordered", "chand": "ordered"}
    assert {one.due_on for one in RefundOrder.objects.all()} == {date(2026, 6, 12)}
    run_triggers(at=OPENS)
    assert Task.objects.get(subject_id=lot.code).state == "open"
    assert [one.party.code for one in services.order_refunds(lot=lot, by=season.mdo, at=LATER)] == ["asha"]
    run_triggers(at=LATER)
    assert Task.objects.get(subject_id=lot.code).state == "done"
    assert _balance("2400") == 3 * EMD_PAISE and problems() == []
