"""The department of the season comes in by its doors: first run, files of offices, charges and things, sign-up."""

import base64
import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from immis.commands.demo import cast
from immis.commands.demo.cast import DISTRICT, FIRMS, PASSWORD, Firm, typed
from immis.commands.demo.people import PAPER, Form, Person, Stuck
from immis.commands.demo.play import Play
from immis.commands.processes.preparing import first_start_lines
from immis.rules.writing.numbers import below_hundred
from immis.rules.writing.texts import texts

DISTRICTS = (DISTRICT, "Jamui")
_USER_ID = re.compile(r"\bB\d{8}\b")
_BETWEEN_LETTERS = "-" * 79 + "\n"  # one file holds all that went out over one connection
_SUMS = {word: number for number, word in enumerate(below_hundred("hi"))}


def enter(play: Play) -> None:
    """Everybody and everything that a season needs, entered as an administrator, officers and bidders enter it."""
    _tell(play, "department")
    administrator = make_department(play)
    jobs: list[Callable[[], Any]] = [partial(_take_sheet, play, administrator, "offices", cast.OFFICES)]
    play.at_once([*jobs, *(partial(sign_up, play, firm) for firm in FIRMS)])
    _take_sheet(play, administrator, "charges", [{**row, "reference": "HQ/1"} for row in cast.OFFICERS])
    play.at_once(partial(first_day, play, row["username"]) for row in cast.OFFICERS)
    _learn_user_ids(play)
    _tell(play, "things")
    jobs = [partial(enter_things, play)]
    play.at_once([*jobs, *(partial(show_papers, play, firm) for firm in FIRMS)])


def _tell(play: Play, scene: str) -> None:
    words = texts("demo/scenes")[scene]
    play.tell(words["en"], words["hi"])


def make_department(play: Play) -> Person:
    """Whoever reads the one-time code in the log makes the department on the page of the first start."""
    code = first_start_lines(f"{play.stage.url}/")[-1].split()[-1]
    visitor, names = Person(play.stage.url, ""), dict(cast.ADMINISTRATOR)
    answers = {"code": code, "state": "Bihar", "districts": list(DISTRICTS), "language": "hi", **names}
    page = visitor.open("/setup")
    visitor.send(page, lambda form: "code" in form.fields, {**answers, "password": PASSWORD, "again": PASSWORD})
    visitor.http.close()
    return play.person(names["username"])


# -- offices and people


def _sheet(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as a CSV file with their columns in its first row."""
    out, rows = io.StringIO(), list(rows)
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def first_day(play: Play, username: str) -> None:
    """An officer comes in by one click and sets a password."""
    officer = play.know(username, Person(play.stage.url, username).click_in())
    given = {"password1": PASSWORD, "password2": PASSWORD}
    officer.send(officer.open("/password/first"), lambda form: "password1" in form.fields, given, follow=False)


# -- bidders


def _is_sign_up(form: Form) -> bool:
    return "sum_token" in form.fields


def sum_asked(html: str) -> str:
    """The answer to the small sum in words that a page asks (AUC-83)."""
    before = html.partition('name="sum"')[0]
    words = re.split(r"[\s<>?]+", before[before.rindex("<label") :])
    return str(sum(_SUMS.get(word, 0) for word in words))


def sign_up(play: Play, firm: Firm) -> None:
    """A firm asks for a user ID, which is mailed to it (clause 2(iv), E-018)."""
    visitor = Person(play.stage.url, "")
    page = visitor.open("/signup")
    answers = {
        "kind": firm.kind, "name_hi": firm.name_hi, "name_en": firm.name_en, "pan": firm.pan, "email": firm.email,
        "phone": firm.phone, "password": PASSWORD, "sum": sum_asked(page.text),
    }  # fmt: skip
    visitor.send(page, _is_sign_up, answers)
    visitor.http.close()


def _learn_user_ids(play: Play) -> None:
    """Every firm reads its user ID in its mail."""
    folder = play.stage.data / "mail"

    def mailed() -> dict[str, str]:
        files = [path.read_text(encoding="utf8") for path in folder.glob("*.log")]
        letters = [letter for file in files for letter in file.split(_BETWEEN_LETTERS)]
        caught = {firm.username: _USER_ID.search(_to(firm.email, letters)) for firm in FIRMS}
        return {name: match.group() for name, match in caught.items() if match}

    play.user_ids = play.until("user IDs are mailed", lambda: len(rows := mailed()) == len(FIRMS) and rows)
    play.stage.keep_user_ids(play.user_ids)


def _to(address: str, letters: Iterable[str]) -> str:
    return "".join(letter for letter in letters if f"To: {address}\n" in letter)


def show_papers(play: Play, firm: Firm) -> None:
    """A firm shows its PAN card and declares its bank account; the office accepts both."""
    prove_pan(play, firm)
    declare_account(play, firm)


def prove_pan(play: Play, firm: Firm) -> None:
    """A firm hands in its PAN card, and the office that saw it accepts it (E-018)."""
    person, office = play.person(firm.username), play.person("mdo")
    card = {"card": ("pan.pdf", PAPER, "application/pdf")}
    page = person.open("/bidder/pan")
    person.send(page, lambda form: "card" in form.files, {"district": DISTRICT}, files=card, follow=False)
    waiting = re.search(r'href="(/office/pans/\d+/?)"', office.open(f"/office/pans/?q={firm.pan}").text)
    if waiting is None:
        raise Stuck(f"the PAN card of {firm.username} is not before the office")
    given = {"act": "accept", "reason": typed("card")}
    office.send(office.open(waiting[1]), lambda form: "reason" in form.fields, given, follow=False)


def declare_account(play: Play, firm: Firm) -> None:
    """A firm declares its bank account with a cheque, and the office accepts it (E-083)."""
    declared = {
        "relation": "own", "holder": firm.name_en, "bank": typed("bank"), "number": firm.account,
        "ifsc": "SBIN0001234", "district": DISTRICT,
        "proof": {"name": "cheque.pdf", "content": base64.b64encode(PAPER).decode()},
    }  # fmt: skip
    number = play.person(firm.username).call("/bank-accounts/acts/account.declare", declared)["number"]
    play.person("mdo").call(f"/bank-accounts/{number}/acts/account.accept", {"reason": typed("cheque")})


# -- things


def enter_things(play: Play) -> None:
    """The district takes in places, vehicles and devices from sheets, a driver and a river by hand."""
    office = play.person("mdo")
    for row in cast.DRIVERS:
        office.call("/drivers/acts/driver.enter", row)
    for row in cast.RIVERS:
        office.call("/rivers/acts/river.enter", row)
    vehicles, devices = cast.vehicle_rows(play.lorries, play.user_ids), cast.device_rows(play.lorries)
    for kind, rows in (("places", cast.PLACES), ("vehicles", vehicles), ("devices", devices)):
        _take_sheet(play, office, kind, rows)


def _take_sheet(play: Play, office: Person, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Hand in a sheet, have it checked, and take it in. Raises Stuck where a row is not taken."""
    sheet = office.call(f"/sheets/{kind}", files={"file": (f"{kind}.csv", _sheet(rows), "text/csv")})
    here = f"/sheets/{kind}/{sheet['id']}"
    checked = play.until(f"{kind} are checked", lambda: (row := office.ask(here))["state"] == "checked" and row)
    if checked["faults"]:
        raise Stuck(f"{kind}: {checked['faults']}")
    office.call(f"{here}/take")
    play.until(f"{kind} are taken in", lambda: office.ask(here)["state"] == "done")
