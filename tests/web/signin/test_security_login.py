"""The way in, as an attacker tries it: guessing from one place and from many, planted sessions, a name in the log."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections

from immis.core.access import throttling
from immis.core.models import ActionLog, Throttle
from immis.registry.services import add_user, appoint, open_office

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
RIGHT = {"username": "mdo", "password": "a long password 1"}
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def officer(db, at):
    at.set(NOW)
    user = add_user(username="mdo", name_en="Officer", name_hi="पदाधिकारी", password=RIGHT["password"])
    office = open_office(code="munger", kind="district", name_en="M", name_hi="म", district="Munger")
    appoint(user=user, office=office, role="district")
    return user


def guess(client, *, name: str = "mdo", address: str = "10.0.0.1", peer: str = "127.0.0.1", **headers: str) -> int:
    form = {"username": name, "password": "wrong"}
    return client.post("/login", form, headers={"X-Real-IP": address, **headers}, REMOTE_ADDR=peer).status_code


# -- guessing


def test_the_name_opens_again_a_quarter_of_an_hour_after_the_last_try_that_counted(client, at):
    for minute in range(5):
        at.set(NOW + timedelta(minutes=minute))
        assert guess(client) == 422
    at.set(NOW + timedelta(minutes=4) + QUARTER - timedelta(seconds=1))
    assert guess(client) == 429
    at.set(NOW + timedelta(minutes=4) + QUARTER)
    assert guess(client) == 422


def test_a_try_while_it_is_shut_does_not_keep_it_shut(client, at):
    for _ in range(5):
        guess(client)
    at.set(NOW + timedelta(minutes=14))
    assert guess(client) == 429
    at.set(NOW + QUARTER)
    assert client.post("/login", RIGHT, headers={"X-Real-IP": "10.0.0.1"}).status_code == 302


def test_other_letters_of_the_name_are_no_new_tries(client):
    assert [guess(client, name=name) for name in ("mdo", "MDO", "Mdo", "mDo", "mdO", "mDO")] == [422] * 5 + [429]


def test_one_address_has_thirty_tries_whatever_the_name(client):
    assert [guess(client, name=f"name{n}") for n in range(31)] == [422] * 30 + [429]


def test_many_addresses_share_the_tries_of_one_name(client):
    assert [guess(client, address=f"10.0.{n}.1") for n in range(51)] == [422] * 50 + [429]


def test_the_lower_half_of_an_ipv6_address_is_no_new_reader(client):
    tries = [guess(client, address=f"2001:db8:1:2::{n:x}") for n in range(1, 7)]
    assert tries == [422] * 5 + [429]
    assert guess(client, address="2001:db8:1:3::1") == 422


def test_what_a_reader_says_of_his_own_address_does_not_count(client):
    """Only the front's X-Real-IP counts, and only from this machine; X-Forwarded-For never."""
    forged = [guess(client, **{"X-Forwarded-For": f"9.9.9.{n}", "Forwarded": f"for=9.9.9.{n}"}) for n in range(6)]
    assert forged == [422] * 5 + [429]
    direct = [guess(client, name="b", address=f"9.9.8.{n}", peer="203.0.113.5") for n in range(6)]
    assert direct == [422] * 5 + [429]


def test_right_passwords_use_no_tries_up(client):
    for _ in range(40):
        assert client.post("/login", RIGHT, headers={"X-Real-IP": "10.0.0.1"}).status_code == 302
    assert guess(client) == 422


def test_many_guesses_at_once_do_not_pass_together(own_database, at):
    from concurrent.futures import ThreadPoolExecutor

    limits = {"login:x": 5}

    def one(_n: int) -> bool:
        try:
            return throttling.take(limits, within=QUARTER, at=NOW)
        finally:
            close_old_connections()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one, range(40))) == 5


def test_guesses_do_not_push_each_other_out_and_old_counts_go(client, at):
    for _ in range(5):
        guess(client)
    for n in range(400):
        throttling.take({f"noise{n}": 5}, within=QUARTER, at=NOW)
    assert guess(client) == 429
    for _ in range(6):
        at.set(at() + timedelta(hours=2))
        throttling.take({"later": 5}, within=QUARTER, at=at())
    assert Throttle.objects.count() == 1


# -- sessions


def test_a_planted_session_is_not_the_one_that_is_logged_in(client):
    client.get("/help/")
    client.session["planted"] = True
    session = client.session
    session["x"] = 1
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    answer = client.post("/login", RIGHT)
    assert answer.status_code == 302 and client.cookies["sessionid"].value not in ("", planted)
    thief = type(client)()
    thief.cookies["sessionid"] = planted
    assert thief.get("/office/").status_code == 302


def test_a_session_key_of_ones_own_making_is_not_taken(client):
    client.cookies["sessionid"] = "a" * 32
    client.post("/login", RIGHT)
    assert client.cookies["sessionid"].value != "a" * 32


def test_logging_out_ends_the_session_on_the_server(client):
    client.post("/login", RIGHT)
    key = client.cookies["sessionid"].value
    client.post("/logout")
    client.cookies["sessionid"] = key
    assert client.get("/office/").status_code == 302


def test_a_new_password_ends_the_other_sessions(client, officer):
    client.post("/login", RIGHT)
    assert client.get("/office/").status_code == 200
    officer.set_password("another long one 2")
    officer.save()
    assert client.get("/office/").status_code == 302


def test_a_session_lasts_a_working_day(client):
    cookie = (client.post("/login", RIGHT), client.cookies["sessionid"])[1]
    assert cookie["max-age"] == 12 * 60 * 60 and cookie["httponly"] and cookie["samesite"] == "Lax"


# -- where one lands, what is logged


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example",
     "javascript:alert(1)", "http:evil.example", "https:///evil.example", "\thttps://evil.example",
     "/%0d%0aX: 1\r\nY: 2",
     "http://testserver@evil.example/", "http://testserver.evil.example/"],
)  # fmt: skip
def test_logging_in_leads_nowhere_else(client, elsewhere):
    for asked in (client.post("/login", RIGHT | {"next": elsewhere}), client.post(f"/login?next={elsewhere}", RIGHT)):
        assert asked.status_code == 302
        assert asked["Location"].startswith("/") and not asked["Location"].startswith(("//", "/\\"))
        assert "\r" not in asked["Location"] and "\n" not in asked["Location"]


def test_a_password_typed_as_the_name_does_not_come_into_the_log(client):
    client.post("/login", {"username": "a long password 1", "password": "x"})
    client.post("/login", {"username": "mdo", "password": "x"})
    rows = ActionLog.objects.filter(code="login.failed").order_by("seq")
    assert [row.subject_id for row in rows] == ["", "mdo"]
    assert "a long password" not in str(list(rows.values()))


def test_counts_are_kept_under_hashes_only(client):
    guess(client, name="a secret that slipped")
    assert "secret" not in str(list(Throttle.objects.values()))


# -- settings of production


def settings_of(monkeypatch, tmp_path, **env: str) -> dict:
    """The settings as another process with this environment would read them."""
    import runpy

    import immis.settings

    monkeypatch.delenv("IMMIS_NO_SECOND_FACTOR")
    least = {"IMMIS_PRODUCTION": "1", "IMMIS_SECRET_KEY": "k" * 50, "IMMIS_DATA": str(tmp_path)}
    for name, value in (least | env).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(immis.settings.__file__)


def test_production_names_its_hosts_and_binds_its_cookies(monkeypatch, tmp_path):
    made = settings_of(monkeypatch, tmp_path, IMMIS_HOSTS="mines.example.org")
    assert made["ALLOWED_HOSTS"] == ["mines.example.org"]
    assert made["SESSION_COOKIE_SECURE"] and made["CSRF_COOKIE_SECURE"]
    assert made["SESSION_COOKIE_NAME"].startswith("__Host-") and made["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert made["SECOND_FACTOR_ASKED"] and made["TREASURY_KEY"] == "" and made["SECURE_HSTS_SECONDS"] >= 31_536_000


@pytest.mark.parametrize("env", [{"IMMIS_HOSTS": "*"}, {"IMMIS_HOSTS": ".example.org"}, {"IMMIS_DEMO": "1"},
                                 {"IMMIS_NO_SECOND_FACTOR": "1"}, {"IMMIS_CLOCK": "2026-06-05T11:00:00+05:30"},
                                 {"IMMIS_SECRET_KEY": ""}])  # fmt: skip
def test_production_refuses_what_is_for_demonstrations(monkeypatch, tmp_path, env):
    with pytest.raises(ImproperlyConfigured):
        settings_of(monkeypatch, tmp_path, **env)
