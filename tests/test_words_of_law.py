"""Words of law stand in YAML and locale, figures of the law in the rule book: none in Python, none in a template."""

import ast
import re
from pathlib import Path

from immis.web import i18n

IMMIS = Path(i18n.__file__).resolve().parent.parent
_DEVANAGARI = re.compile("[\u0900-\u097f]")
_LETTERS, _CLASS = re.compile("[\u0904-\u0939][\u093a-\u094f]*[\u0904-\u0939]"), re.compile(r"\[[^\]]*\]")
_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety|hundred"
_UNITS = r"days?|hours?|minutes?|months?|years?|percent|hectares?|blocks?|rivers?|km\b|MB\b|lakh|crore"
#: A figure with its unit, in digits or words, or a sum of rupees: what a law may change tomorrow.
_FIGURE = re.compile(
    rf"(?<![\w.{{(#-])\d[\d,.]*\s*(?:%(?!\()|(?:{_UNITS})\b)|\b(?:{_NUMBERS})\s+(?:{_UNITS})\b|₹\s*\d",
    re.IGNORECASE,
)
_IN_HINDI = re.compile(r"(?<![\w.)])[\d०-९]+\s*(?:%(?!\()|दिन|घंट|मिनट|माह|वर्ष|प्रतिशत|हेक्टेयर|खण्ड|किमी|MB)")
_TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<style.*?</style>|<script.*?</script>|<[^>]*>", re.DOTALL)
#: How much of a plan a page shows, and dates; no figures of a law.
_OF_THE_PAGE = {"If the deed were executed on this day: first two years"}


def test_no_python_file_holds_devanagari():
    found = [
        f"{path.relative_to(IMMIS)}:{number}"
        for path in IMMIS.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), 1)
        if _DEVANAGARI.search(line)
    ]
    assert not found, f"put these words into policy/ or the locale: {', '.join(found[:20])}"


def test_no_python_file_hides_a_word_behind_escapes():
    found = [
        f"{path.relative_to(IMMIS)}:{node.lineno}"
        for path in IMMIS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _LETTERS.search(_CLASS.sub("", node.value))
    ]
    assert not found, f"put these words into policy/words/: {', '.join(found)}"


def test_no_text_of_a_page_holds_a_figure_of_the_law():
    found = {
        f"{where}: {text}" for text, where in i18n.used_messages() if _FIGURE.search(text) and text not in _OF_THE_PAGE
    }
    assert not found, f"take the number from the rule book: {'; '.join(sorted(found))}"


def test_no_hindi_text_of_a_page_holds_a_figure_of_the_law():
    found = [
        f"{path.parts[-3]}: {word}"
        for path in i18n.po_files()
        for message in i18n.read(path)
        for word in (message.string if isinstance(message.string, tuple | list) else (message.string,))
        if message.id and _IN_HINDI.search(word)
    ]
    assert not found, f"take the number from the rule book: {'; '.join(found)}"


def test_no_template_holds_a_figure_of_the_law():
    found = []
    for path in sorted(IMMIS.rglob("*.html")):
        if "static" not in path.parts and (figure := _FIGURE.search(_TAGS.sub(" ", path.read_text(encoding="utf8")))):
            found.append(f"{path.relative_to(IMMIS)}: {figure[0]}")
    for path in sorted(IMMIS.rglob("*.typ")):
        lines = [line for line in path.read_text(encoding="utf8").splitlines() if "%" not in line]
        found += [f"{path.relative_to(IMMIS)}: {figure[0]}" for line in lines if (figure := _FIGURE.search(line))]
    assert not found, f"take the number from the rule book: {'; '.join(found)}"


def test_the_checks_see_what_they_look_for():
    for text in ("within 5 days", "Security 25 %", "a fee of ₹ 1,00,000", "one hour later", "two blocks", "8 MB"):
        assert _FIGURE.search(text), text
    for text in ("within %(n)s days", "CH-04", "clause 42(xxviii)", "%(n)s%%", "2 of 5", "Year 2026"):
        assert not _FIGURE.search(text), text
