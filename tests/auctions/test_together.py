"""Bids that wait together: each has its own outcome, one's failure is not another's, nobody waits for ever."""

import threading

import pytest

from immis.auctions import together
from immis.auctions.together import MOST, Waiting, settle_together


def _all_at_once(asks, serve):
    """Every ask in a thread of its own, all of them waiting when the first one is served; answers by ask."""
    told, held = {}, threading.Event()

    def first(code, some):
        held.wait(5)
        return serve(code, some)

    def one(ask):
        try:
            told[ask.bid] = settle_together("lot", ask, first)
        except Exception as error:
            told[ask.bid] = error

    threads = [threading.Thread(target=one, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    while sum(len(line.waiting) for line in list(together._lines.values())) < len(asks):
        threads[0].join(0.001)
    held.set()
    for thread in threads:
        thread.join(10)
    assert together._lines == {}, "a line that nobody waits in is forgotten"
    return told


def test_who_waits_is_settled_together_and_gets_his_own_outcome():
    rounds = []

    def serve(code, some):
        rounds.append([one.party_id for one in some])
        return [ValueError(one.bid) if one.bid == 7 else one.bid * 10 for one in some]

    told = _all_at_once([Waiting(number, number) for number in range(20)], serve)
    assert isinstance(told.pop(7), ValueError) and told == {n: n * 10 for n in range(20) if n != 7}
    assert sorted(party for one in rounds for party in one) == list(range(20))
    assert len(rounds) <= 3 and max(map(len, rounds)) <= MOST, "who came first, then all who waited, as many as may"


def test_one_bidder_has_one_bid_a_turn():
    def serve(code, some):
        assert len({one.party_id for one in some}) == len(some)
        return [one.bid for one in some]

    assert _all_at_once([Waiting(number % 2, number) for number in range(6)], serve) == {n: n for n in range(6)}


def test_a_transaction_that_fails_is_tried_for_each_alone():
    def serve(code, some):
        if any(one.bid == 3 for one in some):
            raise OSError("the database is gone")
        return [one.bid for one in some]

    told = _all_at_once([Waiting(number, number) for number in range(5)], serve)
    assert isinstance(told.pop(3), OSError) and told == {n: n for n in (0, 1, 2, 4)}


def test_a_thread_that_is_interrupted_leaves_the_others_to_each_other():
    def dies(code, some):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        settle_together("lot", Waiting(1, 1), dies)
    assert together._lines == {}
    assert settle_together("lot", Waiting(1, 1), lambda code, some: [one.bid for one in some]) == 1
