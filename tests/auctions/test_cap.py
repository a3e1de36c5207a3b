"""The cap of clause 3(ii) over lots that run at once, over districts, and over settlements that are held already."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from immis.auctions import services
from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.services import place_bid
from immis.core.errors import Refusal
from immis.leases.models import Lease
from immis.registry.models import Block
from tests.auctions.bars import enter_debarment
from tests.auctions.season import APPLIED, DECIDED, OPENS
from tests.ledger.cases import enter_case

pytestmark = pytest.mark.django_db


def _on_kiul(*serials):
    Block.objects.filter(serial__in=serials).update(river="Kiul")


def _settled(season, serial, name, **dates):
    lot = season.lot(serial)
    Lot.objects.filter(pk=lot.pk).delete()
    party = season.users[name].parties.get()
    more = {"bid_rupees": 1, "auction_closed_at": OPENS - timedelta(days=400), "security_paise": 1}
    return Lease.objects.create(
        number=f"OLD-{serial}", lot_code=f"OLD-{serial}", block=lot.block, party=party,
        district="Patna", **more, **dates,
    )  # fmt: skip


def _codes(answer):
    return [finding.code for finding in answer.findings]


def test_a_settlement_held_in_another_district_counts(season, at):
    _on_kiul(1, 2, 3)
    season.bidder("asha", 1, 2)
    _settled(season, 3, "asha", period_from=OPENS.date(), period_to=OPENS.date() + timedelta(days=900))
    at.set(OPENS)
    assert season.bid("asha", serial=1).accepted
    refused = season.bid("asha", serial=2)
    assert _codes(refused) == ["AUC-06"]
    assert refused.findings[0].facts["held"] == ["MUN-2026-01", "MUN-2026-03"]


@pytest.mark.parametrize("dates", [{"cancelled_at": OPENS}, {"period_to": OPENS.date() - timedelta(days=1)}])
def test_a_settlement_that_is_over_does_not_count(season, at, dates):
    _on_kiul(1, 2, 3)
    season.bidder("asha", 1, 2)
    _settled(season, 3, "asha", **dates)
    at.set(OPENS)
    assert season.bid("asha", serial=1).accepted and season.bid("asha", serial=2).accepted


def test_two_hundred_hectares_are_reached_before_two_blocks(season, at):
    _on_kiul(1, 2, 3)
    Block.objects.filter(serial=1).update(area_ha=Decimal("150.5"))
    Block.objects.filter(serial=2).update(area_ha=Decimal("49.5"))
    Block.objects.filter(serial=3).update(area_ha=Decimal("49.6"))
    season.bidder("asha", 1, 2, 3)
    at.set(OPENS)
    assert season.bid("asha", serial=1).accepted
    assert _codes(season.bid("asha", serial=3)) == ["AUC-06"]
    assert season.bid("asha", serial=2).accepted


def test_a_lot_that_was_aborted_counts_no_more(season, at):
    _on_kiul(1, 2, 3)
    season.bidder("asha", 1, 2, 3)
    at.set(OPENS)
    assert season.bid("asha", serial=1).accepted and season.bid("asha", serial=2).accepted
    Lot.objects.filter(serial=2).update(result="aborted")
    assert season.bid("asha", serial=3).accepted


def _joint(season, name, member, *serials):
    """The member's PAN stands in the joint bids of ``name`` on these lots."""
    pan = season.users[member].parties.get().pan
    members = [{"name": member, "pan": pan, "turnover_rupees": [1, 1, 1]}]
    TechnicalBid.objects.filter(bidder__party__code=name, lot__serial__in=serials).update(members=members)


def test_the_cap_counts_each_person_behind_a_joint_bid(season, at):
    _on_kiul(1, 2, 3)
    season.bidder("asha", 1, 2, 3)
    season.bidder("bina", 1, 2, 3)
    season.bidder("chand", 1, 2, 3)
    _joint(season, "bina", "asha", 1, 2)
    at.set(OPENS)
    assert season.bid("bina", serial=1).accepted and season.bid("asha", serial=2).accepted
    refused = season.bid("asha", serial=3)
    assert _codes(refused) == ["AUC-06"] and refused.findings[0].facts["held"] == ["MUN-2026-01", "MUN-2026-02"]
    assert season.bid("bina", serial=3).accepted, "bina herself has one block, and bids here alone"
    assert season.bid("chand", serial=1).accepted and season.bid("asha", serial=3).accepted


def test_who_brings_turnover_to_a_joint_bid_brings_what_bars_him(season, at):
    from immis.auctions.selectors import pass_facts

    season.bidder("asha")
    season.bidder("bina")
    _joint(season, "bina", "asha", 1)
    pan = season.users["asha"].parties.get().pan
    enter_case(
        pan=pan, name="asha", case_number="7/26", office="Patna", amount_paise=1, filed_on=APPLIED.date(),
        by=season.mdo, at=DECIDED,
    )  # fmt: skip
    enter_debarment(
        pan=pan, name="asha", cause="refused", order_number="9", source="Patna", from_on=APPLIED.date(),
        by=season.mdo, at=DECIDED,
    )  # fmt: skip
    bid = TechnicalBid.objects.get(bidder__party__code="bina")
    assert pass_facts(bid, at=DECIDED).certificate_cases == ("7/26",)
    assert pass_facts(bid, at=DECIDED).debarred_by == "9"
    form = {"turnover_rupees": [1, 1, 1], "members": [{"name": "asha", "pan": pan, "turnover_rupees": [1, 1, 1]}]}
    with pytest.raises(Refusal) as refused:
        services.apply_for_lot(
            lot=season.lot(2), bidder=bid.bidder, form=form, by=season.actor("bina"), at=DECIDED - timedelta(days=4)
        )
    assert [one.code for one in refused.value.findings] == ["AUC-84"]


@pytest.mark.django_db(transaction=True)
def test_three_lots_pressed_at_once_never_lead_to_more_than_two(live_season, at):
    season, lots = live_season, (1, 2, 3)
    _on_kiul(*lots)
    names = ("asha", "bina", "chand")
    for name in names:
        season.bidder(name, *lots)
    at.set(OPENS)
    jobs = [(name, serial) for name in names for serial in lots]
    barrier, failures = threading.Barrier(len(jobs)), []

    def press(name, serial):
        try:
            actor, code = season.actor(name), season.lot(serial).code
            barrier.wait()
            for number in range(6):
                place_bid(lot=code, steps=1, key=f"press-{serial}-{number}", by=actor)
        except Exception as error:
            failures.append(error)
            barrier.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert LotEvent.objects.filter(kind__startswith="bid_").count() == len(jobs) * 6
    leads, whose = {}, {}
    for event in LotEvent.objects.filter(kind="bid_accepted").order_by("at", "id"):
        whose[event.alias] = next(name for name in names if live_season.alias(name, event.lot.serial) == event.alias)
        leads[event.lot_id] = whose[event.alias]
        held = [bidder for bidder in leads.values() if bidder == whose[event.alias]]
        assert len(held) <= 2, "nobody ever leads three"
