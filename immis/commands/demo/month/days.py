"""October: on most days trucks load, drive and come back; a check post finds one of them uncovered."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from immis import clock
from immis.commands.demo import road_scenes as road
from immis.commands.demo.cast import DRIVER, Lorry, typed
from immis.commands.demo.lease_scenes import FOLLOWED, code_of, holder
from immis.commands.demo.play import Play

#: Days on which everybody loads: before the days of the season itself, and after them.
FIRST_DAYS, NEXT_DAYS = ("2026-10-01", "2026-10-03"), ("2026-10-07", "2026-10-09", "2026-10-12")
_RATE, _STANDING = 1200.0, timedelta(hours=2, minutes=5)
_OFTEN_S = 0.25


def days(play: Play, dates: tuple[str, ...]) -> None:
    """Each of some days: the trucks stand at their ghats, load, drive, and are there before the next one."""
    for truck in play.fleet.trucks.values():
        truck.every_s = _OFTEN_S
    for turn, date in enumerate(dates):
        _day(play, datetime.fromisoformat(f"{date}T08:00:00").replace(tzinfo=clock.INDIA), turn)
    for truck in play.fleet.trucks.values():
        truck.every_s = 1.0


def _day(play: Play, begins_at: datetime, turn: int) -> None:
    play.step_to(begins_at)
    road.back_to_the_ghat(play)
    road.wait_until_fresh(play)
    play.step_to(begins_at + _STANDING)  # what a device tells counts as its own after two hours (MOV-30)
    road.wait_until_fresh(play)
    loads = [load for rows in play.at_once(partial(_load, play, block) for block in FOLLOWED) for load in rows]
    stays, leaves = loads[turn], [load for place, load in enumerate(loads) if place not in (turn, turn + 8)]
    _take_back(play, *loads[turn + 8])
    play.at_once(partial(road.set_off, play, block, lorry, number=number) for number, block, lorry in leaves)
    road.check(play, "checkpost2", leaves[turn][2].plate, load="loaded", cover="no", board="yes")
    play.step_to(clock.now(), rate=_RATE)
    play.until("the trucks of the day arrive", lambda: _under_way(play) <= {stays[0]})


def _load(play: Play, block: str) -> list[tuple[str, str, Lorry]]:
    """E-challans for every truck of a ghat that may have one: (number, ghat, vehicle)."""
    person, lease, results = play.person(holder(block)), code_of(play, block), []
    for lorry in road.lorries_of(block, play.lorries):
        wish = {
            "lease": lease, "vehicle": lorry.plate, "place": road.DESTINATIONS[block], "driver_name": DRIVER,
            "quantity_m3": str((lorry.capacity_m3 * Decimal("0.9")).quantize(Decimal("0.01"))),
            "driver_phone": "9000000000",
        }  # fmt: skip
        answer = person.call("/challans", wish, lawful=False)
        if "number" in answer:
            results.append((answer["number"], block, lorry))
    return results


def _take_back(play: Play, number: str, block: str, _lorry: Lorry) -> None:
    """A settlee cancels an e-challan before its truck leaves (CH-14)."""
    given = {"reason": typed("called_off")}
    play.person(holder(block)).call(f"/challans/{number}/acts/challan.cancel", given, lawful=False)


def _under_way(play: Play) -> set[str]:
    rows = play.person("mdo").http.get("/api/v1/challans?state=issued&limit=100").raise_for_status().json()
    return {row["number"] for row in rows}
