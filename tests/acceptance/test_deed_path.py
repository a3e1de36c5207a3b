"""From the result to the mining permission: gates, time limits and warnings, on a settlement of the further notice."""

from datetime import date, timedelta
from itertools import count

import pytest

from tests.doors import NAV, act, against, codes_in, desk, dues_of, finish, india, words_of

#: Settled in June, a letter of intent since, and no mining plan until now.
WITHOUT_PLAN, ITS_SETTLEE = "MUN-2026-04", "kaushiki"
DIRECTOR_PAN = "ABCPK1234L"
STATEMENT = {
    "members": f"Ravi Kumar;{DIRECTOR_PAN};director;1500000;7250000", "movable": 9000000, "immovable": 22000000,
}  # fmt: skip
NUMBERS = count(1)  # of orders and cases: a number that was used answers the record that it made


@pytest.fixture
def path(call, api):
    """The settlement of the further auction, on its way."""
    return Path(call, api)


class Path:
    """The way of one settlement; every stage is played once in a session."""

    def __init__(self, call, api):
        self.call, self.api = call, api

    @property
    def done(self):
        """What was reached, and what was answered on the way."""
        return self.call.done

    @property
    def lease(self):
        return self._settled("path", lambda: self.call.first, 6885000 + 688500)

    @property
    def waiting(self):
        """The settlement of the ghat that was freed: nothing is paid or handed in, and no letter was issued."""
        return self._settled("waiting", lambda: self.call.freed, 13860000 + 1386000)

    def _settled(self, name, lot, bid_rupees):
        if name not in self.done:
            self.call.closed()
            rows = self.call.at.clock.until("the settlement is open", lambda: self.rows(lot(), bid_rupees))
            self.done[name] = rows[0]["code"]
        return self.done[name]

    def rows(self, lot, bid_rupees):
        block = self.call.block(lot)
        rows = self.api("mdo").get("/api/v1/leases")
        return [row for row in rows if (row["block"], row["bid_rupees"]) == (block, bid_rupees)]

    @property
    def today(self):
        return self.call.at.clock.now().date()

    def on(self, name):
        """The day on which a stage was reached."""
        return self.done[f"path:{name}"]

    def act(self, who, name, **fields):
        return act(self.api, who, self.lease, name, **fields)

    def both(self, name, **fields):
        """The mining office proposes and the Collector issues."""
        assert self.act("mdo", name, **fields) == (200, [])
        return self.act("collector", name, **fields)

    def reach(self, name):
        """Play the stages up to one."""
        for stage in STAGES[: STAGES.index(name) + 1]:
            if f"path:{stage}" not in self.done:
                self.done[f"path:{stage}"] = getattr(self, stage)()

    def letter(self):
        """Security, papers, members, letter of intent."""
        self.done["before"] = self.way()
        self.papers(self.lease)
        assert self.both("issue_loi", on=str(self.today)) == (200, [])
        return self.today

    def way(self):
        """The words of the office's page of the settlement."""
        return words_of(self.call.at.page("mdo").open(f"/office/leases/{self.lease}/").text)

    def papers(self, lease):
        """The security is paid and verified, copies and the statements of the members are received."""
        for row in dues_of(self.call.person(NAV), lease, "security"):
            self.call.pay(NAV, f"/pay/{row['demand']}/", NAV.account)
        self.call.verify(reason="Account of the application")
        self.members(lease)
        assert act(self.api, "mdo", lease, "record_documents", on=str(self.today))[0] == 200

    def members(self, lease):
        """The statements of the members are received, once."""
        if f"members:{lease}" not in self.done:
            given = {"on": str(self.today), **STATEMENT}
            assert act(self.api, "mdo", lease, "record_assets", **given)[0] == 200
            self.done[f"members:{lease}"] = True

    def with_a_case(self, ask):
        """What is answered while a certificate case runs against a director; it is closed again."""
        officer, number = self.call.at.page("mdo"), f"NP/{next(NUMBERS)}"
        case = {
            "pan": DIRECTOR_PAN, "name": "Ravi Kumar", "case_number": number, "office": "Munger",
            "amount": "5000", "filed_on": str(self.today),
        }  # fmt: skip
        form = officer.open("/registers/certificate_cases/new/enter/")
        kept = officer.send(form, lambda form: "case_number" in form.fields, case)
        answer = ask()
        closing = officer.open(f"{kept.url.path}acts/close/")
        officer.send(closing, lambda form: "close_order" in form.fields, {"close_order": f"{number}/closed"})
        return answer

    def with_a_bar(self, ask):
        """What is answered while an order bars a director from tenders; it is lifted again."""
        officer, number = self.call.at.page("hq"), f"S/{next(NUMBERS)}"
        bar = {
            "pan": DIRECTOR_PAN, "name": "Ravi Kumar", "cause": "other", "order_number": number, "source": "Ranchi",
            "from_on": str(self.today), "until_on": str(self.today + timedelta(days=90)),
        }  # fmt: skip
        form = officer.open("/registers/debarments/new/enter/")
        kept = officer.send(form, lambda form: "order_number" in form.fields, bar)
        answer = ask()
        lifting = officer.open(f"{kept.url.path}acts/lift/")
        officer.send(lifting, lambda form: "lift_order" in form.fields, {"lift_order": f"{number}/lifted"})
        return answer

    def plan(self):
        """The mining plan, applied for and approved on the next two days."""
        self._tomorrow()
        self.done["rqp"] = self.accredited("Arun Kumar", self.today + timedelta(days=400))
        assert self.act("mdo", "record_plan_applied", on=str(self.today), rqp=self.done["rqp"]) == (200, [])
        return self._granted("plan", 91800)

    def accredited(self, name, until):
        """An accreditation entered in the register of RQPs: its number there."""
        officer = self.call.at.page("mdo")
        entry = {
            "name": name, "accreditation_no": f"NABET/{next(NUMBERS)}", "accredited_by": "qci_nabet",
            "valid_until": str(until),
        }  # fmt: skip
        kept = officer.send(
            officer.open("/registers/rqps/new/enter/"), lambda form: "valid_until" in form.fields, entry
        )
        return str(kept.url).rstrip("/").rsplit("/", 1)[-1]

    def clearance(self):
        """The environmental clearance, applied for too late, for less than the plan."""
        self.call.at.clock.to(self.call.at.clock.now() + timedelta(days=17))
        self.done["late ec"] = self.act("mdo", "record_ec_applied", on=str(self.today))
        return self._granted("ec", 60000)

    def consents(self):
        """The consents, applied for too late."""
        self.call.at.clock.to(self.call.at.clock.now() + timedelta(days=9))
        self.done["late consents"] = self.act("mdo", "record_cte_cto_applied", on=str(self.today))
        return self._granted("cte_cto", 91800)

    def deed(self):
        """The first instalment, and the deed."""
        nav = self.call.person(NAV)
        row = dues_of(nav, self.lease, "instalment")[0]
        self.call.pay(NAV, f"/pay/{row['demand']}/", NAV.account)
        self.call.verify(reason="Account of the application")
        assert self.both("execute_deed", on=str(self.today)) == (200, [])
        return self.today

    def _tomorrow(self):
        self.call.at.clock.to(self.call.at.clock.now() + timedelta(days=1))

    def _granted(self, kind, quantity_m3):
        self._tomorrow()
        order = {"on": str(self.today), "reference": f"{kind}/1", "quantity_m3": quantity_m3}
        status, self.done[f"granted {kind}"] = self.act("mdo", f"record_{kind}_granted", **order)
        assert status == 200
        return self.today


STAGES = ["letter", "plan", "clearance", "consents", "deed"]


def day(on):
    return f"{on:%d.%m.%Y}"


@pytest.mark.row("E-079", "E-085", "E-086")
def test_the_letter_of_intent_waits_for_security_copies_and_the_members_of_a_body(page, api, path):
    refused = act(api, "mdo", path.waiting, "issue_loi", on=str(path.today))
    assert refused == (409, ["LSE-01", "LSE-02", "LSE-03"])
    shut = words_of(page("mdo").open(f"/office/leases/{path.waiting}/").text)
    closed_on = path.call.programme.auction_on
    assert f"have not been received (due {day(closed_on + timedelta(days=2))})" in shut
    assert "The MDO is answerable in person; the LoI issues only after receipt." in shut
    nobody = {**STATEMENT, "members": "Ravi Kumar;ABCPK1234L;director"}  # what he owns is not stated
    assert act(api, "mdo", path.waiting, "record_assets", on=str(path.today), **nobody)[0] == 422
    path.reach("letter")
    listed = words_of(page("mdo").open(f"/office/leases/{path.lease}/").text)
    assert "Ravi Kumar" in listed and "movable ₹ 15,00,000 · immovable ₹ 72,50,000" in listed
    letter = path.call.person(NAV).open(f"/leases/{path.lease}/loi.pdf")
    assert letter.content.startswith(b"%PDF")
    assert path.act("mdo", "issue_loi", on=str(path.today))[1] == ["LSE-10"]


@pytest.mark.row("E-024")
def test_the_directors_of_a_company_meet_the_tests_of_a_bidder(page, api, path):
    kinds = page().open("/signup").text
    assert all(f'value="{kind}"' in kinds for kind in ("individual", "proprietor", "partnership", "company"))
    assert 'value="society"' in kinds and 'value="cooperative"' in kinds
    path.members(path.waiting)
    ask = lambda: act(api, "mdo", path.waiting, "issue_loi", on=str(path.today))  # noqa: E731
    assert "AUC-109" not in ask()[1]
    status, codes = path.with_a_case(ask)
    assert status == 409 and "AUC-109" in codes
    status, codes = path.with_a_bar(ask)
    assert status == 409 and "AUC-175" in codes
    assert "AUC-175" not in ask()[1]


@pytest.mark.row("E-088", "E-080")
def test_the_mining_plan_is_due_thirty_days_after_the_letter(page, api, path):
    path.reach("letter")
    until = path.on("letter") + timedelta(days=30)
    assert f"mining plan {day(until)}" in limits(page, path)
    over = path.accredited("Old Hand", path.today - timedelta(days=1))
    assert act(api, "mdo", WITHOUT_PLAN, "record_plan_applied", on=str(path.today), rqp=over) == (409, ["LSE-78"])
    late, findings = act(api, "mdo", WITHOUT_PLAN, "record_plan_applied", on=str(path.today))
    assert late == 200 and findings == ["LSE-04", "LSE-78"]  # and a plan that names nobody is warned of
    path.reach("plan")
    papers = words_of(page("mdo").open(f"/leases/{path.lease}/clearances/").text)
    assert f"Arun Kumar · {path.done['rqp']}" in papers
    assert day(path.on("plan") + timedelta(days=15)) in limits(page, path)  # application for the EC


def limits(page, path):
    """The time limits that run, on the office's page of orders and notices."""
    words = words_of(page("mdo").open(f"/office/leases/{path.lease}/life/").text)
    return words.partition("Time limits that run")[2].partition("Plan and EC are obtained by")[0]


@pytest.mark.row("E-090", "E-091", "E-174")
def test_ec_and_consents_are_applied_for_in_fifteen_and_seven_days_and_late_is_written_down(page, api, path):
    path.reach("clearance")
    assert path.done["late ec"] == (200, ["LSE-05"])
    assert day(path.on("clearance") + timedelta(days=7)) in limits(page, path)
    path.reach("consents")
    assert path.done["late consents"] == (200, ["LSE-06"])
    before, closed_on = path.done["before"], path.call.programme.auction_on
    assert day(closed_on + timedelta(days=5)) in before and day(closed_on + timedelta(days=2)) in before


@pytest.mark.row("E-089")
def test_the_check_of_a_plan_by_another_agency_is_paid_by_the_settlee(page, api, path):
    path.reach("plan")
    order = {"reference": f"DM/{next(NUMBERS)}", "agency": "IIT Patna", "cost": "45000.00"}
    assert path.act("mdo", "order_plan_check", **order)[0] in (403, 404)
    before = costs(path)
    assert path.act("collector", "order_plan_check", **order)[0] == 200
    (demand,) = costs(path).keys() - before.keys()
    assert costs(path)[demand] == (4500000, str(path.today + timedelta(days=30)))


def costs(path):
    """What a settlee owes for checks of the plan: amount and last day, by the number of the demand."""
    rows = path.call.person(NAV).open(f"/api/v1/leases/{path.lease}/dues").json()
    return {row["demand"]: (row["amount_paise"], row["due_on"]) for row in rows if row["amount_paise"] == 4500000}


@pytest.mark.row("E-092", "E-093")
def test_the_least_quantity_of_the_clearances_is_permitted_and_the_amount_stays(page, api, path):
    path.reach("consents")
    newer = {"kind": "ec", "reference": f"ec/{next(NUMBERS)}", "quantity_m3": 60000}
    assert path.act("mdo", "renew_clearance", granted_on=str(path.today), **newer) == (200, ["LSE-15"])
    papers = words_of(page("mdo").open(f"/leases/{path.lease}/clearances/").text)
    assert "Permitted quantity: the least of the newest versions: 60,000" in papers
    first = dues_of(path.call.person(NAV), path.lease, "instalment")[0]
    assert first["amount_paise"] == 7573500 * 100 // 2


@pytest.mark.row("E-076", "E-087", "E-095", "E-043")
def test_no_deed_before_the_clearances_and_no_work_before_deed_payment_and_gst(page, api, path):
    for too_early in ("execute_deed", "grant_permission"):  # no clearance is granted, no deed executed
        assert against(api, "mdo", WITHOUT_PLAN, too_early) == ["LSE-10"]
    path.reach("consents")
    settlee, papers = path.call.person(NAV), f"/leases/{path.lease}"
    assert settlee.open(f"{papers}/deed.pdf").content.startswith(b"%PDF")  # a draft before, the deed after
    if "path:deed" not in path.done:
        assert path.act("mdo", "execute_deed", on=str(path.today))[1] == ["LSE-08"]
    path.reach("deed")
    row = next(row for row in api("mdo").get("/api/v1/leases") if row["code"] == path.lease)
    assert row["deed_on"] == str(path.on("deed"))
    end = date.fromisoformat(row["deed_on"]) - timedelta(days=1)
    assert f"{end:%d.%m}.{end.year + 5}" in words_of(page("mdo").open(f"/office/leases/{path.lease}/").text)
    assert {"LSE-14", "LSE-20"} <= set(path.act("mdo", "grant_permission")[1])
    assert settlee.http.get(f"{papers}/work-order.pdf").status_code == 404
    assert page("mdo").open("/leases/MUN-2026-02/work-order.pdf").content.startswith(b"%PDF")


@pytest.mark.row("E-148")
def test_boundary_pillars_are_certified_by_an_rqp_or_the_circle_officer_before_mining(page, api, path):
    path.reach("deed")
    pillars = {"on": str(path.today), "certified_by": "R. K. Sinha", "reference": "RQP/7"}
    assert path.act("mdo", "record_demarcation", pillars=3, present=["rqp"], **pillars) == (409, ["LSE-19"])
    assert path.act("mdo", "record_demarcation", pillars=4, present=[], **pillars) == (409, ["LSE-19"])
    assert "LSE-20" in path.act("mdo", "grant_permission")[1]
    assert path.act("mdo", "record_demarcation", pillars=4, present=["rqp"], **pillars)[0] == 200
    assert "LSE-20" not in path.act("mdo", "grant_permission")[1]


@pytest.mark.row("E-107")
def test_no_mining_where_a_prohibited_area_is_drawn(page, api, path):
    path.reach("deed")
    corners = api().get(f"/api/v1/blocks/{path.call.block(path.call.first)}")["corners"]
    given = {
        "name_hi": "Vikramshila", "name_en": "Dolphin sanctuary", "kind": "no_go", "district": "Munger",
        "corners": "\n".join(f"{lat}, {lon}" for lat, lon in corners), "valid_from": str(path.today),
        "reason": "Gazette", "reference": "DFO/3",
    }  # fmt: skip
    officer = page("mdo")
    drawn = officer.send(officer.open("/fences/new/"), lambda form: "corners" in form.fields, given)
    assert "Dolphin sanctuary" in words_of(drawn.text)
    path.act("mdo", "record_gst", on=str(path.today))
    pillars = {"on": str(path.today), "certified_by": "R. K. Sinha", "reference": "RQP/7", "pillars": 4}
    path.act("mdo", "record_demarcation", present=["rqp"], **pillars)
    assert path.act("mdo", "grant_permission") == (409, ["LSE-52"])
    assert "square metres of the ghat lie in" in words_of(officer.open(f"/office/leases/{path.lease}/").text)


@pytest.mark.row("A-20")
def test_where_a_proposal_stands_on_parivesh_is_followed_to_the_desk(page, clock, path, installation):
    path.reach("clearance")
    officer, here = page("mdo"), f"/leases/{path.lease}/clearances/"
    number = f"SIA/BR/MIN/{450000 + next(NUMBERS)}/2026"  # a new one is asked for at once

    def follow(text):
        given = {"act": "proposal", "kind": "ec", "number": text}
        fits = lambda form: form.fields.get("act") == "proposal" and "kind" in form.choices  # noqa: E731
        return officer.send(officer.open(here), fits, given, lawful=False)

    refused = follow("Proposal 450001")
    assert refused.status_code == 409 and "LSE-33" in codes_in(refused.text)
    finish(officer, desk(officer, "TRG-30", ""))
    status = f"Referred to SEAC, meeting {next(NUMBERS)}"
    installation.portal.move(number, status, f"{path.today}")
    assert number in words_of(follow(number).text)
    clock.until("PARIVESH has answered", lambda: status in words_of(officer.open(here).text))
    installation.settle()
    assert any(status in row for row in desk(officer, "TRG-30", number))


@pytest.mark.row("E-113", "E-114")
def test_plan_and_clearance_of_a_cancelled_settlement_pass_to_the_next_settlee(page, api, path):
    lease = path.waiting
    path.papers(lease)
    for who in ("mdo", "collector"):
        assert act(api, who, lease, "issue_loi", on=str(path.today))[0] == 200
    papers = page("mdo").open(f"/leases/{lease}/clearances/").text
    assert "PLAN/MUN-2026-17" in papers and " EC/MUN-2026-17" in words_of(papers)
    assert "CTE_CTO/MUN-2026-17" not in papers and papers.count("/law/LSE-27/") == 2


@pytest.mark.row("E-123")
def test_a_month_without_an_answer_on_a_structure_in_the_stream_is_no_objection(page, clock, path):
    officer, here = page("mdo"), f"/leases/{WITHOUT_PLAN}/clearances/"
    asked = {"act": "water", "on": f"{clock.now():%Y-%m-%d}", "reference": "WRD/12"}
    sent = officer.send(officer.open(here), lambda form: form.fields.get("act") == "water", asked)
    assert "Water Resources" in words_of(sent.text) and "No objection by silence" not in words_of(sent.text)
    clock.to(clock.now() + timedelta(days=32))
    assert clock.soon(lambda: "No objection by silence" in words_of(officer.open(here).text))
    assert "LSE-30" in codes_in(officer.open(here).text)


@pytest.mark.row("E-096")
def test_a_deed_registered_after_a_month_is_written_down_as_late(page, api, clock, path):
    path.reach("deed")
    clock.to(india(f"{path.on('deed') + timedelta(days=33)} 11:00"))
    assert path.act("mdo", "record_registration", on=str(path.today), number="1234/26") == (200, ["LSE-09"])
