"""Honest devices are left in peace and tampered ones are told, by the labelled scenes."""

import json

import pytest
from click.testing import CliRunner

from immis.bench.gateway import labelled
from immis.commands.simulate import simulate


@pytest.fixture(scope="module")
def result():
    return labelled.run(each=4, seed=3)


@pytest.mark.parametrize("scene", labelled.SCENES)
def test_scene(result, scene):
    row = result["scenes"][scene]
    assert row["told"] == (4 if row["tampering"] else 0), row


@pytest.mark.parametrize(
    ("scene", "signal"),
    [
        ("cut antenna", "antenna_cut"),
        ("opened box", "cover_opened"),
        ("cloned IMEI", "cloned"),
        ("forged stream", "forged"),
    ],
)
def test_the_signal_names_what_was_done(result, scene, signal):
    assert result["scenes"][scene]["signals"][signal] == 4


def test_the_matrix_adds_up_and_is_printed():
    answer = CliRunner().invoke(simulate.trust, ["--each", "1", "--json"])
    said = json.loads(answer.stdout)
    assert sum(said["matrix"].values()) == len(labelled.SCENES)
    assert "tampering told" in CliRunner().invoke(simulate.trust, ["--each", "1"]).stdout
