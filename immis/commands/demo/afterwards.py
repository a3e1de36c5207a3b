"""After the season: whoever plays along cuts challans on the site, and the trucks drive."""

import threading

from immis import clock
from immis.commands.demo import mock_scenes as mock
from immis.commands.demo import road_scenes as road
from immis.commands.demo.lease_scenes import FOLLOWED, holder
from immis.commands.demo.people import Stuck
from immis.commands.demo.play import Play
from immis.commands.demo.season import LEFT_TO_THE_READER, Season
from immis.rules.writing.texts import texts

_LOOK_S = 1.0
_RATE = 12.0
#: How many trucks are kept on the road by the season itself.
_ON_THE_ROAD = 3


def keep_driving(season: Season, *, until: threading.Event) -> None:
    """Drive every truck whose challan is new; now and then a settlee cuts one by himself."""
    play = season.play
    play.step_to(clock.now(), rate=_RATE)
    road.back_to_the_ghat(play)
    driven = {number for number, state in road.states(play).items() if state != "issued"}
    while not until.wait(_LOOK_S):
        try:
            _one_round(play, driven)
            if season.whole:
                mock.keep_running(play)
        except Stuck as stuck:  # a page that is busy is asked again in the next round
            play.tell(str(stuck), texts("demo/scenes")["try_again"]["hi"])


def _one_round(play: Play, driven: set[str]) -> None:
    rows = play.person("mdo").http.get("/api/v1/challans?state=issued").raise_for_status().json()
    for row in rows:
        if row["number"] in driven or row["vehicle"] not in play.fleet.trucks:
            continue
        driven.add(row["number"])
        block = _block_of(play, row["vehicle"])
        lorry = next(item for item in play.lorries if item.plate == row["vehicle"])
        home = play.fleet.trucks[lorry.plate].at
        truck = road.set_off(play, block, lorry, place=row["destination"])
        truck.arrived = lambda truck, home=home: truck.drive([home], kmh=road.KMH)
    if len(rows) < _ON_THE_ROAD:
        _cut_one(play)


def _block_of(play: Play, plate: str) -> str:
    firm = next(row.firm for row in play.lorries if row.plate == plate)
    return next(block for block in FOLLOWED if holder(block) == firm)


def _cut_one(play: Play) -> None:
    """The first truck that stands ready at a ghat whose settlement is in order gets a challan."""
    for block in FOLLOWED:
        if block == LEFT_TO_THE_READER:
            continue
        for lorry in road.lorries_of(block):
            if road.stands_at(play, block, lorry.plate) and road.issue(play, block, lorry).number:
                return
