"""Hindi of pages, messages and papers: one word a thing, by the list ``policy/words/avoided.yaml``."""

import re
from datetime import date, datetime
from pathlib import Path

import yaml
from django import forms, template
from django.utils import translation
from django.utils.translation import pgettext

from immis import clock
from immis.rules.policy import POLICY_DIR
from immis.rules.writing.avoided import faults_in
from immis.rules.writing.offices import words_of
from immis.web import i18n
from immis.web.shell import citations, tags, wording

SLIPS = yaml.safe_load((Path(__file__).parent / "slips.yaml").read_text(encoding="utf8"))


def test_no_text_has_a_word_that_the_glossary_has_another_one_for():
    assert i18n.avoided() == []


def test_every_pattern_of_the_list_answers_to_a_slip_and_to_no_good_word():
    missed = [slip for slip, _ in SLIPS if not faults_in(slip)]
    wronged = [good for _, good in SLIPS if faults_in(good)]
    assert (missed, wronged) == ([], [])
    assert len(SLIPS) == len(words_of("avoided")["words"])


class Day(forms.Form):
    on = forms.DateField()
    size = forms.IntegerField(max_value=5)


def test_one_english_word_has_two_hindi_ones_and_django_s_hindi_is_ours():
    with translation.override("hi"):
        assert pgettext("noun", "Register") != translation.gettext("Register")
        assert translation.gettext("Phone") == translation.gettext("phone")
        faults = Day({"size": "9"}).errors
        assert not faults_in(str(faults)) and not any(mark in str(faults) for mark in (" ।", "अपेक्षित"))
        assert "15.10.2026" in Day({"on": "x"}).errors["on"][0]


def test_a_distance_is_said_in_the_unit_that_fits_it_and_a_month_by_its_name():
    facts = {"block": "B", "vehicle": "V", "distance_m": 4711, "limit_m": 50}
    with translation.override("hi"):
        assert "4.7\u00a0किमी" in wording.say(("CH-04", facts)) and "50\u00a0मीटर" in wording.say(("CH-04", facts))
        assert "मीटर" not in wording.distance(12_000) and wording.distance(12_000).startswith("12\u00a0")
        assert (
            template.Template("{{ on|date:'F Y' }}").render(template.Context({"on": date(2026, 9, 1)})) == "सितंबर 2026"
        )
    with translation.override("en"):
        assert "stands 4.7\u00a0km away" in wording.say(("CH-04", facts)) and wording.distance(None) == "—"


def test_a_clause_is_cited_whole_once_on_a_page_and_a_newspaper_always():
    citations.begin_page()
    with translation.override("hi"):
        first, again = tags.clause("HLD-01"), tags.clause("HLD-01")
        assert "2026" in first.split(">")[1] and "2026" not in again.split(">")[1] and "24" in again.split(">")[1]
        assert tags.clause("PEN-01").split(">")[1] == tags.clause("PEN-01").split(">")[1]  # it has no clause to cite


def test_every_citation_is_in_one_script_a_language():
    texts = [path.read_text(encoding="utf8") for path in sorted(POLICY_DIR.glob("**/*.yaml"))]
    cited = {two or one for text in texts for two, one in re.findall(r'cites: *(?:"([^"]*)"|([^{},"\n]+))', text)}
    with translation.override("hi"):
        hindi = {words: wording.citation(words) for words in cited}
    rest = {words: said for words, said in hindi.items() if re.search(r"\b(?![ivxlc]+\b)[a-z]{3,}\b", said)}
    assert (rest, [words for words in cited if re.search("[\u0900-\u097f]", words)]) == ({}, [])


def test_what_is_unpaid_says_since_when(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 10, 16, 9, tzinfo=clock.INDIA))
    with translation.override("en"):
        assert wording.unpaid_since(date(2026, 10, 15)) == "was due yesterday, still unpaid"
        assert wording.unpaid_since(date(2026, 10, 4)) == "unpaid for 12 days"
        assert wording.with_crores(5_100_000_000) == "₹\u00a05,10,00,000 (₹\u00a05.1\u00a0crore)"
        assert wording.with_crores(90_000_000) == "₹\u00a09,00,000"


def test_a_clause_is_linked_once_in_a_section_and_in_each_row_of_its_own():
    link = '<a class="clause" href="/law/HLD-01/" title="x">24(ii)</a>'
    html = f"<section><h2>Stopped {link}</h2><p>Unpaid {link}.</p><table><tr><td>One {link}</td></tr></table></section>"
    assert citations.once_a_section(html) == html.replace(f"Unpaid {link}", "Unpaid")
    alone = f"<section><p>Unpaid {link}</p><dl><dt>By</dt><dd>{link}</dd></dl></section><section>{link}</section>"
    assert citations.once_a_section(alone) == alone
    drawn = template.Template(
        '{% clauses_once %}<p>{% clause "HLD-01" %} a {% clause "HLD-01" %}</p>{% endclauses_once %}'
    )
    assert drawn.render(template.Context()).count("/law/HLD-01/") == 1
