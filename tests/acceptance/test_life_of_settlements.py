"""Orders, notices, endings and registers of settlements: Collector, mining office and settlee by their pages."""

import re
from datetime import date, timedelta

import pytest

from tests.doors import act, against, codes_in, desk, dues_of, finish, words_of

RUNNING, ITS_SETTLEE = "MUN-2026-02", "angpradesh"
GIVEN_UP, WHO_GIVES_UP = "MUN-2026-18", "mirkasim"
ANNULLED = "MUN-2026-03"  # a letter of intent, no deed
IN_BREACH, OWING, LATE_PLAN, SURVEYED = "MUN-2026-17", "MUN-2026-07", "MUN-2026-08", "MUN-2026-14"


def pass_days(clock, days):
    clock.to(clock.now() + timedelta(days=days))


def open_dues(settlee, lease, year):
    """What is still to be paid of a calendar year on a settlement."""
    rows = settlee.open(f"/api/v1/leases/{lease}/dues").json()
    return [row for row in rows if row["balance_paise"] and (row["due_on"] or "").startswith(str(year))]


@pytest.mark.row("E-144")
def test_a_breach_is_asked_about_before_the_settlement_is_cancelled(page, api, call):
    assert against(api, "collector", RUNNING, "cancel") == ["LSE-25"]
    answers = call.cancelled()
    assert answers["before"] == (409, ["LSE-25"]) and answers["waiting"] == (409, ["LSE-25"])
    assert answers["after"][0] == 200 and "HLD-04" in stops(api, IN_BREACH)
    mine = words_of(page("sitakund").open(f"/settlee/leases/{IN_BREACH}/life/").text)
    assert "Show-cause notice" in mine and "Sub-lease of the ghat" in mine and "No sub-lease" in mine


@pytest.mark.row("E-065", "E-136", "E-139", "E-146", "E-167")
def test_a_claim_for_loss_is_refused_by_the_clause_that_the_settlee_ticked(page, clock):
    settlee, officer = page(ITS_SETTLEE), page("mdo")
    mine = words_of(settlee.open(f"/settlee/leases/{RUNNING}/").text)
    assert "Clauses accepted before bidding" in mine and "version of 01.05.2026" in mine
    refused = {}
    for clause, ground, quoted in QUOTED:
        assert quoted in mine
        claim = {"ground": ground, "amount": "250000", "words": "No truck could load for a month"}
        form = settlee.open(f"/settlee/leases/{RUNNING}/claim/")
        kept = settlee.send(form, lambda form: "ground" in form.fields, claim)
        number = re.findall(r"CLM-\d+-\d+", kept.text)[0]
        deciding = officer.open(f"/entries/{number}/acts/refuse/")
        given = {"clause": clause, "act_reason": "The law gives nothing for it"}
        entry = officer.send(deciding, lambda form: "clause" in form.fields, given)
        assert quoted in words_of(entry.text) and "01.05.2026" in words_of(entry.text)
        refused[number] = quoted
    their = words_of(settlee.open(f"/entries/{number}/").text)
    assert "refused" in their and refused[number] in their
    told = lambda: words_of(settlee.open("/messages/").text)  # noqa: E731
    clock.until("the settlee is told", lambda: all(f"Your claim {number} on" in told() for number in refused))
    assert all(quoted in told() for quoted in refused.values())


#: Clause that is quoted, ground of the claim, words of the clause.
QUOTED = [
    ("own_it", "machines", "16: Day and time of the auction stand in the programme of the e-auction."),
    ("security", "theft", "42(ix): The settlee is responsible for the security of the sand ghat."),
    ("hindrance", "way", "42(xii): The government pays no compensation where lifting is hindered"),
    ("satisfied", "boundary", "42(xix): Before he takes part in the tender the bidder has the ghats"),
    ("not_mined", "not_mined", "42(xxxviii): Where the settlee does not mine during the period"),
]


def stops(api, lease):
    return next(row["stopped_by"] for row in api("mdo").get("/api/v1/leases") if row["code"] == lease)


@pytest.mark.row("E-067", "E-084")
def test_an_auction_is_cancelled_after_its_close_and_the_department_gives_the_money_back(page, api):
    assert against(api, "collector", RUNNING, "annul") == ["LSE-76"]  # its deed is executed
    assert against(api, "hq", RUNNING, "return_annulled") == ["LSE-77"]
    order = {"reference": "M/41", "reason": "Collusion of bidders", "sure": True}
    if "annul" in [offer["name"][6:] for offer in api("collector").get(f"/api/v1/leases/{ANNULLED}/acts")]:
        act(api, "collector", ANNULLED, "annul", **order)
    assert act(api, "mdo", ANNULLED, "return_annulled", reference="M/42")[0] in (403, 404)
    act(api, "hq", ANNULLED, "return_annulled", reference="M/42")
    life = words_of(page("hq").open(f"/office/leases/{ANNULLED}/life/").text)
    assert "Auction cancelled after its close" in life and "Collusion of bidders" in life
    assert "Return of the deposits ordered" in life and "Deposits forfeited" not in life


@pytest.mark.row("E-153")
def test_sand_stored_near_the_bank_after_the_end_is_the_governments(page, api, clock, call):
    call.cancelled()
    pass_days(clock, 1)
    sand = {"reference": "P/1", "on": f"{clock.now():%Y-%m-%d}", "quantity_m3": "120.500", "place": "Embankment"}
    near = act(api, "mdo", IN_BREACH, "record_stored_sand", distance_m=250, **sand)
    assert near == (200, ["LSE-28"])
    far = act(api, "mdo", IN_BREACH, "record_stored_sand", distance_m=400, **{**sand, "reference": "P/2"})
    assert far == (200, [])
    assert "120.5" in words_of(page("mdo").open(f"/office/leases/{IN_BREACH}/life/").text)


@pytest.mark.row("E-127")
def test_the_mail_log_of_a_settlement_has_what_was_sent_and_what_came_by_e_mail(page, api, clock):
    officer, here, number = page("mdo"), f"/leases/{RUNNING}/mails/", f"{clock.now():%H%M%S%f}"

    def enter(sender):
        at = officer.open("/registers/settlee_mails/new/enter/")
        mail = {"sender": sender, "sent_at": f"{clock.now():%Y-%m-%dT%H:%M}", "subject": f"Boards {number}"}
        given = {"lease": RUNNING, "words": "They stand again", **mail}
        return officer.send(at, lambda form: "sender" in form.fields, given, lawful=False)

    refused = enter("clerk@elsewhere.example")
    assert refused.status_code == 409 and "LSE-69" in codes_in(refused.text)
    assert "only correspondence by e-mail is recognised" in words_of(refused.text)
    address = re.findall(r"Ask for it from ([^, ]+@[^, ]+),", words_of(refused.text))[0]
    assert enter(address).status_code == 200
    given = {"kind": "show_cause", "grounds": f"Boards lack {number}"}
    assert act(api, "collector", RUNNING, "issue_notice", **given)[0] == 200
    sent = f"to the settlee Notice of the Collector Show-cause notice.*Boards lack {number}.*sent"

    def log(person):
        return [words_of(row) for row in person.open(here).text.split("<tr")[2:]]

    assert clock.soon(lambda: [row for row in log(officer) if re.search(sent, row)])  # the e-mail is out
    for person in (officer, page(ITS_SETTLEE)):
        came = next(row for row in log(person) if f"Boards {number}" in row and "from the settlee" in row)
        assert "They stand again" in came
    assert f"Boards {number}" not in page("shivam").http.get(here).text  # another settlee


@pytest.mark.row("E-145")
def test_unpaid_taxes_are_asked_for_thirty_days_before_cancellation(page, api, clock):
    order = {"reference": "DM/302", "reason": "GST unpaid", "sure": True}
    given = {"kind": "non_payment", "grounds": "GST of the year", "other_rupees": 5000}
    assert act(api, "collector", OWING, "issue_notice", **given)[0] == 200
    mine = words_of(page("shivam").open(f"/settlee/leases/{OWING}/life/").text)
    assert "GST of the year" in mine and f"{clock.now() + timedelta(days=30):%d.%m.%Y}" in mine
    assert "LSE-24" in act(api, "collector", OWING, "cancel", **order)[1]
    pass_days(clock, 31)
    assert act(api, "collector", OWING, "cancel", **order)[0] == 200


@pytest.mark.row("E-094")
def test_without_plan_and_reason_the_collector_forfeits_and_the_ghat_is_auctioned_again(page, api, clock):
    order = {"clock": "plan", "reference": "DM/303", "reason": "No interest", "sure": True}
    until = clock.now().date() + timedelta(days=10)
    back = act(
        api, "collector", LATE_PLAN, "extend_clock", clock="plan", until_on="2026-07-01", reference="a", reason="b"
    )
    assert back == (409, ["LSE-17"])
    more = {"clock": "plan", "until_on": str(until), "reference": "DM/299", "reason": "Flood"}
    assert act(api, "collector", LATE_PLAN, "extend_clock", **more)[0] == 200
    assert act(api, "collector", LATE_PLAN, "forfeit", **order) == (409, ["LSE-18"])
    pass_days(clock, 11)
    assert act(api, "collector", LATE_PLAN, "forfeit", **order)[0] == 200
    shown = words_of(page("mdo").open(f"/office/leases/{LATE_PLAN}/life/").text)
    assert "Marked for re-auction" in shown and "Deposits forfeited" in shown


@pytest.mark.row("E-111")
def test_who_gives_up_pays_the_whole_year_first_and_loses_the_security(page, api, clock):
    settlee = page(WHO_GIVES_UP)
    if clock.now().date() < date(2027, 2, 1):
        pass_days(clock, (date(2027, 2, 1) - clock.now().date()).days)
    assert act(api, WHO_GIVES_UP, GIVEN_UP, "ask_surrender", reason="No sand", sure=True)[0] == 200
    held = words_of(page("collector").open(f"/office/leases/{GIVEN_UP}/life/").text)
    assert "Security held ₹ 0" not in held
    refused = act(api, "collector", GIVEN_UP, "accept_surrender", reference="DM/304", sure=True)
    assert refused == (409, ["LSE-22"])
    for row in open_dues(settlee, GIVEN_UP, 2027):
        bank = settlee.send(
            settlee.open(f"/pay/{row['demand']}/"), lambda form: form.method == "post" and not form.action
        )
        settlee.send(bank, lambda form: "account" in form.fields, {"act": "pay"})
    verify_all(page("mdo"))
    assert act(api, "collector", GIVEN_UP, "accept_surrender", reference="DM/304", sure=True)[0] == 200
    shown = words_of(page("mdo").open(f"/office/leases/{GIVEN_UP}/life/").text)
    assert "Security held ₹ 0" in shown
    assert stops(api, GIVEN_UP) and "HLD-04" in stops(api, GIVEN_UP)


def verify_all(officer):
    listed = officer.open("/office/payments/").text
    numbers = {part.split("/")[0] for part in listed.split('href="/office/payments/')[1:] if part[0] == "R"}
    for number in sorted(numbers):
        at = officer.open(f"/office/payments/{number}/")
        officer.send(at, lambda form: form.fields.get("act") == "verify", {"reason": "seen"})


@pytest.mark.row("E-112")
def test_dues_on_surrender_are_asked_for_twenty_one_days_before_a_certificate_case(page, api, clock):
    if clock.now().date() < date(2027, 2, 1):
        pass_days(clock, (date(2027, 2, 1) - clock.now().date()).days)
    assert act(api, "collector", RUNNING, "open_certificate_case", number="C/1") == (409, ["LSE-23"])
    given = {"kind": "surrender_dues", "grounds": "Surrender", "other_rupees": None}
    assert act(api, "collector", RUNNING, "issue_notice", **given)[0] == 200
    mine = words_of(page(ITS_SETTLEE).open(f"/settlee/leases/{RUNNING}/life/").text)
    assert f"{clock.now() + timedelta(days=21):%d.%m.%Y}" in mine
    pass_days(clock, 20)
    assert act(api, "collector", RUNNING, "open_certificate_case", number="C/1") == (409, ["LSE-23"])
    pass_days(clock, 2)
    assert act(api, "collector", RUNNING, "open_certificate_case", number="C/1")[0] == 200
    assert "C/1" in words_of(page("mdo").open(f"/office/leases/{RUNNING}/life/").text)


@pytest.mark.row("E-108", "E-110")
def test_deeper_than_three_metres_never_and_more_quantity_costs_in_proportion(page, api, clock):
    from_on = f"{clock.now() + timedelta(days=1):%Y-%m-%d}"
    order = {"reference": "SEIAA/9", "from_on": from_on, "depth_before_m": "2.00", "quantity_m3": 184800}
    deeper = act(api, "collector", RUNNING, "increase_quantity", depth_m="3.50", **order)
    assert deeper == (409, ["LSE-21"])
    before = falling_due(page, from_on)
    assert act(api, "collector", RUNNING, "increase_quantity", depth_m="3.00", **order)[0] == 200
    assert falling_due(page, from_on) == 2 * before  # 92,400 cubic metres become 1,84,800


def falling_due(page, from_on):
    """The instalments that fall due from a day on, in paise."""
    rows = dues_of(page(ITS_SETTLEE), RUNNING, "instalment")
    return sum(row["amount_paise"] for row in rows if row["due_on"] >= from_on)


@pytest.mark.row("E-109")
def test_pits_are_reported_as_refilled_every_month_or_the_desk_learns_it(page, api, clock):
    officer, last_on = page("mdo"), clock.now().date() - timedelta(days=29)
    given = {"on": str(last_on), "quantity_m3": "300.5", "place": "Pit 4"}
    assert act(api, "mdo", RUNNING, "report_refill", **given)[0] == 200
    assert "Pit 4" in words_of(officer.open(f"/office/leases/{RUNNING}/life/").text)
    finish(officer, desk(officer, "TRG-113", "Kalisthan"))
    pass_days(clock, 1)
    since = f"since {last_on:%d.%m.%Y}"  # a month that nobody reported before it may lie there too
    rows = clock.soon(lambda: [row for row in desk(officer, "TRG-113", "Kalisthan") if since in words_of(row)])
    assert len(rows) == 1
    assert "30 days everywhere" in words_of(officer.open("/law/LSE-53/").text)


@pytest.mark.row("E-081", "E-082")
def test_the_security_stays_without_interest_until_the_period_is_over(page, api):
    refused = act(api, "collector", SURVEYED, "refund_security", reference="DM/305")
    assert refused == (409, ["LSE-26"])
    shut = words_of(page("collector").open(f"/office/leases/{SURVEYED}/life/").text)
    assert "cannot be returned" in shut and "Security held" in shut


@pytest.mark.row("E-106")
def test_the_collector_fixes_a_price_that_covers_amount_costs_and_margin(page, clock):
    order = {
        "district": "Munger", "ghat": "", "number": "DM/306", "from_on": f"{clock.now() + timedelta(days=2):%Y-%m-%d}",
        "amount": "75.00", "costs": "120.00", "margin": "25.00", "reason": "Public interest",
    }  # fmt: skip
    collector = page("collector")

    def fix(price):
        at = collector.open("/office/prices/")
        return collector.send(at, lambda form: "margin" in form.fields, {**order, "price": price}, lawful=False)

    low = fix("200.00")
    assert low.status_code == 409 and "LSE-51" in codes_in(low.text) and "₹ 220" in words_of(low.text)
    assert "DM/306" in words_of(fix("230.00").text)


@pytest.mark.row("E-147")
def test_the_district_corrects_the_record_of_a_ghat_as_a_new_version(page, api):
    ghat = "MUN-2026-14"
    before = api().get(f"/api/v1/blocks/{ghat}")
    corners = [f"{lat}, {lon}" for lat, lon in before["corners"]]
    officer = page("mdo")
    given = {"mauza": "Mahuli", "reason": "GPS error", "reference": "DMO/12"}

    def correct(lines):
        at = officer.open(f"/office/ghats/{ghat}/")
        fields = {**given, "corners": "\n".join(lines)}
        return officer.send(at, lambda form: "mauza" in form.fields, fields, lawful=False)

    refused = correct(corners[:2])
    assert refused.status_code == 409 and "GHT-02" in codes_in(refused.text)
    moved = ["25.3804300, 86.5217000", *corners[1:]]
    assert "DMO/12" in words_of(correct(moved).text)
    after = api().get(f"/api/v1/blocks/{ghat}")
    assert (after["version"], after["corners"][0]) == (before["version"] + 1, [25.38043, 86.5217])


@pytest.mark.row("E-101", "E-105", "E-103", "E-104", "E-077")
def test_cheques_drafts_and_taxes_of_a_settlement_stand_in_its_register(page, clock):
    officer, here, today = page("mdo"), f"/office/leases/{RUNNING}/register/", f"{clock.now():%Y-%m-%d}"
    settlee = page(ITS_SETTLEE)
    open_rows = [row for row in dues_of(settlee, RUNNING, "instalment") if row["balance_paise"]]
    third, next_year = open_rows[0], open_rows[1]
    draft = next(row for row in dues_of(settlee, RUNNING, "dmf") if row["balance_paise"])

    def keep(name, row, **fields):
        at = officer.open(here)
        given = {"act": name, "demand": row["demand"], "amount": f"{row['balance_paise'] / 100:.2f}", **fields}
        return officer.send(at, lambda form: form.fields.get("act") == name, given, lawful=False)

    cheque = {"kind": "cheque", "bank": "SBI Munger", "dated_on": third["due_on"], "number": "445566"}
    assert "CHQ-01" in codes_in(keep("lodge", next_year, **cheque).text)  # the first of a year is paid online
    assert "CHQ-02" in codes_in(keep("lodge", third, **cheque, amount="1.00").text)
    late = f"{date.fromisoformat(third['due_on']) + timedelta(days=1)}"
    warned = words_of(keep("lodge", third, **{**cheque, "dated_on": late}).text)
    assert "after the due day" in warned and "445566" in warned
    assert "CHQ-06" in codes_in(keep("lodge", third, **{**cheque, "number": "445567"}).text)
    drawn = {"kind": "draft", "bank": "PNB Munger", "dated_on": today, "number": "778899"}
    assert "778899" in words_of(keep("lodge", draft, **drawn).text)
    gst = {"kind": "gst", "reference": "GST/9", "paid_on": today, "amount": "402772.50"}
    assert "GST/9" in words_of(keep("tax", third, **gst).text)
    assert "TAX-03" in codes_in(keep("tax", third, **gst).text)  # the same challan twice
    income = {"kind": "income_tax", "reference": "ITNS/4", "paid_on": today, "amount": "44752.50"}
    assert "ITNS/4" in words_of(keep("tax", third, **income).text)
    at = officer.open(here)
    deposited = officer.send(
        at, lambda form: form.fields.get("act") == "deposit", {"on": today, "reference": "CIN/77"}, lawful=False
    )
    assert "CIN/77" in words_of(deposited.text)
