"""The loader of the rule book refuses what would let a figure be wrong, and answers by date and district."""

from datetime import date
from decimal import Decimal

import pytest

from immis.rules.policy import POLICY_DIR, NotInForce, PolicyError, book, load
from immis.rules.writing.texts import text, texts

GOOD = """
title: {en: Increment, hi: बढ़ोतरी}
message: {en: "at least {step}", hi: "कम से कम {step}"}
implements: [E-071]
unit: percent
values:
  2026-05-01: {value: 0.1, cites: "clause 19(iv)"}
  2027-01-01:
    - {value: 12.5, cites: "order 1"}
    - {value: 15, cites: "order 2", scope: {district: Munger}}
  2028-01-01: {value: null, cites: "order 3"}
"""


def _book(tmp_path, text, code="X-01"):
    folder = tmp_path / "topic"
    folder.mkdir(exist_ok=True)
    (tmp_path / "topics.yaml").write_text("topic: {en: Topic, hi: विषय}\nother: {en: Other, hi: अन्य}", encoding="utf8")
    (tmp_path / "units.yaml").write_text("percent: {en: percent, hi: प्रतिशत}", encoding="utf8")
    (folder / f"{code}.yaml").write_text(text, encoding="utf8")
    return load(tmp_path)


def test_decimals_are_exact(tmp_path):
    assert _book(tmp_path, GOOD).value("X-01", date(2026, 5, 1)) == Decimal("0.1")


def test_the_value_of_the_day_and_the_district(tmp_path):
    policies = _book(tmp_path, GOOD)
    assert policies.value("X-01", date(2027, 1, 1)) == Decimal("12.5")
    assert policies.value("X-01", date(2027, 1, 1), district="Munger") == 15
    assert policies.value("X-01", date(2026, 12, 31), district="Munger") == Decimal("0.1")


def test_before_the_first_date_it_says_when_it_starts(tmp_path):
    with pytest.raises(NotInForce, match=r"starts on 01\.05\.2026"):
        _book(tmp_path, GOOD).at("X-01", date(2026, 4, 30))


def test_a_unit_of_one_code_stands_in_its_own_file(tmp_path):
    policies = _book(tmp_path, GOOD.replace("unit: percent", "unit: {en: pits a hectare, hi: गड्ढे प्रति हेक्टेयर}"))
    assert policies.units[policies.at("X-01", date(2026, 5, 1)).unit]["hi"] == "गड्ढे प्रति हेक्टेयर"


def test_null_ends_a_value(tmp_path):
    with pytest.raises(NotInForce, match="lapsed"):
        _book(tmp_path, GOOD).at("X-01", date(2028, 1, 1))


def test_a_proposal_is_inert_until_it_carries_an_approval(tmp_path):
    text = GOOD.replace('value: 0.1, cites: "clause 19(iv)"', 'value: 3, cites: "minutes", status: proposed')
    with pytest.raises(NotInForce):
        _book(tmp_path, text).at("X-01", date(2026, 6, 1))
    approved = text.replace("status: proposed", 'status: proposed, approval: "order 5"')
    assert _book(tmp_path, approved).value("X-01", date(2026, 6, 1)) == 3


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("unit: percent", "unit: percent\nunit: paise", "twice"),
        ("hi: बढ़ोतरी", "xx: b", "lacks hi"),
        ('cites: "clause 19(iv)"', "status: in_force", "cites no clause"),
        ("unit: percent", "units: percent", "unknown units"),
        ("unit: percent", "unit: furlong", "units.yaml has no furlong; it has percent"),
        ("unit: percent", "unit: {en: pits a hectare}", "unit lacks hi"),
        ("unit: percent", "lifts: {en: by an order}", "lifts lacks hi"),
        ("unit: percent", "words: {late: {hi: देर}}", "late lacks en"),
        ("unit: percent", 'words: {late: {en: "{day}", hi: "देर"}}', "late names day in one language only"),
        ("2026-05-01:", "someday:", "not a date"),
        ('cites: "order 1"', 'cites: "order 1", status: maybe', "none of"),
        ("title: {en", "title: [en", "X-01.yaml"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, old, new, says):
    with pytest.raises(PolicyError, match=says):
        _book(tmp_path, GOOD.replace(old, new))


def test_one_code_has_one_home(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "X-01.yaml").write_text(GOOD, encoding="utf8")
    with pytest.raises(PolicyError, match="stands in"):
        _book(tmp_path, GOOD)


def test_messages_are_worded_in_the_readers_language(tmp_path):
    policies = _book(tmp_path, GOOD)
    assert policies.say("X-01", {"step": "5"}, "hi") == "कम से कम 5"
    assert policies.say("X-01", {}, "en") == "at least —"


def test_reasons_are_worded_in_both_languages_with_their_facts(tmp_path):
    words = 'unit: percent\nwords: {late: {en: "{who} by {day:%d.%m.}", hi: "{day:%d.%m.} तक {who}"}}'
    policies = _book(tmp_path, GOOD.replace("unit: percent", words))
    told = policies.words("X-01", "late", day=date(2026, 5, 1), who={"en": "the settlee", "hi": "बंदोबस्तधारी"})
    assert told == {"en": "the settlee by 01.05.", "hi": "01.05. तक बंदोबस्तधारी"}
    with pytest.raises(PolicyError, match="X-01 has no words early; it has late"):
        policies.words("X-01", "early")


def test_a_topic_that_is_not_listed_is_refused(tmp_path):
    with pytest.raises(PolicyError, match="has no topic; it has"):
        _book(tmp_path, GOOD)
        (tmp_path / "topics.yaml").write_text("other: {en: Other, hi: अन्य}", encoding="utf8")
        load(tmp_path)


def test_a_grant_that_is_not_declared_is_told_with_its_line_and_the_nearest_spelling(tmp_path):
    posts = "grants: {challan.issue: {en: Issue, hi: जारी}, lease.read: {en: Read, hi: पढ़ें}}\nposts: {}\n"
    (tmp_path / "posts.yaml").write_text(posts, encoding="utf8")
    given = (
        GOOD.partition("unit:")[0]
        + "names: grants\nvalues: {2026-05-01: {value: {acts: [challan.issue,\n %s]}, cites: x}}"
    )
    assert _book(tmp_path, given % "lease.read").entry("X-01").names == "grants"
    with pytest.raises(
        PolicyError, match=r"X-01\.yaml:7: .*no 'chalan\.issue' in its grants; did you mean challan\.issue"
    ):
        _book(tmp_path, given % "chalan.issue")
    with pytest.raises(PolicyError, match="names grant; did you mean grants"):
        _book(tmp_path, given.replace("names: grants", "names: grant") % "lease.read")


@pytest.mark.parametrize("path", sorted(POLICY_DIR.glob("words/*/*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_texts_stand_in_both_languages(path):
    assert texts(f"{path.parent.name}/{path.stem}")


def test_a_text_that_is_not_there_names_its_file():
    with pytest.raises(PolicyError, match=r"leases/steps.yaml has no text nowhere; it has auction"):
        text("leases/steps", "nowhere")
    with pytest.raises(PolicyError, match="no texts leases/nothing"):
        texts("leases/nothing")


def test_an_unknown_code_names_its_family(tmp_path):
    with pytest.raises(PolicyError, match="X-01"):
        _book(tmp_path, GOOD).at("X-02", date(2026, 6, 1))


def test_the_shipped_book_is_whole():
    for entry in book().entries.values():
        assert entry.values and all(value.cites for value in entry.values), entry.code


#: Forms of a source that another one stands for.
_OTHER_FORMS = ("January 2026 review", "DPDP", "PR 002318", "Munger tender notice", "tender of Munger")


def test_a_source_is_cited_in_one_form_everywhere():
    cited = {(entry.code, str(value.cites)) for entry in book().entries.values() for value in entry.values}
    assert [row for row in cited if any(form in row[1] for form in _OTHER_FORMS)] == []
    sources = {text.partition(", ")[0] for _code, text in cited}
    dated = [name for name in sources if name.startswith("Review of ")]
    assert sorted(dated) == ["Review of 13.01.2026", "Review of IT managers of 23.12.2022"]
