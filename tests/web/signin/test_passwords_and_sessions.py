"""Passwords are real and can be changed, a sum is answered once and where it was asked, sessions end without use."""

import re
import time

import pytest
from click.testing import CliRunner
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from immis import clock
from immis.commands.people import password as command
from immis.core.access.permissions import SYSTEM
from immis.core.models import ActionLog
from immis.registry.models import User
from immis.registry.people.logins import give_password
from immis.registry.services import add_user, appoint, open_office
from immis.web.signin import robot, sessions

OLD, NEW = "a long password 1", "quite another 2 words"


@pytest.fixture
def officer(db, data_dir):
    user = add_user(username="mdo", name_en="Officer", name_hi="पदाधिकारी", password=OLD)
    office = open_office(code="o", kind="district", name_en="O", name_hi="O", district="Munger")
    appoint(user=user, office=office, role="district")
    return user


def _form(old, new, again):
    return {"oldpassword": old, "password1": new, "password2": again}


def _signed_in(password=OLD):
    client = Client()
    answer = client.post("/login", {"username": "mdo", "password": password})
    return client if answer.status_code == 302 else None


@pytest.mark.parametrize("given", [" " * 12, "\u00a0" * 12, "\u200b" * 12, "aaaaaaaaaaaa", "ab" * 8, " a b c d e f "])
def test_blanks_and_one_sign_again_and_again_are_no_password(given):
    with pytest.raises(ValidationError):
        validate_password(given)


def test_a_password_with_blanks_between_words_is_one():
    validate_password("correct horse battery")


def test_the_own_password_is_changed_and_the_other_sessions_end(officer):
    here, elsewhere = _signed_in(), _signed_in()
    wrong = here.post("/password", _form("no", NEW, NEW))
    assert wrong.status_code == 422 and "वर्तमान पासवर्ड" in wrong.content.decode()
    for new, again in ((" " * 12, " " * 12), (NEW, NEW + "x"), ("short", "short")):
        assert here.post("/password", _form(OLD, new, again)).status_code == 422
    assert here.post("/password", _form(OLD, NEW, NEW)).status_code == 302
    assert here.get("/password").status_code == 200 and elsewhere.get("/password").status_code == 302
    assert _signed_in() is None and _signed_in(NEW)
    entry = ActionLog.objects.get(code="password.changed")
    assert NEW not in str(entry.__dict__)


def test_an_old_password_is_not_found_out_by_trying(officer):
    client = _signed_in()
    answers = [client.post("/password", _form(f"no {n}", NEW, NEW)).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_forgotten_password_is_set_by_a_command(officer):
    session = _signed_in()
    ended = CliRunner().invoke(command.command, ["set", "mdo"], input=NEW + "\n")
    assert ended.exit_code == 0 and NEW not in ended.output
    assert _signed_in() is None and _signed_in(NEW) and session.get("/password").status_code == 302
    ended = CliRunner().invoke(command.command, ["set", "mdo"], input=" " * 12 + "\n")
    assert ended.exit_code == 1 and "not set" in ended.output and _signed_in(NEW)
    ended = CliRunner().invoke(command.command, ["set", "nobody"], input=NEW + "\n")
    assert ended.exit_code == 2 and "nobody" in ended.output
    made = CliRunner().invoke(command.command, ["set", "mdo", "--generate"])
    assert _signed_in(made.output.strip()).get("/office/leases/").url == "/password"


def test_a_given_password_opens_nothing_but_the_change_to_one_of_ones_own(officer, settings):
    at, settings.SECOND_FACTOR_ASKED = clock.now(), True
    given = give_password(user=officer, reason="new officer", by=SYSTEM, at=at).password
    client = _signed_in(given)
    client.cookies["immis_language"] = "en"
    for path in ("/office/leases/", "/account/", "/account/second/app", "/account/sessions"):
        assert client.get(path).url == "/password", "before anything else, a second factor too"
    assert client.get("/law/ACC-02/").status_code == client.get("/help/").status_code == 200
    refused = client.get("/api/v1/leases")
    assert refused.status_code == 403 and refused.json()["error"] == "own-password"
    assert "choose one of your own first" in refused.json()["message"]["en"] and refused.json()["message"]["hi"]
    page = client.get("/password").content.decode()
    assert "Choose a password of your own before you go on" in page and "ACC-02" in page

    again = client.post("/password", _form(given, given, given))
    assert again.status_code == 422 and "the password that you were given" in again.content.decode()
    assert client.post("/password", _form(OLD, NEW, NEW)).status_code == 422, "not by who does not know the given one"
    assert client.get("/office/leases/").url == "/password"
    assert client.post("/password", _form(given, NEW, NEW)).status_code == 302
    assert client.get("/office/leases/").url == "/account/second", "then what the post asks for"
    settings.SECOND_FACTOR_ASKED = False
    assert client.get("/office/leases/").status_code == 200
    assert _signed_in(given) is None and _signed_in(NEW).get("/office/leases/").status_code == 200
    assert User.objects.get(username="mdo").password_given_at is None


def test_who_comes_in_by_one_click_of_a_demonstration_is_not_asked_for_the_given_password(officer, settings):
    settings.DEMO = True
    give_password(user=officer, reason="new officer", by=SYSTEM, at=clock.now())
    client = Client()
    assert client.post("/login/demo", {"username": "mdo"}).status_code == 302
    assert client.get("/office/leases/").status_code == 200


def test_a_session_ends_without_use_and_after_twelve_hours_with_it(officer, monkeypatch):
    client, now = _signed_in(), time.time()

    def later(minutes):
        monkeypatch.setattr(sessions.time, "time", lambda: now + minutes * 60)
        return client.get("/password").status_code

    assert [later(minutes) for minutes in (20, 45, 74)] == [200, 200, 200], "each use begins the time anew"
    assert later(74 + 31) == 302
    assert "30 मिनट" in client.get("/login").content.decode()
    monkeypatch.undo()
    client = _signed_in()
    now = time.time()
    assert {later(minutes) for minutes in range(0, 12 * 60, 25)} == {200}
    assert later(12 * 60 + 1) == 302


SIGN_UP = {
    "kind": "proprietor", "name_hi": "आशा देवी", "name_en": "Asha Devi", "pan": "ABCPD1234F",
    "email": "asha@example.org", "phone": "9473191234", "password": "a long password 1",
}  # fmt: skip


def _asked(page):
    return re.search(r'name="sum_token" value="([^"]+)"', page.content.decode()).group(1)


def _sum(token, client, purpose="sign-up"):
    request = type("Request", (), {"META": {"CSRF_COOKIE": client.cookies["csrftoken"].value}})()
    return sum(robot._pair(token, robot.place_of(request, purpose)))


def test_a_sum_is_answered_once_in_its_own_browser_for_its_own_purpose(db, data_dir):
    first, second = Client(), Client()
    token = _asked(first.get("/signup"))
    right = {**SIGN_UP, "sum": _sum(token, first), "sum_token": token}
    second.get("/signup")
    assert second.post("/signup", right).status_code == 422, "another browser"
    assert first.post("/signup", {**right, "password": " " * 12}).status_code == 422
    assert first.post("/signup", right).status_code == 200 and User.objects.count() == 1
    again = {**right, "pan": "ABCPD1235F", "email": "b@example.org"}
    assert first.post("/signup", again).status_code == 422 and User.objects.count() == 1, "used up"
    token = _asked(first.get("/signup"))
    total = _sum(token, first)
    wrong = first.post("/signup", {**again, "sum": total + 1, "sum_token": token})
    assert wrong.status_code == 422 and _asked(wrong) != token
    assert first.post("/signup", {**again, "sum": total, "sum_token": token}).status_code == 422, "no second guess"
    asked = robot.question(place="register:x")
    assert not robot.answers(asked.token, sum(robot._pair(asked.token, "register:x")), place="sign-up:x")
