"""Letters of districts: every number that bears them is one district's, whatever two names begin with."""

from pathlib import Path

import pytest

from immis.bench.settlements import code_of
from immis.rules.districts import CODES, NAMES_HI, letters_of
from immis.rules.notices import slug_of

SOURCE = Path(__file__).resolve().parents[2] / "immis"


def test_each_of_the_38_districts_has_letters_and_a_directory_code_of_its_own():
    assert set(CODES) == set(NAMES_HI) and len(CODES) == 38
    assert len({one.letters for one in CODES.values()}) == len({one.lgd for one in CODES.values()}) == 38
    assert all(len(one.letters) == 3 and one.letters.isascii() and one.letters.isupper() for one in CODES.values())
    assert (CODES["Munger"].lgd, letters_of("Munger")) == (207, "MUN")
    assert letters_of("Madhubani") != letters_of("Madhepura") and letters_of("Sheohar") != letters_of("Sheikhpura")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("munger", "MUN"),
        ("  MUNGER ", "MUN"),
        ("Purnea", "PRN"),
        ("Purbi  Champaran", "ECH"),
        ("West Champaran", "WCH"),
        ("Kaimur (Bhabua)", "KAI"),
        ("Muner", "XXX"),
        ("", "XXX"),
    ],
)
def test_a_district_is_known_by_its_names_and_no_other_place_takes_its_letters(name, letters):
    assert letters_of(name) == letters


def test_no_number_is_made_of_the_first_letters_of_a_name():
    marks = ("district[:3]", "name[:3]", "district[0:3]")
    assert not [path.name for path in SOURCE.rglob("*.py") if any(one in path.read_text("utf-8") for one in marks)]
    codes = {code_of(1, [name]) for name in CODES}
    assert len(codes) == len({slug_of(name, 2026, 1) for name in CODES}) == 38
