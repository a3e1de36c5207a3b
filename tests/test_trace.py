"""``immis trace``: every requirement row once, with the policy, rule and test that carry it (A-26)."""

import json

import pytest
from click.testing import CliRunner

from immis.cli import main
from immis.commands import trace

GROUPS = {"A": 32, "B": 58, "C": 13, "D": 54, "E": 193}


@pytest.fixture(scope="module")
def answer():
    result = CliRunner().invoke(main, ["trace", "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_every_row_is_there_once(answer):
    ids = [row["id"] for row in answer["rows"]]
    assert len(ids) == len(set(ids)) == 350
    assert {letter: sum(one.startswith(letter) for one in ids) for letter in GROUPS} == GROUPS
    assert {f"E-{number}" for number in range(175, 192)} <= set(ids)


def test_counts_are_counted(answer):
    states = [row["state"] for row in answer["rows"]]
    assert answer["counts"] == {state: states.count(state) for state in ("enforced", "tracked", "planned")}


def test_enforced_means_policy_code_and_test(answer):
    for row in answer["rows"]:
        whole = bool(row["policy"] and row["rules"] and row["tests"])
        assert (row["state"] == "enforced") == whole, row["id"]
        assert row["state"] != "tracked" or row["kind"] == "ORG"


def test_what_a_row_still_lacks_is_said(answer):
    missing = {row["id"]: row["missing"] for row in answer["rows"] if row["missing"]}
    assert "load-cell" in missing["E-157"] and "action point" in missing["A-30"]
    assert "still missing: load-cell" in CliRunner().invoke(main, ["trace"]).output


def test_the_review_is_enforced(answer):
    rows = {row["id"]: row for row in answer["rows"]}
    for one, code in {"A-12": "TRG-01", "A-14": "TRG-05", "A-16": "TRG-06", "A-21": "TRG-07", "A-23": "TRG-08"}.items():
        assert rows[one]["state"] == "enforced", one
        assert code in rows[one]["rules"] and f"tests/cases/triggers/{code}.yaml" in rows[one]["tests"]
    assert "immis.web.office.cases.office_case" in rows["A-16"]["pages"]


def test_no_policy_names_a_row_that_does_not_exist():
    assert trace.unknown_ids() == []


def test_ranges_are_read():
    assert trace.ids_in("E-098…E-100 and A-12, not E-1") == {"E-098", "E-099", "E-100", "A-12"}
    assert trace.ids_in("A-17–19") == {"A-17", "A-18", "A-19"}


def test_for_people_and_by_state():
    result = CliRunner().invoke(main, ["trace", "--state", "tracked"])
    lines = result.output.splitlines()
    assert result.exit_code == 0 and len(lines) > 1
    assert all(line[7:16].strip() == "tracked" for line in lines[:-1])
    assert CliRunner().invoke(main, ["trace", "--state", "nonsense"]).exit_code == 2
