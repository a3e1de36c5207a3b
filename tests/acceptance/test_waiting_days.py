"""A day that passes with nothing done stands on a desk, its post can be reminded, and what is done takes it away."""

import re
from datetime import timedelta

import pytest

from tests.doors import words_of

UNCOVERED = "BR08G1056"
#: Days that passed are looked for once a minute, and so is what was done about them.
A_TURN_S = 150


def opened_case(page, clock, plate):
    """A check post finds a loaded vehicle without tarpaulin; the number of the case that this opens."""
    post, officer = page("checkpost"), page("mdo")
    asked = {"q": plate, "load": "loaded", "cover": "no", "board": "yes"}
    before = cases_of(officer, plate)
    post.send(post.open("/checkpost/"), lambda form: form.method == "post" and "q" in form.fields, asked)
    (number,) = clock.soon(lambda: cases_of(officer, plate) - before)
    return number


def cases_of(officer, plate):
    return set(re.findall(r'href="/office/cases/([A-Z]+-C-\d+-\d+)/"', officer.open(f"/office/cases/?q={plate}").text))


def waiting(reader, case):
    """The address of the open task about a case's reply that a reader's desk shows; empty where there is none."""
    for lane in ("mine", "office"):
        listed = reader.open(f"/office/?lane={lane}&code=TRG-180&q={case}").text
        rows = [row for row in listed.split("<tr")[1:] if "/law/TRG-180/" in row and case in row]
        if rows:
            return re.findall(r'href="(/office/tasks/\d+/)"', rows[0])[0]
    return ""


@pytest.mark.row("A-12")
def test_a_reply_that_does_not_come_lands_on_the_desk_and_its_post_is_reminded_once_a_day(page, api, clock):
    officer, collector = page("mdo"), page("collector")
    case = opened_case(page, clock, UNCOVERED)
    sent = api("mdo").post(f"/api/v1/cases/{case}/acts/case.send_notice", {})
    assert sent.status_code < 300, sent.text
    assert not waiting(officer, case)
    clock.to(clock.now() + timedelta(days=15))
    task = clock.soon(lambda: waiting(officer, case), patience_s=A_TURN_S)
    assert task, "the day of the reply is over and stands on the desk of the district"
    assert "the reply of a show-cause notice was due by" in words_of(officer.open(task).text)  # TRG-180
    assert waiting(collector, case) == task  # who may remind is shown whose task it is

    def urge():
        number = task.rstrip("/").rsplit("/", 1)[-1]
        return api("collector").post(f"/api/v1/tasks/{number}/acts/task.urge", {})

    assert urge().status_code < 300
    again = urge()
    assert again.status_code == 409 and "CAS-30" in again.text  # a day has not passed
    clock.to(clock.now() + timedelta(hours=25))
    assert urge().status_code < 300
    replied = api("mdo").post(f"/api/v1/cases/{case}/acts/case.record_reply", {"reply": "It was covered at Bariyarpur"})
    assert replied.status_code < 300, replied.text
    assert clock.soon(lambda: not waiting(officer, case), patience_s=A_TURN_S), (
        "what is done takes the task away (TRG-181)"
    )
    assert "done" in words_of(officer.open(task).text)
