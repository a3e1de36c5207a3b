"""What comes after what: the list after the decisions and in time, a bar before a bid."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from immis.auctions import services
from immis.auctions.models import LotEvent, ResultList, TechnicalBid
from immis.core.access.permissions import SYSTEM
from immis.core.errors import Refusal
from immis.core.models import ActionLog
from tests.auctions.bars import enter_debarment, lift_debarment
from tests.auctions.season import DECIDED, OPENS, india, read_once

pytestmark = pytest.mark.django_db
LISTED = india("2026-06-02T10:00")


def _codes(refused):
    return sorted({finding.code for finding in refused.value.findings})


def _publish(season, at=LISTED):
    return services.publish_result_list(notice=season.lot().notice, by=season.actor("collector"), at=at)


def _corrigendum(season, **programme):
    facts = read_once()
    steps = replace(facts.programme, **programme)
    return services.import_notice(
        facts=replace(facts, ghats=facts.ghats[:3], programme=steps), findings=[], source=b"corrigendum",
        filename="c.txt", by=SYSTEM, at=LISTED,
    )  # fmt: skip


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.flow
def test_a_decision_that_the_published_list_names_is_final(season, corrected):
    season.bidder("asha")
    bid = TechnicalBid.objects.get()
    decide = {"bid": bid, "reasons": "अपठनीय", "by": season.mdo}
    services.decide_technical(**decide, passed=False, at=DECIDED)
    services.decide_technical(**decide, passed=True, at=DECIDED)
    _publish(season)
    if corrected:
        _corrigendum(season, result_on=date(2026, 6, 4))
    bid = TechnicalBid.objects.select_related("lot__notice").get()
    later = LISTED + timedelta(hours=1)
    with pytest.raises(Refusal) as refused:
        services.decide_technical(**{**decide, "bid": bid}, passed=False, at=later)
    assert _codes(refused) == ["AUC-163"]
    letter = bid.documents[0]["letter"]
    with pytest.raises(Refusal) as refused:
        services.judge_paper(bid=bid, letter=letter, fit=False, reason="अपठनीय", by=season.mdo, at=later)
    assert _codes(refused) == ["AUC-163"]
    bid.refresh_from_db()
    assert bid.state == "passed"
    assert _publish(season, at=later).pk == ResultList.objects.get().pk, "nothing new is to be listed"


@pytest.mark.parametrize("when", ["2026-06-04T00:00:00", "2026-06-05T12:00:00", "2026-07-01T10:00:00"])
def test_the_list_goes_out_by_its_day_and_before_the_auction(season, when):
    season.bidder("asha")
    with pytest.raises(Refusal) as refused:
        _publish(season, at=india(when))
    assert _codes(refused) == ["AUC-164"] and not ResultList.objects.exists()
    assert _publish(season, at=india("2026-06-03T23:59:59")).rows[0]["state"] == "passed"


def test_a_corrigendum_of_the_day_lets_a_late_list_out(season):
    season.bidder("asha")
    _corrigendum(season, result_on=date(2026, 6, 4))
    assert _publish(season, at=india("2026-06-04T10:00")).rows


def _bar(season, name, *, at, from_on=date(2026, 6, 2), pan="", **more):
    return enter_debarment(
        pan=pan or season.users[name].parties.get().pan, name=name, cause="other", order_number="7/S",
        source="Jharkhand", from_on=from_on, by=season.actor("hq"), at=at, **more,
    )  # fmt: skip


@pytest.mark.flow
def test_a_bar_between_pass_and_bid_stops_the_bid_and_leaves_no_trace_in_the_chain(season, at):
    season.bidder("asha")
    season.bidder("bina")
    bar = _bar(season, "asha", at=LISTED)
    at.set(OPENS)
    answer = season.bid("asha", 1)
    assert not answer.accepted and [one.code for one in answer.findings] == ["AUC-165"]
    assert dict(answer.findings[0].facts)["order"] == "7/S"
    assert not LotEvent.objects.exists() and ActionLog.objects.filter(code="bid.turned_away").count() == 1
    assert season.bid("bina", 1).accepted, "nobody else is stopped"
    lift_debarment(bar, order="8/S", by=season.actor("hq"), at=OPENS)
    assert season.bid("asha", 1).accepted


def test_a_bar_on_who_bids_jointly_stops_the_bid(season, at):
    season.bidder("asha")
    TechnicalBid.objects.update(members=[{"name": "Hari", "pan": "ABCPE1234F", "turnover_rupees": [1, 1, 1]}])
    at.set(OPENS)
    assert season.bid("asha", 1).accepted
    season.bidder("bina")
    _bar(season, "Hari", at=OPENS, pan="ABCPE1234F")
    assert season.bid("bina", 1).accepted
    assert [one.code for one in season.bid("asha", 1).findings] == ["AUC-165"]


def test_a_bar_that_is_over_or_not_yet_there_stops_nothing(season, at):
    season.bidder("asha")
    _bar(season, "asha", at=LISTED, until_on=date(2026, 6, 4))
    at.set(OPENS)
    assert season.bid("asha", 1).accepted
