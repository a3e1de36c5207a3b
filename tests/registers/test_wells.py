"""What a declaration can say beyond fields and states, on a fictional register: reports, places, times, holidays."""

from datetime import date, timedelta

import pytest
from django.test import Client

from immis.core.models import OutboxEvent
from immis.messaging.models import Message
from immis.registers import clocks, selectors
from immis.registers.clocks import running
from immis.registers.jobs import climb_rungs, redate_clocks, send_reports
from immis.registers.models import Entry
from immis.registers.selectors import Find
from immis.registers.services import Given, Unfit, acts_now, do_act, enter
from immis.registry.selectors import users
from immis.rules import holidays
from immis.rules.marks import Faults
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.registers.conftest import AT
from tests.registers.fictional import WELLS, load_wells

LIST = "/registers/wells/"


@pytest.fixture
def wells(tmp_path, monkeypatch, people):
    return load_wells(tmp_path, monkeypatch)


def well(by, at=AT, **values) -> Entry:
    return enter("wells", "enter", {"name": "Old Fort Well", "kind": "dug", **values}, by=by, at=at)


def client_of(username: str) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(users(username=username).get())
    client.cookies[LANGUAGE_COOKIE] = "en"
    return client


def test_a_report_goes_once_to_each_office_of_its_posts_over_what_that_office_sees(wells, people):
    well(people.munger)
    well(people.munger, kind="bored")
    well(people.patna)
    july = AT.replace(month=7)
    assert send_reports(at=july) == 3 and send_reports(at=july + timedelta(days=3)) == 0
    told = {row.to_id: row.facts for row in Message.objects.filter(template="MSG-141")}
    assert set(told) == {str(people.hq.office_id), str(people.munger.office_id), str(people.patna.office_id)}
    assert told[str(people.munger.office_id)]["lines"] == {"en": "Bored: 1\nDug: 1", "hi": "बोर: 1\nखुदा: 1"}
    assert told[str(people.patna.office_id)]["lines"]["en"] == "Dug: 1"
    assert told[str(people.hq.office_id)]["lines"]["en"] == "Dug: 2\nBored: 1"
    assert told[str(people.hq.office_id)]["first_on"] == "2026-06-01"
    assert Message.objects.filter(template="MSG-141").count() == 3


def test_an_entry_with_a_place_stands_on_the_map_of_its_list_and_a_private_place_does_not(wells, people, at):
    at.set(AT)
    entry = well(people.munger, place="25.3, 86.5", hidden="25.4, 86.6")
    well(people.munger, kind="bored", place="25.1, 86.1")
    Entry.objects.update(entered_by=0)
    client = client_of("munger")
    page = client.get(LIST).content.decode()
    assert "format=geojson" in page and f'data-feature="{entry.number}"' in page
    shown = client.get(f"{LIST}?kind=dug&format=geojson").json()["features"]
    assert [(row["properties"]["id"], row["geometry"]["coordinates"]) for row in shown] == [
        (entry.number, [86.5, 25.3])
    ]
    assert client_of("patna").get(f"{LIST}?format=geojson").json()["features"] == []


def test_a_form_keeps_what_is_being_written_on_the_device_of_who_writes_it(wells, people, at):
    at.set(AT)
    client, user = client_of("munger"), users(username="munger").get()
    page = client.get(f"{LIST}new/enter/").content.decode()
    assert f'data-draft="{user.pk}:{LIST}new/enter/"' in page and "js/draft.js" in page
    assert "data-draft-refused" not in page
    assert "data-draft-refused" in client.post(f"{LIST}new/enter/", {"name": ""}).content.decode()
    taken = client.post(f"{LIST}new/enter/", {"name": "Well", "kind": "dug"}, follow=True).content.decode()
    assert "data-draft-taken" in taken


def test_a_new_holiday_moves_the_due_day_of_open_entries_and_climbs_no_rung_twice(wells, people, monkeypatch):
    entry = well(people.munger)
    # Friday 5 June, three working days: Saturday, Monday, Tuesday 9 June
    assert entry.due_at.isoformat() == "2026-06-09T18:30:00+00:00"
    assert redate_clocks(at=AT) == 0
    known = holidays.calendars()
    bihar = known["bihar"]
    more = holidays.Calendar(bihar.weekly, bihar.yearly, bihar.single | {date(2026, 6, 8)})
    monkeypatch.setattr(clocks, "calendars", lambda: {**known, "bihar": more})
    assert climb_rungs(at=entry.due_at) == 1
    assert redate_clocks(at=AT + timedelta(hours=1)) == 1
    entry.refresh_from_db()
    assert entry.due_at.isoformat() == "2026-06-10T18:30:00+00:00"
    assert OutboxEvent.objects.get(kind="register.redated").facts["was_at"] == "2026-06-09T18:30:00+00:00"
    assert redate_clocks(at=AT + timedelta(hours=2)) == 0
    climb_rungs(at=entry.due_at)
    assert OutboxEvent.objects.filter(kind="register.rung").count() == 1


def test_the_last_day_that_stands_in_an_entry_ends_it_by_itself(wells, people):
    entry = well(people.munger, until="2026-06-20")
    assert [(clock.name, due.due_on) for clock, _, due in running(entry, wells)] == [
        ("look", date(2026, 6, 9)), ("term", date(2026, 6, 20))
    ]  # fmt: skip
    climb_rungs(at=AT + timedelta(days=5))
    entry.refresh_from_db()
    assert entry.state == "open"
    climb_rungs(at=AT + timedelta(days=16))
    entry.refresh_from_db()
    assert (entry.state, entry.due_at, entry.done.last().role) == ("lapsed", None, "system")
    late = well(people.munger, until="2026-05-01")  # entered after its last day
    assert climb_rungs(at=AT) == 1
    late.refresh_from_db()
    assert late.state == "lapsed"


@pytest.mark.parametrize(("asked", "seen"), [("", 1), ("?state=all", 2), ("?state=seen", 1), ("?state=overdue", 0)])
def test_a_list_that_begins_with_what_is_open(wells, people, at, asked, seen):
    at.set(AT)
    well(people.munger)
    done = well(people.munger)
    do_act(register=wells, act=wells.acts["look"], given=Given({}), by=people.munger, at=AT, entry=done)
    assert client_of("munger").get(LIST + asked).content.decode().count("<tr data-row") == seen


def test_an_overdue_entry_is_found_and_drawn_red(wells, people, at):
    well(people.munger)
    at.set(AT + timedelta(days=9))
    page = client_of("munger").get(f"{LIST}?state=overdue").content.decode()
    assert page.count("<tr data-row") == 1 and "open, overdue" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [("old fort", 1), ("FORT", 1), ("well", 1), ("fort well", 1), ("ort", 0), ("WEL-2026", 1), ("wel-2026-000001", 1)],
)
def test_a_text_is_found_by_the_beginning_of_any_of_its_words_whatever_the_case(wells, people, text, found):
    well(people.munger)
    assert selectors.entries(people.munger, wells, Find(text=text)).count() == found


def test_what_the_system_does_nobody_else_may_and_a_remark_may_be_left_out(wells, people):
    entry = well(people.munger)
    assert [act.name for act in acts_now(wells, entry, people.munger)] == ["look"]
    done = do_act(register=wells, act=wells.acts["look"], given=Given({}), by=people.munger, at=AT, entry=entry)
    assert done.state == "seen"
    with pytest.raises(Unfit):
        well(people.munger, kind="blown")


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ("then: lapse", "then: look", "the system may not do 'look'"),
        ("length: 3", "length: DEV-66", "'DEV-66' is none of them"),
        ("until: until, ", "", "how long is term?"),
        ("until: until, ", "until: unti, ", "did you mean until?"),
        ("who: [district, hq]", "who: [district]", "hq does not read it"),
        ("shows: open", "shows: closed", "'closed' is none of them"),
        ("prefix: WEL", "read: device.reed_faults\nprefix: WEL", "did you mean device.read_faults?"),
    ],
)
def test_a_faulty_clock_or_grant_is_told(tmp_path, monkeypatch, wrong, right, words):
    assert wrong in WELLS
    with pytest.raises(Faults) as told:
        load_wells(tmp_path, monkeypatch, WELLS.replace(wrong, right, 1))
    assert any(words in str(fault) for fault in told.value.faults), [str(fault) for fault in told.value.faults]
