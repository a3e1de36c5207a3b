"""Sign-in by another department's service over a real socket: it shows who comes; who may what is decided here."""

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from immis.core.models import ActionLog
from immis.registry.services import NewParty, add_party, add_user, appoint, open_office
from tests.web.signin.identity_provider import CLIENT, SECRET, IdentityProvider

pytestmark = pytest.mark.django_db
WORD = "a long password 1"


@pytest.fixture(scope="module")
def running():
    provider = IdentityProvider()
    yield provider
    provider.end()


@pytest.fixture
def service(running, settings, data_dir):
    app = {"provider_id": "sso", "name": "Parichay", "client_id": CLIENT, "secret": SECRET}
    app["settings"] = {"server_url": running.url}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    running.who, running.broken = None, False
    for name, email in (("mdo", "mdo@bihar.example"), ("clerk", "")):
        user = add_user(username=name, name_en=name, name_hi=name, password=WORD, email=email)
        office = open_office(code=name, kind="district", name_en="O", name_hi="O", district="Munger")
        appoint(user=user, office=office, role="district")
    bidder = add_user(username="B1", name_en="B", name_hi="B", password=WORD, email="bidder@example.org")
    party = NewParty(
        code="b", kind="individual", name_en="B", name_hi="B", pan="ABCPE1234F", email="bidder@example.org"
    )
    add_party(party=party, users=[bidder])
    return running


def _person(sub, email, *, verified=True):
    return {"sub": sub, "email": email, "email_verified": verified, "name": "An Officer"}


def _come(client, **form):
    """There and back again, as a browser goes; answers where one ends."""
    there = client.post("/login/by/sso", form)
    assert there.status_code == 302 and "code_challenge=" in there["Location"]
    back = httpx.get(there["Location"], trust_env=False).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_an_officer_comes_in_by_the_service_and_the_log_says_so(service, client):
    client.cookies["immis_language"] = "en"
    assert "Log in with Parichay" in client.get("/login").content.decode()
    service.who = _person("p-1", "MDO@bihar.example")
    assert _come(client, next="/office/leases/")["Location"] == "/office/leases/"
    assert client.get("/office/leases/").status_code == 200
    assert SocialAccount.objects.get().user.username == "mdo"
    assert ActionLog.objects.get(code="login").facts["by"] == ["socialaccount"]
    service.who = _person("p-1", "moved@elsewhere.example")
    again = Client()
    _come(again)
    assert again.get("/office/leases/").status_code == 200, "known by the identity, not by the address"


@pytest.mark.parametrize(
    "who",
    [
        _person("p-2", "mdo@bihar.example", verified=False),
        _person("p-3", "nobody@bihar.example"),
        _person("p-4", "bidder@example.org"),
    ],
)
def test_who_is_no_officer_by_a_proved_address_gets_neither_in_nor_an_account(service, client, who):
    client.cookies["immis_language"] = "en"
    service.who = who
    assert _come(client)["Location"] == "/login"
    assert "belongs to no account here" in client.get("/login").content.decode()
    assert client.get("/office/leases/").status_code == 302 and not SocialAccount.objects.exists()


def test_one_connects_it_when_signed_in_and_comes_in_by_it_later(service, client):
    client.post("/login", {"username": "clerk", "password": WORD})
    service.who = _person("p-5", "private@example.org")
    there = client.post("/login/by/sso?process=connect")
    back = httpx.get(there["Location"], trust_env=False).headers["Location"]
    assert client.get(back.removeprefix("http://testserver"))["Location"] == "/account/"
    later = Client()
    assert _come(later).status_code == 302 and later.get("/office/leases/").status_code == 200


def test_the_second_factor_is_asked_for_also_then(service, client, settings):
    settings.SECOND_FACTOR_ASKED = True
    service.who = _person("p-1", "mdo@bihar.example")
    _come(client)
    assert client.get("/office/leases/")["Location"] == "/account/second"


def test_who_turns_round_and_what_goes_wrong_over_there_ends_at_the_log_in(service, client):
    assert _come(client)["Location"] == "/login"
    service.who, service.broken = _person("p-1", "mdo@bihar.example"), True
    assert _come(client)["Location"] == "/login"
    assert client.get("/login/by/sso/back?code=x&state=forged")["Location"] == "/login"
    assert client.get("/office/leases/").status_code == 302
    assert client.post("/login/by/other").status_code == 404


def test_without_a_service_there_is_no_such_way(client, db):
    assert "/login/by/" not in client.get("/login").content.decode()
    assert client.post("/login/by/sso").status_code == 404
