"""``immis trace``: every requirement row once, with the policy, rule and test that carry it (A-26)."""

import json

import pytest
from click.testing import CliRunner

from immis.cli import main
from immis.commands.house import trace
from immis.commands.house.acceptance import faults

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
    assert answer["counts"] == {state: states.count(state) for state in ("works", "ruled", "planned")}


def test_works_means_a_test_that_comes_in_by_a_door(answer):
    for row in answer["rows"]:
        proofs = [test for test in row["tests"] if test.startswith("tests/acceptance/") and "::" in test]
        register = [policy for policy in row["policy"] if policy.startswith("registers/")]
        assert (row["state"] == "works") == bool(proofs or (register and row["kind"] == "ORG")), row["id"]
        assert bool(row["doors"]) == bool(proofs), row["id"]
        assert set(row["doors"]) <= {"page", "api", "socket", "file", "command", "clock"}


def test_ruled_means_policy_rule_and_case(answer):
    for row in answer["rows"]:
        if row["state"] == "ruled":
            assert row["policy"] and row["rules"] and row["tests"], row["id"]


def test_an_organisational_row_works_where_its_register_is_declared(answer):
    rows = {row["id"]: row for row in answer["rows"]}
    assert (rows["B-47"]["state"], rows["B-47"]["policy"]) == ("works", ["registers/office/training"])
    assert rows["D-32"]["state"] == "planned"


def test_every_acceptance_test_stands_on_rows_a_door_and_an_assertion():
    assert trace.unproved() == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            '@pytest.mark.row("E-999")\ndef test_it(command):\n    assert command("x").code == 0',
            "there is no row E-999",
        ),
        ("def test_it(command):\n    assert command('x').code == 0", "marked with no row"),
        (
            f"@pytest.mark.row(*{[f'E-00{n}' for n in range(1, 10)]})\ndef test_it(api):\n    assert api().get('/')",
            "written out",
        ),
        (
            f"@pytest.mark.row({', '.join(repr(f'E-00{n}') for n in range(1, 10))})\n"
            "def test_it(api):\n    assert api().get('/')",
            "marked with 9 rows",
        ),
        ('@pytest.mark.row("E-061")\ndef test_it():\n    found = 1\n    assert found', "comes in by no door"),
        ('@pytest.mark.row("E-061")\ndef test_it(page):\n    page("mdo")\n    assert True', "asserts nothing"),
        ("import immis.rules", "imports immis.rules"),
        ("from tests.settlement import at", "imports tests.settlement"),
        ("import httpx", "imports httpx"),
    ],
)
def test_a_test_that_proves_nothing_is_named(tmp_path, text, fault):
    folder = tmp_path / "tests" / "acceptance"
    folder.mkdir(parents=True)
    (folder / "test_it.py").write_text(text)
    known = {f"E-{number:03}" for number in range(1, 194)}
    assert [line for line in faults(tmp_path / "tests", known) if fault in line]


def test_the_review_is_ruled_at_least(answer):
    rows = {row["id"]: row for row in answer["rows"]}
    for one, code in {"A-12": "TRG-01", "A-14": "TRG-05", "A-16": "TRG-06", "A-21": "TRG-07", "A-23": "TRG-08"}.items():
        assert rows[one]["state"] in ("ruled", "works"), one
        assert code in rows[one]["rules"] and f"tests/cases/triggers/{code}.yaml" in rows[one]["tests"]
    assert "immis.web.enforcement.office_cases.office_case" in rows["A-16"]["pages"]


def test_what_a_row_still_lacks_is_said(answer):
    missing = {row["id"]: row["missing"] for row in answer["rows"] if row["missing"]}
    assert list(missing) == ["E-157"] and "Transport Department" in missing["E-157"]
    assert "still missing: the Transport Department" in CliRunner().invoke(main, ["trace"]).output


def test_no_policy_names_a_row_that_does_not_exist():
    assert trace.unknown_ids() == []


def test_ranges_are_read():
    assert trace.ids_in("E-098…E-100 and A-12, not E-1") == {"E-098", "E-099", "E-100", "A-12"}
    assert trace.ids_in("A-17–19") == {"A-17", "A-18", "A-19"}


def test_for_people_and_by_state():
    result = CliRunner().invoke(main, ["trace", "--state", "ruled"])
    lines = result.output.splitlines()
    assert result.exit_code == 0 and len(lines) > 1
    assert all(line[7:16].strip() == "ruled" or "still missing" in line for line in lines[:-1])
    assert CliRunner().invoke(main, ["trace", "--state", "nonsense"]).exit_code == 2
