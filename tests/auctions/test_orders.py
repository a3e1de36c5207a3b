"""Pause, resume, abort and corrigendum: two persons, a reason, an event in the chain, and what it does to the end."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from immis.auctions import jobs, selectors, services
from immis.auctions.models import AuctionOrder, Lot, LotEvent
from immis.auctions.selectors.lots import in_phase
from immis.auctions.verifier import verify
from immis.core.errors import NotPermitted, Refusal
from immis.messaging.models import Message
from immis.messaging.services import email_text
from tests.auctions.season import CLOSES, MS, OPENS, published

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def two(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    return season


def order(season, act, *, serial=1, whole=False, reason="बिजली बाधित", by=("mdo", "collector"), **more):
    """One order, asked by the first officer and confirmed by the second."""
    lot = season.lot(serial)
    asked = services.ask_order(
        act=act, notice=lot.notice, lot=None if whole else lot, reason=reason, by=season.actor(by[0]), **more
    )
    return services.confirm_order(order=asked, by=season.actor(by[1]))


def close(season, at, when, data_dir, run):
    at.set(when)
    with run(execute=True):
        jobs.announce_closed_lots(at=when)
    return verify(published(data_dir, season.lot().code).read_bytes())


def codes(answer):
    return [finding.code for finding in answer.findings]


@pytest.mark.flow
def test_paused_time_does_not_count(two, at, data_dir, django_capture_on_commit_callbacks):
    assert two.bid("asha", 0).accepted
    at.set(OPENS + 30 * MINUTE)
    order(two, "pause")
    assert codes(two.bid("bina")) == ["AUC-40"]
    state = selectors.lot_state(two.lot(), OPENS + 4 * HOUR)
    assert state.phase == "paused" and state.paused_at == OPENS + 30 * MINUTE
    at.set(CLOSES + HOUR)
    assert jobs.announce_closed_lots(at=CLOSES + HOUR) == 2, "the other lots end, the paused one does not"
    assert codes(two.bid("bina")) == ["AUC-40"]
    order(two, "resume", reason="बिजली आ गई")
    lot = two.lot()
    assert (lot.closes_at, lot.ends_at) == (CLOSES + HOUR + 90 * MINUTE,) * 2
    assert two.bid("bina").accepted
    at.set(lot.ends_at - MS)
    assert two.bid("asha").accepted and two.lot().ends_at == lot.closes_at + HOUR
    report = close(two, at, two.lot().ends_at, data_dir, django_capture_on_commit_callbacks)
    assert report.problems == [] and report.result == "sold" and report.orders == 2


def test_a_pause_in_the_last_second_leaves_the_least_minutes(two, at, data_dir, django_capture_on_commit_callbacks):
    two.bid("asha", 0)
    at.set(CLOSES - MS)
    order(two, "pause")
    at.set(CLOSES + MINUTE)
    order(two, "resume")
    assert two.lot().ends_at == CLOSES + 11 * MINUTE
    report = close(two, at, CLOSES + 11 * MINUTE, data_dir, django_capture_on_commit_callbacks)
    assert report.problems == []


def test_a_pause_in_the_extended_hour_moves_its_end_and_extends_nothing(
    two, at, data_dir, django_capture_on_commit_callbacks
):
    at.set(CLOSES - MS)
    two.bid("asha", 0)
    at.set(CLOSES + 50 * MINUTE)
    order(two, "pause")
    at.set(CLOSES + 80 * MINUTE)
    order(two, "resume")
    at.set(CLOSES + 30 * MINUTE + HOUR - MS)
    assert two.bid("bina").accepted
    assert two.lot().ends_at == CLOSES + 30 * MINUTE + HOUR
    assert LotEvent.objects.filter(kind="extended").count() == 1
    report = close(two, at, two.lot().ends_at, data_dir, django_capture_on_commit_callbacks)
    assert report.problems == []


def test_a_whole_notice_is_paused_lot_by_lot_in_each_chain(two, at):
    one = order(two, "pause", whole=True)
    assert one.lots_touched == [f"MUN-2026-0{n}" for n in (1, 2, 3)]
    assert LotEvent.objects.filter(kind="paused").count() == 3
    assert in_phase(Lot.objects.all(), "paused", OPENS).count() == 3
    assert not in_phase(Lot.objects.all(), "running", OPENS).exists()


@pytest.mark.flow
def test_an_aborted_auction_has_no_winner_and_its_document_says_so(
    two, at, data_dir, django_capture_on_commit_callbacks
):
    two.bid("asha", 0)
    at.set(OPENS + MINUTE)
    with django_capture_on_commit_callbacks(execute=True):
        order(two, "abort", reason="अनियमितता")
    lot = two.lot()
    told = {row.to_id: row for row in Message.objects.filter(subject_id=lot.code, template__in=("MSG-100", "MSG-101"))}
    asha, bina = (str(two.users[name].parties.get().pk) for name in ("asha", "bina"))
    assert {party: row.template for party, row in told.items()} == {asha: "MSG-101", bina: "MSG-100"}
    assert "अनियमितता" in email_text(told[bina])[1] and "2026" in email_text(told[asha])[1]
    assert lot.result == "aborted" and selectors.lot_state(lot, OPENS + MINUTE).phase == "closed"
    assert selectors.outcome_of(lot, OPENS + MINUTE).winner is None
    assert codes(two.bid("bina")) == ["AUC-43"] and lot.seq == 3
    assert jobs.announce_closed_lots(at=CLOSES) == 2
    content = published(data_dir, lot.code).read_bytes()
    report = verify(content)
    assert report.problems == [] and (report.result, report.winner) == ("aborted", None)


def test_a_bid_after_the_abort_is_answered_and_leaves_the_closed_chain_alone(two, at):
    order(two, "abort")
    before = two.lot().last_hash
    answer = two.bid("asha")
    assert not answer.accepted and codes(answer) == ["AUC-43"]
    assert two.lot().last_hash == before and LotEvent.objects.last().kind == "closed"


@pytest.mark.flow
def test_a_corrigendum_moves_the_end_and_the_replay_follows(two, at, data_dir, django_capture_on_commit_callbacks):
    two.bid("asha", 0)
    new = CLOSES + 2 * HOUR
    order(two, "reschedule", closes_at=new, reason="नेटवर्क बाधा")
    at.set(CLOSES)
    assert two.bid("bina").accepted and two.lot().extended_at is None
    at.set(new - MS)
    assert two.bid("asha").accepted and two.lot().ends_at == new + HOUR
    with pytest.raises(Refusal):
        order(two, "reschedule", closes_at=new + 3 * HOUR)
    report = close(two, at, new + HOUR, data_dir, django_capture_on_commit_callbacks)
    assert report.problems == []


@pytest.mark.flow
def test_a_corrigendum_before_the_start_moves_both_times(two, at, data_dir, django_capture_on_commit_callbacks):
    at.set(OPENS - 2 * HOUR)
    day = timedelta(days=1)
    order(two, "reschedule", opens_at=OPENS + day, closes_at=CLOSES + day)
    at.set(OPENS)
    assert codes(two.bid("asha")) == ["AUC-02"]
    at.set(OPENS + day)
    assert two.bid("asha", 0).accepted
    report = close(two, at, CLOSES + day, data_dir, django_capture_on_commit_callbacks)
    assert report.problems == [] and report.orders == 1


@pytest.mark.parametrize("pair", [("mdo", "mdo"), ("collector", "collector")])
def test_one_person_is_not_two(two, at, pair):
    with pytest.raises(Refusal) as refused:
        order(two, "pause", by=pair)
    assert refused.value.findings[0].code == "AUC-41"
    assert two.lot().paused_at is None and AuctionOrder.objects.get().state == "asked"


def test_the_database_too_wants_two_persons(two):
    lot = two.lot()
    asked = services.ask_order(act="pause", notice=lot.notice, lot=lot, reason="x", by=two.mdo)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuctionOrder.objects.filter(pk=asked.pk).update(confirmed_by=asked.asked_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuctionOrder.objects.filter(pk=asked.pk).update(state="effective")


def test_others_order_nothing(two):
    for who in ("asha", "checkpost", "monitor", "patna"):
        with pytest.raises(NotPermitted):
            order(two, "pause", by=(who, "collector"))
    with pytest.raises(NotPermitted):
        order(two, "pause", by=("mdo", "patna"))


def test_a_request_lapses_and_can_be_withdrawn(two, at):
    lot = two.lot()
    asked = services.ask_order(act="pause", notice=lot.notice, lot=lot, reason="x", by=two.mdo)
    at.set(OPENS + 30 * MINUTE)
    with pytest.raises(Refusal):
        services.confirm_order(order=asked, by=two.actor("collector"))
    services.withdraw_order(order=asked, by=two.mdo)
    services.confirm_order(order=asked, by=two.actor("collector"))
    assert AuctionOrder.objects.get().state == "withdrawn" and two.lot().paused_at is None


def test_the_bidders_are_told_with_the_reason(two):
    order(two, "pause", reason="बिजली बाधित")
    told = Message.objects.filter(template="AUC-46")
    assert told.count() == 2 and told[0].facts["reason"] == "बिजली बाधित"


@pytest.mark.parametrize(
    ("before", "after", "from_minute"),
    [
        ('"paused_time": "does_not_count"', '"paused_time": "counts"', 30),
        ('"least_left_minutes": 10', '"least_left_minutes": 11', 1),
    ],
)
def test_a_replay_by_other_pause_rules_does_not_agree(
    two, at, data_dir, django_capture_on_commit_callbacks, before, after, from_minute
):
    two.bid("asha", 0)
    at.set(CLOSES - from_minute * MINUTE)
    order(two, "pause")
    at.set(CLOSES + MINUTE)
    order(two, "resume")
    close(two, at, two.lot().ends_at, data_dir, django_capture_on_commit_callbacks)
    content = published(data_dir, two.lot().code).read_text()
    assert before in content
    said = verify(content.replace(before, after).encode()).problems
    assert any("do not follow" in problem for problem in said)
