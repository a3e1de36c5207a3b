"""The season in its order: one list of scenes, each a day on the shared clock and what happens on it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from immis import clock
from immis.commands.demo import auction_scenes as auction
from immis.commands.demo import cap_scenes as cap
from immis.commands.demo import directions, messages, transit
from immis.commands.demo import lease_scenes as lease
from immis.commands.demo import mock_scenes as mock
from immis.commands.demo import road_scenes as road
from immis.commands.demo.cast import Firm
from immis.commands.demo.month import days, matters, offices
from immis.commands.demo.play import Play
from immis.rules.writing.texts import Words, texts

#: The settlee who pays the second instalment late, and the one who leaves it to whoever plays along.
LATE, LEFT_TO_THE_READER = "MUN-2026-07", "MUN-2026-13"
_ROAD_RATE = 90.0


def india(text: str) -> datetime:
    """An instant in India from ``2026-06-05 11:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.INDIA)


@dataclass
class Season:
    """One season being played; ``watched`` lets a person watch the end of the auction at reading speed.

    ``whole`` has the month of a district in it and a mock auction at its end. ``only`` names the lots that firms apply
    for, all where it is empty; the others end without a bid, and those of the second district are not played.
    """

    play: Play
    watched: bool = False
    whole: bool = False
    only: Collection[str] = ()
    lots: list[str] = field(default_factory=list)
    chosen: dict[str, list[Firm]] = field(default_factory=dict)
    challans: dict[str, str] = field(default_factory=dict)

    def run(self, scenes: "list[Scene] | None" = None) -> None:
        """Play scenes in order, all of them unless told otherwise."""
        for scene in scenes or SCENES:
            if scene.whole and not self.whole:
                continue
            if scene.begins:
                self.play.step_to(india(scene.begins))
            self.play.tell(scene.words["en"], scene.words["hi"])
            scene.act(self)

    # -- before and in the auction

    def notice(self) -> None:
        messages.register_texts(self.play)
        number = auction.take_in_notice(self.play, "mdo", auction.munger_notice())
        auction.publish_terms(self.play, number, auction.munger_notice())
        self._also(cap.take_in_notice)
        self.lots = auction.lots_of(self.play)
        chosen = auction.applicants(self.lots)
        self.chosen = {lot: firms for lot, firms in chosen.items() if not self.only or lot in self.only}

    def applications(self) -> None:
        auction.apply(self.play, self.chosen)
        self._also(cap.apply)
        self.play.step_to(india("2026-05-26 11:00"))
        lease.verify_all(self.play)
        self._also(cap.verify)

    def review(self) -> None:
        directions.review(self.play)

    def scrutiny(self) -> None:
        auction.scrutinise(self.play, self.chosen)
        self._also(cap.scrutinise)

    def bidding(self) -> None:
        auction.open_bidding(self.play, self.chosen)
        self._also(cap.open_bidding)

    def _also(self, act: Callable[[Play], None]) -> None:
        """What happens in the second district meanwhile, where the whole season is played."""
        if not self.only:
            act(self.play)

    def last_minutes(self) -> None:
        if self.watched:
            self._let_pass(until=india("2026-06-05 12:56:30"), begin=india("2026-06-05 12:54:30"), rate=4)
        else:
            self.play.step_to(india("2026-06-05 12:57"))
        auction.last_minutes(self.play)

    def extended_hour(self) -> None:
        if self.watched:
            self._let_pass(until=india("2026-06-05 13:00:20"), begin=clock.now(), rate=6)
        self.play.step_to(india("2026-06-05 13:30"))
        auction.extended_hour(self.play, self.chosen)

    def results(self) -> None:
        if self.watched:
            self._let_pass(until=india("2026-06-05 14:00:05"), begin=india("2026-06-05 13:58:00"), rate=4)
        self.play.step_to(india("2026-06-05 14:00:05"))
        self.play.until("results are published", lambda: auction.results_are_out(self.play, self.lots))

    # -- from the auction to the deed

    def securities(self) -> None:
        self.play.until("settlements are open", lambda: set(lease.FOLLOWED) <= set(lease.settlements(self.play)))
        sold = [lot for lot in self.chosen if lot not in (auction.SINGLE_TENDER, auction.NOBODY_BIDS)]
        followed = {lot: self.chosen[lot][0].username for lot in sold if lot in (*lease.FOLLOWED, *lease.LOI_TOO)}
        lease.pay_securities(self.play, followed)
        lease.verify_all(self.play)

    def letters(self) -> None:
        lease.issue_letters(self.play, date(2026, 6, 10))

    def clearances(self) -> None:
        for kind, applied, granted in (
            ("plan", date(2026, 6, 18), date(2026, 6, 24)),
            ("ec", date(2026, 6, 29), date(2026, 7, 6)),
            ("cte_cto", date(2026, 7, 8), date(2026, 7, 10)),
        ):
            self.play.step_to(india(f"{granted} 12:00"))
            lease.clearances(self.play, kind, applied, granted)

    def deeds(self) -> None:
        lease.pay_first_instalments(self.play)
        lease.verify_all(self.play)
        self.play.step_to(india("2026-07-15 11:00"))
        lease.execute_deeds(self.play, date(2026, 7, 15))
        lease.pay_dmf(self.play)
        lease.verify_all(self.play)

    # -- on the road

    def first_days(self) -> None:
        road.trucks_arrive(self.play)
        days.days(self.play, days.FIRST_DAYS)

    def river_opens(self) -> None:
        if not self.whole:
            road.trucks_arrive(self.play)
        else:
            road.back_to_the_ghat(self.play)
            road.wait_until_fresh(self.play)
        # what a device tells counts as its own once it has reported for two hours without a break (MOV-30)
        self.play.step_to(clock.now() + timedelta(hours=2, minutes=5))
        road.wait_until_fresh(self.play)

    def honest_trips(self) -> None:
        self.play.step_to(clock.now(), rate=_ROAD_RATE)
        self.challans["honest"] = ",".join(road.honest_trips(self.play))

    def tampering(self) -> None:
        self.challans["tampered"] = road.tamperer(self.play)

    def never_starts(self) -> None:
        self.challans["sleeper"] = road.sleeper(self.play)

    def issued_away(self) -> None:
        road.leave_unseen(self.play)
        left = clock.now()
        self.play.until("the truck is away", lambda: clock.now() > left + timedelta(minutes=7))
        self.challans["away"] = road.cut_away(self.play)
        road.found_again(self.play)

    def at_the_check_post(self) -> None:
        first = self.challans["honest"].split(",")[3]
        road.check_post(self.play, [first, road.lorries_of(LEFT_TO_THE_READER)[0].plate])

    def arrivals(self) -> None:
        going = {*self.challans["honest"].split(","), self.challans["tampered"]} - {""}
        self.play.until("all trucks arrive", lambda: going <= road.completed(self.play))
        self.play.step_to(clock.now() + timedelta(hours=2, minutes=5), rate=_ROAD_RATE)
        lost = self.challans["sleeper"]
        self.play.until("the challan that never started is invalid", lambda: road.states(self.play)[lost] == "invalid")

    def next_days(self) -> None:
        days.days(self.play, days.NEXT_DAYS)
        offices.offices(self.play)
        for matter in (matters.cases, matters.money, matters.devices, matters.orders):
            matter(self.play)

    # -- the second instalment

    def second_instalment(self) -> None:
        road.back_to_the_ghat(self.play)
        lease.pay_second_instalments(self.play, but=(LATE, LEFT_TO_THE_READER))
        lease.verify_all(self.play)

    def stopped(self) -> None:
        late = road.lorries_of(LATE)[0]
        self.play.step_to(india("2026-10-16 08:00"), rate=_ROAD_RATE)
        self.play.until(
            "the late settlee's truck stands at the ghat", lambda: road.stands_at(self.play, LATE, late.plate)
        )
        answer = road.issue(self.play, LATE, late)
        assert "HLD-01" in answer.refused_by, answer

    def resumed(self) -> None:
        lease.pay_instalment(self.play, lease.code_of(self.play, LATE), lease.holder(LATE))
        assert lease.settlements(self.play)[LATE]["stopped_by"] == ["HLD-01"]  # paid is not yet verified
        lease.verify_all(self.play)
        assert lease.settlements(self.play)[LATE]["stopped_by"] == []
        lorry = road.lorries_of(LATE)[0]
        answer = road.issue(self.play, LATE, lorry)
        assert answer.number, answer
        road.set_off(self.play, LATE, lorry)
        self.play.until("it arrives", lambda: road.states(self.play)[answer.number] == "completed")

    def other_states(self) -> None:
        transit.switch_on(self.play)
        transit.first_load(self.play)
        lease.verify_all(self.play)

    def practice(self) -> None:
        self.play.step_to(clock.now())  # bids are placed one after another, not at the pace of a road
        mock.begin(self.play)
        matters.under_way(self.play)

    def _let_pass(self, *, begin: datetime, until: datetime, rate: float) -> None:
        """Let the clock run at reading speed between two instants."""
        self.play.step_to(begin, rate=rate)
        self.play.until_shown(until)


@dataclass(frozen=True)
class Scene:
    """The act that makes something happen, and the instant in India to which time steps; worded by ``demo/scenes``.

    ``whole``: it is played in a whole season only.
    """

    act: Callable[[Season], None]
    begins: str = ""
    whole: bool = False

    @property
    def words(self) -> Words:
        return texts("demo/scenes")[self.act.__name__]


SCENES = [
    Scene(Season.notice),
    Scene(Season.applications, "2026-05-20 11:00"),
    Scene(Season.review, "2026-05-27 11:00"),
    Scene(Season.scrutiny, "2026-06-02 11:00"),
    Scene(Season.bidding, "2026-06-05 11:00:01"),
    Scene(Season.last_minutes),
    Scene(Season.extended_hour),
    Scene(Season.results),
    Scene(Season.securities, "2026-06-08 11:00"),
    Scene(Season.letters, "2026-06-10 11:00"),
    Scene(Season.clearances),
    Scene(Season.deeds, "2026-07-13 11:00"),
    Scene(Season.first_days, "2026-10-01 07:30", whole=True),
    Scene(Season.river_opens, "2026-10-05 08:00"),
    Scene(Season.honest_trips),
    Scene(Season.tampering),
    Scene(Season.never_starts),
    Scene(Season.issued_away),
    Scene(Season.at_the_check_post, whole=True),
    Scene(Season.arrivals),
    Scene(Season.next_days, whole=True),
    Scene(Season.second_instalment, "2026-10-13 11:00"),
    Scene(Season.stopped, "2026-10-16 00:00:01"),
    Scene(Season.resumed),
    Scene(Season.other_states),
    Scene(Season.practice, whole=True),
]
