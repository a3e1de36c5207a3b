"""Questions over a month: answers that are known beforehand, who sees them, and the command."""

import json

import pytest
from click.testing import CliRunner

from immis.analytics import embedded
from immis.analytics.asked import QUESTIONS
from immis.commands.road import questions as command
from tests.analytics import month


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_embedded_engine_answers(name, data_dir):
    month.lay_positions(data_dir)
    answer = embedded.ask(QUESTIONS[name], month.SPAN, month.facts())
    assert answer.columns == list(QUESTIONS[name].columns)
    assert answer.rows() == month.ANSWERS[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_stored_is_an_empty_answer(name, data_dir):
    facts = {table: frame.clear() for table, frame in month.facts().items()}
    assert embedded.ask(QUESTIONS[name], month.SPAN, facts).height == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "night_trips"],
        ["ask", "night_trips", "--month", "2026-13"],
        ["ask", "night_trips", "--from", "2026-06-05", "--to", "2026-06-01"],
        ["ask", "night_trips", "--month", "2026-06", "--night", "05:00-19:00"],
        ["ask", "night_trips", "--month", "2026-06", "--night", "late"],
        ["ask", "unknown", "--month", "2026-06"],
    ],
)
def test_what_cannot_be_asked_is_said_in_words(arguments):
    answer = CliRunner().invoke(command.command, arguments)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_the_list_says_what_each_answers():
    said = json.loads(CliRunner().invoke(command.command, ["list", "--json"]).stdout)["questions"]
    assert [one["name"] for one in said] == list(QUESTIONS)
    assert all(len(one["says"]) > 80 for one in said)
