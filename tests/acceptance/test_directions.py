"""Directions of meetings: from minutes as they stand to the word of the chair."""

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.doors import PAPER, words_of

FILE = Path(__file__).resolve().parents[2] / "immis" / "commands" / "demo" / "directions" / "review_2026.txt"
KEEPER, CHAIR, OWNER = "it-manager", "secretary", "nic"
LETTER = """पत्रांक- {memo}
पटना, दिनांक- {day}
सेवा में,

आई0टी0 प्रबंधक

विषय :- मंत्रिपरिषद की टिप्पणी का अनुपालन।

महाशय,

आपको निदेश दिया जाता है कि 10 दिनों के अन्दर आँकड़े अद्यतन करें।

विश्वासभाजन
"""
REVIEW = """दिनांक-{day} को सचिव, खान एवं भूतत्व विभाग की अध्यक्षता में आई.टी. प्रबंधकों के साथ लोक शिकायत निवारण अधिनियम, लोक सेवाओं का अधिकार अधिनियम, HRMS के कार्यान्वयन की समीक्षा वीडियो कांफ्रेंसिंग से समीक्षा की कार्यवाही।

- i. दैनिक प्रतिवेदन {memo} उपलब्ध कराया जाए।

(अनुपालन :- IT Manager)

धन्यवाद
"""  # noqa: E501


def today(clock):
    return clock.now().astimezone(ZoneInfo("Asia/Kolkata")).date()


def take_in(page, text):
    """Hand in a text on the page of meetings; answers the number of its draft."""
    keeper = page(KEEPER)
    files = {"paper": ("minutes.txt", text.encode(), "text/plain")}
    answer = keeper.send(keeper.open("/office/meetings/"), lambda form: "paper" in form.files, files=files)
    return str(answer.url).rstrip("/").rpartition("/")[2]


def confirm(page, api, number, day, answers=None, series="Review"):
    """Answer what is asked back, by the API; answers what it says."""
    given = {
        "series": series, "chair_post": "secretary", "memo_no": "214", "issued_on": str(day),
        "attendance": "Attached", "answers": json.dumps(answers or {}),
    }  # fmt: skip
    return api(KEEPER).post(f"/api/v1/meetings/{number}/acts/meeting.confirm", given)


ASKED = {"1": {"repeats": "before"}, "9": {"repeats": "before"}, "16": {"owners": ["all"]}}


def review(page, api, clock):
    """A review of today with the text of the demo; answers the number of its meeting and the day of its issue."""
    day, stamp = today(clock), f"{clock.now().timestamp():.0f}"
    text = FILE.read_text(encoding="utf8").replace("२१४", stamp).replace("12.05.2026", f"{day:%d.%m.%Y}")
    number, issued = take_in(page, text), day + timedelta(days=3)
    asked = confirm(page, api, number, issued)
    assert asked.status_code == 409 and "xvi" in asked.text and "DIR-03" in asked.text
    done = confirm(page, api, number, issued, ASKED)
    assert done.status_code == 200, done.text
    return number, day, issued


def act(api, who, number, name, **given):
    return api(who).post(f"/api/v1/directions/{number}/acts/direction.{name}", given)


@pytest.mark.row("A-01")
def test_minutes_become_points_by_command_and_what_is_none_is_refused(command, tmp_path):
    done = command("minutes", "import", str(FILE), "--json", "--dry-run")
    points = done.whole_json["points"]
    assert done.code == 0 and [len(points), points[0]["number"], points[15]["number"]] == [16, "i", "xvi"]
    assert points[0]["due_by_meeting"] == "2026-05-19" and points[0]["due_by_circulation"] == "2026-05-27"
    assert points[1]["owners"][0]["post"] == "district" and points[15]["asks"] == ["owner"]
    other = tmp_path / "report.txt"
    other.write_text("वार्षिक प्रतिवेदन", encoding="utf8")
    assert command("minutes", "import", str(other), "--json").code == 2


@pytest.mark.row("A-01", "A-02", "A-04", "A-22", "A-30", "A-31", "A-32")
def test_a_direction_goes_from_the_minutes_to_its_owner_and_is_closed_by_the_chair(page, api, clock):
    number, day, issued = review(page, api, clock)
    head = words_of(page(CHAIR).open(f"/office/meetings/{number}/").text)
    assert "Attached" in head and f"{issued:%d.%m.%Y}" in head and "NIC, " in head
    for mark in ("01", "09"):  # seven days by both readings, given before
        point = words_of(page(CHAIR).open(f"/office/directions/{number}-{mark}/").text)
        days = [f"{start + timedelta(days=7):%d.%m.%Y}" for start in (day, issued)]
        assert f"{days[0]} / {days[1]}" in point and "given before: 1" in point
    report, owner = {"how": "done", "text": "In place since Monday"}, page(OWNER)
    files = {"document": ("evidence.pdf", PAPER, "application/pdf")}
    form = owner.open(f"/office/directions/{number}-09/")
    owner.send(form, lambda form: form.fields.get("act") == "report", report, files=files)
    refused = act(api, OWNER, f"{number}-09", "close", text="Done")
    assert refused.status_code == 409 and "DIR-05" in refused.text  # never by its owner
    assert act(api, CHAIR, f"{number}-09", "close", text="Seen").status_code == 200
    closed = words_of(page(CHAIR).open(f"/office/directions/{number}-09/").text)
    assert "closed by the chair" in closed and "In place since Monday" in closed and "Evidence" in closed
    met = act(api, "hq", f"{number}-15", "report", how="done", text="Met NIC and Transport; range is 10.0.0.0/8")
    assert met.status_code == 200 and "reported" in page("hq").open(f"/office/directions/{number}-15/").text
    assert act(api, OWNER, f"{number}-11", "raise", kind="legal", text="No order yet").status_code == 200
    assert "DIR-08" in act(api, OWNER, f"{number}-11", "raise", kind="legal", text="Again").text
    raised = words_of(page("hq").open("/office/directions/?only=difficulty").text)
    assert f"{number}-11" in raised and "difficulty: legal" in raised
    read = api(OWNER).post(f"/api/v1/meetings/{number}/acts/meeting.acknowledge", {})
    again = api(OWNER).post(f"/api/v1/meetings/{number}/acts/meeting.acknowledge", {})
    assert read.status_code == 200 and again.status_code == 409 and "DIR-10" in again.text
    assert page(CHAIR).open(f"/office/meetings/{number}/report.pdf").content.startswith(b"%PDF-")


@pytest.mark.row("B-01")
def test_a_review_is_on_record_with_its_purpose(page, api, clock):
    """A video conference of IT managers, and a letter on remarks of the Cabinet in a series of its own."""
    day, stamp = today(clock), f"{clock.now().timestamp():.0f}"
    held = take_in(page, REVIEW.format(day=f"{day:%d.%m.%Y}", memo=stamp))
    assert "DIR-03" in page(KEEPER).open(f"/office/meetings/{held}/").text  # nothing counts before it is confirmed
    assert confirm(page, api, held, day, series="IT managers").status_code == 200
    seen = words_of(page(KEEPER).open(f"/office/meetings/{held}/").text)
    assert "HRMS" in seen and f"{day:%d.%m.%Y}" in seen and "IT managers" in seen


@pytest.mark.row("A-26")
def test_documents_of_the_systems_are_on_record_with_version_and_from_whom(page, api):
    keeper, given = page(KEEPER), {"system": "vlts", "kind": "frs", "title_of": "FRS of VLTS", "version": "2.1"}
    given |= {"dated_on": "2024-04-01", "received_on": "2026-05-28", "received_from": "NIC, Patna"}
    form = keeper.open("/registers/source_documents/new/enter/")
    bare = keeper.send(form, lambda form: "paper" in form.files, given, lawful=False)
    assert bare.status_code in (409, 422)  # no document is received without its file
    files = {"paper": ("frs.pdf", PAPER, "application/pdf")}
    entered = words_of(keeper.send(form, lambda form: "paper" in form.files, given, files=files).text)
    assert "FRS of VLTS" in entered and "2.1" in entered and "NIC, Patna" in entered and "received" in entered
    asked = {"system": "khanansoft", "kind": "srs", "title_of": "SRS of Khanansoft", "asked_on": "2026-05-27"}
    waits = api(KEEPER).post("/api/v1/registers/source_documents/acts/ask", {"values": asked})
    assert waits.json()["state"] == "asked" and waits.json()["acts"] == ["receive"]


@pytest.mark.row("A-29")
def test_a_proposal_states_load_storage_and_availability_for_the_data_centre(page):
    keeper = page(KEEPER)
    small = words_of(keeper.open("/office/capacity/?challans=20000&devices=15000").text)
    large = words_of(keeper.open("/office/capacity/?challans=200000&devices=150000").text)
    assert "Reckoned from 20000 e-challans on the busiest day and 15000 devices" in small
    assert "1 × 2 cores, 8 GB" in small and "99.9 %" in small and "Storage (GB)" in small
    assert "1 × 5 cores, 20 GB" in large and "3 × 3 cores" in large
    assert keeper.open("/office/capacity/?challans=20000&devices=15000&paper=1").content.startswith(b"%PDF-")
