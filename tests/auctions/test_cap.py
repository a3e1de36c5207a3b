"""The cap of clause 3(ii) over lots that run at once, over districts, and over settlements that are held already."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from immis.auctions.models import Lot, LotEvent
from immis.auctions.services import place_bid
from immis.leases.models import Lease
from immis.registry.models import Block
from tests.auctions.season import OPENS

pytestmark = pytest.mark.django_db


def _on_kiul(*serials):
    Block.objects.filter(serial__in=serials).update(river="Kiul")


def _settled(season, serial, name, **dates):
    lot = season.lot(serial)
    Lot.objects.filter(pk=lot.pk).delete()
    party = season.users[name].parties.get()
    more = {"bid_rupees": 1, "auction_closed_at": OPENS - timedelta(days=400), "security_paise": 1}
    return Lease.objects.create(
        number=f"OLD/{serial}", code=f"OLD-{serial}", lot_code=f"OLD-{serial}", block=lot.block, party=party,
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
    leads = {}
    for event in LotEvent.objects.filter(kind="bid_accepted").order_by("at", "id"):
        leads[event.lot_id] = event.bidder_id
        held = [bidder for bidder in leads.values() if bidder == event.bidder_id]
        assert len(held) <= 2, "nobody ever leads three"
