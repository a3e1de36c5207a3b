"""Whatever happens in whatever order, the engine agrees with a small pure model of it, and the verifier with both.

Bids, repeats, crashes before and after the commit, pauses, aborts, the clock moved on and stepped back, closing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from immis.auctions import jobs, selectors, services
from immis.auctions.models import LotEvent
from immis.auctions.services import bidding
from immis.auctions.verifier import verify
from tests.auctions.season import CLOSES, MS, OPENS, RESERVE, STEP

pytestmark = pytest.mark.django_db
NAMES, LOTS = ("asha", "bina", "chand"), (1, 2, 3)
#: The engine is one; the second kind of database is asked for fewer of its ways.
_EXAMPLES = 30 if connection.vendor == "sqlite" else 10
MINUTE = timedelta(minutes=1)
FIVE, HOUR, LEAST = 5 * MINUTE, 60 * MINUTE, 10 * MINUTE


@dataclass
class Lot:
    """One lot of the model: 10 % steps, one extension, a cap of two lots, paused time does not count."""

    reserve: int
    step: int
    closes: datetime = CLOSES
    ends: datetime = CLOSES
    last: datetime | None = None
    highest: int | None = None
    leader: str = ""
    extended: bool = False
    paused: datetime | None = None
    over: str = ""
    answers: dict = field(default_factory=dict)

    def bid(self, who: str, key: str, steps: int, seen: int | None, now: datetime, leads_elsewhere: int) -> tuple:
        if (who, key) in self.answers:
            return self.answers[who, key]
        at = max(now, self.last or now)
        base = self.highest if seen is None else (seen or None)
        amount = (self.reserve if base is None else base) + steps * self.step
        inside = self.paused is None and not self.over and OPENS <= at < self.ends
        above = self.highest is None or (amount > self.highest and who != self.leader)
        aligned = amount >= self.reserve and (amount - self.reserve) % self.step == 0
        good = inside and above and aligned and leads_elsewhere < 2
        answer = (good, amount)
        if self.over:
            return answer
        self.last, self.answers[who, key] = at, answer
        if good:
            self.highest, self.leader = amount, who
            if not self.extended and self.closes - FIVE <= at < self.closes:
                self.extended, self.ends = True, self.closes + HOUR
        return answer

    def resume(self, now: datetime) -> None:
        shift = max(now - self.paused, now + LEAST - self.ends, timedelta(0))
        self.closes, self.ends, self.paused, self.last = self.closes + shift, self.ends + shift, None, now


class Machine(RuleBasedStateMachine):
    season = at = None
    sent = Bundle("sent")

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo._from_testcase = True  # the engine refuses to run inside a transaction that is not a test's
        self.undo.__enter__()
        self.now, self.number = OPENS, 0
        self.at.set(self.now)
        lots = {serial: self.season.lot(serial) for serial in LOTS}
        self.model = {n: Lot(lot.reserve_rupees, lot.reserve_rupees // 10) for n, lot in lots.items()}

    def teardown(self):
        try:
            for serial, lot in self.model.items():
                if lot.over:
                    report = verify(selectors.audit_document(self.season.lot(serial)))
                    assert report.problems == [] and report.amount_rupees == lot.highest
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def _elsewhere(self, serial, who):
        return sum(one.leader == who and one.over != "aborted" for n, one in self.model.items() if n != serial)

    def _bid(self, serial, who, key, steps, seen):
        answer = self.season.bid(who, steps, serial=serial, key=key, expected_highest=seen)
        return answer.accepted, answer.amount_rupees

    def _expected(self, serial, who, key, steps, seen):
        return self.model[serial].bid(who, key, steps, seen, self.now, self._elsewhere(serial, who))

    @rule(
        target=sent,
        serial=st.sampled_from(LOTS),
        who=st.sampled_from(NAMES),
        steps=st.integers(0, 3),
        back=st.sampled_from([None, None, None, 0, 1, -1]),
        end=st.sampled_from(["whole", "whole", "before", "after"]),
    )
    def bid(self, serial, who, steps, back, end):
        self.number += 1
        lot, key = self.model[serial], f"key-{self.number:05d}"
        seen = None if back is None else max(0, (lot.highest or 0) - back * lot.step)
        if end == "before" and not lot.over:  # the process dies before the commit: nothing happened
            died = mock.patch.object(bidding, "keep_bids", side_effect=KeyboardInterrupt)
            with died, pytest.raises(KeyboardInterrupt):
                self._bid(serial, who, key, steps, seen)
        expected = self._expected(serial, who, key, steps, seen)
        if end == "after":  # it dies between commit and reply: the bid stands, and a repeat gets its answer
            died = mock.patch.object(bidding, "_answer", side_effect=KeyboardInterrupt)
            with died, pytest.raises(KeyboardInterrupt):
                self._bid(serial, who, key, steps, seen)
        assert self._bid(serial, who, key, steps, seen) == expected
        return serial, who, key, steps, seen

    @rule(earlier=sent, steps=st.integers(0, 3))
    def repeat(self, earlier, steps):
        serial, who, key, _, seen = earlier
        if not self.model[serial].over or (who, key) in self.model[serial].answers:
            assert self._bid(serial, who, key, steps, seen) == self._expected(serial, who, key, steps, seen)

    @rule(by=st.sampled_from([MS, MINUTE, 9 * MINUTE, 31 * MINUTE]))
    def time_passes(self, by):
        self.now += by
        self.at.set(self.now)

    @precondition(lambda self: self.now < CLOSES - FIVE)
    @rule(target=sent, before=st.sampled_from([FIVE + MS, FIVE, MS]), serial=st.sampled_from(LOTS),
          who=st.sampled_from(NAMES))  # fmt: skip
    def bid_at_the_edge(self, before, serial, who):
        self.now = max(self.now, self.model[serial].closes - before)
        self.at.set(self.now)
        return self.bid(serial=serial, who=who, steps=1, back=None, end="whole")

    @rule(serial=st.sampled_from(LOTS), stood=st.sampled_from([MS, 7 * MINUTE, 40 * MINUTE]), late=st.booleans())
    def pause_for_a_while(self, serial, stood, late):
        if late:
            self.now = max(self.now, self.model[serial].ends - FIVE)
            self.at.set(self.now)
        self.order(serial=serial, act="pause")
        self.now += stood
        self.at.set(self.now)
        self.order(serial=serial, act="resume")

    @rule(by=st.sampled_from([MS, 3 * MINUTE]))
    def clock_steps_back(self, by):
        self.now -= by
        self.at.set(self.now)

    @rule(serial=st.sampled_from(LOTS), act=st.sampled_from(["pause", "resume", "abort"]))
    def order(self, serial, act):
        lot = self.model[serial]
        runs = lot.paused is None and OPENS <= self.now < lot.ends
        fits = {"pause": runs, "resume": lot.paused is not None, "abort": runs or lot.paused is not None}[act]
        if lot.over or not fits or (lot.last and self.now < lot.last):
            return
        row = self.season.lot(serial)
        asked = services.ask_order(act=act, notice=row.notice, lot=row, reason="कारण", by=self.season.mdo)
        services.confirm_order(order=asked, by=self.season.actor("collector"))
        if act == "pause":
            lot.paused = lot.last = self.now
        elif act == "resume":
            lot.resume(self.now)
        else:
            lot.over, lot.paused, lot.last = "aborted", None, self.now

    @rule()
    def worker(self):
        jobs.announce_closed_lots(at=self.now)
        for lot in self.model.values():
            if not lot.over and lot.paused is None and self.now >= lot.ends:
                lot.over = "closed"

    @invariant()
    def agree(self):
        for serial, model in self.model.items():
            row = self.season.lot(serial)
            leader = self.names.get((serial, row.highest_alias), row.highest_alias)
            assert model.over or row.highest_bidder_id is None, "sealed until the close"
            assert (row.highest_rupees, leader, row.ends_at, row.closes_at, row.paused_at) == (
                model.highest,
                model.leader,
                model.ends,
                model.closes,
                model.paused,
            )
            assert (row.result == "aborted") == (model.over == "aborted")
            assert LotEvent.objects.filter(lot=row, kind="extended").count() == model.extended


def test_the_engine_does_what_the_model_does(season, at):
    for serial in LOTS:
        block = season.lot(serial).block
        block.river = "Kiul"
        block.save()
    for name in NAMES:
        season.bidder(name, *LOTS)
    Machine.season, Machine.at = season, at
    Machine.names = {(serial, season.alias(name, serial)): name for serial in LOTS for name in NAMES}
    assert (season.lot(1).reserve_rupees, STEP) == (RESERVE, RESERVE // 10)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=_EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=checks, database=None
        ),
    )
