"""A further notice and the e-auctions of it, from the release to the list: office, public, newcomers by their pages."""

import re
from datetime import datetime, timedelta

import pytest

from tests.doors import ASHA, JOINT, NAV, PAPER, TICKS, Api, Newcomer, button, codes_in, notice_text, words_of

#: Form 3 as a program sends it.
APPLICATION = {
    "bank_account": "31415926535", "turnover_0": 9_000_000, "turnover_1": 9_000_000, "turnover_2": 9_000_000,
    **dict.fromkeys(TICKS, True),
}  # fmt: skip
KAUSHIKI, RIVAL, DEBARRED, HER_LOT = "kaushiki", "gangotri", "rishikund", "MUN-2026-15"
IMPOSTOR = Newcomer("individual", "Asha Rani", "ABCPA1234F", "16180339887")


@pytest.mark.row("E-001", "E-009", "E-004")
def test_a_notice_is_taken_in_whole_and_says_the_same_at_every_place(page, api, call):
    text = notice_text(call.programme, "002399")
    fine, wrong = call.check(text), call.check(text.replace("1721250", "1721251"))
    assert "Take in this notice" in words_of(fine.text) and "Take in this notice" not in words_of(wrong.text)
    refused = page("mdo").send(fine, button("act", "import"), {"act": "import"}, lawful=False)  # the file checked last
    assert refused.status_code == 409 and "AUC-18" in codes_in(refused.text)
    nameless = call.check(text.replace("PR. No.002399 (Mines) 2026-27", ""))
    assert "NTC-18" in codes_in(nameless.text) and "Release number (PR No.): not stated" in words_of(nameless.text)
    notice = words_of(call.published().text)
    assert "PR 002401" in notice and "Short Notice Inviting E-Auction for Settlement of Sand Ghats" in notice
    assert "Tender document fee ₹ 5,000" in notice and f"{call.programme.documents_from_on:%d.%m.%Y}" in notice
    public = words_of(page().open(f"/auctions/{call.first}/").text)
    assert "Reserve price ₹ 68,85,000" in public and "₹ 68,85,000" in notice
    assert api().get(f"/api/v1/lots/{call.first}")["reserve_rupees"] == 6885000
    assert call.register(ASHA).status_code == 200
    early = call.person(ASHA).open(f"/bidder/lots/{call.first}/").text
    why = f"documents are taken from {call.programme.documents_from_on:%d.%m.%Y}"
    assert "turnover_0" not in early and why in words_of(early)
    refused = Api(call.person(ASHA)).post(f"/api/v1/lots/{call.first}/acts/lot.apply", APPLICATION)
    assert refused.status_code == 409 and "AUC-09" in [row["code"] for row in refused.json()["findings"]]


@pytest.mark.row("E-011")
def test_the_district_changes_the_contacts_of_a_notice_posts_with_their_numbers(page, call):
    call.published()
    officer, given = page("mdo"), {"act": "contacts"}

    def contacts(lines):
        form = officer.open(call.notice)
        return officer.send(form, lambda form: "contacts" in form.fields, given | {"contacts": lines}, lawful=False)

    refused = contacts("Mineral Development Officer, Munger")
    assert refused.status_code == 409 and "AUC-105" in codes_in(refused.text)
    assert contacts("E-tendering help desk; 0612-2523006\nIT manager; 06344-222222").status_code == 200
    assert "06344-222222 IT manager" in words_of(officer.open(call.notice).text)


@pytest.mark.row("E-012", "E-013")
def test_everybody_reads_a_notice_in_full(page, call):
    call.published()
    officer, visitor, site = page("mdo"), page(), "https://state.bihar.gov.in/prdbihar/"

    def keep(act, given, files=None):
        form = officer.open(call.notice)
        return officer.send(form, button("act", act), {"act": act, **given}, files=files, lawful=False)

    assert keep("release", {"release": "PR. No.002401", "release_url": "prdbihar"}).status_code == 422
    assert keep("release", {"release": "PR. No.002401", "release_url": site}).status_code == 200
    assert keep("part", {"part": "terms", "text": "", "document": ""}).status_code == 422
    terms = {"document": ("terms.pdf", PAPER, "application/pdf")}
    assert keep("part", {"part": "terms", "text": "15. Later objection is not admissible."}, terms).status_code == 200
    here = f"/notices/{call.notice_code}/"
    assert f'href="{here}"' in visitor.open("/notices/").text
    notice = visitor.open(here).text
    assert f'href="{site}"' in notice and "Release number PR. No.002401" in words_of(notice)
    assert "Terms (annexure 1)" in words_of(notice) and "15. Later objection is not admissible." in words_of(notice)
    assert "Place of the pre-bid meeting" in words_of(notice) and "E-tendering" in words_of(notice)
    refused = visitor.http.get(f"{here}parts/terms")
    assert refused.status_code == 409 and "NTC-31" in codes_in(refused.text) and "₹ 5,000" in words_of(refused.text)
    assert officer.http.get(f"{here}parts/terms").content == PAPER


@pytest.mark.row("E-065")
def test_a_bidder_tries_own_device_and_line_in_a_mock_auction(page, clock, call):
    call.published()
    officer, day = page("mdo"), call.programme.auction_on
    mock = {"act": "mock", "minutes": "60"}

    def open_mock(starts_at):
        given = {**mock, "starts_at": starts_at}
        return officer.send(officer.open(call.notice), lambda form: "minutes" in form.fields, given, lawful=False)

    late = open_mock(f"{day:%Y-%m-%d}T10:30")
    assert late.status_code == 409 and "AUC-95" in codes_in(late.text)
    assert open_mock(f"{call.programme.prebid_on:%Y-%m-%d}T11:00").status_code == 200
    shown = words_of(page().open("/mock/").text)
    assert "Test your own device, line and clock here before the auction (clause 16)" in shown
    assert f"MOCK-{call.first}" in shown


@pytest.mark.row("E-061", "E-068")
def test_a_late_bid_prolongs_once_by_an_hour_and_only_who_is_admitted_and_higher_leads(page, api, clock, call):
    call.published()
    officer, starts_at = page("mdo"), (clock.now() + timedelta(minutes=10)).replace(second=0, microsecond=0)
    given = {"act": "mock", "minutes": "60", "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}"}
    officer.send(officer.open(call.notice), lambda form: "minutes" in form.fields, given)
    mocks = re.findall(rf"/auctions/(MOCK\d*-{call.first})/", page().open("/mock/").text)
    starts = {lot: datetime.fromisoformat(api().get(f"/api/v1/lots/{lot}")["opens_at"]) for lot in mocks}
    lot = next(lot for lot, begins in starts.items() if begins == starts_at)
    clock.to(starts_at + timedelta(minutes=56))
    assert call.bid(KAUSHIKI, lot, 0)["codes"] == ["AUC-04"]  # not admitted
    for bidder in (KAUSHIKI, RIVAL):
        page(bidder).send(page(bidder).open("/mock/"), lambda form: form.action == f"/mock/{lot}/join")
    assert call.bid(KAUSHIKI, lot, 0)["accepted"]
    prolonged = api().get(f"/api/v1/lots/{lot}")
    assert prolonged["extended"] and ends_of(prolonged) == starts_at + timedelta(minutes=120)
    assert "AUC-05" in call.bid(KAUSHIKI, lot, 1)["codes"]  # nobody outbids himself
    clock.to(starts_at + timedelta(minutes=116))
    assert call.bid(RIVAL, lot, 1)["accepted"]
    assert ends_of(api().get(f"/api/v1/lots/{lot}")) == starts_at + timedelta(minutes=120)  # once only


def ends_of(lot):
    return datetime.fromisoformat(lot["ends_at"])


@pytest.mark.row("E-016", "E-025", "E-175", "E-176", "E-177", "E-178")
def test_the_registration_form_is_asked_whole(page, call):
    call.published()
    robot = call.sign_up(NAV, sum="99")
    assert robot.status_code == 422 and "The answer to the sum is not right" in words_of(robot.text)
    form = words_of(call.person(NAV).open("/bidder/").text)
    assert "Name of the bidder or authorised signatory" in form and "Father's name" in form.replace("&#x27;", "'")
    assert "Address for letters" in form and "Permanent address" in form and "E-mail" in form
    assert "says of none what it is" in form and "PAN card" in form and "The department may settle it" in form
    assert "Telephone, office" in form and "Telephone, residence" in form and "Mobile number" in form
    for field in ("signatory", "father_name", "correspondence_address", "permanent_address", "mobile", "email"):
        assert call.register(NAV, **{field: ""}).status_code == 422, field
    machine = call.register(NAV, sum="99")  # the CAPTCHA of clause 2(ii) stands in the form, behind the terms
    assert machine.status_code == 422 and "The answer to the sum is not right" in words_of(machine.text)
    foreigner = call.register(NAV, citizen=None)
    assert foreigner.status_code == 409 and "AUC-81" in codes_in(foreigner.text)
    assert "Declaration: citizen of India" in words_of(foreigner.text)
    unread = call.register(NAV, accept_terms=None)
    assert unread.status_code == 409 and "AUC-15" in codes_in(unread.text)


@pytest.mark.row("E-014", "E-017")
def test_one_registration_serves_for_a_year_and_prints(page, clock, call):
    call.published()
    nav = call.person(NAV)
    assert "A registration is valid for 12 months" in words_of(nav.open("/bidder/").text)
    unregistered = nav.http.get(f"/bidder/lots/{call.first}/")
    assert unregistered.status_code == 409 and "Register for e-auctions first" in unregistered.text
    done = words_of(call.register(NAV).text)
    last = clock.now() - timedelta(days=1)
    assert "You are registered for e-auctions" in done and f"valid until {last:%d.%m}.{last.year + 1}" in done
    assert nav.open("/bidder/registration.pdf").content.startswith(b"%PDF")
    call.begun()
    assert "valid until 19.05.2027" in words_of(page(KAUSHIKI).open("/bidder/").text)  # since May; it serves now
    assert call.apply(KAUSHIKI, call.first, turnover=1_000_000, gst="", no_dues="").status_code == 200


@pytest.mark.row("E-010")
def test_persons_companies_and_firms_take_part_only_when_they_are_registered(page, api, call):
    call.begun()
    kinds = page().open("/signup").text
    assert all(f'value="{kind}"' in kinds for kind in ("individual", "proprietor", "partnership", "company"))
    unregistered = call.person(IMPOSTOR)
    assert "Not registered" in words_of(unregistered.open("/bidder/").text)
    refused = Api(unregistered).post(f"/api/v1/lots/{call.first}/acts/lot.apply", APPLICATION)
    assert refused.status_code == 409 and [row["code"] for row in refused.json()["findings"]] == ["AUC-20"]
    assert "Register for e-auctions first" in refused.text


@pytest.mark.row("E-029")
def test_the_capacity_of_all_who_bid_jointly_counts(page, call):
    call.begun()

    def turnover(**form_3):
        """The mean that the committee sees of Asha's last ghat, and who bids with her."""
        assert call.apply(ASHA, call.again, **form_3).status_code == 200
        return words_of(call.applications(call.again)["Asha Devi"])

    alone = turnover(turnover=1_000_000, members="")
    assert "Mean turnover ₹ 10,00,000" in alone and "Joint bidders" not in alone
    together = turnover(**JOINT)  # by which the committee passes her later: 25,20,000 are needed
    assert "Mean turnover ₹ 70,00,000" in together and "Joint bidders Bina Sands" in together


@pytest.mark.row("E-026", "E-027")
def test_a_pan_is_proved_by_its_card_and_a_gst_number_must_bear_it(page, call):
    assert "is not a PAN" in words_of(call.sign_up(ASHA, pan="NOPAN").text)
    call.published()
    asha, officer = call.person(ASHA), page("mdo")
    card = {"card": ("pan.pdf", b"%PDF-1.4 a card", "application/pdf")}
    asha.send(asha.open("/bidder/pan"), lambda form: "card" in form.files, {"district": "Munger"}, files=card)
    waiting = officer.open("/office/pans/?q=ABCPA1234F").text
    place = re.search(r'href="(/office/pans/\d+/)', waiting)[1]
    officer.send(officer.open(place), lambda form: "reason" in form.fields,
                 {"act": "accept", "reason": "card seen"})  # fmt: skip
    assert "PAN proved" in words_of(asha.open("/bidder/").text)
    second = call.register(IMPOSTOR)
    assert second.status_code == 409 and "REG-12" in codes_in(second.text)
    strange = call.register(NAV, gstin="10AAACG4821K1Z5")
    assert strange.status_code == 409 and "AUC-88" in codes_in(strange.text)


@pytest.mark.row("E-031", "E-033", "E-070")
def test_a_debarred_firm_takes_no_part_for_two_years(page, clock, call):
    call.published()
    ordered = call.after(HER_LOT, "default", cause="late", reason="Security not paid")
    assert ordered.status_code == 200 and "Forfeited" in words_of(ordered.text)
    register = words_of(page("mdo").open("/office/registers/").text)
    assert "Rishikund Logistics Pvt Ltd" in register and f"{clock.now():%m}.2028" in register
    call.begun()
    barred = call.person(DEBARRED).open(f"/bidder/lots/{call.first}/").text
    assert "turnover_0" not in barred and "AUC-84" in codes_in(barred)
    its_bid = bid_of(page, "MUN-2026-16", "Kharagpur Hills Traders")
    bids = call.after("MUN-2026-16", "false_certificate", reason="Forged", bid=its_bid)
    assert bids.status_code == 200 and "Forfeited" in words_of(bids.text)
    register = words_of(page("mdo").open("/office/registers/").text)
    assert "Kharagpur Hills Traders" in register and "False certificate" in register


def bid_of(page, lot, name):
    """The choice of a bidder in the order about a false certificate."""
    form = page("collector").open(f"/office/auctions/{lot}/after/").text
    return next(part.split('"')[0] for part in form.split('<option value="')[1:] if f">{name}<" in part)
