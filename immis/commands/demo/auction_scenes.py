"""May and June: the notice is taken in, firms apply and pay, the district decides, 22 lots are bid for at once."""

import base64
import re
import uuid
from collections.abc import Iterable
from functools import partial
from importlib.resources import files

from stdnum import verhoeff

from immis.commands.demo.cast import FIRMS, Firm
from immis.commands.demo.department import sum_asked
from immis.commands.demo.people import PAPER, Person, forms_of
from immis.commands.demo.play import Play

#: The terms, and the clauses that are ticked each by itself (AUC-172).
_TICKS = ("terms_read", "accept_own_it", "accept_security", "accept_hindrance", "accept_satisfied", "accept_not_mined")
SINGLE_TENDER = "MUN-2026-22"
NOBODY_BIDS = "MUN-2026-21"
EXTENDED = ("MUN-2026-01", "MUN-2026-07")
#: Who wins the lots that the season follows to the truck on the road.
WINNERS = {
    "MUN-2026-01": "gangotri",
    "MUN-2026-02": "angpradesh",
    "MUN-2026-07": "shivam",
    "MUN-2026-13": "kaushiki",
    "MUN-2026-17": "sitakund",
    "MUN-2026-18": "mirkasim",
}


def munger_notice() -> bytes:
    """The notice of Munger as it was published."""
    return files("immis.adapters.notices").joinpath("samples/munger_2026.txt").read_bytes()


def terms_of(notice: bytes) -> str:
    """The terms in the text of a notice: its clauses from (1) on, to the last that has a number; forms come behind."""
    text = notice.decode()
    numbered = list(re.finditer(r"^- \([ivx]+\) .*$", text, re.M))
    return text[text.index("\n(1) ") + 1 : numbered[-1].end()]


def publish_terms(play: Play, number: str, notice: bytes) -> None:
    """The terms stand on the page of the notice, for everybody to read (E-013, E-064)."""
    part = {"part": "terms", "text": terms_of(notice)}
    play.person("mdo").call(f"/notices/{number}/acts/notice.add_part", part)


def take_in_notice(play: Play, username: str, text: bytes) -> str:
    """A district's officer gives the published text and takes it in (E-001…E-012); answers its record's number."""
    officer = play.person(username)
    page = officer.open("/office/notices/")
    report = officer.send(page, lambda form: "file" in form.files, files={"file": ("notice.txt", text, "text/plain")})
    taken = officer.send(report, lambda form: ("act", "import") in form.buttons, {"act": "import"})
    return str(taken.url).rstrip("/").rsplit("/", 1)[-1]


def lots_of(play: Play) -> list[str]:
    """Codes of all lots, as the open API lists them."""
    return [lot["code"] for lot in play.api("/api/v1/lots") if lot["code"].startswith("MUN-")]


def applicants(lots: Iterable[str]) -> dict[str, list[Firm]]:
    """Two firms for each lot, the later winner among them; one only where a single tender is played."""
    by_name = {firm.username: firm for firm in FIRMS}
    chosen: dict[str, list[Firm]] = {}
    for number, lot in enumerate(lots):
        first = by_name[WINNERS[lot]] if lot in WINNERS else FIRMS[number % len(FIRMS)]
        second = FIRMS[(FIRMS.index(first) + 3) % len(FIRMS)]
        chosen[lot] = [first] if lot == SINGLE_TENDER else [first, second]
    return chosen


def apply(play: Play, chosen: dict[str, list[Firm]]) -> None:
    """Every firm registers, applies, uploads its papers, and pays document fee and earnest money (E-014…E-055)."""
    wanted = {firm: [lot for lot, firms in chosen.items() if firm in firms] for firm in FIRMS}
    play.at_once(partial(_register, play, firm) for firm in FIRMS)
    play.at_once(partial(apply_for_all, play, firm, lots) for firm, lots in wanted.items())


def _register(play: Play, firm: Firm) -> None:
    person = play.person(firm.username)
    page = person.open("/bidder/")
    given = {**_registration(firm), "sum": sum_asked(page.text)}
    person.send(page, lambda form: "accept_terms" in form.choices, given, follow=False)


def _registration(firm: Firm) -> dict[str, str]:
    """The registration form as a firm fills it in; the numbers are made up."""
    body = f"29{sum(map(ord, firm.pan)):09d}"
    return {
        "signatory": firm.name_en,
        "father_name": "Ram Narayan Singh",
        "correspondence_address": "Munger, Bihar",
        "permanent_address": "Munger, Bihar",
        "mobile": "9000000001",
        "email": firm.email,
        "aadhaar": body + verhoeff.calc_check_digit(body),
        "dsc_serial": f"3F{firm.pan}",
        "dsc_class": "3",
        "dsc_valid_until": "2028-03-31",
        "citizen": "on",
        "accept_terms": "on",
    }


def apply_for_all(play: Play, firm: Firm, lots: Iterable[str]) -> None:
    """A firm applies for some lots, one after the other."""
    for lot in lots:
        _apply_for(play, firm, lot)


def _apply_for(play: Play, firm: Firm, lot: str) -> None:
    """Form 3, every paper that the page asks for, and what is to be paid."""
    person = play.person(firm.username)
    turnover = {f"turnover_{place}": rupees for place, rupees in enumerate(firm.turnover_rupees)}
    form_3 = {"emd_bank": "SBI, Munger", "gst": "undertaking", "no_dues": "declaration", "declared_by": firm.name_en}
    given = {"bank_account": firm.account, **turnover, **form_3, **dict.fromkeys(_TICKS, True)}
    number = person.call(f"/lots/{lot}/acts/lot.apply", given)["made"]
    page = person.open(f"/bidder/lots/{lot}/").text
    letters = next((form.files for form in forms_of(page) if form.fields.get("act") == "papers"), [])
    content = base64.b64encode(PAPER).decode()
    papers = {letter: {"name": f"{letter}.pdf", "content": content} for letter in letters}
    person.call(f"/applications/{number}/acts/application.hand_in", papers)
    for demand in sorted(set(re.findall(r'href="/pay/([^"/]+)/?"', page))):
        play.pay(person, demand)


def scrutinise(play: Play, lots: Iterable[str], username: str = "mdo") -> None:
    """The tender committee passes every bid that the rules allow (E-056)."""
    play.at_once(partial(_scrutinise, play.person(username), lot) for lot in lots)


def _scrutinise(officer: Person, lot: str) -> None:
    page = officer.open(f"/office/auctions/{lot}/").text
    for bid in [form.fields["bid"] for form in forms_of(page) if form.fields.get("act") == "pass"]:
        officer.call(f"/applications/{bid}/acts/application.declare_successful")


def bid(person: Person, lot: str, steps: int) -> bool:
    """One bid; the answer says whether it was accepted."""
    payload = {"steps": steps, "key": uuid.uuid4().hex}
    return bool(person.call(f"/lots/{lot}/bids", payload, lawful=False).get("accepted"))


def open_bidding(play: Play, chosen: dict[str, list[Firm]]) -> None:
    """The first two hours: the second firm opens, the first goes above it, in every lot at once."""
    play.at_once(partial(_first_bids, play, lot, firms) for lot, firms in chosen.items())


def _first_bids(play: Play, lot: str, firms: list[Firm]) -> None:
    if lot == NOBODY_BIDS:
        return
    if lot == SINGLE_TENDER:
        bid(play.person(firms[0].username), lot, 1)
        return
    winner, rival = (play.person(firm.username) for firm in firms)
    bid(rival, lot, 0)
    if lot not in EXTENDED:
        bid(winner, lot, 2)


def last_minutes(play: Play) -> None:
    """Three minutes before the end somebody bids: the time is extended by one hour, once (E-061)."""
    for lot in EXTENDED:
        bid(play.person(WINNERS[lot]), lot, 1)


def extended_hour(play: Play, chosen: dict[str, list[Firm]]) -> None:
    """In the extended hour the rival answers and the winner closes at three increments above the reserve (E-173)."""
    for lot in EXTENDED:
        winner, rival = (play.person(firm.username) for firm in chosen[lot])
        bid(rival, lot, 1)
        bid(winner, lot, 1)


def results_are_out(play: Play, lots: Iterable[str]) -> bool:
    """Whether the audit document of every lot is published."""
    return all(play.visitor.get(f"/data/auctions/{lot}.json").status_code == 200 for lot in lots)
