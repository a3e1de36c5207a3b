"""The page of search and what it proposes: who finds what, in words, with no script; what is looked up is noted."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from immis.core.acts import ACTS
from immis.core.models import ActionLog
from immis.registry.models import User
from immis.search.services import rebuild
from immis.web.search.faces import FACES
from immis.web.search.places import _known
from tests.web.twin import NOW, Twin, statewide, twins

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(data_dir, at):
    at.set(NOW)
    pair = twins()
    statewide()
    rebuild()
    return pair


def signed_in(user: User | None, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.cookies["immis_language"] = language
    if user is not None:
        client.force_login(user)
    return client


def results(client: Client, text: str, **more) -> list[tuple[str, str, str]]:
    """Each result: where it leads, its title, its state in words."""
    page = client.get(reverse("search"), {"q": text, **more})
    assert page.status_code == 200
    rows = re.findall(r"<li data-row>\s*(.*?)</li>", page.content.decode(), re.S)
    return [(re.search(r'href="([^"]+)"', row)[1], re.search(r"<b>(.*?)</b>", row)[1],
             " ".join(re.sub(r"<[^>]+>", " ", row.partition("</a>")[2]).split())) for row in rows]  # fmt: skip


def test_a_number_in_any_writing_opens_the_settlement_with_its_state(pair: tuple[Twin, Twin]):
    client, number = signed_in(pair[0].users["district"]), pair[0].rows["lease"].number
    lease = reverse("office_lease", args=[number])
    for text in (number, number.replace("-", "/"), "mun 1", "MUN २०२६ ०१"):
        rows = {url: state for url, _title, state in results(client, text)}
        assert lease in rows and len(rows[lease]) > 3, text
        assert client.get(lease).status_code == 200
    settlee = {url for url, *_ in results(signed_in(pair[0].users["party"]), "mun 1")}
    assert reverse("settlee_lease", args=[number]) in settlee and lease not in settlee


def test_nobody_finds_what_is_out_of_his_reach(pair: tuple[Twin, Twin]):
    """Every word of the other district's records, and every link that is shown opens."""
    own, other = pair
    people = [None, *own.users.values(), *User.objects.filter(username__in=("hq", "monitoring"))]
    for user in people:
        client = signed_in(user)
        for text in (*other.names(), "patna sands", other.mark, "ghat", "MUN"):
            page = client.get(reverse("search"), {"q": text}).content.decode()
            wide = user is not None and user.username in ("hq", "monitoring")
            assert wide or other.mark not in page.partition("</h1>")[2], (user, text)
        for url, *_ in results(client, "ghat") + results(client, "mun"):
            assert client.get(url).status_code == 200, (user, url)


def test_what_is_proposed_as_somebody_types(pair: tuple[Twin, Twin]):
    client = signed_in(pair[0].users["district"], "hi")
    body = client.get(reverse("search_suggest"), {"q": "munger sand"}).json()["results"]
    assert body[0]["url"] == reverse("office_lease", args=[pair[0].rows["lease"].number])
    assert body[0]["state"] and "बंदोबस्तियाँ" in body[0]["about"]
    assert client.get(reverse("search_suggest"), {"q": "x"}).json() == {"results": []}
    assert client.get(reverse("search_suggest"), {"q": "x" * 81}).json() == {"results": []}


def test_acts_pages_and_rules(pair: tuple[Twin, Twin]):
    officer, settlee, nobody = (signed_in(user) for user in (*map(pair[0].users.get, ("district", "party")), None))
    assert ("/law/CH-06/") in {url for url, *_ in results(nobody, "ch 06")}
    assert {url for url, *_ in results(nobody, "E-118")} & {url for url, *_ in results(officer, "E-118")}
    assert reverse("driver_new") in {url for url, *_ in results(settlee, "enter driver")}
    extend = [title for _url, title, _state in results(officer, "surrender")]
    assert "Accept the surrender" not in extend  # the Collector's
    assert "Accept the surrender" in [row[1] for row in results(signed_in(pair[0].users["collector"]), "surrender")]
    assert reverse("office_holds") in {url for url, *_ in results(signed_in(pair[0].users["district"], "hi"), "रोक")}
    assert reverse("office_holds") not in {url for url, *_ in results(settlee, "holds")}
    assert reverse("help") in {url for url, *_ in results(nobody, "sahayata")}


def test_what_is_declared_can_be_opened():
    known = _known()
    assert len(known["rule"]) > 400 and len(known["page"]) > 50
    named = {place.act.name for place in known["act"]}
    assert len(named) > 0.8 * len(ACTS), sorted(ACTS.keys() - named)
    with translation.override("hi"):
        assert all(place.title["hi"] != place.title["en"] for place in known["act"])
    assert all(face.pages for face in FACES.values())


def test_a_look_at_a_person_by_phone_is_noted_once(pair: tuple[Twin, Twin]):
    party = pair[0].rows["party"]
    client = signed_in(pair[0].users["district"])
    assert client.get(reverse("search_suggest"), {"q": party.phone}).json() == {"results": []}
    assert not ActionLog.objects.filter(code="person.looked_up").exists()
    assert results(client, f"+91 {party.phone}")
    line = ActionLog.objects.get(code="person.looked_up")
    assert line.user_id == pair[0].users["district"].pk and line.facts == {"by": ["phone"]}
    assert results(signed_in(None), party.phone) == results(signed_in(pair[1].users["district"]), party.phone) == []
    assert ActionLog.objects.filter(code="person.looked_up").count() == 1


def test_a_question_that_cannot_be_meant_is_answered_in_words(pair: tuple[Twin, Twin]):
    client = signed_in(None)
    for text in ("", "a", "2026", '" *', "'); --", "\u0940", "%", "🚚" * 80):
        page = client.get(reverse("search"), {"q": text})
        assert page.status_code == 200 and "What is found" in page.content.decode()
    assert client.get(reverse("search"), {"q": "x" * 81}).status_code == 400
    assert client.get(reverse("search"), {"q": "mun", "kind": "secret"}).status_code == 400
    field = re.search(r'<form\s+class="find".*?</form>', client.get("/").content.decode(), re.S)[0]
    assert 'role="search"' in field and 'name="q"' in field and reverse("search") in field
