"""One end of a winner's path, seen by auction and settlement alike; what becomes of money after a false certificate."""

from datetime import date, timedelta

import pytest

from immis.auctions import jobs, selectors, services
from immis.auctions.models import LotOrder, TechnicalBid
from immis.auctions.selectors.places import over
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import Decision
from immis.leases import services as settlements
from immis.leases.models import Clearance, Lease
from immis.leases.services.endings import carry_clearances
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.models import Demand, Receipt, RefundOrder
from immis.ledger.selectors import held_paise, problems
from immis.ledger.services.allocation import post_receipt
from tests.auctions.bars import debarments, enter_debarment, lift_debarment, the_debarment
from tests.auctions.season import OPENS, india

pytestmark = pytest.mark.django_db
LATER = india("2026-06-11T10:00")
ORDER = {"number": "44/M", "on": date(2026, 6, 11), "at": LATER}
EMD_PAISE = 172_125_000


def _codes(refused):
    return sorted({finding.code for finding in refused.value.findings})


@pytest.fixture
def sold(season, at):
    """Asha and Bina passed and bid; Bina wins."""
    season.in_world("sold, and lost by one", lambda: _sell(season, at))
    at.set(LATER)
    return season


def _sell(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    season.bid("asha", 1)
    season.bid("bina", 1)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)


def _states(lot):
    return {one.bid.bidder.party.code: one.state for one in selectors.deposits_of(lot)}


def _forfeit(season, lease, reference="DM/90"):
    return settlements.forfeit_settlement(
        lease=lease,
        ground="security",
        reason="राशि जमा नहीं",
        reference=reference,
        by=season.actor("collector"),
        at=LATER,
    )


def test_a_missed_formality_bars_for_two_years_and_is_the_auctions_default_too(sold):
    lot, lease = sold.lot(), Lease.objects.get()
    _forfeit(sold, lease)
    bar = the_debarment()
    assert (bar.pan, bar.cause, bar.order_number) == (lease.party.pan, "late", "DM/90")
    assert (bar.from_on, bar.until_on) == (date(2026, 6, 11), date(2028, 6, 10))
    order = LotOrder.objects.get(lot=lot)
    assert (order.kind, order.cause, order.number) == ("default", "late", "DM/90")
    assert _states(lot)["bina"] == "forfeited" and over(lot)
    assert Decision.objects.filter(rule_code="AUC-90", outcome="forfeited").count() == 1
    with pytest.raises(Refusal) as refused:
        services.declare_default(lot=lot, cause="late", reason="x", by=sold.actor("collector"), **ORDER)
    assert _codes(refused) == ["AUC-19"] and len(debarments()) == 1 and problems() == []


def test_a_default_of_the_auction_ends_the_settlement_once(sold):
    lot, lease = sold.lot(), Lease.objects.get()
    services.declare_default(lot=lot, cause="refused", reason="पत्र", by=sold.actor("collector"), **ORDER)
    lease.refresh_from_db()
    assert lease.ended_kind == "forfeited" and LotOrder.objects.count() == len(debarments()) == 1
    with pytest.raises(Refusal) as refused:
        _forfeit(sold, lease)
    assert _codes(refused) == ["LSE-18"] and LotOrder.objects.count() == 1


def test_a_settlement_without_a_lot_here_bars_its_party_too(sold):
    lease = Lease.objects.get()
    Lease.objects.filter(pk=lease.pk).update(lot_code="OLD-2025-01")
    _forfeit(sold, Lease.objects.get(), reference="")
    assert the_debarment().order_number == lease.number and not LotOrder.objects.exists()


def test_a_winner_who_paid_a_part_can_be_in_default(sold):
    lot, lease = sold.lot(), Lease.objects.get()
    demand = Demand.objects.get(subject_id=lease.number, kind="security")
    part = demand.amount_paise // 3
    receipt = Receipt.objects.create(
        number="R-part", demand=demand, amount_paise=part, paid_paise=part, state="verified",
        payer_account="1", created_at=LATER, paid_at=LATER, verified_at=LATER,
    )  # fmt: skip
    post_receipt(receipt, by=SYSTEM, at=LATER)
    held = held_paise(SECURITY, party_id=lease.party_id, subject=("lease", lease.number))
    order = services.declare_default(lot=lot, cause="late", reason="शेष नहीं", by=sold.actor("collector"), **ORDER)
    assert order.facts["amount_paise"] == held == EMD_PAISE + part
    demand.refresh_from_db()
    assert demand.cancelled_at == LATER and demand.applied_paise == part
    assert held_paise(SECURITY, party_id=lease.party_id, subject=("lease", lease.number)) == 0
    assert the_debarment().cause == "late" and problems() == []


def test_a_loser_with_a_false_certificate_loses_his_money_and_is_barred(sold):
    lot = sold.lot()
    bid = TechnicalBid.objects.get(bidder__party__code="asha")
    said = {"bid": bid, "number": "55/M", "on": date(2026, 6, 11), "reason": "चरित्र प्रमाण पत्र गलत", "at": LATER}
    with pytest.raises(NotPermitted):
        services.declare_false_certificate(**said, by=sold.mdo)
    bar = services.declare_false_certificate(**said, by=sold.actor("collector"))
    assert (bar.pan, bar.cause, bar.until_on) == (bid.bidder.party.pan, "false_certificate", date(2028, 6, 10))
    assert held_paise(EMD, party_id=bid.bidder.party_id, subject=("lot", lot.code)) == 0
    assert _states(lot) == {"asha": "forfeited", "bina": "adjusted"}
    assert services.order_refunds(lot=lot, by=sold.mdo, at=LATER) == [] and problems() == []


def test_an_order_of_debarment_for_a_false_certificate_keeps_the_money_here(sold):
    lot, bid = sold.lot(), TechnicalBid.objects.get(bidder__party__code="asha")
    bar = enter_debarment(
        pan=bid.bidder.party.pan, name="Asha", cause="false_certificate", order_number="7/S", source="Munger",
        from_on=date(2026, 6, 10), by=sold.mdo, at=LATER,
    )  # fmt: skip
    assert _states(lot)["asha"] == "to_forfeit"
    assert services.order_refunds(lot=lot, by=sold.mdo, at=LATER) == [] and not RefundOrder.objects.exists()
    lift_debarment(bar, order="8/S", by=sold.mdo, at=LATER)
    assert len(services.order_refunds(lot=lot, by=sold.mdo, at=LATER)) == 1


def test_a_false_certificate_of_who_was_paid_back_is_answered_in_words(sold):
    bid = TechnicalBid.objects.get(bidder__party__code="asha")
    (order,) = services.order_refunds(lot=sold.lot(), by=sold.mdo, at=LATER)
    with pytest.raises(Refusal) as refused:
        services.declare_false_certificate(
            bid=bid, number="55/M", on=date(2026, 6, 11), reason="x", by=sold.actor("collector"), at=LATER
        )
    assert refused.value.findings[0].facts["found"] == order.number and not debarments()


def _clearance(lease, kind, valid_until):
    return Clearance.objects.create(
        lease=lease, kind=kind, applied_on=date(2026, 6, 1), granted_on=date(2026, 6, 2), reference=kind,
        valid_until=valid_until,
    )  # fmt: skip


def test_an_ec_passes_on_without_an_expired_plan_and_past_a_settlement_that_had_none(sold):
    first = Lease.objects.get()
    Lease.objects.filter(pk=first.pk).update(ended_kind="cancelled", cancelled_at=LATER)
    _clearance(first, "plan", date(2026, 6, 20))
    _clearance(first, "ec", date(2029, 6, 1))
    same = {
        "block": first.block, "party": first.party, "district": "Munger", "bid_rupees": 1, "security_paise": 1,
        "auction_closed_at": LATER,
    }  # fmt: skip
    ended = {"ended_kind": "forfeited", "cancelled_at": LATER + timedelta(days=1)}
    Lease.objects.create(number="b", lot_code="b", **same, **ended)
    third = Lease.objects.create(number="c", lot_code="c", loi_on=date(2026, 7, 1), **same)
    assert carry_clearances(third, by=SYSTEM, at=india("2026-07-01T10:00")) == ["ec"]
    assert Clearance.objects.get(lease=third).valid_until == date(2029, 6, 1)
