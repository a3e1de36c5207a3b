"""Declared registers by page, API and command: enter, find, act, import, export; private fields at every door."""

import csv
import io
import json

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse

from immis.cli import main
from immis.core.models import OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.registers.jobs import climb_rungs, count_duties
from immis.registers.loader import current
from immis.registers.models import DutyPeriod, Entry
from immis.registers.services import Given, do_act
from immis.registry.selectors import actor_of, users
from immis.web.registers.words import fault_text
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.registers.conftest import AT, people  # noqa: F401

FAULTS = ("required", "long", "letters", "number", "small", "great", "money", "day", "instant", "choice", "yes_no",
          "point", "rows", "file", "reference", "column", "missing")  # fmt: skip
VISIT = {"came_at": "2026-06-05T10:15", "visitor": "राम कुमार", "purpose": "application", "phone": "9000000001"}


@pytest.fixture(autouse=True)
def _at(at, people, data_dir):  # noqa: F811
    at.set(AT)


def client_of(username: str, language: str = "en") -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(users(username=username).get())
    client.cookies[LANGUAGE_COOKIE] = language
    return client


def enter(client: Client, **values):
    return client.post(reverse("register_new", args=["visitors", "enter"]), {**VISIT, **values}, follow=True)


def test_an_officer_finds_the_registers_of_his_post_and_enters_a_visitor():
    client = client_of("munger")
    assert reverse("register", args=["visitors"]) in client.get(reverse("registers")).content.decode()
    assert reverse("registers") in client.get(reverse("desk")).content.decode()
    page = enter(client)
    entry = Entry.objects.get()
    assert page.redirect_chain[-1][0] == reverse("entry", args=[entry.number])
    text = page.content.decode()
    assert entry.number == "VIS-2026-000001" and "राम कुमार" in text and "05.06.2026, 10:15" in text
    met = client.post(
        reverse("entry_act", args=[entry.number, "meet"]), {"outcome": "heard", "act_revision": 1}, follow=True
    )
    assert "heard" in met.content.decode() and Entry.objects.get().state == "met"


def test_what_does_not_fit_is_told_at_its_field_and_nothing_is_kept():
    page = enter(client_of("munger"), purpose="other", came_at="0001-01-01T00:00")
    text = page.content.decode()
    assert page.status_code == 422 and "A day and time" in text and "This is needed." in text and "राम कुमार" in text
    assert not Entry.objects.exists()


@pytest.mark.parametrize("code", FAULTS)
@pytest.mark.parametrize("allowed", ["", 12, ("a", "b")])
def test_every_fault_has_its_words_whatever_is_allowed(code, allowed):
    assert fault_text(code, allowed) not in ("", code)


def test_a_number_too_long_is_told_at_its_field():
    assert "At most 15 letters." in enter(client_of("munger"), phone="9" * 30).content.decode()


def test_another_district_and_a_stranger_see_nothing():
    enter(client_of("munger"))
    number = Entry.objects.get().number
    other = client_of("patna")
    assert other.get(reverse("entry", args=[number])).status_code == 404
    assert number not in other.get(reverse("register", args=["visitors"])).content.decode()
    assert other.post(reverse("entry_act", args=[number, "meet"]), {"outcome": "x"}).status_code == 404
    assert Client(headers={"host": "127.0.0.1"}).get(reverse("register", args=["visitors"])).status_code in (302, 403)


DOORS = ("page", "list", "csv", "api", "api list", "search")


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("post", "sees"), [("hq", True), ("munger", True), ("collector", False), ("post", False)])
def test_a_private_field_is_shown_to_its_posts_at_every_door(door, post, sees):
    enter(client_of("munger"))
    Entry.objects.update(entered_by=0, office_id=users(username=post).get().posts.get().office_id)
    client, number = client_of(post), Entry.objects.get().number
    answers = {
        "page": lambda: client.get(reverse("entry", args=[number])),
        "list": lambda: client.get(reverse("register", args=["visitors"])),
        "csv": lambda: client.get(reverse("register", args=["visitors"]) + "?format=csv"),
        "api": lambda: client.get(f"/api/v1/entries/{number}"),
        "api list": lambda: client.get("/api/v1/registers/visitors/entries"),
        "search": lambda: client.get(reverse("register", args=["visitors"]) + "?q=9000000001"),
    }
    answer = answers[door]()
    assert answer.status_code == 200
    if door == "search":  # it is not searched: finding the entry by it would tell it
        assert number.encode() not in answer.content
    elif door == "list":  # it is no column
        assert number.encode() in answer.content and b"9000000001" not in answer.content
    else:
        assert number.encode() in answer.content and (b"9000000001" in answer.content) == sees


def test_the_api_does_the_same_acts_with_the_same_refusals():
    client = client_of("munger")
    send = {"content_type": "application/json"}
    made = client.post("/api/v1/registers/visitors/acts/enter", json.dumps({"values": VISIT, "key": "k1"}), **send)
    again = client.post("/api/v1/registers/visitors/acts/enter", json.dumps({"values": VISIT, "key": "k1"}), **send)
    assert made.status_code == again.status_code == 201 and made.json()["number"] == again.json()["number"]
    number = made.json()["number"]
    assert made.json()["acts"] == ["meet", "leave"]
    wrong = client.post(f"/api/v1/entries/{number}/acts/meet", json.dumps({"values": {}}), **send)
    assert wrong.status_code == 422 and wrong.json()["fields"]["outcome"]["code"] == "required"
    clash = client.post(
        f"/api/v1/entries/{number}/acts/meet", json.dumps({"values": {"outcome": "x"}, "revision": 9}), **send
    )
    assert clash.status_code == 409 and clash.json()["findings"][0]["code"] == "RGS-02"
    done = client.post(f"/api/v1/entries/{number}/acts/meet", json.dumps({"values": {"outcome": "x"}}), **send)
    assert done.json()["state"] == "met"
    late = client.post(f"/api/v1/entries/{number}/acts/leave", json.dumps({"reason": "x"}), **send)
    assert late.status_code == 409 and late.json()["findings"][0]["code"] == "RGS-01"
    schema = client.get("/api/v1/registers/visitors/schema").json()
    assert schema["enter"]["properties"]["purpose"]["enum"] == ["application", "complaint", "hearing", "other"]


def sheet(rows) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_a_sheet_is_checked_first_and_then_its_good_rows_are_taken():
    client = client_of("munger")
    head = ["came_at", "आगंतुक का नाम", "Purpose", "about"]
    rows = [
        head, ["05.06.2026 10:00", "Ram", "application", ""], ["soon", "＝1+1 Sita", "hearing", ""],
        ["05.06.2026 11:00", "Gita", "शिकायत", "dust"],
    ]  # fmt: skip
    file = io.BytesIO(sheet(rows))
    file.name = "visitors.csv"
    address = reverse("register_import", args=["visitors"])
    checked = client.post(address, {"act": "enter", "file": file}).content.decode()
    assert "3 rows, 2 of them good" in checked and "soon" in checked and not Entry.objects.exists()
    taken = client.post(address, {"step": "take"}).content.decode()
    assert "2 rows taken, 0 there already" in taken and Entry.objects.count() == 2
    again = client.post(address, {"step": "take"}).content.decode()
    assert "0 rows taken, 2 there already" in again and Entry.objects.count() == 2
    rest = client.post(address, {"step": "rest"}).content.decode()
    assert "soon,'＝1+1 Sita," in rest and "came_at: instant" in rest and "Gita" not in rest


def test_a_column_that_is_none_of_the_register_s_is_named():
    file = io.BytesIO(sheet([["came", "visitor", "purpose"], ["x", "y", "hearing"]]))
    file.name = "visitors.csv"
    text = client_of("munger").post(reverse("register_import", args=["visitors"]), {"act": "enter", "file": file})
    assert "No column of this name" in text.content.decode() and "This column is missing." in text.content.decode()


def test_the_command_imports_and_hands_back_the_rows_that_failed(tmp_path):
    path, rest = tmp_path / "v.csv", tmp_path / "rest.csv"
    path.write_bytes(
        sheet([["came_at", "visitor", "purpose"], ["05.06.2026 10:00", "Ram", "hearing"], ["x", "y", "z"]])
    )
    ran = CliRunner().invoke(
        main, ["register", "import", "visitors", str(path), "--user", "munger", "--rest", str(rest), "--json"]
    )
    assert ran.exit_code == 1, (ran.output, ran.exception)
    body = json.loads(ran.output.strip().splitlines()[-1])
    assert (body["taken"], {each["column"] for each in body["misfits"]}) == (1, {"came_at", "purpose"})
    assert "y,z,3," in rest.read_text(encoding="utf-8-sig")


def test_the_command_checks_declarations(tmp_path):
    assert CliRunner().invoke(main, ["register", "check"]).exit_code == 0
    folder = tmp_path / "ghats"
    folder.mkdir()
    (folder / "x.yaml").write_text("titel: 1\n")
    ran = CliRunner().invoke(main, ["register", "check", str(folder / "x.yaml")])
    assert ran.exit_code == 1 and "x.yaml:1: 'titel' is unknown here; did you mean title?" in ran.output


def test_headquarters_plan_a_training_that_anybody_may_see():
    hq = client_of("hq")
    plan = {
        "subject": "e-challan", "begins_at": "2026-07-01T10:00", "ends_at": "2026-07-01T17:00", "place": "Patna",
        "seats": "40",
    }  # fmt: skip
    made = hq.post(reverse("register_new", args=["training", "plan"]), plan, follow=True)
    number = Entry.objects.get().number
    assert number in made.content.decode() and number == "TRN-2026-000001"
    seen = Client(headers={"host": "127.0.0.1"}).get(reverse("register_public", args=["training"])).content.decode()
    assert "e-challan" in seen and "Patna" in seen and "40" not in seen.split("<table")[1]
    held = {
        "attendance.0.person": "Ram", "attendance.0.office": "munger", "attendance.0.present": "yes", "remark": "good",
        "act_revision": 1,
    }  # fmt: skip
    page = hq.post(reverse("entry_act", args=[number, "hold"]), held, follow=True).content.decode()
    assert "Ram" in page and Entry.objects.get().values["attendance"] == [
        {"person": "Ram", "office": "munger", "present": {"answer": "yes", "remark": ""}}
    ]


def test_a_late_answer_lands_on_the_collector_s_desk_and_duties_are_counted():
    from immis.core.access.permissions import SYSTEM
    from immis.registry.services import NewBlock, save_block

    save_block(
        block=NewBlock(
            code="MUN-2026-01",
            serial=1,
            block_no="1",
            name_en="Ghat",
            name_hi="घाट",
            district="Munger",
            area_ha=1,
            quantity_m3=1,
            corners=[[25.0, 86.0], [25.0, 86.1], [25.1, 86.1]],
        ),
        by=SYSTEM,
        at=AT,
    )
    report = {
        "inspected_on": "2026-06-04", "ghat": "MUN-2026-01", "boards": "yes", "depth": "no", "depth.remark": "3 m",
        "weighing": "yes",
    }  # fmt: skip
    made = client_of("munger").post(reverse("register_new", args=["weekly_inspection", "hand_in"]), report, follow=True)
    number = Entry.objects.get().number
    assert "no: 3 m" in made.content.decode()
    back = client_of("hq").post(
        reverse("entry_act", args=[number, "return"]), {"act_reason": "photo", "act_revision": 1}, follow=True
    )
    assert "photo" in back.content.decode()
    due_at = Entry.objects.get().due_at
    assert climb_rungs(at=due_at) == 1 and OutboxEvent.objects.filter(kind="register.rung").count() == 1
    run_triggers(at=due_at)
    task = Task.objects.get(code="TRG-140")
    assert (task.role, task.subject_id) == ("collector", number)
    desk = client_of("collector").get(reverse("desk")).content.decode()
    assert number in desk and reverse("entry", args=[number]) in desk
    count_duties(at=AT)
    period = DutyPeriod.objects.get(office__code="munger")
    assert (period.owes, period.met, str(period.first_on)) == (1, 0, "2026-06-01")
    page = client_of("munger").get(reverse("register_duties", args=["weekly_inspection"])).content.decode()
    assert number in page and "not in a state that counts" in page
    figures = client_of("hq").get(reverse("register_figures", args=["weekly_inspection"])).content.decode()
    assert "munger" in figures and "Districts by inspections" in figures


@pytest.mark.parametrize("name", ["visitors", "training", "weekly_inspection"])
@pytest.mark.parametrize("language", ["hi", "en"])
def test_every_page_opens_in_both_languages_for_who_may(name, language):
    for username in ("hq", "munger", "collector", "post"):
        client = client_of(username, language)
        for address in ("register", "register_duties", "register_figures", "register_import"):
            assert client.get(reverse(address, args=[name])).status_code in (200, 404)


def planned() -> str:
    by, declared = actor_of(users(username="hq").get()), current("training", AT.date())
    values = {"subject": "e-Challan", "place": "Munger", "begins_at": "2026-06-20T10:00", "ends_at": "2026-06-20T16:00"}
    return do_act(register=declared, act=declared.acts["plan"], given=Given(values), by=by, at=AT).number


def test_a_table_is_filled_row_by_row_and_its_faults_name_it():
    client, number = client_of("munger"), planned()
    address = reverse("entry_act", args=[number, "enrol"])
    form = client.get(address).content.decode()
    assert form.count('<details class="table-row"') == 8 and form.count('<details class="table-row" open>') == 1
    assert "<legend>Attendance</legend>" in form
    sent = {
        "act_revision": 1,
        "attendance.0.person": "Ram",
        "attendance.0.present": "yes",
        "attendance.2.person": "Sita",
    }
    lacking = client.post(address, {**sent, "attendance.3.office": "munger"})
    assert lacking.status_code == 422 and "Attendance: " in lacking.content.decode()
    assert client.post(address, sent).status_code == 302
    rows = Entry.objects.get(number=number).values["attendance"]
    assert [row["person"] for row in rows] == ["Ram", "Sita"]
    again = client.get(address).content.decode()
    assert again.count('<details class="table-row" open>') == 2


def test_what_is_needed_is_not_called_optional_and_every_cell_has_its_head():
    client = client_of("munger")
    form = client.get(reverse("register_new", args=["visitors", "enter"])).content.decode()
    needed = form.partition('name="visitor"')[2].partition(">")[0]
    assert 'aria-required="true"' in needed
    assert "(optional)" not in form.partition('for="id_visitor"')[2].partition("</label>")[0]
    assert "(optional)" in form.partition('for="id_phone"')[2].partition("</label>")[0]
    enter(client)
    table = client.get(reverse("register", args=["visitors"])).content.decode().partition("<tbody>")[2]
    assert table.count("<td") == table.count(" data-head=") >= 4


def test_the_api_describes_the_entries_of_registers():
    described = Client(headers={"host": "127.0.0.1"}).get("/api/v1/openapi.json")
    entry = described.json()["components"]["schemas"]["EntryOut"]
    assert described.status_code == 200 and "register_name" in entry["required"]
