"""The first run: a department with offices and administrator, by page and by answers; what is not set is said."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from immis.cli import main
from immis.commands.copies.listing import Unusable
from immis.commands.copies.nightly import newest, thin_out, tonight
from immis.commands.copies.restoring import restore
from immis.commands.house import setup
from immis.commands.processes.preparing import CannotRun, first_start_lines, prepare
from immis.core.access.permissions import SYSTEM
from immis.core.installation import first_start, kind
from immis.core.installation.readiness import CHECKS, Check, Finding, ask_all
from immis.core.selectors import action_log
from immis.private import OtherKind
from immis.registry.models import Office, User
from immis.registry.selectors import actor_of
from immis.registry.services import add_user
from immis.registry.services.first_run import NameTaken, SetUpAlready, set_up_department
from immis.rules.first_run import Administrator, Department, read_answers
from immis.rules.marks import Faults
from tests.settlement import india

AT = india("2026-11-30")
LONG_AGO = india("2026-06-01")  # whatever the clock of the machine says
PASSWORD = "a-word-nobody-knows-26"
PERSON = Administrator(username="anita", name_en="Anita Kumari", name_hi="अनिता कुमारी", email="anita@example.in")
DEPARTMENT = Department(state="Bihar", districts=("Lakhisarai", "Munger"), language="en", administrator=PERSON)


@pytest.fixture
def code(db):
    """The code of a first start, as the log of the service shows it."""
    yield first_start_lines("http://127.0.0.1:8000/")[1].rpartition(" ")[2]
    first_start.forget_code()


def test_a_department_has_its_offices_with_lgd_codes_and_an_administrator_and_is_made_once(db):
    user = set_up_department(department=DEPARTMENT, password=PASSWORD, at=LONG_AGO)
    offices = dict(Office.objects.values_list("code", "lgd_code"))
    assert offices == {"hq": None, "division-munger": None, "lakhisarai": 204, "munger": 207}
    assert Office.objects.get(code="munger").parent.code == "division-munger"
    actor = actor_of(user)
    assert (actor.role, actor.office_code, user.language) == ("administrator", "hq", "en")
    assert user.check_password(PASSWORD) and kind.first_language("hi") == "en"
    line = action_log(SYSTEM, code="department.set_up").get()
    assert line.facts["districts"] == ["Lakhisarai", "Munger"]
    with pytest.raises(SetUpAlready, match="Bihar"):
        set_up_department(department=DEPARTMENT, password=PASSWORD, at=AT)


def test_a_name_that_somebody_has_is_refused_and_nothing_is_made(db):
    add_user(username="Anita", name_en="Another", name_hi="अन्य")
    with pytest.raises(NameTaken):
        set_up_department(department=DEPARTMENT, password=PASSWORD, at=AT)
    assert not Office.objects.exists() and kind.installation() is None


def test_the_page_asks_for_the_code_of_the_log_and_is_gone_afterwards(client, code):
    client.cookies["immis_language"] = "en"
    assert client.get("/").headers["Location"] == "/setup"
    given = {"state": "Bihar", "districts": ["Munger", "Lakhisarai"], "language": "hi", **vars(PERSON)}
    given |= {"password": PASSWORD, "again": PASSWORD}
    refused = client.post("/setup", {**given, "code": "AAAA-BBBB-CCCC"})
    assert refused.status_code == 422 and "not the code in the log" in refused.content.decode()
    assert kind.installation() is None
    short = client.post("/setup", {**given, "code": code, "password": "short", "again": "short"})
    assert short.status_code == 422 and not User.objects.exists()
    made = client.post("/setup", {**given, "code": code.lower().replace("-", " ")})
    assert made.headers["Location"] == "/login"
    assert kind.installation().districts == ["Munger", "Lakhisarai"]
    first_start.forget_code()  # as the end of the transaction does
    assert client.get("/setup").status_code == 404
    assert client.login(username="anita", password=PASSWORD)
    page = client.get("/office/installation/").content.decode()
    assert "Munger" in page and "Without it nobody can pay by a page." in page and "IMMIS_TREASURY_URL" in page


def test_wrong_codes_run_out_and_a_made_department_prints_none(client, code):
    answers = [client.post("/setup", {"code": "WRONG"}).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    set_up_department(department=DEPARTMENT, password=PASSWORD, at=AT)
    assert first_start_lines("http://127.0.0.1:8000/") == [] and not first_start.is_waiting()


@pytest.mark.parametrize(
    ("was", "becomes", "line", "words"),
    [
        ("state: Bihar", "state: Bihaar", 2, "did you mean Bihar?"),
        ("[Munger, Lakhisarai]", "[Mungr]", 3, "did you mean Munger?"),
        ("username: anita", "username: a b", 6, "3 to 60 letters"),
        ("email: anita@example.in", "email: anita", 9, "an address of e-mail"),
        ("language: hi", "lang: hi", 4, "did you mean language?"),
    ],
)
def test_a_file_of_answers_tells_each_fault_with_its_line(tmp_path, was, becomes, line, words):
    text = Path(setup.__file__).with_name("answers.yaml").read_text(encoding="utf8")
    assert was in text
    path = tmp_path / "answers.yaml"
    path.write_text(text.replace(was, becomes, 1), encoding="utf8")
    with pytest.raises(Faults) as caught:
        read_answers(path)
    assert (caught.value.faults[0].line, words in str(caught.value)) == (line, True), str(caught.value)
    path.write_text(text, encoding="utf8")
    assert read_answers(path).department.districts == ("Lakhisarai", "Munger")


def test_records_to_practise_on_are_none_of_a_real_installation(db, settings, monkeypatch, tmp_path):
    settings.TRAINING = True
    monkeypatch.setenv("IMMIS_TRAINING", "1")
    set_up_department(department=DEPARTMENT, password=PASSWORD, at=AT)
    kind.require_own_kind()
    monkeypatch.setenv("IMMIS_TRAINING", "0")
    with pytest.raises(OtherKind, match="IMMIS_TRAINING=1"):
        kind.require_own_kind()
    backup = tmp_path / "backup"
    backup.mkdir()
    payload = {"format": 1, "records": "sqlite", "kind": "training", "at": "2026-11-30", "files": {}}
    (backup / "backup.json").write_text(json.dumps(payload))
    with pytest.raises(Unusable, match="training"):
        restore(backup, data_dir=tmp_path / "data", database_url="")


def test_every_page_of_a_training_installation_is_marked(client, db, settings):
    client.cookies["immis_language"] = "en"
    assert "Training installation" not in client.get("/login").content.decode()
    settings.TRAINING = True
    for path in ("/", "/login", "/signup", "/no-such-page"):
        assert "Training installation" in client.get(path).content.decode(), path
    assert 'filename="training-ghats' in client.get("/?format=csv").headers["Content-Disposition"]


def test_what_is_not_set_is_said_and_what_is_reached_for_answers(db, settings, monkeypatch, tmp_path):
    answers = {answer.check.name: answer for answer in ask_all(at=AT)}
    assert answers["treasury"].blocks and answers["mail"].blocks and not answers["upi"].blocks
    assert {"records", "room", "address", "backups", "worker", "devices", "sealing"} <= set(answers)
    settings.BACKUPS = str(tmp_path)
    for day, taken_at in (("2026-11-28", "2026-11-28T21:00:00+00:00"), ("2026-11-29", "2026-11-29T21:00:00+00:00")):
        (tmp_path / day).mkdir()
        (tmp_path / day / "backup.json").write_text(json.dumps({"at": taken_at}))
    assert CHECKS["backups"].look(AT).state == "set" and CHECKS["backups"].look(india("2026-12-05")).state == "weak"

    def silent():
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setitem(CHECKS, "treasury", Check("treasury", "T", "M", "S", lambda at: Finding("set"), True, silent))
    tried = {answer.check.name: answer for answer in ask_all(at=AT, attempt=True)}
    assert tried["treasury"].failed and tried["treasury"].blocks and "nobody listens" in tried["treasury"].tried
    done = CliRunner().invoke(main, ["check", "--json"])
    assert done.exit_code == 1
    named = {line["name"]: line for line in json.loads(done.stdout)["checks"]}
    assert named["mail"]["state"] == "missing" and named["mail"]["set_by"].startswith("IMMIS_SMTP_URL")


def test_nightly_backups_follow_one_another_and_old_ones_go(tmp_path):
    assert newest(tmp_path) is None and tonight(tmp_path, AT).name == "2026-11-30"
    for day in range(1, 6):
        (tmp_path / f"2026-11-0{day}").mkdir()
        (tmp_path / f"2026-11-0{day}" / "backup.json").write_text("{}")
    (tmp_path / "2026-11-30").mkdir()  # one that is not whole
    (tmp_path / "by-hand").mkdir()
    assert newest(tmp_path).name == "2026-11-05" and tonight(tmp_path, AT).name == "2026-11-30T100000"
    assert thin_out(tmp_path, keep=3) == ["2026-11-01", "2026-11-02"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("2026-11-03", "2026-11-04", "2026-11-05", "2026-11-30", "by-hand")
    ]


def test_records_of_a_newer_version_are_refused(db):
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder(connection).record_applied("leases", "0999_of_a_newer_version")
    with pytest.raises(CannotRun, match="leases.0999_of_a_newer_version"):
        prepare()
