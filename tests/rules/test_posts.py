"""Posts as data: what the shipped file grants, and how its faults are told."""

import re
from pathlib import Path

import pytest

from immis.rules.marks import Faults
from immis.rules.policy import book
from immis.rules.posts import FILE, chart, load

CODE = Path(__file__).resolve().parents[2] / "immis"
NEEDED = "  public: {title: {en: a, hi: a}}\n  party: {title: {en: a, hi: a}}\n  system: {title: {en: a, hi: a}}\n"
GRANTS = "grants:\n  lease.read: {en: See a settlement, hi: a}\n  lease.cancel: {en: Cancel, hi: a}\nposts:\n" + NEEDED


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "posts.yaml"
    path.write_text(text, encoding="utf8")
    with pytest.raises(Faults) as raised:
        load(path)
    return [str(fault) for fault in raised.value.faults]


def test_a_post_holds_its_grants_each_within_its_reach():
    checkpost = chart().post("checkpost")
    assert checkpost.reach == "district" and checkpost.grants["challan.read"] == "own_office"
    assert chart().holders("lease.forfeit") == ("collector", "system")
    anybody = {"notice.read": "state", "data_request.make": "state", "complaint.make": "state"}
    assert chart().post("public").grants == anybody


def test_every_grant_is_held_by_somebody():
    assert [name for name in chart().grants if not chart().holders(name)] == []


def test_an_unknown_grant_or_post_is_refused_with_the_nearest_spelling():
    with pytest.raises(LookupError, match="did you mean lease.extend_clock"):
        chart().holders("lease.extend_clocks")
    with pytest.raises(LookupError, match="did you mean collector"):
        chart().post("colector")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("  guard: {title: {en: a, hi: a}, reach: district, grants: [lease.raed]}",
         "posts.yaml:8: no grant 'lease.raed'; did you mean lease.read? allowed: lease.cancel, lease.read"),
        ("  guard: {title: {en: a, hi: a}, reach: distrit, grants: [lease.read]}",
         "posts.yaml:8: 'distrit' is none of them; did you mean district? allowed: "
         "district, division, own_office, own_party, state"),
        ("  guard: {title: {en: a}}", "posts.yaml:8: 'hi' is missing; it is needed here"),
        ("  guard: {title: {en: a, hi: a}, reach: district}",
         "posts.yaml:8: nobody can hold guard; offices: "
         "hq, division, district, subdivision, block, monitoring, checkpost"),
        ("  guard: {title: {en: a, hi: a}, grants: [lease.read]}",
         "posts.yaml:8: guard has grants and no reach; reach: own_party, own_office, district, division, state"),
        ("  guard: {title: {en: a, hi: a}, grnats: [lease.read]}",
         "posts.yaml:8: 'grnats' is unknown here; did you mean grants? allowed: "
         "begins, grants, offices, over, reach, title"),
        ("  Guard: {title: {en: a, hi: a}}",
         "posts.yaml:8: 'Guard' is no code of a post; small letters and _, at most 20"),
        ("  guard: {title: {en: a, hi: a}, over: [colector]}",
         "posts.yaml:8: 'colector' is none of them; allowed: guard, party, public, system"),
        ("  party: {title: {en: a, hi: a}}", "posts.yaml:8: party stands twice; give each key once"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_and_what_is_allowed(tmp_path, entry, message):
    assert message in faults_of(tmp_path, GRANTS + entry + "\n")


def test_a_reach_of_its_own_stands_beside_the_grant(tmp_path):
    path = tmp_path / "posts.yaml"
    held = "offices: [district], reach: district, grants: [{lease.read: own_office}, lease.cancel]"
    entry = f"  guard: {{title: {{en: a, hi: a}}, {held}}}\n"
    path.write_text(GRANTS + entry, encoding="utf8")
    assert load(path).post("guard").grants == {"lease.read": "own_office", "lease.cancel": "district"}


def test_a_missing_post_of_the_program_is_a_fault(tmp_path):
    text = "grants: {}\nposts:\n  public: {title: {en: a, hi: a}}\n"
    assert [fault.split(";")[0] for fault in faults_of(tmp_path, text)] == [
        "posts.yaml:3: the post 'party' is missing",
        "posts.yaml:3: the post 'system' is missing",
    ]


def test_both_languages_and_one_line_a_grant_in_the_shipped_file():
    for row in (*chart().posts.values(), *chart().grants.values()):
        assert row.title["en"] and re.search("[ऀ-ॿ]", row.title["hi"])
    assert all(
        line.count(".") < 2 for line in FILE.read_text(encoding="utf8").splitlines() if line.startswith("      - ")
    )


_CALLS = r"(?:may|require_grant|visible|reach_of|holders|page|actor|locked|require_party)"
_NAMED = re.compile(rf"\b{_CALLS}\((?:[^()]|\([^()]*\))*?\"([a-z_]+\.[a-z_]+)\"")


def test_every_grant_that_the_code_names_is_declared_and_every_declared_one_is_named():
    """A name that the file does not declare would refuse everybody; a grant that nobody asks for opens nothing."""
    text = "\n".join(path.read_text(encoding="utf8") for path in sorted(CODE.rglob("*.py")))
    pages = "\n".join(path.read_text(encoding="utf8") for path in sorted(CODE.rglob("*.html")))
    named = {*_NAMED.findall(text), *re.findall(r'\|may:"([^"]+)"', pages)}
    assert len(named) > 100 and sorted(named - set(chart().grants)) == []
    registers = "\n".join(path.read_text(encoding="utf8") for path in FILE.with_name("registers").rglob("*.yaml"))
    asked = set(re.findall(r"\b(?:grant|read): ([a-z_]+\.[a-z_]+)", registers))
    assert [name for name in chart().grants if f'"{name}"' not in text and name not in asked] == []


_LAW_NAMES = {"role", "roles", "statewide_roles", "posts_that_move", "deciding_posts"}


def posts_named(value: object) -> list[str]:
    """The codes of posts that a value of the rule book names."""
    if isinstance(value, list):
        return [code for each in value for code in posts_named(each)]
    if not isinstance(value, dict):
        return []
    own = [value[name] for name in _LAW_NAMES & set(value)]
    flat = [code for each in own for code in (each if isinstance(each, list) else [each])]
    return flat + [code for each in value.values() for code in posts_named(each)]


def test_every_post_that_the_law_names_is_one_of_the_file():
    values = [value.value for entry in book().entries.values() for value in entry.values]
    named = {code for value in values for code in posts_named(value)}
    assert {"district", "collector", "hq"} <= named <= set(chart().posts)
