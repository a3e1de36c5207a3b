"""Issue 11's "done when", walked in Chromium on an installation that stands as ``docs/operations/install.md`` has it.

``.venv/bin/python -m tools.walk --records postgresql://postgres@127.0.0.1:5432/walk --home DIR [--program CLONE]``
drops and makes that database, empties the folder, and leaves ``walk.md`` and pictures beside it. Ten minutes.
"""

import argparse
import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.doors import india, words_of
from tests.doors.commands import ROOT
from tests.journeys.reader import FLAGS
from tools.walk import auctions, notices, people, road
from tools.walk.chromium import Reader
from tools.walk.machine import Walk, chromium_path, prepared
from tools.walk.people import KOSHI, SONEBHADRA, word
from tools.walk.settlements import Settlement


def walk_all(walk: Walk, password: str) -> None:
    admin = walk.page("anita", password)
    walk.note("administrator signs in, app for codes", f"secret {len(admin.secret)} letters", admin, "01-admin")
    enter_office(walk, admin)
    mdo = walk.page("mdo-munger")
    enter_bidders(walk, mdo)
    lots = take_notices(walk, mdo)
    hold_auctions(walk, mdo, lots)
    settled = open_mines(walk, mdo, [lots["munger"][0], lots["second"][0]])
    drive(walk, mdo, settled)
    hand_over(walk, admin, mdo)
    walk.note("faults of pages (5xx, scripts)", repr(walk.faults()))


def enter_office(walk: Walk, admin: Reader) -> None:
    page = admin.open("/office/installation/")
    walk.note("what is not set", words_of(page.text), admin, "02-installation")
    first = people.enter_person(admin, "mdo-munger")
    walk.note("MDO entered and appointed by page", people.appoint(admin, "mdo-munger", "district", "munger"), admin)
    mdo = walk.page("mdo-munger", first)
    walk.note("MDO led to an app for codes (TOTP)", f"set up: {bool(mdo.secret)}", mdo, "03-mdo-totp")
    said = people.take_sheet(admin, "offices", people.CAST["offices"])
    walk.note("offices by file", said, admin, "04-offices")
    walk.note(
        "Collector, MDO of the second district by file",
        people.take_sheet(admin, "charges", people.CAST["charges"]),
        admin,
    )
    for username in ("col-munger", "mdo-bhojpur", "col-bhojpur", "cell"):
        reader = walk.page(username, people.first_password(admin, username))
        walk.note(f"{username} signs in", f"TOTP: {bool(reader.secret)}", reader)


def enter_bidders(walk: Walk, mdo: Reader) -> None:
    for turn, who in enumerate((SONEBHADRA, KOSHI)):
        user_id = people.sign_up(walk, who, f"900000000{turn}")
        walk.note(f"{who.name} asks for a user ID", f"mailed {user_id}", walk.page(who.name))
        walk.note("PAN card seen by the district", people.prove_pan(walk, who, mdo)[:160], mdo)
        walk.note("bank account accepted", people.declare_account(walk, who, mdo)[:160], mdo)


def take_notices(walk: Walk, mdo: Reader) -> dict[str, list[str]]:
    bhojpur = walk.page("mdo-bhojpur")
    texts = {"munger": (mdo, notices.munger()), "second": (mdo, notices.second_of_munger())}
    texts["son"] = (bhojpur, notices.on_the_son())
    lots = {}
    for name, (officer, text) in texts.items():
        page = auctions.take_in(officer, text)
        walk.known[f"notice {name}"] = page.path
        lots[name] = auctions.lots_of(page)
        walk.note(f"notice {name} taken in", f"{len(lots[name])} lots: {lots[name][0]} … {lots[name][-1]}", officer,
                  f"05-notice-{name}")  # fmt: skip
    return lots


def hold_auctions(walk: Walk, mdo: Reader, lots: dict[str, list[str]]) -> None:
    wanted = [lots["munger"][0], lots["second"][0], *lots["son"]]
    walk.clock.to(india("2026-05-20 11:00"))
    for who in (SONEBHADRA, KOSHI):
        walk.note(f"{who.name} registers for e-auctions", people.register(walk, who)[:200], walk.page(who.name))
        for lot in wanted:
            auctions.apply(walk, who, lot)
        walk.note("form 3, papers, fee and earnest money of four lots", "done", walk.page(who.name), "06-applied")
    walk.clock.to(india("2026-05-26 11:00"))
    counts = {name: auctions.verify_all(walk.page(name)) for name in ("mdo-munger", "mdo-bhojpur")}
    walk.note("payments verified by each office", repr(counts), mdo)
    walk.clock.to(india("2026-06-02 11:00"))
    for lot in wanted:
        auctions.scrutinise(walk.page("mdo-bhojpur" if lot in lots["son"] else "mdo-munger"), lot)
    for name, collector in (("munger", "col-munger"), ("second", "col-munger"), ("son", "col-bhojpur")):
        auctions.publish_list(walk.page(collector), walk.known[f"notice {name}"])
    walk.note("lists of the technically successful", "three published", walk.page("col-munger"))
    walk.clock.to(india("2026-06-05 11:00") + timedelta(seconds=1))
    bids(walk, wanted)
    for lot in wanted:
        said = auctions.ended(walk, lot, india("2026-06-05 13:00") + timedelta(seconds=10))
        walk.note(f"result of {lot}", said, walk.page())


def bids(walk: Walk, wanted: list[str]) -> None:
    """The winner leads in both ghats of Munger and in one on the Son; the second there is beyond the cap."""
    winner, rival = walk.page(SONEBHADRA.name), walk.page(KOSHI.name)
    for lot in wanted:
        walk.note(f"{KOSHI.name} bids for {lot}", auctions.bid(rival, lot, 0), rival)
        if lot != wanted[-1]:
            walk.note(f"{SONEBHADRA.name} bids higher", auctions.bid(winner, lot, 1), winner, f"07-room-{lot}")
    refused = auctions.bid(winner, wanted[-1], 1)
    walk.note("THE CAP BINDS ON THE SON", refused, winner, "08-cap-on-the-son")
    assert "AUC-06" in refused or "200" in refused, refused


def open_mines(walk: Walk, mdo: Reader, lots: list[str]) -> list[Settlement]:
    winner, collector = walk.page(SONEBHADRA.name), walk.page("col-munger")
    walk.clock.to(india("2026-06-08 11:00"))
    settled = [Settlement(lot, winner, SONEBHADRA.account, mdo, collector) for lot in lots]
    for one in settled:
        mdo.until("/office/leases/", one.number)
        one.pay("security")
    walk.note("securities paid and verified", str(auctions.verify_all(mdo)), mdo)
    for one in settled:
        one.papers("08.06.2026")
    walk.clock.to(india("2026-06-10 11:00"))
    for one in settled:
        walk.note(f"LoI {one.number}", words_of(one.propose("loi", on="10.06.2026").text)[:300], collector, "09-loi")
    walk.clock.to(india("2026-07-12 11:00"))
    for one in settled:
        one.cleared("plan", "18.06.2026", "24.06.2026")
        one.cleared("ec", "29.06.2026", "06.07.2026")
        one.cleared("cte_cto", "08.07.2026", "10.07.2026")
        one.pay("instalment")
    walk.note("first instalments verified", str(auctions.verify_all(mdo)), mdo)
    walk.clock.to(india("2026-07-15 11:00"))
    for one in settled:
        one.deed("15.07.2026")
        walk.note(f"deed and permission {one.number}", one.state()[:300], mdo, f"10-permitted-{one.number}")
        one.pay("dmf")
    walk.note("DMF verified", str(auctions.verify_all(mdo)), mdo)
    return settled


def drive(walk: Walk, mdo: Reader, settled: list[Settlement]) -> None:
    settlee = settled[0].settlee
    for said in road.enter_things(settlee, mdo):
        walk.note("truck, driver, place, device entered", said[:200], settlee)
    walk.clock.to(india("2026-10-05 08:00"))
    ghats = [road.middle(walk.page(), one.number) for one in settled]
    where = dict(zip(road.TRUCKS, (ghats[0], ghats[0], ghats[1]), strict=True))
    operator = name_operator(walk, settlee, settled[0].number)
    with road.standing(walk, where):
        walk.page("cell").until("/office/map/vehicles.json", road.TRUCKS[2])
        walk.clock.to(walk.clock.now() + timedelta(hours=2, minutes=5))
        tries = [(settlee, settled[0], road.TRUCKS[0]), (operator, settled[0], road.TRUCKS[1])]
        for person, one, plate in [*tries, (settlee, settled[1], road.TRUCKS[2])]:
            person.until(f"/settlee/leases/{one.number}/challans/new/", f'value="{plate}"')
            status, said = road.issue(person, one.number, plate)
            walk.note(f"E-CHALLAN of {one.number} for {plate}", f"{status}: {said}", person, f"11-challan-{plate}")
            assert status == 200 and "/challans/" in person.page.url, said


def name_operator(walk: Walk, settlee: Reader, lease: str) -> Reader:
    """The settlee names an operator within limits, who signs in."""
    given = {
        **people.CAST["persons"]["operator"], "kind": "operator", "grants": "challan.issue", "leases": lease,
        "challans_a_day": "5",
    }  # fmt: skip
    told = settlee.send(settlee.open("/settlee/people/"), word("name_new"), given)
    found = re.search(r"First password of (\S+), shown only now: (\S+)", words_of(told.text))
    assert found, words_of(told.text)
    walk.note("operator named by the settlee", found.group(1), settlee, "12-operator")
    return walk.page(*found.groups())


def hand_over(walk: Walk, admin: Reader, mdo: Reader) -> None:
    first = people.enter_person(admin, "savita")
    charge = re.search(r"/office/charges/\d+/", mdo.open("/account/charges/").text)
    assert charge
    people.appoint(admin, "savita", "district", "munger")
    handed = {"successor": "savita", "reference": "HQ/30", "sure": "on"}
    paper = mdo.send(mdo.open(charge.group(0)), word("hand_over"), handed)
    walk.note("CHARGE HANDED OVER: what is pending, paper", words_of(paper.text)[:400], mdo, "13-handed-over")
    paths = ("/office/", "/office/leases/", "/office/leases/MUN-2026-01/", "/office/payments/", "/devices/")
    seen = {path: mdo.open(path, lawful=False).status_code for path in paths}
    walk.note("the old holder sees nothing more", repr(seen), mdo, "14-old-holder")
    assert all(status in (403, 404) for status in seen.values()), seen
    successor = walk.page("savita", first)
    page = successor.open("/office/leases/MUN-2026-01/")
    walk.note("the successor sees it", words_of(page.text)[:200], successor, "15-successor")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", required=True, help="a PostgreSQL database, which is dropped and made")
    options.add_argument("--home", required=True, type=Path, help="the account's home; emptied")
    options.add_argument("--program", type=Path, default=ROOT, help="the clone that is installed")
    given = options.parse_args()
    with prepared(given.home, given.records, given.program) as machine:
        printed = machine.follow(None)
        password = re.search(r"shown this once: (\S+)", printed)
        assert password, printed
        with machine.started(), machine.bank(), sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium_path(), headless=True, args=FLAGS)
            walk = Walk(machine, browser, given.home)
            walk.note("install.md", printed[-400:])
            try:
                walk_all(walk, password.group(1))
            except Exception:
                for name, reader in walk._people.items():
                    reader.shot(given.home / f"stuck-{name or 'visitor'}.png")
                raise
            browser.close()


if __name__ == "__main__":
    main()
