"""Public pages that only the rule book and the day decide: made once a language and day, never a person's own."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from immis.web.law import public as law
from immis.web.shell.kept import shelf
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.web.shell.test_shell_roles import people as people

pytestmark = pytest.mark.django_db
ALIKE = ("/law/", "/law/?q=sand", "/law/leases/", "/law/CH-04/", "/help/", "/schedule/", "/law/?format=csv")


@pytest.fixture(autouse=True)
def _empty():
    shelf.clear()
    yield
    shelf.clear()


def reader(language: str = "hi") -> Client:
    client = Client()
    client.cookies[LANGUAGE_COOKIE] = language
    return client


def count_renders(monkeypatch) -> list[str]:
    made: list[str] = []
    figure = law._row
    monkeypatch.setattr(law, "_row", lambda value: made.append(value.code) or figure(value))
    return made


@pytest.mark.parametrize("address", ALIKE)
def test_the_second_reader_of_the_day_gets_what_was_made(db, at, address):
    first, second = reader().get(address), reader().get(address)
    assert first.content == second.content and first["ETag"] == second["ETag"]
    assert reader().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert reader("en").get(address)["ETag"] != first["ETag"] or address.endswith("csv")


def test_the_law_is_worded_once_a_day_in_each_language(db, at, monkeypatch):
    law._row_html.cache_clear()
    made = count_renders(monkeypatch)
    for word in ("auctions/", "leases/", "triggers/", "?q=sand", "?q=ghat", "?junk=1", "?q=sand&junk=2"):
        assert reader().get(f"/law/{word}").status_code == 200
    assert len(made) == len(set(made)) > 100, "no rule was worded twice, whatever was searched for"
    at.set(at() + timedelta(days=1))
    assert reader().get("/law/leases/").status_code == 200 and len(made) > len(set(made))


def test_a_person_never_gets_anybodys_page_nor_anybody_a_persons(people):
    assert reader().get("/law/").status_code == 200
    client = reader()
    client.force_login(people["hq"])
    own = client.get("/law/")
    assert 'action="/logout"' in own.content.decode() and "no-store" in own["Cache-Control"] and "ETag" not in own
    assert "/logout" not in re.sub(r"next=[^\"]*", "", reader().get("/law/").content.decode())
