"""Eight bidders press at once: one order, no amount twice, one extension, nothing acknowledged is lost."""

import threading
from collections import Counter

import pytest
from django.db import connection

from immis.auctions.models import Lot, LotEvent
from immis.auctions.selectors import audit_document
from immis.auctions.services import announce_result, place_bid
from immis.auctions.verifier import verify
from tests.auctions.season import CLOSES, MS, STEP

pytestmark = pytest.mark.django_db(transaction=True)
BIDDERS, BIDS_EACH = 8, 12


def _press(season, name, barrier, answers, failures):
    """One bidder: bids again and again, and sends every third bid twice as a phone on a bad line does."""
    try:
        actor, lot = season.actor(name), season.lot()
        barrier.wait()
        for number in range(BIDS_EACH):
            key = f"{name}-{number:04d}"
            answers.append((key, place_bid(lot=lot, steps=1 + number % 2, key=key, by=actor)))
            if number % 3 == 0:
                answers.append((key, place_bid(lot=lot, steps=3, key=key, by=actor)))
    except Exception as error:
        failures.append(error)
        barrier.abort()
    finally:
        connection.close()


@pytest.fixture
def pressed(live_season, at):
    season = live_season
    names = [f"bidder{number}" for number in range(BIDDERS)]
    for name in names:
        season.bidder(name)
    at.set(CLOSES - MS)
    answers, failures, barrier = [], [], threading.Barrier(BIDDERS)
    threads = [threading.Thread(target=_press, args=(season, name, barrier, answers, failures)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    return season, answers


def test_eight_bidders_at_once(pressed, at):
    season, answers = pressed
    lot = season.lot()
    events = list(LotEvent.objects.filter(lot=lot).order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1)) and lot.seq == len(events)
    kinds = Counter(event.kind for event in events)
    assert kinds["extended"] == 1
    assert kinds["bid_accepted"] + kinds["bid_refused"] == BIDDERS * BIDS_EACH

    accepted = [event for event in events if event.kind == "bid_accepted"]
    amounts = [event.amount_rupees for event in accepted]
    assert amounts == sorted(set(amounts)) and lot.highest_rupees == amounts[-1]
    assert all((amount - lot.reserve_rupees) % STEP == 0 for amount in amounts)
    assert all(a.alias != b.alias for a, b in zip(accepted, accepted[1:], strict=False))

    kept = {event.key: event for event in events if event.key}
    for key, answer in answers:
        assert (kept[key].kind == "bid_accepted") is answer.accepted
        assert kept[key].amount_rupees == answer.amount_rupees

    at.set(lot.ends_at)
    announce_result(lot=lot, at=lot.ends_at)
    report = verify(audit_document(Lot.objects.get(pk=lot.pk)))
    assert report.problems == [] and report.amount_rupees == amounts[-1] and report.bids == len(amounts)
