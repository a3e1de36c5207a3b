"""The way in: a user ID that comes by mail, a password that its owner sets anew, a code besides it, a program's key."""

import re

import pytest

from tests.doors import Newcomer, Person, button, code_of, program, words_of

BINOD = Newcomer("proprietor", "Binod Kumar", "ABCPB1234F", "16180339887")
NEW = "गंगा-के-तट-पर-2027"


def stands_at(person, path):
    """Where somebody ends who opens a page."""
    return person.http.get(path).url.path


def user_ids(call):
    """The user IDs that Binod was mailed."""
    return call.at.mailed(BINOD.email, rf"user ID of {BINOD.name} for e-auctions is (B\d{{8}})\.")


@pytest.mark.row("E-018")
def test_the_user_id_comes_by_mail_and_a_forgotten_password_is_set_anew(page, call):
    if not user_ids(call):
        assert call.sign_up(BINOD).status_code == 200
    assert call.at.clock.soon(lambda: user_ids(call)), "the user ID is mailed"
    bidder = page(user_ids(call)[-1])
    assert stands_at(bidder, "/bidder/") == "/bidder/"
    visitor = page()
    asked = visitor.send(visitor.open("/password/reset"), lambda form: "email" in form.fields, {"email": BINOD.email})
    assert "If an account has this address, a link is on its way to it" in words_of(asked.text)
    mailed = rf"user ID {bidder.name}.+https?://[^/]+(/password/reset/\S+)"
    links = call.at.clock.soon(lambda: call.at.mailed(BINOD.email, mailed))
    assert links, "the link is mailed"
    link = links[-1]
    twice = {"password1": NEW, "password2": NEW}
    visitor.send(visitor.open(link), lambda form: "password1" in form.fields, twice)
    assert stands_at(bidder, "/bidder/") == "/login", "the session of before has ended"
    assert stands_at(Person(visitor.base, bidder.name, password=NEW), "/bidder/") == "/bidder/"
    assert "too old or was used already" in words_of(visitor.open(link).text)


@pytest.mark.row("E-018")
def test_an_officer_sets_up_an_app_and_the_next_log_in_asks_for_its_code(page):
    officer = Person(page().base, "monitoring")
    done = officer.send(
        officer.open("/account/second/app"), lambda form: "code" in form.fields, {"code": "000000"}, lawful=False
    )
    assert done.status_code == 422
    secret = re.search(r'id="totp-secret">(\w+)<', done.text).group(1)
    codes = officer.send(done, lambda form: "code" in form.fields, {"code": code_of(secret)})
    assert len(set(re.findall(r"<code>(\d{8})</code>", codes.text))) == 10
    again = Person(page().base, "monitoring")
    assert stands_at(again, "/office/map/") == "/login", "the password alone opens nothing"
    second = again.open("/login/second")
    again.send(second, lambda form: "code" in form.fields, {"code": code_of(secret, steps=1)})
    assert stands_at(again, "/office/map/") == "/office/map/"
    again.send(again.open("/account/second/app/off"), lambda form: not form.action, {})
    assert "Set up an app for codes" in words_of(again.open("/account/second").text)


@pytest.mark.row("E-018")
def test_a_program_reads_by_a_key_until_its_owner_ends_it(page):
    officer = page("mdo")
    wanted = {"name": "Monthly report", "days": "30", "grants": "lease.read"}
    made = officer.send(officer.open("/account/keys"), lambda form: "days" in form.fields, wanted)
    key = re.search(r'id="api-key">(immis_[\w-]+)<', made.text).group(1)
    caller = program(officer.base, key)
    assert caller.get("/api/v1/leases").json()[0]["code"] == officer.http.get("/api/v1/leases").json()[0]["code"]
    assert caller.get("/api/v1/challans").status_code == 403
    (number,) = re.findall(r'name="end" value="(\d+)"', officer.open("/account/keys").text)
    officer.send(officer.open("/account/keys"), button("end", number), {"end": number})
    assert caller.get("/api/v1/leases").status_code == 401
    caller.close()
