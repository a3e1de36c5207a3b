"""E-018: a new bidder asks for a user ID, gets it by e-mail only, and logs in with it; E-036: what he then sees."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immis.auctions.models import TechnicalBid
from immis.messaging.models import Message
from immis.messaging.services import email_text
from immis.registry.models import Party, User
from tests.auctions.season import APPLIED, CLOSES, OPENS, make_season

pytestmark = pytest.mark.django_db
NUMBERS = {
    word: n for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
NEW = {
    "kind": "company", "name_hi": "नव बालू", "name_en": "Nav Sands", "pan": "ABCCN1234F",
    "email": "nav@example.org", "phone": "9000000009", "password": "गंगा-के-तट-पर",
}  # fmt: skip


@pytest.fixture
def season(db, data_dir, at):
    at.set(APPLIED)
    cache.clear()
    return make_season()


def _ask(client, **changed):
    client.cookies["immis_language"] = "en"
    page = client.get("/signup").content.decode()
    first, second = re.search(r"How much is (\w+) plus (\w+)\?", page).groups()
    token = re.search(r'name="sum_token" value="([^"]+)"', page).group(1)
    total = NUMBERS[first.lower()] + NUMBERS[second.lower()]
    return client.post("/signup", {**NEW, "sum": total, "sum_token": token, **changed})


def test_a_user_id_comes_by_mail_and_logs_in(client, season):
    assert "/signup" in client.get("/login").content.decode()
    answer = _ask(client)
    user = User.objects.get(username__startswith="B")
    assert answer.status_code == 200 and user.username not in answer.content.decode(), "the mail alone tells it"
    message = Message.objects.get(template="MSG-102")
    assert user.username in email_text(message)[1] and message.deliveries.get(channel="email").address == NEW["email"]
    assert client.post("/login", {"username": user.username, "password": "wrong-password"}).status_code == 422
    assert client.post("/login", {"username": user.username, "password": NEW["password"]}).status_code == 302
    assert "Register for e-auctions" in client.get("/bidder/").content.decode()


def test_a_known_pan_gets_an_id_of_its_own_and_the_page_says_the_same(client, season):
    """A PAN is only stated at sign-up: who asks second is no thief by it, and shuts nobody out."""
    first = _ask(client).content
    again = _ask(client, email="second@example.org", password="another-password-1")
    assert again.content.replace(b"second@", b"nav@") == first
    both = Party.objects.filter(pan=NEW["pan"])
    assert both.count() == 2 and not both.filter(pan_proved_at__isnull=False).exists()
    assert len({user.pk for party in both for user in party.users.all()}) == 2
    addresses = [m.deliveries.get(channel="email").address for m in Message.objects.filter(template="MSG-102")]
    assert sorted(addresses) == ["nav@example.org", "second@example.org"]


@pytest.mark.parametrize(
    "changed", [{"sum": 99}, {"password": "short"}, {"password": "password123"}, {"email": "x"}, {"kind": "king"}]
)
def test_what_does_not_fit_is_asked_again(client, season, changed):
    assert _ask(client, **changed).status_code == 422 and not User.objects.filter(username__startswith="B").exists()


def test_no_pan_and_too_many_are_refused(client, season):
    assert "is not a PAN" in _ask(client, pan="NOPAN").content.decode()
    for _ in range(10):
        _ask(client)
    assert "Too many user IDs" in _ask(client, pan="ABCCN9999F").content.decode()


def test_the_activity_window_shows_the_auctions_of_the_day(client, season, at):
    """E-036, E-057: from a day before the start until the end, those for which the bidder is admitted."""
    season.bidder("asha", 1, 2)
    TechnicalBid.objects.filter(lot__serial=2).update(state="failed")
    client.force_login(season.users["asha"])
    seen = []
    for instant in (APPLIED, OPENS, CLOSES):
        at.set(instant)
        window = client.get("/bidder/").content.decode().partition('id="activity"')[2].partition("</section>")[0]
        seen.append(("MUN-2026-01" in window, "MUN-2026-02" in window))
    assert seen == [(False, False), (True, False), (False, False)]


def test_a_known_pan_costs_the_same_work_as_a_new_one(client, season, monkeypatch):
    """The time of the answer does not tell who is registered: the hash is computed, the mail queued, for both."""
    _ask(client, pan="ABCCM1234F", email="first@example.org")  # opens the counters that both find
    hashed = []
    plain = User.set_password
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append(raw) or plain(self, raw))
    counts = []
    for password in (NEW["password"], "another-password-1"):
        with CaptureQueriesContext(connection) as queries:
            _ask(client, password=password)
        writes = [row["sql"].split()[0] for row in queries if row["sql"].startswith(("INSERT", "UPDATE"))]
        counts.append((len(writes), Message.objects.filter(template="MSG-102").count()))
    assert hashed == [NEW["password"], "another-password-1"]
    assert counts[0][0] == counts[1][0] and [count for _writes, count in counts] == [2, 3]
