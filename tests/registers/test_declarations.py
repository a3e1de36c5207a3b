"""Declarations: the shipped ones hold, and every fault is told with its line and the nearest spelling."""

import pytest

from immis.registers import loader
from immis.rules.marks import Faults

GOOD = """\
title: {en: Trees, hi: वृक्ष}
entry: {en: Tree, hi: वृक्ष}
rows: [D-09]
cites: "clause"
from: 2026-05-01
prefix: TRE
fields:
  kind: {type: choice, title: {en: Kind, hi: प्रकार}, choices: {sal: {en: Sal, hi: साल}}}
  count: {type: number, title: {en: Count, hi: संख्या}, find: true}
states:
  planted: {title: {en: planted, hi: रोपित}}
  gone: {title: {en: gone, hi: नष्ट}, ends: true}
acts:
  plant: {title: {en: Plant, hi: रोपें}, who: [district], to: planted, fields: [kind, count]}
  lose: {title: {en: Lose, hi: खोएँ}, who: [district], from: planted, to: gone}
"""


def faults_of(tmp_path, text: str, name: str = "trees.yaml") -> list[str]:
    folder = tmp_path / "ghats"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf8")
    try:
        loader.load(tmp_path)
    except Faults as found:
        return [str(fault) for fault in found.faults]
    return []


def test_the_shipped_registers_hold_and_name_their_rows():
    known = loader.load()
    assert {"visitors", "training", "weekly_inspection"} <= known.keys()
    assert known["weekly_inspection"][0].rows == ("B-30",)


def test_a_good_declaration_has_no_fault(tmp_path):
    assert faults_of(tmp_path, GOOD) == []


def test_a_post_of_seen_by_reads_without_an_act(tmp_path):
    path = tmp_path / "trees.yaml"
    path.write_text(GOOD + "seen_by: [monitoring]\n", encoding="utf8")
    faults: list = []
    assert loader.read(path, faults).readers() == {"district", "monitoring"} and faults == []
    assert "did you mean monitoring?" in faults_of(tmp_path, GOOD + "seen_by: [monitorin]\n")[0]


@pytest.mark.parametrize(
    ("wrong", "right", "line", "words"),
    [
        ("type: number", "type: numbr", 9, "did you mean number?"),
        ("find: true", "fnd: true", 9, "did you mean find?"),
        ("to: gone", "to: gne", 15, "did you mean gone?"),
        ("who: [district], to: planted", "who: [distrct], to: planted", 14, "did you mean district?"),
        ("fields: [kind, count]", "fields: [kind, cuont]", 14, "did you mean count?"),
        ("title: {en: Trees, hi: वृक्ष}", "title: {en: Trees}", 1, "'hi' is missing"),
        ("prefix: TRE", "prefix: tree!", 6, "two to six capitals"),
        ("from: 2026-05-01", "from: soon", 5, "a day as 2026-12-01"),
        (", ends: true", "", 12, "no act leads out of gone"),
        ("from: planted, to: gone", "from: planted, to: planted", 12, "no act leads to gone"),
        ("{sal: {en: Sal, hi: साल}}", "{Sal: {en: Sal, hi: साल}}", 8, "small letters"),
    ],
)
def test_each_fault_is_told_where_it_stands(tmp_path, wrong, right, line, words):
    assert wrong in GOOD
    told = faults_of(tmp_path, GOOD.replace(wrong, right, 1))
    assert any(fault.startswith(f"trees.yaml:{line}:") and words in fault for fault in told), told


def test_all_faults_are_told_at_once(tmp_path):
    told = faults_of(tmp_path, GOOD.replace("find: true", "fnd: true").replace("to: gone", "to: gne"))
    assert len(told) >= 2


def test_a_key_given_twice_and_what_is_no_yaml_are_told(tmp_path):
    assert "stands twice" in faults_of(tmp_path, GOOD + "prefix: TRX\n")[0]
    assert "not readable as YAML" in faults_of(tmp_path, "title: [")[0]


def test_two_registers_may_not_share_a_prefix_and_a_key_keeps_its_type(tmp_path):
    faults_of(tmp_path, GOOD)
    assert "a prefix of its own" in faults_of(tmp_path, GOOD, "bushes.yaml")[0]
    later = GOOD.replace("2026-05-01", "2027-05-01").replace("type: number", "type: text")
    (tmp_path / "ghats" / "bushes.yaml").unlink()
    assert "a key keeps its type" in faults_of(tmp_path, later, "trees@2027-05-01.yaml")[0]


def test_the_version_of_a_day(tmp_path, monkeypatch):
    from datetime import date

    faults_of(tmp_path, GOOD)
    faults_of(tmp_path, GOOD.replace("2026-05-01", "2027-05-01"), "trees@2027-05-01.yaml")
    monkeypatch.setattr(loader, "registers", lambda known=loader.load(tmp_path): known)
    assert loader.current("trees", date(2027, 4, 30)).version == "2026-05-01"
    assert loader.current("trees", date(2027, 5, 1)).version == "2027-05-01"
    with pytest.raises(LookupError):
        loader.current("trees", date(2026, 4, 30))
