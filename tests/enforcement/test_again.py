"""Stored decisions asked again: the same to the byte, otherwise where a rule was changed, what cannot be rebuilt."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from click.testing import CliRunner

from immis.commands.law.law import command
from immis.core.models import Decision
from immis.core.services import record_decision
from immis.enforcement.again.replaying import replay
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Outcome
from immis.rules import catalogue
from immis.rules.movement.issue_facts import IssueFacts
from tests.challans import world as made
from tests.challans.test_services import issue, refused
from tests.challans.world import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(data_dir, at):
    """Loads that were refused and one that was issued, with what triggers made of the news."""
    at.set(NOON)
    built = made.build(data_dir)
    refused(built, quantity_m3=Decimal(40), at=NOON)
    built.report(NOON)
    issue(built, at=NOON)
    run_triggers(at=NOON)
    return built


def again():
    return replay(start=None, end=None, tell=lambda count: None)


def test_every_decision_comes_out_the_same_to_the_byte(world):
    done = again()
    assert done.asked == Decision.objects.count() + Outcome.objects.count() > 3
    assert done.rows == [], done.rows
    assert (done.same, done.differ, done.not_kept, done.by_outcome_alone) == (done.asked, 0, {}, 0)
    assert again() == done


def nothing(facts: IssueFacts, *, policy, at):
    """A rule that somebody took the teeth out of."""


def test_a_rule_that_was_changed_since_is_found_and_named(world, monkeypatch):
    monkeypatch.setitem(catalogue.RULES, "CH-05", replace(catalogue.RULES["CH-05"], function=nothing))
    done = again()
    assert done.differ == 1 and [row.code for row in done.rows] == ["CH-05"]
    assert done.rows[0].now == "[]" and '"capacity_m3"' in done.rows[0].kept
    answer = CliRunner().invoke(command, ["replay"])
    assert answer.exit_code == 1 and "CH-05" in answer.output


def test_what_was_not_kept_is_counted_and_never_taken_from_today(world):
    kept = {"subject": ("challan", "MUN-26-000001"), "policy_on": NOON.date(), "at": NOON}
    record_decision("CH-05", facts={"unknown": 1}, outcome="refused", **kept)
    record_decision("XX-1", facts={}, outcome="refused", **kept)
    Outcome.objects.update(word=None)
    done = again()
    assert done.not_kept == {"facts": 1, "rule": 1} and done.differ == 0
    assert done.by_outcome_alone == Outcome.objects.count()


def test_days_bound_it_and_a_day_that_is_none_is_said(world):
    day = f"{NOON:%Y-%m-%d}"
    assert CliRunner().invoke(command, ["replay", "--from", day, "--to", day, "--json"]).exit_code == 0
    before = CliRunner().invoke(command, ["replay", "--to", "2020-01-01"])
    assert before.exit_code == 0 and before.output.startswith("0 decisions")
    assert CliRunner().invoke(command, ["replay", "--from", "yesterday"]).exit_code == 2


DRAFT = """title: {en: Draft, hi: Draft}
message: {en: "{vehicle}", hi: "{vehicle}"}
implements: [E-118]
values:
  2020-01-01: {value: 5, cites: "as it was"}
  2027-01-01: {value: 1000, cites: "Draft of 2027", status: proposed}
"""


def test_a_draft_is_tried_on_past_days_beside_what_was_done_the_same_twice(world, tmp_path):
    draft, day = tmp_path / "CH-31.yaml", f"{NOON:%Y-%m-%d}"
    draft.write_text(DRAFT)
    asked = ["try", str(draft), "--from", day, "--to", day, "--json"]
    first, second = (CliRunner().invoke(command, asked) for _ in range(2))
    assert first.exit_code == 0 and first.stdout == second.stdout, first.output
    body = json.loads(first.stdout)
    assert body["by_code"] == {"CH-31": 1} and body["changed"] == 1 and body["not_kept"] == 0
    assert body["done"]["refused"] == body["tried"]["refused"] == 1, "CH-05 refuses the same load"
    assert (body["rows"][0]["done"]["refused"], body["rows"][0]["tried"]["refused"]) == (1, 0)
    shown = CliRunner().invoke(command, asked[:-1]).output
    assert "loads refused" in shown and "CH-31: 1" in shown
    (tmp_path / "XX-99.yaml").write_text(DRAFT)
    assert CliRunner().invoke(command, ["try", str(tmp_path / "XX-99.yaml"), *asked[2:]]).exit_code == 2
    draft.write_text("no law")
    assert CliRunner().invoke(command, asked).exit_code == 2
