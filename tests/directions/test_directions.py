"""Directions from the minutes to the desk, the report, the difficulty and the word of the chair."""

from datetime import date, timedelta

import pytest

from immis.core.errors import Refusal
from immis.directions import selectors
from immis.directions.jobs import remind_owners
from immis.directions.models import Assignment, Direction, Meeting
from immis.directions.papers import compliance_pdf
from immis.directions.services import following
from immis.directions.services.confirming import Answer, confirm
from immis.directions.services.minutes import discard
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import FailedEvent, Task
from immis.messaging.models import Message
from tests.directions.reviews import ANSWERS, FILE, MORNING, NOON, actor, confirmed, draft, point, read_apart, said
from tests.settlement import treasury, world

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db


def why(act, **given):
    with pytest.raises(Refusal) as caught:
        act(**given)
    return [finding.code for finding in caught.value.findings]


def tasks(code):
    return list(Task.objects.filter(code=code, state="open").order_by("pk"))


def report(world, mark, name="nic", *, done=True, at=NOON):
    return following.report(direction=point(mark), done=done, text="done", by=actor(world, name), at=at)


@pytest.mark.flow
def test_a_draft_counts_for_nothing_until_all_that_is_asked_is_answered(world):
    row = draft(world)
    assert not Direction.objects.exists() and row.state == Meeting.DRAFT
    assert why(draft, world=world) == ["DIR-06"]
    assert why(confirm, meeting=row, given=said(answers={}), by=actor(world, "it_manager"), at=NOON) == ["DIR-03"]
    unknown = said(answers={**ANSWERS, 9: Answer(repeats="MTG-99-0001-01")})
    assert why(confirm, meeting=row, given=unknown, by=actor(world, "it_manager"), at=NOON) == ["DIR-03"]
    discard(meeting=row, by=actor(world, "it_manager"), at=NOON)
    assert why(confirm, meeting=row, given=said(), by=actor(world, "it_manager"), at=NOON) == ["DIR-03"]
    assert draft(world).number != row.number  # what was put aside may be handed in again


def test_a_paper_is_read_in_a_child():
    assert len(read_apart(FILE.read_bytes(), "review.txt").facts.points) == 16


@pytest.mark.flow
def test_confirmed_points_land_on_the_desks_of_their_owners_with_both_days(world):
    row = confirmed(world)
    assert row.directions.count() == 16 and not FailedEvent.objects.exists()
    first = point("i")
    assert (first.due_on, first.due_by_meeting) == (date(2026, 5, 27), date(2026, 5, 19))
    assert first.carried == 1 and {a.post for a in first.assignments.all()} == {"hq", "it_manager"}
    assert {a.post for a in point("xvi").assignments.all()} >= {"nic", "hq", "it_manager", "district"}
    assert {a.district for a in point("ii").assignments.all()} >= {"Munger"}
    assert {task.role for task in tasks("TRG-290")} == {"hq", "it_manager", "nic", "district"}
    assert point("ii").figure == "fenced" and point("xi").figure == "istp"
    assert Message.objects.filter(template="MSG-296").exists()
    assert compliance_pdf(row, selectors.directions(actor(world, "hq")), at=NOON).startswith(b"%PDF")


@pytest.mark.flow
def test_the_owner_reports_the_chair_closes_and_nobody_else(world):
    confirmed(world)
    nic, secretary = actor(world, "nic"), actor(world, "secretary")
    assert why(following.report, direction=point("xii"), done=True, text="x", by=nic, at=NOON) == ["DIR-04"]
    row = report(world, "iii")
    run_triggers(at=NOON)
    assert row.state == "reported" and [task.role for task in tasks("TRG-291")] == ["secretary"]
    assert "MTG-26-0001-03-01" not in [task.subject_id for task in tasks("TRG-290")]
    assert why(following.close, direction=row, text="x", by=nic, at=NOON) == ["DIR-05"]
    assert why(following.close, direction=row, text="x", by=actor(world, "hq"), at=NOON) == ["DIR-05"]
    following.send_back(direction=row, text="paper is missing", by=secretary, at=NOON)
    run_triggers(at=NOON)
    assert [task.subject_id for task in tasks("TRG-294")] == ["MTG-26-0001-03-01"] and not tasks("TRG-291")
    report(world, "iii")
    following.close(direction=row, text="seen", by=secretary, at=NOON)
    run_triggers(at=NOON)
    assert point("iii").state == "closed" and point("iii").closed_by_name
    assert not Task.objects.filter(subject_id__startswith="MTG-26-0001-03", state="open").exists()
    assert why(following.report, direction=row, done=True, text="x", by=nic, at=NOON) == ["DIR-04"]


@pytest.mark.flow
def test_a_report_of_one_district_leaves_the_task_of_its_neighbour(world):
    confirmed(world)
    others = Assignment.objects.filter(direction=point("ii")).exclude(district="Munger").count()
    row = following.report(direction=point("ii"), done=True, text="done", by=world.district, at=NOON)
    run_triggers(at=NOON)
    assert (row.state == "open") == bool(others)
    open_now = {task.subject_id for task in tasks("TRG-290")}
    assert len([key for key in open_now if key.startswith("MTG-26-0001-02")]) == others


@pytest.mark.flow
def test_a_difficulty_is_raised_to_headquarters_and_settled_there(world):
    confirmed(world)
    nic = actor(world, "nic")
    given = {"direction": point("xi"), "kind": "legal", "text": "no order", "by": nic, "at": NOON}
    following.raise_difficulty(**given)
    run_triggers(at=NOON)
    assert [task.role for task in tasks("TRG-292")] == ["hq"]
    assert why(following.raise_difficulty, **given) == ["DIR-08"]
    settle = {"direction": point("xi"), "text": "order is out", "by": actor(world, "hq"), "at": NOON}
    following.settle_difficulty(**settle)
    run_triggers(at=NOON)
    assert not tasks("TRG-292") and why(following.settle_difficulty, **settle) == ["DIR-09"]


@pytest.mark.flow
def test_who_got_a_copy_says_once_that_he_has_read_it(world):
    row = confirmed(world)
    following.acknowledge(meeting=row, by=actor(world, "nic"), at=NOON)
    assert why(following.acknowledge, meeting=row, by=actor(world, "nic"), at=NOON) == ["DIR-10"]
    assert why(following.acknowledge, meeting=row, by=world.collector, at=NOON) == ["DIR-10"]


@pytest.mark.flow
def test_days_follow_the_issue_when_it_is_entered_later(world):
    row = confirmed(world, issued_on=None)
    assert point("ix").due_on == date(2026, 5, 19)  # from the meeting, until they are issued
    following.issue(meeting=row, memo_no="214", issued_on=date(2026, 5, 28), by=actor(world, "hq"), at=NOON)
    assert point("ix").due_on == date(2026, 6, 4) and point("ix").due_by_meeting == date(2026, 5, 19)


@pytest.mark.flow
def test_owners_are_reminded_once_a_month_and_before_the_day(world):
    confirmed(world)
    assert remind_owners(at=NOON) == point("i").assignments.count() + point("ix").assignments.count()
    assert remind_owners(at=NOON) == 0
    month = NOON + timedelta(days=31)
    assert remind_owners(at=month) == Assignment.objects.count()
    run_triggers(at=month)
    assert Message.objects.filter(template="MSG-295").exists()


def test_a_district_sees_its_own_directions_and_headquarters_all(world):
    confirmed(world)
    assert {row.mark for row in selectors.directions(world.district)} == {"ii", "xvi"}
    assert selectors.directions(actor(world, "secretary")).count() == 16
    assert not selectors.directions(world.settlee).exists() and MORNING < NOON


@pytest.mark.flow
def test_a_direction_that_is_given_again_is_linked_and_counted(world):
    confirmed(world)
    again = {**ANSWERS, 9: Answer(repeats="MTG-26-0001-09")}
    row = confirmed(world, held_on="19.05.2026", answers=again)
    later = row.directions.get(mark="ix")
    assert later.repeats.number == "MTG-26-0001-09" and later.carried == 2
    assert [each.number for each in later.repeats.repeated_by.all()] == [later.number]
