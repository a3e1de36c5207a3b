"""The e-auctions of the further notice, from the papers to the results: office, bidders, public by their pages."""

import re
from datetime import timedelta
from itertools import count

import pytest

from tests.doors import ASHA, NAV, PAPER, button, codes_in, desk, words_of

KAUSHIKI = "kaushiki"
LETTERS = count(1)  # of the Corporation: the same line of the same letter is taken once
PROGRAM = b"MZ\x90\x00 this is no paper"


def kaushikis(call):
    """What the office's page says against Kaushiki's application: its words and the codes of the law."""
    call.under_scrutiny()
    section = call.applications(call.first)["Kaushiki Infra Ltd"]
    return plain(words_of(section)), codes_in(section)


def plain(words):
    """The words of a page without the signs of its chips."""
    return re.sub("[◷✓■●] ", "", words.replace("&#x27;", "'").replace("\u00a0", " "))


@pytest.mark.row("E-004", "E-060", "E-064")
def test_the_fee_opens_the_document_and_a_corrigendum_is_shown_with_its_reason_and_told(page, call):
    call.verified()
    collector, asha, here = page("collector"), call.person(ASHA), f"/notices/{call.notice_code}/"
    terms = {"document": ("terms.pdf", PAPER, "application/pdf")}
    given = {"act": "part", "part": "terms", "text": "15. Later objection is not admissible."}
    page("mdo").send(page("mdo").open(call.notice), button("act", "part"), given, files=terms)
    assert asha.http.get(f"{here}parts/terms").content == PAPER
    untold = call.apply("kaushiki", call.second, terms_read="")
    assert untold.status_code == 422 and "later objections do not count (clause 15)" in words_of(untold.text)

    def change(**given):
        form = collector.open(call.notice)
        given = {"act": "programme", "reference": "DM/77", "reason": "Hall under repair", **given}
        return collector.send(form, button("act", "programme"), given, lawful=False)

    late = change(result_on=f"{call.programme.auction_on:%Y-%m-%d}")
    assert late.status_code == 409 and "NTC-05" in codes_in(late.text)
    assert change(reason="").status_code == 422
    assert "NTC-30" in codes_in(change().text)  # nothing would be another
    assert change(prebid_venue="Town hall, Munger").status_code == 200
    shown = words_of(page().open(here).text)
    assert "Place of the pre-bid meeting: Town hall, Munger" in shown and "Reason: Hall under repair" in shown
    assert call.at.clock.soon(lambda: "Town hall, Munger" in asha.open("/messages/").text), "Asha is told"


@pytest.mark.row("E-083")
def test_money_from_another_account_is_verified_only_with_a_reason(page, call):
    assert len(call.verified()) == 2  # the newcomers paid from accounts that they had declared: no reason was asked
    refused = call.verify(of="Kaushiki")  # asked again
    assert len(refused) == 2 and all("PAY-01" in codes for codes in refused.values())
    accounts = words_of(page("mdo").open("/office/accounts/?q=" + ASHA.account).text)
    assert f"{ASHA.account} SBIN0001234" in accounts and "Accepted" in accounts
    person = call.person(ASHA)
    other = {"relation": "director", "holder": "X", "bank": "SBI", "number": "99990001", "ifsc": "SBIN0001234"}
    paper = {"proof": ("cheque.pdf", PAPER, "application/pdf")}
    at = person.open("/bidder/accounts/")
    foreign = person.send(
        at, lambda form: "ifsc" in form.fields, {**other, "district": "Munger"}, files=paper, lawful=False
    )
    assert foreign.status_code == 422 and "99990001" in foreign.text  # an individual pays from his own account


#: The clauses that are ticked each by itself: field, number, the words that the row names.
NO_CLAIM = [
    ("own_it", "16", "he has properly tested all his IT resources and equipment"),
    ("security", "42(ix)", "The settlee is responsible for the security of the sand ghat."),
    ("hindrance", "42(xii)", "no compensation where lifting is hindered by lack of the mineral, a blocked way"),
    ("satisfied", "42(xix)", "as to the availability of sand, the ways for its transport"),
    ("not_mined", "42(xxxviii)", "Where the settlee does not mine during the period of the settlement"),
]


@pytest.mark.row("E-065", "E-136", "E-139", "E-146", "E-167")
def test_each_no_claim_clause_is_ticked_by_itself_as_it_is_worded(page, call):
    call.verified()
    form = words_of(call.person(ASHA).open(f"/bidder/lots/{call.first}/").text)
    for key, number, wording in NO_CLAIM:
        assert f"{number}: " in form and wording in form
        refused = call.apply(ASHA, call.first, **{f"accept_{key}": ""})
        assert refused.status_code == 409 and "AUC-172" in codes_in(refused.text)
        assert f"These clauses are not ticked yet: {number}." in words_of(refused.text)


@pytest.mark.row("E-005", "E-037", "E-054")
def test_legible_documents_are_taken_until_the_last_hour_of_the_notice(page, clock, call):
    call.verified()
    strange = words_of(call.upload(KAUSHIKI, call.first, PROGRAM, "ज").text)
    assert "is not taken" in strange and "Give PDF, JPG, PNG of at most 4 MB" in strange
    asha, here = call.person(ASHA), f"/bidder/lots/{call.first}/"
    words = words_of(asha.open(here).text)
    assert words.count("Handed in") == 12 and words.count("✓ Verified") == 2
    left_open = asha.open(here)
    call.under_scrutiny()
    late = asha.send(
        left_open, lambda form: form.fields.get("act") == "papers", files={"क": ("a.pdf", PAPER, "application/pdf")}
    )
    taken = f"documents are taken from {call.programme.documents_from_on:%d.%m.%Y} until"
    assert taken in words_of(late.text) and f"{call.programme.last_on:%d.%m.%Y}, 17:00" in words_of(late.text)


@pytest.mark.row("E-019", "E-028", "E-030", "E-032", "E-038", "E-042", "E-043")
def test_the_office_sees_what_the_law_has_against_a_bidder(page, call):
    words, codes = kaushikis(call)
    first, second = (words_of(call.person(ASHA).open(f"/bidder/lots/{lot}/").text) for lot in (call.first, call.second))
    assert "Tender document fee" in first and "₹ 5,000" in first and "₹ 17,21,250" in first
    assert "₹ 5,000" in second and "₹ 17,32,500" in second and "₹ 17,21,250" not in second
    assert "AUC-07" in codes and "Earnest money of ₹ 17,21,250 from the bidder's own account" in words
    assert "AUC-10" in codes and "Mean turnover of the last 3 financial years is ₹ 10,00,000" in words
    assert "at least ₹ 24,09,750 is needed" in words  # 35 % of 68,85,000
    assert "paid from account 999000111222" in words
    assert "(क) Bank statement of three months and the bank's certificate" in words
    assert "AUC-14" in codes and "(ज) Character certificate Missing" in words
    assert "AUC-85" in codes and "Overdue demands: D" in words
    assert "(च) No-dues certificate or declaration Missing" in words
    assert "(छ) GST certificate or declaration to register within one month Missing" in words
    assert "AUC-86" in codes and "GST registration or undertaking" in words


@pytest.mark.row("E-032")
def test_a_due_on_a_list_of_the_corporation_stands_against_a_bidder_until_it_is_cleared(page, call):
    call.verified()
    officer, letter = page("hq"), f"BSMC/{next(LETTERS)}"
    heads, row = "pan,name,amount,due_on,letter", f"{ASHA.pan},{ASHA.name},125000.00,2026-03-31,{letter}"
    sheet = {"file": ("dues.csv", f"{heads}\n{row}\n{row.replace(ASHA.pan, 'NOPAN')}\n".encode(), "text/csv")}
    here = "/registers/corporation_dues/import/"
    checked = officer.send(officer.open(here), lambda form: "file" in form.files, {"act": "enter"}, files=sheet)
    officer.send(checked, lambda form: form.fields.get("step") == "take")
    entries = officer.open(f"/registers/corporation_dues/?q={letter}").text
    (number,) = set(re.findall(r"CDU-\d+-\d+", entries))  # the line without a PAN stayed out
    section = call.applications(call.first)[ASHA.name]
    assert "AUC-85" in codes_in(section) and number in words_of(section)
    clearing = officer.open(f"/entries/{number}/acts/clear/")
    officer.send(clearing, lambda form: "cleared_by" in form.fields, {"cleared_by": "BSMC/9"})
    assert number not in words_of(call.applications(call.first)[ASHA.name])


@pytest.mark.row("E-180", "E-183", "E-189", "E-190", "E-191", "E-192")
def test_form_3_is_asked_whole(page, call):
    call.verified()
    asked = call.form_3
    assert "Bank and branch of the earnest money" in asked and "Own bank account" in asked
    assert "Turnover 2022-23 in rupees" in asked and "Turnover 2024-25 in rupees" in asked
    assert "₹ 68,85,000" in asked and "Mahuli Sand Ghat (Block 9-A)" in asked
    assert "Name under the declaration" in asked and "I declare that the particulars are true" in asked
    words, codes = kaushikis(call)
    assert "AUC-86" in codes and "Form 3 lacks: " in words
    lacking = words.partition("Form 3 lacks: ")[2].partition(".")[0]
    assert "No-dues certificate or declaration" in lacking and "GST registration or undertaking" in lacking
    assert "Bank and branch of the earnest money" in lacking and "Name under the declaration" in lacking
    assert page("mdo").open(form_3_of(page, call)).content.startswith(b"%PDF")


def form_3_of(page, call):
    return call.applications(call.first)["Kaushiki Infra Ltd"].partition('href="')[2].partition('"')[0]


@pytest.mark.row("E-181", "E-182", "E-184", "E-185", "E-052")
def test_every_paper_of_form_3_that_is_not_there_is_named(page, call):
    words, codes = kaushikis(call)
    assert "AUC-14" in codes and "13 papers of clause 7 are missing" in words
    assert "(ठ) Accounts of three years verified by a chartered accountant Missing" in words
    assert "(थ) Two self-attested photographs Missing" in words
    assert "(ड) Income-tax returns of three years Missing" in words
    assert "(ज) Character certificate Missing" in words
    assert "(ढ) Memorandum, articles or bye-laws Missing" in words
    assert "(द) Bye-laws of a society, memorandum of a company Missing" in words


@pytest.mark.row("E-056", "E-006")
def test_the_committee_judges_after_the_last_date_and_its_list_stands(page, call):
    call.under_scrutiny()
    officer, here = page("mdo"), f"/office/auctions/{call.first}/"
    bid = call.applications(call.first)["Asha Devi"].partition('"')[0]
    before = officer.open(here)

    def judge(fit):
        paper = {"letter": "ज", "paper_of": bid}
        given = {"fit": fit, "reason": "cannot be read"}
        officer.send(officer.open(here), lambda form: paper.items() <= form.fields.items(), given)

    def decide(at, act):
        wanted = {"bid": bid, "act": act}
        return officer.send(at, lambda form: wanted.items() <= form.fields.items(), {"reasons": "x"}, lawful=False)

    judge("0")
    assert "Papers found unfit: ज" in words_of(call.applications(call.first)["Asha Devi"])
    barred = decide(before, "pass")
    assert barred.status_code == 409 and "AUC-87" in codes_in(barred.text)
    judge("1")
    undecided = page("collector").open(call.notice)
    assert "AUC-89" in codes_in(undecided.text) and 'value="list"' not in undecided.text
    call.judged()
    call.listed()
    changed = decide(before, "fail")
    assert changed.status_code == 409 and "AUC-163" in codes_in(changed.text)
    listed = words_of(page().open(f"/technical-results/{call.notice.strip('/').rpartition('/')[2]}/").text)
    assert f"{call.first}/03" in listed and listed.count("Technically successful") == 7
    assert listed.count("Technically not successful") == 1 and "Asha" not in listed and "Kaushiki" not in listed


@pytest.mark.row("E-036", "E-057")
def test_the_activity_window_lists_the_auctions_of_the_day_from_a_day_before(page, clock, call):
    call.listed()
    starts_at, asha = call.programme.at("auction", 11), call.person(ASHA)

    def window(person):
        return person.open("/bidder/").text.partition('id="activity"')[2].partition("</section>")[0]

    clock.to(starts_at - timedelta(hours=25))
    assert not window(asha)
    clock.to(starts_at - timedelta(hours=23))
    shown = window(asha)
    words = plain(words_of(shown))
    assert "Activity window: choose your auction" in words and "Live auctions; to practise: Mock auctions" in words
    assert 'href="/mock/"' in shown  # the other kind of auction
    for lot in (call.first, call.second, call.freed, call.again):
        assert f'href="/auctions/{lot}/"' in shown and lot in words
    assert "Mahuli Sand Ghat (Block 9-A)" in words and "11:00" in words and "13:00" in words
    assert not window(page(KAUSHIKI))  # not technically successful


@pytest.mark.row("E-035", "E-069", "E-058")
def test_only_the_successful_bid_within_the_time_and_nobody_learns_who(page, api, clock, call):
    call.listed()
    waiting = words_of(call.person(ASHA).open(f"/auctions/{call.first}/").text)
    assert (
        "Your bid, when bidding opens" in waiting and f"Starts {call.programme.auction_on:%d.%m.%Y}, 11:00" in waiting
    )
    assert call.bid(ASHA, call.first, 0)["codes"] == ["AUC-02"]
    call.bidden()
    assert "AUC-04" in call.bid(KAUSHIKI, call.first, 1)["codes"]
    lower = call.bid(NAV, call.first, 1)
    assert "AUC-05" in lower["codes"]  # the highest bidder does not outbid himself
    room = call.person(ASHA).open(f"/auctions/{call.first}/")
    state = page().open(f"/auctions/{call.first}/state.json")
    assert "₹ 75,73,500" in words_of(room.text) and "You are outbid" in words_of(room.text)
    office = page("mdo").open(f"/auctions/{call.first}/").text
    for body in (room.text, state.text, office):
        assert "Nav Sands" not in body and "27182818284" not in body and "example.invalid" not in body
    assert state.json()["highest_rupees"] == 7573500 and state.json()["position"] is None
    assert "Who leads is not shown to anybody before the end" in words_of(
        page("mdo").open(f"/office/auctions/{call.first}/").text
    )


@pytest.mark.row("E-020", "E-021", "E-022")
def test_on_the_five_rivers_nobody_comes_to_lead_more_than_two_blocks(page, call):
    call.bidden()  # Nav leads in three ghats, of which no river is entered yet
    office, lots = page("mdo"), (call.first, call.second, call.freed)

    def enter(lot, river):
        at = office.open(f"/office/ghats/{call.block(lot)}/")
        given = {"river": river, "reason": "Survey map", "reference": "DMO/31"}
        return office.send(at, lambda form: "river" in form.fields, given)

    known = words_of(office.open("/things/rivers/").text)
    assert known.count("cap holds") == 1 + 5, "five rivers, and what the page says of them"
    assert all(name in known for name in ("Son", "Chanan", "Kiul", "Falgu", "Morhar"))
    assert "is not judged here" in words_of(page().open(f"/auctions/{call.freed}/").text)
    assert "AUC-06" not in call.bid(NAV, call.freed, 1)["codes"]
    for lot, river in zip(lots, ("Son", "Kiul", "Son"), strict=True):
        assert "corrected as a new version" in words_of(enter(lot, river).text)
    assert "applies on this river" in words_of(page().open(f"/auctions/{call.freed}/").text)
    third = call.bid(NAV, call.freed, 1)
    message = next(row["message"] for row in third["findings"] if row["code"] == "AUC-06")
    assert not third["accepted"] and "you would lead or hold 3 blocks" in message
    assert "at most 2 blocks or 200 ha are allowed" in message
    enter(call.freed, "")
    assert "AUC-06" not in call.bid(NAV, call.freed, 1)["codes"]


@pytest.mark.row("E-067")
def test_an_auction_is_paused_at_once_by_two_officers(page, call):
    call.bidden()
    alone = page("mdo")
    here = f"/office/auctions/{call.second}/orders/"
    asked = {"scope": "lot", "reason": "Complaint of a bidder"}
    waiting = alone.send(alone.open(here), lambda form: form.fields.get("act") == "pause", asked)
    assert "Waits for a second officer" in words_of(waiting.text)
    assert ' value="confirm"' not in waiting.text and "AUC-41" in codes_in(waiting.text)
    page("collector").send(
        page("collector").open(here), lambda form: ("do", "confirm") in form.buttons, {"do": "confirm"}
    )
    assert "AUC-40" in call.bid(ASHA, call.second, 1)["codes"]
    assert "Bidding is paused" in words_of(page().open(f"/auctions/{call.second}/").text)
    call.order(call.second, "resume", reason="Complaint answered")
    assert call.bid(ASHA, call.second, 1)["accepted"]


@pytest.mark.row("E-059", "E-060")
def test_a_change_of_the_programme_is_an_order_shown_online_with_its_reason(page, clock, call):
    call.bidden()
    officer, here = page("mdo"), f"/office/auctions/{call.second}/orders/"
    day = call.programme.auction_on
    moved = {"scope": "lot", "reason": "Network down in Munger"}

    def ask(closes_at):
        at = officer.open(here)
        return officer.send(
            at, lambda form: form.fields.get("act") == "reschedule", {**moved, "closes_at": closes_at}, lawful=False
        )

    near = ask(f"{day:%Y-%m-%d}T11:10")
    assert near.status_code == 409 and "AUC-42" in codes_in(near.text)
    assert ask(f"{day:%Y-%m-%d}T15:00").status_code == 200
    page("collector").send(
        page("collector").open(here), lambda form: ("do", "confirm") in form.buttons, {"do": "confirm"}
    )
    shown = words_of(page().open("/auctions/orders/").text)
    assert (
        "Corrigendum of the times" in shown and "Network down in Munger" in shown and f"{day:%d.%m.%Y}, 15:00" in shown
    )
    room = words_of(page().open(f"/auctions/{call.second}/").text)
    assert f"Ends {day:%d.%m.%Y}, 15:00" in room and "Network down in Munger" in room


@pytest.mark.row("E-084")
def test_after_a_cancelled_auction_money_goes_back_without_interest(page, call):
    call.bidden()
    call.order(call.second, "abort", reason="Collusion of bidders")
    assert "AUC-43" in call.bid(ASHA, call.second, 1)["codes"]
    room = words_of(page().open(f"/auctions/{call.second}/").text)
    assert "No settlement follows; money goes back without interest." in room
    after = words_of(page("mdo").open(f"/office/auctions/{call.second}/after/").text)
    assert "To be returned" in after and "₹ 17,32,500" in after
    leader = call.person(ASHA)
    call.at.clock.until("the leader is told", lambda: "You led it" in leader.open("/messages/").text)
    assert "the return of your earnest money waits for an order of the district" in words_of(
        leader.open("/messages/").text
    )


@pytest.mark.row("E-062")
def test_the_highest_bidder_is_told_on_the_portal_and_by_mail(page, api, call):
    call.closed()
    nav = call.person(NAV)
    title = "You are the highest bidder"
    call.at.clock.until("the portal says so", lambda: title in words_of(nav.open("/messages/").text))
    assert "Your bid of ₹ 75,73,500 for Mahuli" in plain(words_of(nav.open("/messages/").text))
    mailed = call.at.clock.until(
        "the mail is out", lambda: call.at.mailed(NAV.email, r"Your bid of (\S+ [\d,]+) for Mahuli[^.]* is the highest")
    )
    assert "₹ 75,73,500" in map(plain, mailed)
    assert call.at.clock.until("the settlement is open", lambda: settled_for(api, call.block(call.first))) == 7573500
    assert settled_for(api, call.block(call.second)) is None


@pytest.mark.row("E-066")
def test_the_fees_are_kept_and_the_earnest_money_of_the_others_goes_back(page, call):
    call.closed()
    after = page("mdo").open(f"/office/auctions/{call.first}/after/")
    words = words_of(after.text)
    assert "To be returned" in words and "The earnest money goes back by" in words
    page("mdo").send(after, button("act", "refund"), {"act": "refund"})
    refunds = page("mdo").open("/office/refunds/?format=csv").text
    of_asha = [line for line in refunds.splitlines() if "Asha Devi" in line]
    assert len(of_asha) == 1 and "Earnest money back: Mahuli" in of_asha[0] and ",1721250," in of_asha[0]  # no fee


@pytest.mark.row("E-072")
def test_where_no_successful_bidder_bids_all_earnest_money_is_forfeited(page, call):
    lot = "MUN-2026-21"
    words = words_of(page().open(f"/auctions/{lot}/").text)
    assert "The auction failed; the earnest money of all technically successful bidders is forfeited." in words
    before = words_of(page("collector").open(f"/office/auctions/{lot}/after/").text)
    assert before.count("To be forfeited") == 2
    ordered = call.after(lot, "forfeit")
    assert words_of(ordered.text).count("Forfeited") >= 2 and "To be forfeited" not in words_of(ordered.text)


@pytest.mark.row("E-073", "E-074")
def test_a_single_tender_is_called_again_and_only_then_recommended(page, api, call):
    call.published()
    assert call.done["too early"] == ["AUC-92"]  # before it was called again
    assert call.codes_of_recommending("MUN-2026-22") == ["AUC-113"]  # the re-tender came in its place
    call.closed()
    assert call.codes_of_recommending(call.again) == []
    again = words_of(page("collector").open(f"/office/auctions/{call.again}/after/").text)
    assert "Called again" in again and "Earlier auction MUN-2026-22" in again
    assert "Only one bidder was technically successful" in words_of(page().open(f"/auctions/{call.again}/").text)
    assert call.after(call.again, "recommend", reason="Bid above the reserve price").status_code == 200

    assert call.at.clock.soon(lambda: desk(page("hq"), "TRG-77", call.again))
    approved = call.after(call.again, "approve", by="hq", reason="Agreed")
    assert approved.status_code == 200 and "Approval of the department" in words_of(approved.text)
    call.at.clock.until("the settlement is open", lambda: settled_for(api, call.block(call.again)) == 7920000)


def settled_for(api, block):
    return next((row["bid_rupees"] for row in api("mdo").get("/api/v1/leases") if row["block"] == block), None)
