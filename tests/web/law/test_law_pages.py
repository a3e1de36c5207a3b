"""The law by its doors: a short first page, words looked for in both languages, topics and codes as pages (A-13)."""

import re

import pytest
from django.test import Client

from immis.rules.districts import CODES
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.rules.writing.texts import texts
from immis.web.shell.request.middleware import LANGUAGE_COOKIE

pytestmark = pytest.mark.django_db
_CODE = re.compile(r'href="/law/([A-Z]+-\d+)/"')


def read(address: str, language: str = "hi", status: int = 200) -> str:
    client = Client()
    client.cookies[LANGUAGE_COOKIE] = language
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def codes_on(address: str, language: str = "hi") -> list[str]:
    return list(dict.fromkeys(_CODE.findall(read(address, language))))


def test_the_first_page_is_short_and_counts_the_rules_of_each_topic():
    page = read("/law/")
    assert not _CODE.findall(page) and len(page) < 20_000
    for topic, name in book().topics.items():
        count = sum(entry.topic == topic for entry in book().entries.values())
        row = re.search(rf'href="/law/{topic}/">{re.escape(name["hi"])}</a>\s*<span[^>]*>\s*(\d+) नियम', page)
        assert row and int(row[1]) == count, topic


def test_every_code_stands_once_on_the_page_of_its_topic_with_its_anchor():
    for topic in book().topics:
        page = read(f"/law/{topic}/", "en")
        own = [code for code, entry in book().entries.items() if entry.topic == topic]
        assert re.findall(r'<tr data-row id="([A-Z]+-\d+)"', page) == sorted(own)
        assert re.findall(r'href="#([A-Z]+-\d+)"', page) == sorted(own)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("hld-01", "HLD-01"),
        ("सत्यापन किस्त", "HLD-01"),  # Hindi, read in English too
        ("instalment verif", "HLD-01"),
        ("By itself when the district office verifies", "HLD-01"),  # what lifts it
        ("registration is not active", "CH-02"),  # a reason that fills its message
        ("कंडिका 42(xxviii)", "CH-03"),  # the clause as Hindi cites it
        ("E-061", "AUC-03"),  # what it implements
        ("शास्तियाँ", "PEN-01"),  # its topic
    ],
)
def test_words_are_found_in_both_languages_whatever_the_reader_reads(words, code):
    assert code in codes_on(f"/law/?q={words}") and code in codes_on(f"/law/?q={words}", "en")
    assert "AUC-01" not in codes_on(f"/law/?q={words}")


def test_the_rule_whose_code_is_asked_for_stands_first():
    assert codes_on("/law/?q=INS-02")[0] == "INS-02" and codes_on("/law/?q=ch-10")[0] == "CH-10"


def test_the_words_are_looked_for_within_a_topic_and_then_in_all():
    found = codes_on("/law/challans/?q=GPS")
    assert found and {book().entry(code).topic for code in found} == {"challans"}
    nothing = read("/law/retention/?q=GPS")
    assert "इस विषय में इन शब्दों का कोई नियम नहीं" in nothing and 'href="/law/?q=GPS"' in nothing
    empty = read("/law/?q=zzzz")
    assert "इन शब्दों से कोई नियम नहीं मिला" in empty and not _CODE.findall(empty)
    assert 'href="/law/auctions/"' in empty, "the topics stand below an empty answer"


def test_the_addresses_of_before_still_lead_there():
    answer = Client().get("/law/?topic=penalties")
    assert answer.status_code == 302 and answer.url == "/law/penalties/"
    assert Client().get("/law/?topic=leases&q=LoI").url == "/law/leases/?q=LoI"
    assert Client().get("/law/?topic=nothing").status_code == 200
    read("/law/nothing/", status=404)
    read("/law/NOTHING-1/", status=404)
    table = Client().get("/law/?topic=penalties&format=csv").content.decode("utf-8-sig")
    assert "PEN-01" in table and "AUC-01" not in table
    own = Client().get("/law/penalties/?format=csv").content.decode("utf-8-sig")
    assert own == table


def test_the_page_of_a_code_leads_back_to_its_topic_and_says_what_lifts_it():
    page = read("/law/HLD-01/")
    assert 'href="/law/leases/"' in page and "भुगतान के बाद जिला कार्यालय के सत्यापन पर स्वतः" in page
    assert "Not at all: the settlement is over" in read("/law/HLD-04/", "en")


def test_a_figure_bears_its_unit_in_the_readers_language():
    assert "5\u00a0दिन" in read("/law/LSE-01/") and "5\u00a0days" in read("/law/LSE-01/", "en")
    for topic in book().topics:
        for unit in book().units:
            if unit not in book().units[unit]["en"]:
                assert f"\u00a0{unit}<" not in read(f"/law/{topic}/"), unit


#: Names and signs inside values that are the same in every language.
_AS_THEY_STAND = re.compile(
    r"[A-Z]{2,3}-\d+|[A-Z]|JPG|PDF|PNG|BLOCK-.*|\{text\}|[\d.:-]+|\d+\([ivxl]+\)|[A-Z]+(?: [A-Z]+)*"
)


def keys_and_words(value):
    if isinstance(value, dict):
        if set(value) != {"en", "hi"}:
            for key, part in value.items():
                yield str(key)
                yield from keys_and_words(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys_and_words(part)
    elif isinstance(value, str):
        yield value


def test_every_part_of_a_value_has_its_words_in_hindi():
    tables = [texts(name) for name in ("law/keys", "law/words", "law/rivers", "registry/party_kinds")]
    known = {key for table in tables for key in table} | set(CODES) | set(chart().grants)
    missing = {
        f"{code}: {word}"
        for code, entry in book().entries.items()
        for value in entry.values
        for word in keys_and_words(value.value)
        if word not in known and not _AS_THEY_STAND.fullmatch(word) and word.isascii()
    }
    assert not missing, f"give these their words in policy/words/law/: {sorted(missing)}"
