"""Who the walk enters: officers by page and by file, bidders by the public page; each with what pages ask of him."""

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from immis.rules.policy import read_yaml
from tests.doors import PAPER, Form, Newcomer, button, forms_of, sum_asked, words_of
from tests.doors.calling import REGISTRATION
from tools.walk.chromium import Reader
from tools.walk.machine import Walk

SONEBHADRA = Newcomer("company", "Sonebhadra Sands Ltd", "ABCCN1234F", "27182818284")
KOSHI = Newcomer("company", "Koshi Minerals Ltd", "ABCCK5678F", "31415926535")
PASSWORD = "demo-season-2026"
CAST: Mapping[str, Any] = read_yaml(Path(__file__).with_name("cast.yaml"))


def word(act: str) -> Callable[[Form], bool]:
    return lambda form: form.fields.get("act") == act


def enter_person(admin: Reader, username: str) -> str:
    """The administrator enters a person by page; answers the first password."""
    names = {"username": username, **CAST["persons"][username], "email": ""}
    admin.send(admin.open("/office/people/new/"), lambda form: "username" in form.fields, names)
    return first_password(admin, username)


def first_password(admin: Reader, username: str) -> str:
    page = admin.open(f"/office/people/{username}/")
    told = admin.send(page, word("give_password"), {"reason": "new officer", "sure": "on"})
    found = re.search(rf"First password of {username}, shown only now: (\S+)", words_of(told.text))
    assert found, words_of(told.text)
    return found.group(1)


def appoint(admin: Reader, username: str, post: str, office: str) -> str:
    given = {"username": username, "post": post, "reference": "HQ/1"}
    page = admin.send(admin.open(f"/office/offices/{office}/"), word("appoint"), given)
    assert "The charge is given" in page.text
    return words_of(page.text)


def take_sheet(reader: Reader, kind: str, sheet: str, *, reason: str = "") -> str:
    """Hand a sheet in, have it checked, take it in; answers what the page says in the end."""
    paper = {"file": (f"{kind}.csv", sheet.encode(), "text/csv")}
    given = {"reason": reason} if reason else {}
    address = reader.send(reader.open(f"/sheets/{kind}/"), lambda form: "file" in form.files, given, files=paper).path
    give_up = time.monotonic() + 60
    while ("step", "take") not in [b for form in forms_of(reader.open(address).text) for b in form.buttons]:
        assert time.monotonic() < give_up, words_of(reader.page.content())
        time.sleep(0.7)
    reader.send(reader.seen(), lambda form: ("step", "take") in form.buttons, {"step": "take"})
    rows = len(sheet.strip().splitlines()) - 1
    return words_of(reader.until(address, f"Entered {rows} ").text)


# -- bidders


def sign_up(walk: Walk, who: Newcomer, phone: str) -> str:
    """A firm asks for a user ID on the public page, and reads it in its mail."""
    visitor = walk.page()
    page = visitor.open("/signup")
    given = {
        "kind": who.kind, "name_hi": who.name, "name_en": who.name, "pan": who.pan, "email": who.email,
        "phone": phone, "password": PASSWORD, "sum": sum_asked(page.text),
    }  # fmt: skip
    visitor.send(page, lambda form: "sum_token" in form.fields, given)
    words = rf"user ID of {re.escape(who.name)} for e-auctions is (\w+)\."
    user_id = walk.clock.until("the user ID is mailed", lambda: walk.mailed(who.email, words))[0]
    walk.known[who.name] = user_id
    walk.page(who.name, PASSWORD)
    return str(user_id)


def prove_pan(walk: Walk, who: Newcomer, officer: Reader) -> str:
    firm, card = walk.page(who.name), {"card": ("pan.pdf", PAPER, "application/pdf")}
    firm.send(firm.open("/bidder/pan"), lambda form: "card" in form.files, {"district": "Munger"}, files=card)
    listed = officer.open(f"/office/pans/?q={who.pan}").text
    here = re.findall(r'href="(/office/pans/\d+/?)"', listed)[0]
    answer = officer.send(officer.open(here), button("act", "accept"), {"act": "accept", "reason": "Card seen"})
    return words_of(answer.text)


def declare_account(walk: Walk, who: Newcomer, officer: Reader) -> str:
    firm, paper = walk.page(who.name), {"proof": ("cheque.pdf", PAPER, "application/pdf")}
    given = {
        "relation": "own", "holder": who.name, "bank": "SBI, Munger", "number": who.account, "ifsc": "SBIN0001234",
        "district": "Munger",
    }  # fmt: skip
    here = firm.send(firm.open("/bidder/accounts/"), lambda form: "ifsc" in form.fields, given, files=paper)
    number = re.findall(r'href="/bidder/accounts/(\d+)/"', here.text)[0]
    page = officer.open(f"/office/accounts/{number}/")
    answer = officer.send(page, button("act", "accept"), {"act": "accept", "reason": "Cheque shows it"})
    return words_of(answer.text)


def register(walk: Walk, who: Newcomer) -> str:
    firm = walk.page(who.name)
    page = firm.open("/bidder/")
    given = {**REGISTRATION, "email": who.email, "sum": sum_asked(page.text)}
    return words_of(firm.send(page, lambda form: "signatory" in form.fields, given).text)
