"""The schedule as a flow chart, a settlement before its permission, and two registers of the office."""

import pytest

from tests.doors import ask_challan, desk, forms_of, sum_asked, words_of


@pytest.mark.row("A-13")
def test_the_schedule_is_a_flow_chart_that_leads_to_its_clauses(page):
    chart = words_of(page().open("/schedule/").text)
    assert "Security 25 % within 5 days, earnest money adjusted Munger tender 2026, clause 20 i" in chart
    assert "First instalment 50 % verified before the deed Munger tender 2026, clause 24(ii)" in chart
    assert "Second instalment 25 % before 3 months are over" in chart
    assert "Third instalment 25 % before 6 months are over" in chart
    assert "Next year: 120 % of the year before" in chart and "60 days before the year begins" in chart


@pytest.mark.row("E-097")
def test_no_e_challan_before_clearances_instalment_and_deed_are_in_place(page, api):
    rows = {row["code"]: row for row in api("mdo").get("/api/v1/leases")}
    assert rows["MUN-2026-03"]["stopped_by"] == ["HLD-02"] and "HLD-02" not in rows["MUN-2026-02"]["stopped_by"]
    asked = ask_challan(page("shivam"), "MUN-2026-03", "BR08G1070")
    assert not asked.number and "HLD-02" in asked.refused_by
    assert "clause 23" in words_of(asked.html)


@pytest.mark.row("E-161")
def test_what_the_settlee_sends_is_deemed_checked_and_the_form_says_so(page):
    form = words_of(page("gangotri").open("/settlee/leases/MUN-2026-01/challans/new/").text)
    assert "deemed checked by your authorised person" in form and "clause 42(xxxii)" in form


@pytest.mark.row("D-07", "B-47")
def test_a_training_is_planned_and_its_attendance_noted(page, api):
    at_desk = page("hq")
    assert "Training" in words_of(at_desk.open("/registers/").text)
    planned = at_desk.send(
        at_desk.open("/registers/training/new/plan/"),
        lambda form: "begins_at" in form.fields,
        {
            "subject": "e-Challan for IT managers", "begins_at": "2026-11-20T11:00", "ends_at": "2026-11-24T16:00",
            "place": "Munger collectorate", "trainer": "BIPARD", "residential": "yes", "seats": "40",
        },
    )  # fmt: skip
    number = str(planned.url).rstrip("/").rsplit("/", 1)[-1]
    attendance = [{"person": "Sita Devi", "present": "yes"}, {"person": "Ram Singh", "present": "no"}]
    held = api("hq").post(f"/api/v1/entries/{number}/acts/hold", {"values": {"attendance": attendance}})
    assert held.status_code == 201, held.text
    entry = api("hq").get(f"/api/v1/entries/{number}")
    assert (entry["state"], len(entry["values"]["attendance"])) == ("held", 2)
    assert entry["values"]["trainer"] == "BIPARD" and entry["values"]["residential"]["answer"] == "yes"
    calendar = words_of(page("hq").open("/registers/training/").text)
    assert "e-Challan for IT managers" in calendar and "20.11.2026" in calendar


@pytest.mark.row("B-30")
def test_a_weekly_inspection_report_is_handed_in_and_seen_at_headquarters(page, api):
    officer = page("mdo")
    assert "Weekly inspection" in words_of(officer.open("/registers/").text)
    given = {"inspected_on": "2026-10-15", "ghat": "MUN-2026-01", "boards": "yes", "depth": "yes", "weighing": "yes"}
    sent = officer.send(
        officer.open("/registers/weekly_inspection/new/hand_in/"), lambda form: "inspected_on" in form.fields, given
    )
    number = str(sent.url).rstrip("/").rsplit("/", 1)[-1]
    seen = api("hq").get(f"/api/v1/entries/{number}")
    assert (seen["state"], seen["values"]["inspected_on"]) == ("handed_in", "2026-10-15")
    accepted = api("hq").post(f"/api/v1/entries/{number}/acts/accept", {"values": {}})
    assert accepted.status_code == 201 and accepted.json()["state"] == "accepted"


@pytest.mark.row("B-05")
def test_a_problem_is_logged_assigned_to_an_office_and_closed_with_an_answer(page, clock):
    visitor = page()
    asked = visitor.open("/complaints/new/?page=/help/")
    given = {"kind": "delay", "words": "Nobody measures the pit", "district": "Munger", "sum": sum_asked(asked.text)}
    made = visitor.send(asked, lambda form: "words" in form.fields, given)
    number, code = str(made.url).rstrip("/").rsplit("/", 2)[-2:]
    assert "District mining office, Munger" in words_of(made.text) and "waits for its answer" in words_of(made.text)
    assert clock.soon(lambda: desk(page("mdo"), "TRG-240", number)), "it lands on the district's desk"
    assert not desk(page("hq"), "TRG-240", number)
    officer = page("mdo")
    answer = {"reply": "It was measured on the spot"}
    officer.send(officer.open(f"/entries/{number}/acts/answer/"), lambda form: "reply" in form.fields, answer)
    assert "It was measured on the spot" in words_of(visitor.open(f"/complaints/{number}/{code}/").text)
    assert clock.soon(lambda: not desk(page("mdo"), "TRG-240", number)), "the task is done"


@pytest.mark.row("E-018")
def test_a_person_keeps_filters_under_names_that_he_alone_sees_and_so_many(page):
    officer, path = page("hq"), "/registers/training/"
    asked = officer.open(f"{path}?q=printer")
    form = next(form for form in forms_of(asked.text) if form.fields.get("path") == path)

    def keep(number):
        sent, from_list = {**form.fields, "name": f"Printers {number}"}, {"Referer": str(asked.url)}
        return officer.http.post("/filters/", data=sent, headers=from_list, follow_redirects=False)

    assert {keep(number).status_code for number in range(40)} == {302}
    more = keep(40)
    assert more.status_code == 409 and "ACC-12" in more.text
    kept = officer.open(path)
    assert f'href="{path}?q=printer"' in kept.text and "Printers 7" in words_of(kept.text)
    assert "Printers" not in words_of(page("mdo").open("/filters/").text)
    forgotten = officer.send(officer.open("/filters/"), lambda form: form.action.startswith("/filters/"))
    assert "The filter is removed." in words_of(forgotten.text)
