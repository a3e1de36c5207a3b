"""One more e-auction on a standing installation, played over its pages from the notice to the result.

Every stage is played once, when a test first asks for it, and the stages before it with it.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.doors.acts import act
from tests.doors.commands import PAPER
from tests.doors.http import PASSWORD, Api, ApiDoor, Form, Person, forms_of
from tests.doors.installation import Installation
from tests.doors.notices import CALLED_AGAIN, FREED, Programme, notice_text
from tests.doors.road import codes_in, words_of

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
FORM_3 = {"emd_bank": "SBI, Munger", "gst": "undertaking", "no_dues": "declaration", "declared_by": "As registered"}
#: Form 3 of who has too little turnover alone, and enough with a joint bidder.
JOINT: Mapping[str, Any] = {
    "turnover": 1_000_000,
    "members": "Bina Sands; ABCPE1234F; 5000000; 6000000; 7000000",
}
#: The terms, and the clauses that are ticked each by itself (AUC-172).
TICKS = dict.fromkeys(
    ("terms_read", "accept_own_it", "accept_security", "accept_hindrance", "accept_satisfied", "accept_not_mined"), "on"
)
REGISTRATION = {
    "signatory": "Ravi Kumar", "father_name": "Ram Narayan Singh", "correspondence_address": "Munger, Bihar",
    "permanent_address": "Munger, Bihar", "mobile": "9000000001", "aadhaar": "234123412346",
    "dsc_serial": "3FA11", "dsc_class": "3", "dsc_valid_until": "2028-03-31", "citizen": "on", "accept_terms": "on",
}  # fmt: skip


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has no user ID yet."""

    kind: str
    name: str
    pan: str
    account: str

    @property
    def email(self) -> str:
        return f"{self.name.replace(' ', '.').lower()}@example.invalid"


ASHA = Newcomer("individual", "Asha Devi", "ABCPA1234F", "31415926535")
NAV = Newcomer("company", "Nav Sands Ltd", "ABCCN1234F", "27182818284")


def sum_asked(html: str) -> str:
    """The answer to the small sum in words on a page."""
    numbers = re.search(r"How much is (\w+) plus (\w+)\?", html)
    assert numbers, words_of(html)
    return str(sum(_WORDS.index(word.lower()) for word in numbers.groups()))


def button(name: str, value: str) -> Callable[[Form], bool]:
    """The form that has this button, or sends this value by itself."""
    return lambda form: (name, value) in form.buttons or form.fields.get(name) == value


def once(stage: Callable[["Call"], Any]) -> Callable[["Call"], Any]:
    """A stage that is played when it is first asked for."""

    @wraps(stage)
    def played(self: "Call") -> Any:
        if stage.__name__ not in self.done:
            self.done[stage.__name__] = stage(self)
        return self.done[stage.__name__]

    return played


class Call:
    """An e-auction of two new ghats, ``first`` and ``second``, of one that is ``freed`` and one called ``again``."""

    def __init__(self, installation: Installation):
        self.at = installation
        self.done: dict[str, Any] = {}
        self.programme = Programme.after(installation.clock.now().date())
        self.notice = self.notice_code = self.form_3 = ""
        self.first = self.second = self.freed = self.again = ""
        self._user_ids: dict[str, str] = {}

    # -- people

    def sign_up(self, who: Newcomer, **changes: str) -> httpx.Response:
        """Ask for a user ID on the public page; the answer to its small sum is given."""
        visitor = self.at.page()
        page = visitor.open("/signup")
        given = {
            "kind": who.kind, "name_hi": who.name, "name_en": who.name, "pan": who.pan, "email": who.email,
            "phone": "9000000009", "password": PASSWORD, "sum": sum_asked(page.text), **changes,
        }  # fmt: skip
        return visitor.send(page, lambda form: "sum_token" in form.fields, given, lawful=False)

    def person(self, who: Newcomer | str) -> Person:
        """A newcomer under the user ID that was mailed to him, or somebody of the season."""
        if isinstance(who, str):
            return self.at.page(who)
        if who.name not in self._user_ids:
            assert self.sign_up(who).status_code == 200
            words = rf"user ID of {re.escape(who.name)} for e-auctions is (\w+)\."
            mailed = self.at.clock.until("the user ID is mailed", lambda: self.at.mailed(who.email, words))
            self._user_ids[who.name] = mailed[0]
        return self.at.page(self._user_ids[who.name])

    def register(self, who: Newcomer, **changes: str | None) -> httpx.Response:
        """Send the registration form; a change to None leaves a field out."""
        person = self.person(who)
        page = person.open("/bidder/")
        given = {**REGISTRATION, "email": who.email, "sum": sum_asked(page.text), **changes}
        return person.send(
            page,
            lambda form: "signatory" in form.fields,
            {name: value for name, value in given.items() if value is not None},
            lawful=False,
        )

    def declare_account(self, who: Newcomer) -> httpx.Response:
        """A newcomer declares its account with a cheque, and the office accepts it: the office's page of it."""
        person, paper = self.person(who), {"proof": ("cheque.pdf", PAPER, "application/pdf")}
        given = {
            "relation": "own", "holder": who.name, "bank": "SBI, Munger", "number": who.account, "ifsc": "SBIN0001234",
            "district": "Munger",
        }  # fmt: skip
        here = person.send(person.open("/bidder/accounts/"), lambda form: "ifsc" in form.fields, given, files=paper)
        officer = self.at.page("mdo")
        number = re.findall(r'href="/bidder/accounts/(\d+)/"', here.text)[0]
        page = officer.open(f"/office/accounts/{number}/")
        return officer.send(page, button("act", "accept"), {"reason": "Cheque shows it"})

    # -- applications

    def apply(self, who: Newcomer | str, lot: str, *, turnover: int = 9_000_000, **form_3: str) -> httpx.Response:
        """Send form 3 for a lot."""
        account = {} if isinstance(who, str) else {"bank_account": who.account}
        years = {f"turnover_{place}": str(turnover) for place in range(3)}
        given = {**account, **years, **TICKS, **form_3}
        person = self.person(who)
        page = person.open(f"/bidder/lots/{lot}/")
        return person.send(page, lambda form: "turnover_0" in form.fields, given, lawful=False)

    def upload(self, who: Newcomer | str, lot: str, content: bytes = PAPER, letters: str = "") -> httpx.Response:
        """Hand in these papers of clause 7, all that are asked where none is named."""
        person, here = self.person(who), f"/bidder/lots/{lot}/"
        page = person.open(here)
        asked = next(form.files for form in forms_of(page.text) if form.fields.get("act") == "papers")
        papers = {letter: (f"{letter}.pdf", content, "application/pdf") for letter in letters or asked}
        return person.send(page, lambda form: form.fields.get("act") == "papers", files=papers)

    def pay(self, who: Newcomer | str, path: str, account: str) -> None:
        """Pay a demand at the bank from an account."""
        person = self.person(who)
        bank = person.send(person.open(path), lambda form: form.method == "post" and not form.action)
        person.send(bank, lambda form: "account" in form.fields, {"act": "pay", "account": account})

    def pay_for(self, who: Newcomer | str, lot: str, account: str) -> None:
        """Pay document fee and earnest money of a lot."""
        page = self.person(who).open(f"/bidder/lots/{lot}/").text
        for path in sorted(set(re.findall(r'href="(/pay/[^"]+)"', page))):
            self.pay(who, path, account)

    def block(self, lot: str) -> str:
        """The code of a lot's ghat, as the public auction room links it."""
        return re.findall(r'href="/ghats/([\w-]+)/"', self.at.page().open(f"/auctions/{lot}/").text)[0]

    def apply_whole(self, who: Newcomer, lot: str, joint: Mapping[str, Any] | None = None) -> None:
        """Form 3 (with a joint bidder), every paper, fee and earnest money."""
        assert self.apply(who, lot, **FORM_3, **(joint or {})).status_code == 200
        self.upload(who, lot)
        self.pay_for(who, lot, who.account)

    # -- the office

    def verify(self, *, reason: str = "", of: str = "") -> dict[str, tuple[str, ...]]:
        """The district verifies what was paid (by one party); the codes by receipt of what it may not."""
        officer, refused = self.at.page("mdo"), {}
        rows = [row for row in officer.open("/office/payments/").text.split("<tr") if of in row]
        for number in dict.fromkeys(re.findall(r'href="/office/payments/([^"/?]+)/"', "".join(rows))):
            page = officer.open(f"/office/payments/{number}/")
            fields = {"act": "verify", "reason": reason}
            answer = officer.send(page, button("act", "verify"), fields, lawful=False)
            if answer.status_code >= 400:
                refused[number] = codes_in(answer.text)
        return refused

    def applications(self, lot: str) -> dict[str, str]:
        """The office's sections on a lot's applications, by the name of the bidder."""
        html = self.at.page("mdo").open(f"/office/auctions/{lot}/").text
        sections = html.split('<section class="card" id="bid-')[1:]
        return {re.findall(r"<h3[^>]*>([^<]*)</h3>", section)[0].strip(): section for section in sections}

    def decide(self, lot: str, bid: str, verdict: str, reasons: str = "") -> httpx.Response:
        """The committee's decision on one application."""
        officer = self.at.page("mdo")
        page = officer.open(f"/office/auctions/{lot}/")
        wanted = {"bid": bid, "act": verdict}
        return officer.send(
            page, lambda form: wanted.items() <= form.fields.items(), {"reasons": reasons}, lawful=False
        )

    def after(self, lot: str, act: str, by: str = "collector", **order: str) -> httpx.Response:
        """An order of the office after an auction."""
        officer = self.at.page(by)
        given = {"act": act, "number": f"{act}/26", "on": f"{self.at.clock.now():%Y-%m-%d}", **order}
        return officer.send(officer.open(f"/office/auctions/{lot}/after/"), button("act", act), given, lawful=False)

    def order(self, lot: str, act: str, **order: str) -> None:
        """An order on a running auction: the mining office asks, the Collector confirms."""
        asking, confirming, here = self.at.page("mdo"), self.at.page("collector"), f"/office/auctions/{lot}/orders/"
        asking.send(asking.open(here), button("act", act), {"scope": "lot", **order})
        confirming.send(confirming.open(here), button("do", "confirm"), {"do": "confirm"})

    def bid(self, who: Newcomer | str, lot: str, steps: int) -> Mapping[str, Any]:
        """One bid by the API: its answer, and the codes that refuse it under ``codes``."""
        program = Api(self.person(who))
        highest = program.get(f"/api/v1/lots/{lot}")["highest_rupees"]
        sent = {"steps": steps, "key": uuid.uuid4().hex, "expected_highest": highest or 0}
        answer = program.post(f"/api/v1/lots/{lot}/bids", sent).json()
        return {**answer, "codes": [row["code"] for row in answer.get("findings", [])]}

    # -- the stages

    @once
    def cancelled(self) -> dict[str, tuple[int, list[str]]]:
        """A settlement is cancelled: the answers before its settlee was asked, and after he replied."""
        api, order = ApiDoor(self.at.page), {"reference": "DM/301", "reason": "Sub-lease", "sure": True}
        before = act(api, "collector", FREED, "cancel", **order)
        act(api, "collector", FREED, "issue_notice", kind="show_cause", grounds="Sub-lease of the ghat")
        self.at.clock.until("the notice is out", lambda: self._notice_to("sitakund"))
        waiting = act(api, "collector", FREED, "cancel", **order)
        act(api, "sitakund", FREED, "reply_to_notice", notice=self._notice_to("sitakund"), reply="No sub-lease")
        return {"before": before, "waiting": waiting, "after": act(api, "collector", FREED, "cancel", **order)}

    def codes_of_recommending(self, lot: str) -> list[str]:
        """What the Collector's page says against recommending a lot to the department now."""
        offers = ApiDoor(self.at.page)("collector").get(f"/api/v1/lots/{lot}/acts")
        offer = next(offer for offer in offers if offer["name"] == "lot.recommend_single")
        return [row["code"] for row in offer["findings"]]

    def _notice_to(self, settlee: str) -> str:
        """The number of the notice that waits for a settlee's answer."""
        page = self.at.page(settlee).open(f"/settlee/leases/{FREED}/life/").text
        choices = [form.choices.get("notice") for form in forms_of(page)]
        return next((numbers[-1] for numbers in choices if numbers), "")

    @once
    def published(self) -> httpx.Response:
        """Two ghats are free again, and the notice is taken in: its page."""
        assert self.cancelled()["after"][0] == 200
        self.done["too early"] = self.codes_of_recommending(CALLED_AGAIN)
        assert self.after(CALLED_AGAIN, "retender", reason="Single tender").status_code == 200
        self.notice_page = self.take_in(notice_text(self.programme, "002401"))
        self.notice = urlsplit(str(self.notice_page.url)).path
        self.notice_code = re.findall(r'href="/notices/([\w-]+)/"', self.notice_page.text)[0]
        rows = re.findall(r'id="row-(\d)".*?/office/auctions/([\w-]+)/', self.notice_page.text, re.S)
        self.first, self.second, self.freed, self.again = dict(sorted(rows)).values()
        return self.notice_page

    def check(self, text: str) -> httpx.Response:
        """The office's report on a notice that is not taken in yet."""
        officer = self.at.page("mdo")
        given = {"file": ("notice.txt", text.encode(), "text/plain")}
        return officer.send(officer.open("/office/notices/"), lambda form: "file" in form.files, files=given)

    def take_in(self, text: str) -> httpx.Response:
        """Check a notice and take it in: its page, or the answer that refuses it."""
        report = self.check(text)
        return self.at.page("mdo").send(report, button("act", "import"), {"act": "import"}, lawful=False)

    @once
    def begun(self) -> None:
        """The bidders are registered, and documents can be had."""
        self.published()
        for who in (ASHA, NAV):
            assert self.register(who).status_code == 200
            self.declare_account(who)
        self.at.clock.to(self.programme.at("documents_from", 9))

    @once
    def applied(self) -> None:
        """Two bidders hand in everything; Kaushiki hands in little, and pays from a strange account."""
        self.begun()
        sold = (self.first, self.second, self.freed)
        for who, lots in ((ASHA, (*sold, self.again)), (NAV, sold)):
            for lot in lots:
                self.apply_whole(who, lot, JOINT if lot == self.again else None)
        assert self.apply("kaushiki", self.first, turnover=1_000_000, gst="", no_dues="").status_code == 200
        self.upload("kaushiki", self.first, letters="\u0915")
        self.pay_for("kaushiki", self.first, "999000111222")

    @once
    def verified(self) -> dict[str, tuple[str, ...]]:
        """The district verifies the newcomers, whose accounts it knows; what it may not of Kaushiki's, by receipt."""
        self.applied()
        self.form_3 = words_of(self.person("kaushiki").open(f"/bidder/lots/{self.first}/").text)
        assert self.form_3.count("Paid, waiting for verification") == 2
        for who in (ASHA, NAV):
            assert self.verify(of=who.name) == {}
        return self.verify(of="Kaushiki")

    @once
    def under_scrutiny(self) -> None:
        """The last date is over."""
        self.verified()
        self.verify(reason="Account of a director")
        self.at.clock.to(self.programme.at("last", 17, 1))

    @once
    def judged(self) -> None:
        """The committee passes whom the rules let pass, and fails Kaushiki."""
        self.under_scrutiny()
        for lot in (self.first, self.second, self.freed, self.again):
            for name, section in self.applications(lot).items():
                if name != "Kaushiki Infra Ltd":
                    assert self.decide(lot, section.partition('"')[0], "pass").status_code == 200
        failing = self.applications(self.first)["Kaushiki Infra Ltd"].partition('"')[0]
        assert self.decide(self.first, failing, "fail", "Papers missing").status_code == 200

    @once
    def listed(self) -> None:
        """The Collector publishes the list of the technically successful."""
        self.judged()
        collector = self.at.page("collector")
        collector.send(collector.open(self.notice), button("act", "list"), {"act": "list"})

    @once
    def opened(self) -> None:
        """Bidding begins."""
        self.listed()
        self.at.clock.to(self.programme.at("auction", 11))

    @once
    def bidden(self) -> None:
        """Asha opens, Nav goes above her; in the ghat that is called again Asha is alone."""
        self.opened()
        for lot in (self.first, self.second, self.freed):
            assert self.bid(ASHA, lot, 0)["accepted"] and self.bid(NAV, lot, 1)["accepted"]
        assert self.bid(ASHA, self.again, 1)["accepted"]

    @once
    def closed(self) -> None:
        """The end is over and the results are out."""
        self.bidden()
        self.at.clock.to(self.programme.at("auction", 13, 1))
        visitor = self.at.page().http
        for lot in (self.first, self.freed, self.again):
            self.at.clock.until(
                f"the result of {lot}", lambda lot=lot: visitor.get(f"/data/auctions/{lot}.json").status_code == 200
            )
