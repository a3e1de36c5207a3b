"""The own account: sessions that one ends, keys for programs, a forgotten password, an address that is proved."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from immis.core.models import ActionLog, Cached
from immis.core.retention import forget_sessions
from immis.messaging.models import Message
from immis.messaging.services import deliver_sms
from immis.registry.models import ApiKey, User
from immis.registry.services import add_user, appoint, open_office
from tests.messaging.operators import AT, connected, register

pytestmark = pytest.mark.django_db
WORD, NEW = "a long password 1", "quite another 2 words"


@pytest.fixture(autouse=True)
def officer(data_dir):
    user = add_user(username="mdo", name_en="Officer", name_hi="Officer", password=WORD, email="mdo@example.org")
    office = open_office(code="o", kind="district", name_en="O", name_hi="O", district="Munger")
    return appoint(user=user, office=office, role="district").user


def _signed_in(agent="Firefox", password=WORD):
    client = Client(HTTP_USER_AGENT=agent)
    client.cookies["immis_language"] = "en"
    assert client.post("/login", {"username": "mdo", "password": password}).status_code == 302
    return client


def _link(template):
    return re.search(r"https?://[^/]+(/\S+)", Message.objects.filter(template=template).last().facts["link"]).group(1)


def test_another_session_is_seen_and_ended_and_the_own_one_goes_on():
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
    here, there = _signed_in(phone), _signed_in("A lost telephone")
    page = here.get("/account/sessions").content.decode()
    assert "A lost telephone" in page and page.count("This one") == 1
    assert "<b>Chrome · Android</b>" in page and "AppleWebKit" not in page
    (number,) = re.findall(r'name="session" value="(\d+)"', page)
    assert there.get("/account/").status_code == 200
    assert here.post("/account/sessions", {"session": number}).status_code == 302
    assert there.get("/account/").status_code == 302 and here.get("/account/").status_code == 200
    assert "A lost telephone" not in here.get("/account/sessions").content.decode()
    third = _signed_in("third")
    assert here.post("/account/sessions", {"all": "1"}).status_code == 302 and third.get("/account/").status_code == 302
    assert ActionLog.objects.filter(code="session.ended", subject_id="mdo").count() == 2


def test_nobody_ends_the_session_of_another():
    add_user(username="other", name_en="O", name_hi="O", password=WORD)
    here = _signed_in()
    (own,) = User.objects.get(username="mdo").usersession_set.all()
    other = Client()
    other.post("/login", {"username": "other", "password": WORD})
    assert other.post("/account/sessions", {"session": own.pk}).status_code in (403, 404)
    assert here.get("/account/").status_code == 200


def _key(client, *grants, days=30, name="Reports"):
    return client.post("/account/keys", {"name": name, "days": days, "grants": grants})


def _shown(page):
    return re.search(r'id="api-key">(immis_[\w-]+)<', page.content.decode()).group(1)


def test_a_key_is_shown_once_and_does_what_it_was_given_and_no_more(at):
    here = _signed_in()
    text = _shown(_key(here, "lease.read", "lease.oversee"))
    assert text not in here.get("/account/keys").content.decode()
    row = ApiKey.objects.get()
    secret = text.split("_", 2)[2]
    assert len(secret) >= 40 and secret not in str(row.__dict__) and row.grants == ["lease.oversee", "lease.read"]
    program = Client(headers={"Authorization": f"Bearer {text}"})
    assert program.get("/api/v1/leases").status_code == 200
    row.refresh_from_db()
    assert row.used_at == at()
    assert program.get("/api/v1/challans").status_code == 403, "a grant of the post that the key has not"
    assert program.get("/office/leases/").status_code == 302, "pages are for people"
    assert Client(headers={"Authorization": f"Bearer {text[:-1]}x"}).get("/api/v1/leases").status_code == 401
    assert here.post("/account/keys", {"end": row.pk}).status_code == 302
    assert program.get("/api/v1/leases").status_code == 401
    codes = ["api_key.made", "api_key.ended"]
    assert (
        list(ActionLog.objects.filter(code__startswith="api_key").order_by("seq").values_list("code", flat=True))
        == codes
    )


def test_a_key_ends_with_its_day_with_the_post_and_with_the_person(at, officer):
    here = _signed_in()
    text = _shown(_key(here, "lease.read", days=2))
    program = Client(headers={"Authorization": f"Bearer {text}"})
    post = officer.posts.get()
    for change, back in (
        (lambda: officer.posts.update(active=False), lambda: officer.posts.update(active=True)),
        (lambda: User.objects.update(is_active=False), lambda: User.objects.update(is_active=True)),
        (lambda: at.set(at() + timedelta(days=2)), lambda: None),
    ):
        assert program.get("/api/v1/leases").status_code == 200
        change()
        assert program.get("/api/v1/leases").status_code in (401, 403)
        back()
    assert post.role == "district" and program.get("/api/v1/leases").status_code == 401


def test_no_key_verifies_money_and_none_lasts_for_ever():
    here = _signed_in()
    assert 'value="receipt.verify"' not in here.get("/account/keys").content.decode()
    for refused in (
        _key(here, "receipt.verify"),
        _key(here, "log.read"),
        _key(here),
        _key(here, "lease.read", days=999),
    ):
        assert refused.status_code == 422
    for _ in range(10):
        assert _key(here, "lease.read").status_code == 200
    assert "end one first" in _key(here, "lease.read").content.decode() and ApiKey.objects.count() == 10


def test_a_forgotten_password_is_set_by_the_link_of_a_mail_once():
    session, visitor = _signed_in(), Client()
    visitor.cookies["immis_language"] = "en"
    known = visitor.post("/password/reset", {"email": "MDO@example.org"})
    assert known["Location"] == "/password/reset/sent"
    message = Message.objects.get(template="MSG-181")
    assert message.deliveries.get(channel="email").address == "mdo@example.org" and message.to_kind == "user"
    link = _link("MSG-181")
    step = visitor.get(link)
    assert step.status_code == 302 and link.rpartition("-")[2] not in step["Location"], "no key in the address"
    for first, second in (("short", "short"), (NEW, NEW + "x")):
        assert visitor.post(step["Location"], {"password1": first, "password2": second}).status_code == 422
    assert visitor.post(step["Location"], {"password1": NEW, "password2": NEW})["Location"] == "/password/reset/done"
    assert session.get("/account/").status_code == 302, "whoever sat in the account is out"
    _signed_in(password=NEW)
    assert "too old" in Client(headers={"Cookie": "immis_language=en"}).get(link).content.decode()
    assert (
        Message.objects.filter(template="MSG-182").last().facts["change"]["en"].startswith("the password was set anew")
    )


def test_an_address_that_nobody_has_costs_the_same_work_and_is_told_the_same():
    answers, writes = [], []
    cache.clear()
    for email in ("warm@example.org", "mdo@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post("/password/reset", {"email": email})
        answers.append((answer.status_code, answer["Location"], answer.content))
        writes.append(sum(row["sql"].startswith("INSERT") and "messaging" in row["sql"] for row in queries))
    assert answers[1] == answers[2] and writes[1] == writes[2] > 0
    assert Message.objects.filter(template="MSG-181").count() == 1


def test_many_links_are_not_asked_for():
    answers = [Client().post("/password/reset", {"email": "mdo@example.org"}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


def test_an_address_counts_once_its_link_was_followed(officer):
    here = _signed_in()
    assert here.get("/account/").content.decode().count("Not proved") == 2, "the address, and the telephone"
    sent = {"email": "new@example.org", "action_add": "1"}
    assert here.post("/account/email", sent).status_code == 302
    officer.refresh_from_db()
    assert officer.email == "mdo@example.org"
    link = _link("MSG-183")
    assert here.get(link).status_code == 200
    officer.refresh_from_db()
    assert officer.email == "mdo@example.org", "looking at the link proves nothing"
    assert here.post(link).status_code == 302
    officer.refresh_from_db()
    assert officer.email == "new@example.org"
    page = here.get("/account/").content.decode()
    assert "new@example.org" in page and page.count("Not proved") == 1
    assert (
        Message.objects.filter(template="MSG-182").last().deliveries.get(channel="email").address == "mdo@example.org"
    )


def test_what_sign_in_remembered_goes_when_it_is_over(at):
    _signed_in()
    cache.set("x", 1, timeout=60)
    Cached.objects.update(expires=timezone.now() - timedelta(days=1))
    user = User.objects.get(username="mdo")
    user.usersession_set.update(last_seen_at=timezone.now() - timedelta(days=1))
    forget_sessions(at=at())
    assert not Cached.objects.exists() and not user.usersession_set.exists()


def test_a_phone_is_proved_by_the_code_that_comes_to_it(at, settings, officer):
    at.set(AT)
    here = _signed_in()
    assert "OTP" not in here.post("/account/phone", {"phone": "12345"}).content.decode()
    assert here.post("/account/phone", {"phone": "9000000001"}).status_code == 422, "no SMS service, no code"
    with connected(settings) as operators:
        register("MSG-160")
        page = here.post("/account/phone", {"phone": "9000000001"})
        assert page.status_code == 200 and 'value="9000000001"' in page.content.decode()
        deliver_sms(at=AT)
        (text,) = [row["text"] for row in operators.exchange.shown()]
    code = re.search(r"\d{6}", text).group()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert here.post("/account/phone", {"phone": "9000000001", "code": wrong}).status_code == 422
    assert here.post("/account/phone", {"phone": "9000000002", "code": code}).status_code == 422, "another phone"
    assert here.post("/account/phone", {"phone": "9000000001", "code": code}).status_code == 302
    officer.refresh_from_db()
    assert (officer.phone, officer.phone_proved_at) == ("9000000001", AT)
    assert here.post("/account/phone", {"phone": "9000000001", "code": code}).status_code == 422, "once"
    facts = ActionLog.objects.get(code="phone.proved").facts
    assert facts == {"before": "", "phone": "0001"}
