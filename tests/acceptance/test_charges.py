"""Offices, charges and log-ins: given, handed over, disabled and restored by order, each on a page."""

import re

import pytest

from tests.doors import Stuck, ask_challan, codes_in, words_of

TRUCK = "BR08G1070"
SETTLEE, LEASE, LORRY = "angpradesh", "MUN-2026-02", "BR08G1056"


def entered(page, username, post, office, *, by="hq", name="Anita Kumari"):
    """A person entered by page, with a charge and a first password; answers the password."""
    officer = page(by)
    form = {"username": username, "name_en": name, "name_hi": "अनिता कुमारी", "email": ""}
    shown = officer.send(officer.open("/office/people/new/"), lambda one: "username" in one.fields, form)
    told = officer.send(shown, word("give_password"), {"reason": "new officer", "sure": "on"})
    charge = {"username": username, "post": post, "reference": "HQ/27"}
    given = officer.send(officer.open(f"/office/offices/{office}/"), word("appoint"), charge)
    assert "The charge is given" in given.text
    return re.search(rf"First password of {username}, shown only now: (\S+)", words_of(told.text)).group(1)


def word(act):
    """The form of one act."""
    return lambda form: form.fields.get("act") == act


def charge_of(person):
    """The page of the charge in which a person acts."""
    return re.search(r"/office/charges/\d+/", person.open("/account/charges/").text).group(0)


@pytest.mark.row("A-28")
def test_a_disabled_log_in_of_headquarters_is_restored_by_order_and_the_register_says_by_whom_and_when(page, clock):
    password = entered(page, "anita", "hq", "hq")
    anita, hq = page.fresh("anita", password), page("hq")
    assert "Offices" in words_of(anita.open("/office/offices/").text)
    order = {"reason": "Posted elsewhere", "reference": "HQ/28", "sure": "on"}
    hq.send(hq.open("/office/people/anita/"), word("disable_login"), order)
    assert "/login" in str(anita.open("/office/offices/").url)
    with pytest.raises((Stuck, AssertionError)):
        page.fresh("anita", password)
    row = words_of(hq.open("/office/people/?state=disabled").text)
    assert "disabled" in row and "Posted elsewhere" in row and "HQ/28" in row and "Anita" in row
    assert 'value="disable_login"' not in hq.open("/office/people/hq/").text  # nobody disables his own
    again = {"reason": "Back at headquarters", "reference": "HQ/29"}
    hq.send(hq.open("/office/people/anita/"), word("restore_login"), again)
    register = words_of(hq.open("/office/people/?q=anita").text)
    assert "active" in register and "Back at headquarters" in register and "HQ/29" in register
    assert "Director of Mines" in register or "निदेशक" in register
    assert f"{clock.now():%d.%m.%Y}" in register
    assert "/login" in str(anita.open("/office/offices/").url)  # the session from before stays over
    assert "Offices" in words_of(page.fresh("anita", password).open("/office/offices/").text)
    acts = words_of(hq.open("/office/people/hq/acts/?code=user.login").text)
    assert "Log-in restored" in acts and "log-in anita" in acts
    sheet = hq.open("/office/people/hq/acts/?code=user.login&format=csv").text
    assert "user.login_restored" in sheet and "HQ/29" in sheet


@pytest.mark.row("A-28")
def test_an_office_that_a_sheet_moves_is_the_other_districts_with_its_people(page, clock):
    hq, munger, jamui = page("hq"), page("mdo"), page("mdo-jamui")
    head = "code,kind,name_en,name_hi,parent,district\n"
    here = "tarapur,subdivision,Sub-division Tarapur,तारापुर अनुमंडल,{0},{1}\n"
    chauki = "chauki,checkpost,Check Post Chauki,चौकी,tarapur,Munger\n"
    take_offices(hq, clock, head + here.format("munger", "Munger") + chauki, "Entered 2")
    entered(page, "gita", "checkpost", "chauki", name="Gita Devi")
    assert "Gita" in words_of(munger.open("/office/people/gita/").text)
    assert jamui.http.get("/office/people/gita/").status_code == 404
    moved = head + here.format("jamui", "Jamui") + "odd,checkpost,Odd,Odd,tarapur,Munger\n"
    page_of = take_offices(hq, clock, moved, "Changed 1", reason="Order 31 of the department")
    assert "Jamui, as the office above it" in page_of  # nothing stands in another district than what it stands under
    assert munger.http.get("/office/people/gita/").status_code == 404  # at the next request
    assert "Gita" in words_of(jamui.open("/office/people/gita/").text)
    post = words_of(jamui.open("/office/offices/chauki/").text)  # no row of the sheet named it
    assert "Jamui" in post and "Tarapur" in post and munger.http.get("/office/offices/chauki/").status_code == 404
    acts = words_of(hq.open("/office/people/hq/acts/?code=office.moved").text)
    assert "chauki" in acts and "Order 31" in acts


def take_offices(officer, clock, sheet, until, *, reason=""):
    """Hand a sheet of offices in and take in what can be taken; answers what its page says."""
    paper = {"file": ("offices.csv", sheet.encode(), "text/csv")}
    sent = officer.send(
        officer.open("/sheets/offices/"), lambda form: "file" in form.files, {"reason": reason}, files=paper
    )
    address = str(sent.url)
    clock.until("every row is checked", lambda: re.search(r"Take \d+ rows? in", seen(officer, address)))
    officer.send(officer.open(address), lambda form: ("step", "take") in form.buttons, {"step": "take"})
    return clock.until("the sheet is taken in", lambda: (words := seen(officer, address)) and until in words and words)


def seen(officer, address):
    return words_of(officer.open(address).text)


@pytest.mark.row("A-27")
def test_a_log_in_of_the_monitoring_cell_is_given_handed_over_and_its_looks_are_on_record(page):
    ravi = page.fresh("ravi", entered(page, "ravi", "monitoring", "monitoring", name="Ravi Ranjan"))
    sita = page.fresh("sita", entered(page, "sita", "checkpost", "safiabad", name="Sita Devi"))
    assert ravi.open("/office/map/vehicles.json").json()["features"]
    asked = ravi.open(f"/office/map/{TRUCK}/track/")
    ravi.send(asked, lambda form: "reason" in form.fields, {"reason": "Complaint 27 of Munger"})
    looks = words_of(page("hq").open(f"/office/looks/?vehicle={TRUCK}&person=ravi").text)
    assert "Complaint 27 of Munger" in looks and TRUCK in looks and "monitoring cell" in looks
    charge = charge_of(ravi)
    named = {
        "username": "sita",
        "post": "monitoring",
        "reference": "HQ/30",
        "additional": "on",
        "ends_at": "2027-03-31",
    }
    hq = page("hq")
    hq.send(hq.open("/office/offices/monitoring/"), word("appoint"), named)
    handed = {"successor": "sita", "reference": "HQ/30", "remarks": "", "sure": "on"}
    paper = ravi.send(ravi.open(charge), word("hand_over"), handed)
    assert "Made over by" in words_of(paper.text) and "HQ/30" in words_of(paper.text)
    assert ravi.open(f"{str(paper.url).rstrip('/')}/report.pdf").content.startswith(b"%PDF")
    assert ravi.http.get("/office/map/").status_code == 403 and ravi.http.get("/devices/").status_code == 403
    charges = sita.open("/account/charges/")
    sita.send(charges, lambda form: "charge" in form.fields)
    assert sita.open("/office/map/vehicles.json").json()["features"]


@pytest.mark.row("E-135", "E-161")
def test_a_settlee_authorises_an_operator_within_limits(page, socket, road):
    settlee = page(SETTLEE)
    named = {
        "name_en": "Mohan Das", "name_hi": "मोहन दास", "email": "", "kind": "operator", "grants": "challan.issue",
        "leases": LEASE, "challans_a_day": "1", "ends_at": "",
    }  # fmt: skip
    told = settlee.send(settlee.open("/settlee/people/"), word("name_new"), named, lawful=False)
    assert told.status_code == 200, words_of(told.text)
    username, password = re.search(r"First password of (\S+), shown only now: (\S+)", words_of(told.text)).groups()
    operator = page.fresh(username, password)
    assert operator.http.get("/settlee/people/").status_code == 403  # who names others is the settlee alone
    assert "deemed checked by your authorised person" in words_of(
        operator.open(f"/settlee/leases/{LEASE}/challans/new/").text
    )
    with road.standing(LORRY, LEASE):
        first = ask_challan(operator, LEASE, LORRY)
        assert first.number, words_of(first.html)
        second = ask_challan(operator, LEASE, LORRY)
        assert "PPL-08" in second.refused_by and not second.number
    ends = settlee.open(str(told.url))
    settlee.send(ends, word("end"), {"reason": "left the firm", "sure": "on"})
    assert operator.http.get(f"/settlee/leases/{LEASE}/challans/new/").status_code in (403, 404)
    assert codes_in(settlee.open("/settlee/people/").text)
