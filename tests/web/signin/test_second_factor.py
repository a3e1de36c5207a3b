"""Whose post verifies money or orders stops gives a second factor: an app, a passkey, or a code written down."""

import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner
from django.db import transaction
from django.test import Client

from immis.commands.people import password as command
from immis.core.models import ActionLog
from immis.messaging.models import Message
from immis.registry.models import User
from immis.registry.services import add_user, appoint, open_office
from tests.doors import code_of
from tests.web.signin.authenticators import Passkey

pytestmark = pytest.mark.django_db
WORD = "a long password 1"


@pytest.fixture(autouse=True)
def people(data_dir, settings):
    settings.SECOND_FACTOR_ASKED = True
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    for name, post, kind in (("mdo", "district", "district"), ("guard", "checkpost", "checkpost")):
        user = add_user(username=name, name_en=name, name_hi=name, password=WORD, email=f"{name}@example.org")
        office = open_office(code=name, kind=kind, name_en="O", name_hi="O", district="Munger")
        appoint(user=user, office=office, role=post)


class Visitor(Client):
    """A browser at ``https://localhost``, which is what a passkey is bound to."""

    def __init__(self, name="mdo"):
        super().__init__(SERVER_NAME="localhost", **{"wsgi.url_scheme": "https"})
        self.cookies["immis_language"] = "en"
        self.name = name

    def log_in(self):
        return self.post("/login", {"username": self.name, "password": WORD})

    def options(self, address):
        page = self.get(address).content.decode()
        return json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page).group(1)))


@pytest.fixture(autouse=True)
def committed(monkeypatch):
    """What a request leaves for after its transaction runs within it, as it does where no test holds one open."""
    monkeypatch.setattr(transaction, "on_commit", lambda run, **_more: run())


def _with_app(visitor):
    """Set the app up as the pages lead one; answers its secret and the codes for a lost telephone."""
    visitor.log_in()
    secret = re.search(r'id="totp-secret">(\w+)<', visitor.get("/account/second/app").content.decode()).group(1)
    wrong = visitor.post("/account/second/app", {"code": "000000"})
    assert wrong.status_code == 422 and "not right" in wrong.content.decode()
    done = visitor.post("/account/second/app", {"code": code_of(secret)})
    assert done["Location"] == "/account/second/codes"
    shown = re.findall(r"<code>(\d{8})</code>", visitor.get("/account/second/codes").content.decode())
    assert len(shown) == 10 and not re.findall(r"<code>\d", visitor.get("/account/second/codes").content.decode())
    return secret, shown


def test_a_post_that_verifies_money_gets_no_further_without_a_second_factor():
    mdo = Visitor()
    assert mdo.log_in()["Location"] == "/office/"
    assert mdo.get("/office/")["Location"] == "/account/second"
    page = mdo.get("/account/second").content.decode()
    assert "Set up a second factor before you go on" in page and "ACC-10" in page
    assert mdo.post("/office/payments/", {})["Location"] == "/account/second"
    refused = mdo.get("/api/v1/leases")
    assert refused.status_code == 403 and refused.json()["error"] == "second-factor"
    for open_page in ("/account/", "/password", "/help/"):
        assert mdo.get(open_page).status_code == 200
    secret, _codes = _with_app(mdo)
    assert mdo.get("/office/").status_code == 200 and mdo.get("/api/v1/leases").status_code == 200
    assert ActionLog.objects.filter(code="factor.added", subject_id="mdo").count() == 2  # the app, and its codes
    assert secret not in str(Authenticator.objects.get(type="totp").data), "kept under the installation's key"


def test_it_goes_by_the_grant_and_not_by_the_post():
    guard = Visitor("guard")
    guard.log_in()
    assert guard.get("/messages/").status_code == 200


def test_the_next_log_in_asks_for_a_code_which_is_good_once():
    secret, codes = _with_app(Visitor())
    mdo = Visitor()
    assert mdo.log_in()["Location"] == "/login/second"
    assert mdo.get("/office/").status_code == 302, "the password alone opens nothing"
    assert mdo.post("/login/second", {"code": "123456"}).status_code == 422
    code = code_of(secret, steps=1)
    assert mdo.post("/login/second", {"code": code})["Location"] == "/office/"
    assert mdo.get("/office/").status_code == 200
    thief = Visitor()
    thief.log_in()
    assert thief.post("/login/second", {"code": code}).status_code == 422, "the same code again"
    assert thief.post("/login/second", {"code": codes[0]})["Location"] == "/office/"
    again = Visitor()
    again.log_in()
    assert again.post("/login/second", {"code": codes[0]}).status_code == 422
    assert ActionLog.objects.filter(code="factor.failed").count() == 3


def test_codes_are_not_found_out_by_trying():
    _with_app(Visitor())
    mdo = Visitor()
    mdo.log_in()
    answers = [mdo.post("/login/second", {"code": f"00000{n}"}).status_code for n in range(6)]
    assert answers == [422] * 5 + [429]


def test_the_last_factor_of_such_a_post_is_not_taken_off(settings):
    mdo = Visitor()
    _with_app(mdo)
    refused = mdo.post("/account/second/app/off")
    assert "set up another one" in refused.content.decode() and Authenticator.objects.filter(type="totp").exists()
    settings.SECOND_FACTOR_ASKED = False
    assert mdo.post("/account/second/app/off").status_code == 302
    assert not Authenticator.objects.exists(), "the codes go with it"


def test_a_passkey_is_a_second_factor_and_a_log_in_by_itself():
    mdo, key = Visitor(), Passkey()
    mdo.log_in()
    options = mdo.options("/account/second/keys/add")
    forged = Passkey().made(options, origin="https://evil.example")
    assert mdo.post("/account/second/keys/add", {"credential": forged, "name": "x"}).status_code == 422
    options = mdo.options("/account/second/keys/add")
    sent = {"credential": key.made(options), "name": "Telephone", "passwordless": "on"}
    assert mdo.post("/account/second/keys/add", sent)["Location"] == "/account/second/codes"
    assert mdo.get("/office/").status_code == 200
    assert "Telephone" in mdo.get("/account/second").content.decode()

    second = Visitor()
    assert second.log_in()["Location"] == "/login/second"
    answer = key.used(second.options("/login/second"))
    assert second.post("/login/second", {"credential": answer})["Location"] == "/office/"

    alone = Visitor()
    assert alone.get("/login/key")["Location"] == "/login"
    assert alone.post("/login/key", {"credential": "[" * 100_000}).status_code in (302, 422)
    options = alone.get("/login/key", headers={"Accept": "application/json"}).json()["options"]
    assert alone.post("/login/key", {"credential": key.used(options)})["Location"] == "/office/"
    assert alone.get("/office/").status_code == 200
    other = Passkey()
    other.user = key.user
    options = alone.get("/login/key", headers={"Accept": "application/json"}).json()["options"]
    stranger = Visitor()
    assert stranger.post("/login/key", {"credential": other.used(options)})["Location"] == "/login"

    pk = Authenticator.objects.get(type="webauthn").pk
    assert mdo.post(f"/account/second/keys/{pk}", {"name": "Desk"}).status_code == 302
    assert mdo.post(f"/account/second/keys/{pk}/remove").status_code == 302
    assert Authenticator.objects.get(type="webauthn").data["name"] == "Desk", "the last factor stays"


def test_what_guards_the_account_is_changed_only_soon_after_a_log_in(settings):
    mdo = Visitor()
    mdo.log_in()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    asked = mdo.get("/account/second/app")
    assert asked["Location"] == "/account/again?next=%2Faccount%2Fsecond%2Fapp"
    assert mdo.post(asked["Location"], {"password": "wrong"}).status_code == 422
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
    assert mdo.post(asked["Location"], {"password": WORD})["Location"] == "/account/second/app"


def test_a_demonstration_has_one_click_instead(client, settings):
    settings.DEMO, settings.SECOND_FACTOR_ASKED = True, False
    assert client.post("/login/demo", {"username": "mdo"})["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    settings.DEMO = False
    assert client.post("/login/demo", {"username": "mdo"}).status_code == 404


def test_who_is_disabled_reads_so_only_with_the_right_password():
    User.objects.filter(username="mdo").update(is_active=False)
    mdo = Visitor()
    assert mdo.post("/login", {"username": "mdo", "password": "wrong word"}).status_code == 422
    closed = mdo.log_in()
    assert closed["Location"] == "/login/closed" and mdo.get(closed["Location"]).status_code == 403
    assert mdo.get("/office/")["Location"].startswith("/login?")


def test_a_lost_factor_is_taken_off_on_the_installation_and_a_new_one_is_set_up():
    mdo = Visitor()
    _with_app(mdo)
    ended = CliRunner().invoke(command.command, ["drop-factor", "mdo", "--reason", "telephone lost"])
    assert ended.exit_code == 0 and "2 taken off" in ended.output
    assert mdo.get("/account/").status_code == 302, "the sessions have ended"
    assert mdo.log_in()["Location"] == "/office/" and mdo.get("/office/")["Location"] == "/account/second"
    assert ActionLog.objects.get(code="factor.dropped").facts["reason"] == "telephone lost"
    assert Message.objects.filter(template="MSG-182").last().facts["change"]["en"].endswith("by the office")
    assert CliRunner().invoke(command.command, ["drop-factor", "mdo", "--reason", "x"]).exit_code == 2
