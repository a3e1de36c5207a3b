"""October: trucks load and drive; one is tampered with, one never starts, one challan is cut away from the ghat."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from immis.commands.demo import roads
from immis.commands.demo.cast import DRIVER, FLEET, PLACES, Lorry
from immis.commands.demo.fleet import Point, Truck
from immis.commands.demo.lease_scenes import FOLLOWED, code_of, holder
from immis.commands.demo.play import Play

KMH = 50.0
DESTINATIONS = {
    "MUN-2026-01": "bariyarpur",
    "MUN-2026-02": "sultanganj",
    "MUN-2026-07": "bariyarpur",
    "MUN-2026-13": "munger-town",
    "MUN-2026-17": "munger-town",
    "MUN-2026-18": "surajgarha",
}
_PLACES: dict[str, Point] = {row["code"]: (float(row["lat"]), float(row["lon"])) for row in PLACES}


@dataclass(frozen=True)
class Answer:
    """What the page said to a wish for a challan: its number, or the rules that refused it."""

    number: str
    refused_by: tuple[str, ...]


def ghats(play: Play) -> dict[str, Point]:
    """The middle of every ghat."""
    middles = {}
    for block in play.api("/api/v1/blocks"):
        lats, lons = zip(*block["corners"], strict=True)
        middles[block["code"]] = (sum(lats) / len(lats), sum(lons) / len(lons))
    return middles


def lorries_of(block: str, lorries: Iterable[Lorry] = FLEET) -> list[Lorry]:
    """The vehicles that load at a ghat: its settlee's own."""
    return [lorry for lorry in lorries if lorry.firm == holder(block)]


def trucks_arrive(play: Play) -> None:
    """Every truck stands at its ghat and reports; the office sees it there."""
    middle = ghats(play)
    roads.write(play.stage.data / "roads.osm.pbf", middle.values())
    for block in FOLLOWED:
        for turn, lorry in enumerate(lorries_of(block, play.lorries)):
            lat, lon = middle[block]
            place = (lat + turn * 0.0002, lon)
            play.fleet.add(imei=lorry.imei, plate=lorry.plate, at=place, iccid=lorry.iccid)
    play.fleet.start()
    wait_until_fresh(play)


def wait_until_fresh(play: Play) -> None:
    """Every truck has reported just now."""
    play.until("all trucks report", lambda: len(fresh(play)) >= len(play.fleet.trucks))


def fresh(play: Play) -> list[dict[str, Any]]:
    """The vehicles that the monitoring map shows as reporting now."""
    body = play.person("monitoring").http.get("/office/map/vehicles.json").raise_for_status().json()
    vehicles = [row["properties"] for row in body["features"] if row["properties"]["kind"] == "vehicle"]
    return [vehicle for vehicle in vehicles if vehicle["state"] != "warn"]


def back_to_the_ghat(play: Play) -> None:
    """Trucks return empty, out of sight of the season."""
    middle = ghats(play)
    block_of = {holder(block): block for block in FOLLOWED}
    for lorry in play.lorries:
        play.fleet.trucks[lorry.plate].stand_at(middle[block_of[lorry.firm]])


def stands_at(play: Play, block: str, plate: str) -> bool:
    """Whether the settlee's page offers the truck as standing at the ghat."""
    lease = code_of(play, block)
    page = play.person(holder(block)).open(f"/settlee/leases/{lease}/challans/new/").text
    return f'value="{plate}"' in page


def issue(play: Play, block: str, lorry: Lorry, *, place: str | None = None) -> Answer:
    """The settlee wishes for an e-challan on the page; the answer is a number or the clauses that refuse it."""
    lease, person = code_of(play, block), play.person(holder(block))
    fields = {
        "vehicle": "",
        "other": lorry.plate,
        "place": place or DESTINATIONS[block],
        "quantity_m3": str((lorry.capacity_m3 * Decimal("0.9")).quantize(Decimal("0.01"))),
        "driver_name": DRIVER,
        "driver_phone": "9000000000",
    }
    page = person.open(f"/settlee/leases/{lease}/challans/new/")
    answer = person.send(page, lambda form: "quantity_m3" in form.fields, fields, lawful=False)
    if answer.status_code < 400:
        return Answer(str(answer.url).rstrip("/").rsplit("/", 1)[-1], ())
    return Answer("", tuple(dict.fromkeys(re.findall(r"/law/([A-Z]+-\d+)/", answer.text))))


def set_off(play: Play, block: str, lorry: Lorry, *, place: str | None = None, number: str = "") -> Truck:
    """A loaded truck drives to its destination by the way that its e-challan expects."""
    truck, goal = play.fleet.trucks[lorry.plate], _PLACES[place or DESTINATIONS[block]]
    truck.drive([*_way_of(play, number or _live(play, lorry.plate)), goal], kmh=KMH)
    return truck


def _live(play: Play, plate: str) -> str:
    """The number of the live e-challan of a vehicle; empty where it has none."""
    rows = play.person("mdo").http.get("/api/v1/challans?state=issued").raise_for_status().json()
    return next((str(row["number"]) for row in rows if row["vehicle"] == plate), "")


def _way_of(play: Play, number: str) -> list[Point]:
    """The way that an e-challan expects; empty where no road is known."""
    if not number:
        return []
    office = play.person("mdo").http
    drawn = office.get(f"/challans/{number}/way.geojson").raise_for_status().json()["features"]
    lines = [row["geometry"]["coordinates"] for row in drawn if row["geometry"]["type"] == "LineString"]
    return [(lat, lon) for line in lines for lon, lat in line]


def states(play: Play) -> dict[str, str]:
    """The state of every e-challan now, by the code of its number."""
    rows = play.person("mdo").http.get("/api/v1/challans?limit=1000").raise_for_status().json()
    return {row["number"]: row["state"] for row in rows}


def completed(play: Play) -> set[str]:
    """The e-challans whose trips have ended well."""
    return {number for number, state in states(play).items() if state == "completed"}


def honest_trips(play: Play) -> list[str]:
    """Every settlee sends its first truck; all arrive."""
    numbers = []
    for block in FOLLOWED:
        lorry = lorries_of(block)[0]
        play.until(
            f"{lorry.plate} stands at the ghat", lambda block=block, lorry=lorry: stands_at(play, block, lorry.plate)
        )
        answer = issue(play, block, lorry)
        assert answer.number, (block, answer)
        set_off(play, block, lorry)
        numbers.append(answer.number)
    return numbers


def tamperer(play: Play) -> str:
    """A truck of Gangotri drives off; on the road somebody opens the device's box (A-14)."""
    block, lorry = "MUN-2026-01", lorries_of("MUN-2026-01")[1]
    answer = issue(play, block, lorry)
    set_off(play, block, lorry).open_box()
    return answer.number


def sleeper(play: Play) -> str:
    """A challan is cut and the truck never starts (A-21)."""
    return issue(play, "MUN-2026-02", lorries_of("MUN-2026-02")[1]).number


def leave_unseen(play: Play) -> None:
    """A truck of Shivam falls silent and drives six kilometres away, storing its positions."""
    truck = play.fleet.trucks[lorries_of("MUN-2026-07")[1].plate]
    truck.silent = True
    truck.drive([(truck.at[0] - 0.03, truck.at[1] - 0.045)], kmh=KMH)


def cut_away(play: Play) -> str:
    """The challan is cut on the last position in the ghat; stored positions will tell where the truck was (A-23)."""
    return issue(play, "MUN-2026-07", lorries_of("MUN-2026-07")[1]).number


def found_again(play: Play) -> None:
    """The silent truck sends what it stored and goes on."""
    lorry = lorries_of("MUN-2026-07")[1]
    truck = set_off(play, "MUN-2026-07", lorry)
    truck.silent = False


def check_post(play: Play, numbers: Iterable[str]) -> None:
    """The officer at Safiabad checks e-challans by number and a vehicle by its plate."""
    for asked in numbers:
        check(play, "checkpost", asked)


def check(play: Play, who: str, asked: str, **seen: str) -> None:
    """An officer of a check post looks at a vehicle; ``seen`` is what he sees of its load."""
    officer = play.person(who)
    officer.send(
        officer.open("/checkpost/"), lambda form: form.method == "post" and "q" in form.fields, {"q": asked, **seen}
    )
