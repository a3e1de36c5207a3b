"""The engine: order, window, increments, one extension, one answer a key, secrecy; each at its very edge."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from immis.auctions import selectors, services
from immis.auctions.models import Lot, LotEvent
from immis.auctions.services import bidding
from immis.core.access.permissions import PUBLIC
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import ActionLog
from immis.rules.policy import book
from tests.auctions.season import CLOSES, MS, OPENS, RESERVE, STEP

pytestmark = pytest.mark.django_db
FIVE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


@pytest.fixture
def two(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    return season


def _codes(answer):
    return [finding.code for finding in answer.findings]


def test_a_first_bid_may_equal_the_reserve_price_and_the_next_goes_one_step_up(two):
    first, second = two.bid("asha", 0), two.bid("bina", 1)
    assert (first.accepted, first.amount_rupees, first.seq) == (True, RESERVE, 1)
    assert (second.accepted, second.amount_rupees, second.seq) == (True, RESERVE + STEP, 2)
    assert second.lot_state.highest_rupees == RESERVE + STEP
    assert second.lot_state.next_amounts[0] == (1, RESERVE + 2 * STEP)
    assert second.lot_state.next_words["hi"][0] == "बयासी लाख बासठ हजार रुपये"


@pytest.mark.parametrize(
    ("when", "accepted"),
    [
        (OPENS - MS, False),
        (OPENS, True),
        (CLOSES - FIVE - MS, True),
        (CLOSES - MS, True),
        (CLOSES, False),
        (CLOSES + MS, False),
    ],
)
def test_the_window_is_half_open_to_the_millisecond(two, at, when, accepted):
    at.set(when)
    answer = two.bid("asha")
    assert answer.accepted is accepted
    assert _codes(answer) == ([] if accepted else ["AUC-02"])
    assert answer.at == when


@pytest.mark.parametrize(
    ("when", "extended"),
    [(CLOSES - FIVE - MS, False), (CLOSES - FIVE, True), (CLOSES - FIVE + MS, True), (CLOSES - MS, True)],
)
def test_the_last_five_minutes_prolong_by_one_hour_from_the_scheduled_end(two, at, when, extended):
    at.set(when)
    state = two.bid("asha").lot_state
    assert state.extended is extended
    assert state.ends_at == (CLOSES + HOUR if extended else CLOSES)


@pytest.mark.flow
def test_the_extended_end_is_the_last_one(two, at):
    at.set(CLOSES - MS)
    two.bid("asha")
    at.set(CLOSES + HOUR - MS)
    answer = two.bid("bina")
    assert answer.accepted and answer.lot_state.ends_at == CLOSES + HOUR
    at.set(CLOSES + HOUR)
    assert _codes(two.bid("asha")) == ["AUC-02"]
    assert LotEvent.objects.filter(kind="extended").count() == 1


@pytest.mark.parametrize(
    ("when", "accepted"),
    [
        (CLOSES, True),
        (CLOSES + HOUR - FIVE, True),
        (CLOSES + HOUR - MS, True),
        (CLOSES + HOUR, False),
        (CLOSES + HOUR + MS, False),
    ],
)
def test_the_extended_window_is_half_open_to_the_millisecond(two, at, when, accepted):
    at.set(CLOSES - MS)
    two.bid("asha")
    at.set(when)
    answer = two.bid("bina")
    assert answer.accepted is accepted and _codes(answer) == ([] if accepted else ["AUC-02"])
    assert two.lot().ends_at == CLOSES + HOUR


def test_a_clock_that_steps_back_over_the_end_reopens_nothing(two, at):
    two.bid("asha")
    at.set(CLOSES)
    assert _codes(two.bid("bina")) == ["AUC-02"]
    at.set(CLOSES - MS)
    late = two.bid("bina")
    assert _codes(late) == ["AUC-02"] and late.at == CLOSES


def test_a_refused_bid_prolongs_nothing(two, at):
    two.bid("asha")
    at.set(CLOSES - MS)
    assert _codes(two.bid("asha")) == ["AUC-05"]
    assert two.lot().ends_at == CLOSES


def test_the_highest_bidder_does_not_outbid_himself(two):
    two.bid("asha")
    answer = two.bid("asha", 2)
    assert _codes(answer) == ["AUC-05"] and answer.findings[0].facts["own_bid"] is True


def test_the_amount_counts_from_what_the_bidder_saw(two):
    two.bid("asha", 0)
    stale = two.bid("bina", 0, expected_highest=0)
    assert not stale.accepted and stale.amount_rupees == RESERVE
    two.bid("bina", 1, expected_highest=RESERVE)
    late_but_higher = two.bid("asha", 3, expected_highest=RESERVE)
    assert late_but_higher.accepted and late_but_higher.amount_rupees == RESERVE + 3 * STEP


def test_an_expected_amount_off_the_steps_is_refused(two):
    answer = two.bid("asha", 1, expected_highest=RESERVE + 1)
    assert _codes(answer) == ["AUC-01"]


def test_one_key_one_answer_also_after_the_close(two, at):
    first = two.bid("asha", 2, key="key-of-asha")
    two.bid("bina", 1)
    at.set(CLOSES + HOUR)
    again = two.bid("asha", 3, key="key-of-asha")
    assert (again.accepted, again.amount_rupees, again.seq, again.at) == (
        first.accepted,
        first.amount_rupees,
        first.seq,
        first.at,
    )
    assert LotEvent.objects.filter(kind="bid_accepted").count() == 2


def test_a_refused_answer_is_kept_too(two, at):
    at.set(OPENS - MS)
    early = two.bid("asha", key="too-early")
    at.set(OPENS)
    again = two.bid("asha", key="too-early")
    assert not again.accepted and again.at == early.at and _codes(again) == ["AUC-02"]


def test_two_bidders_may_use_the_same_key(two):
    assert two.bid("asha", key="same-key-1").accepted
    assert two.bid("bina", key="same-key-1").accepted


def test_only_the_technically_successful_bid(two):
    two.applied("chand")
    answer = two.bid("chand")
    assert _codes(answer) == ["AUC-04"]
    two.registered("dev")
    assert _codes(two.bid("dev")) == ["AUC-04"]


def test_who_may_not_bid_adds_nothing_to_the_chain_is_logged_and_limited(two):
    two.applied("chand")
    before = Lot.objects.values().get(serial=1)
    most = book().value("AUC-100", OPENS)["most_tries"]
    for number in range(most):
        assert _codes(two.bid("chand", key=f"try-{number:05d}")) == ["AUC-04"]
    with pytest.raises(Refusal) as refused:
        two.bid("chand")
    assert refused.value.findings[0].code == "AUC-100"
    assert Lot.objects.values().get(serial=1) == before and not LotEvent.objects.exists()
    logged = ActionLog.objects.filter(code="bid.turned_away", subject_id=two.lot().code)
    assert logged.count() == most and {row.user_id for row in logged} == {two.users["chand"].pk}
    assert two.bid("asha").accepted


def test_an_unregistered_party_is_refused_and_an_officer_is_not_permitted(two):
    two.party("esha")
    with pytest.raises(Refusal) as refused:
        two.bid("esha")
    assert refused.value.findings[0].code == "AUC-20"
    for name in ("mdo", "collector", "hq"):
        with pytest.raises(NotPermitted):
            two.bid(name)
    with pytest.raises(NotPermitted):
        services.place_bid(
            lot=two.lot(),
            steps=1,
            key="x" * 8,
            by=two.actor("asha"),
            bidder=selectors.bidder_of(two.actor("bina").party_id),
        )


@pytest.mark.flow
def test_a_jump_is_asked_a_second_time_and_uses_up_no_key(two):
    with pytest.raises(Refusal) as refused:
        two.bid("asha", 4, key="big-jump")
    assert refused.value.findings[0].code == "AUC-11"
    answer = two.bid("asha", 4, key="big-jump", confirmed=True)
    assert answer.accepted and answer.amount_rupees == RESERVE + 4 * STEP
    with pytest.raises(Refusal):
        two.bid("bina", 51, confirmed=True)


@pytest.mark.parametrize(
    ("steps", "key"),
    [
        ("1", "k" * 8),
        (True, "k" * 8),
        (1.0, "k" * 8),
        (10**9, "k" * 8),
        (1, "short"),
        (1, "k" * 65),
        (1, "a b c d e"),
        (1, None),
    ],
)
def test_a_request_that_cannot_be_read_is_named_and_leaves_no_trace(two, steps, key):
    with pytest.raises(Refusal) as refused:
        services.place_bid(lot=two.lot(), steps=steps, key=key, by=two.actor("asha"))
    assert {finding.code for finding in refused.value.findings} == {"AUC-19"}
    assert not LotEvent.objects.exists()


def test_the_cap_counts_what_the_bidder_leads_and_opens_again_when_outbid(season, at):
    for serial in (1, 2, 3):
        lot = season.lot(serial)
        lot.block.river = "Kiul"
        lot.block.save()
    season.bidder("asha", 1, 2, 3)
    season.bidder("bina", 1, 2, 3)
    at.set(OPENS)
    assert season.bid("asha", serial=1).accepted and season.bid("asha", serial=2).accepted
    third = season.bid("asha", serial=3)
    assert _codes(third) == ["AUC-06"] and third.findings[0].facts["held"] == ["MUN-2026-01", "MUN-2026-02"]
    assert season.bid("bina", serial=1).accepted
    assert season.bid("asha", serial=3).accepted


def test_a_river_that_is_not_entered_is_not_judged(season, at):
    season.bidder("asha", 1, 2, 3)
    at.set(OPENS)
    assert all(season.bid("asha", serial=serial).accepted for serial in (1, 2, 3))


def test_the_order_holds_when_the_database_clock_steps_back(two, at):
    at.set(OPENS + HOUR)
    two.bid("asha")
    at.set(OPENS + HOUR - FIVE)
    assert two.bid("bina").at == OPENS + HOUR


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_keeps_events_as_they_are(two, act):
    two.bid("asha")
    rows = LotEvent.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(amount_rupees=1) if act == "update" else rows.delete()


def test_the_database_refuses_a_second_extension(two, at):
    at.set(CLOSES - MS)
    two.bid("asha")
    event = LotEvent.objects.get(kind="extended")
    event.pk, event.seq = None, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save(force_insert=True)


def test_a_failure_after_the_accepted_event_leaves_nothing_behind(two, at, monkeypatch):
    at.set(CLOSES - MS)
    before = Lot.objects.values().get(serial=1)
    keep = bidding.keep_bids

    class MachineDies(Exception):
        pass

    def fail(*args, **kwargs):
        keep(*args, **kwargs)
        assert LotEvent.objects.filter(kind="extended").exists()
        raise MachineDies

    with monkeypatch.context() as dying:
        dying.setattr(bidding, "keep_bids", fail)
        with pytest.raises(MachineDies):
            two.bid("asha", key="will-retry")
    assert Lot.objects.values().get(serial=1) == before and not LotEvent.objects.exists()
    assert two.bid("asha", key="will-retry").lot_state.extended


def test_watchers_learn_amounts_and_times_but_never_who_or_what_was_refused(two):
    two.bid("asha")
    state_before = selectors.lot_state(two.lot(), OPENS)
    two.bid("asha")
    state_after = selectors.lot_state(two.lot(), OPENS)
    assert state_before == state_after
    log = selectors.bid_log(two.lot(), PUBLIC, OPENS)
    assert [(row.number, row.amount_rupees, row.own, row.winner) for row in log] == [(1, RESERVE + STEP, False, False)]
    shown = repr((state_after, log))
    assert not any(word in shown for word in ("asha", "Asha", two.alias("asha")))
    assert selectors.bid_log(two.lot(), two.actor("asha"), OPENS)[0].own is True
    assert selectors.bid_log(two.lot(), two.actor("bina"), OPENS)[0].own is False
    assert selectors.outcome_of(two.lot(), CLOSES - MS) is None


def test_changed_lots_tells_each_change_once_and_what_time_changes(two, at):
    codes = [two.lot(1).code, two.lot(2).code]
    marker, all_of_them = selectors.changed_lots(at=OPENS, codes=codes)
    assert [state.code for state in all_of_them] == codes
    assert selectors.changed_lots(marker, at=OPENS, codes=codes)[1] == []
    two.bid("asha")
    marker, changed = selectors.changed_lots(marker, at=OPENS, codes=codes)
    assert [state.code for state in changed] == [codes[0]]
    two.bid("asha")
    assert selectors.changed_lots(marker, at=OPENS, codes=codes)[1] == []
    assert [state.phase for state in selectors.changed_lots(marker, at=CLOSES, codes=codes)[1]] == ["closed", "closed"]


@pytest.mark.flow
def test_the_chain_takes_so_many_refused_bids_of_one_bidder_and_every_one_that_fits(two, at, monkeypatch):
    monkeypatch.setattr(bidding, "_flooding", set())
    lot = two.lot()
    alias, row = (
        two.alias("asha"),
        {"lot": lot, "at": OPENS, "kind": "bid_refused", "body": {}, "prev_hash": "", "hash": ""},
    )
    terms = book().value("AUC-107", OPENS)
    most = terms["most_refused"]
    LotEvent.objects.bulk_create(LotEvent(seq=-n, alias=alias, **row) for n in range(1, most + 1))
    with pytest.raises(Refusal) as refused:
        two.bid("asha", 0, expected_highest=1, key="does-not-fit")
    assert [one.code for one in refused.value.findings] == ["AUC-107"]
    assert LotEvent.objects.filter(kind="bid_refused").count() == most and two.lot().seq == 0
    assert two.bid("asha", 1, key="does-not-fit").accepted, "it used up no key, and what fits is taken"
    for _ in range(terms["then_a_minute"] - 1):
        with pytest.raises(Refusal):
            two.bid("asha", 0, expected_highest=1)
    before = two.lot().highest_rupees
    with pytest.raises(Refusal) as refused:
        two.bid("asha", 1)
    assert refused.value.findings[0].code == "AUC-107" and two.lot().highest_rupees == before, "unread"
    at.set(OPENS + timedelta(minutes=2))
    assert two.bid("bina", 1).accepted and two.bid("asha", 1).accepted, "the next minute is read again"
    assert not two.bid("bina", 0, expected_highest=1).accepted, "others are not counted with him"
