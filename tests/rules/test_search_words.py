"""Golden words: writings of one name that must sound alike, names that must not, numbers in any writing."""

import pytest

from immis.rules.search.numbers import keys_of, pan_of, parts_of, phone_of
from immis.rules.search.sounds import sound_of
from immis.rules.search.words import wanted

ALIKE = """
Kaushiki Koushiki Kaushikee कौशिकी
Munger Moonger मुंगेर मुङ्गेर
Mahuli Mahuly महुली
Lakhisarai लखीसराय
Raipur Raypur रायपुर
Narayanpur Naaraayanpur नारायणपुर
Khagaria Khagariya खगड़िया
Muzaffarpur Mujaffarpur मुजफ्फरपुर मुज़फ़्फ़रपुर
Champaran चंपारण चम्पारण
Tikarampur टीकारामपुर
Sheikhpura Shekhpura शेखपुरा
Begusarai बेगूसराय
Singh सिंह
Chaudhary Choudhary चौधरी
Lakshmi Laxmi लक्ष्मी
Vishwanath Visvanath विश्वनाथ
Dariyapur Dariapur दरियापुर
Kamla Kamala कमला
Krishna Krishn कृष्ण
Arrah Ara आरा
Nawada Navada नवादा
Zila Jila जिला ज़िला
Baloo Balu बालू
Khand खण्ड खंड
Infra इन्फ्रा इंफ्रा
Gyan ज्ञान
Shankar Sankar शंकर
Siwan सीवान
Bariarpur Bariyarpur बरियारपुर
Dubey Dube दुबे
"""

OTHERS = """Munger Monghyr Patna Buxar Rohtas Jamui Banka Gaya
Sone Kiul Khat Kali Kela Balu Bali"""


@pytest.mark.parametrize("line", ALIKE.split("\n")[1:-1])
def test_writings_of_one_name_sound_alike(line):
    assert len({sound_of(word) for word in line.split()}) == 1, {word: sound_of(word) for word in line.split()}


def test_other_names_sound_otherwise():
    others = {word for line in OTHERS.splitlines() for word in line.split()}
    assert len({sound_of(word) for word in others}) == len(others)
    assert sound_of("13") == sound_of("") == sound_of("–") == ""


@pytest.mark.parametrize(
    ("texts", "keys"),
    [
        ("MUN/2026/13|MUN-2026-13|mun 2026 13|Mun2026-013|MUN-२०२६-१३", ("mun202613", "mun13")),
        ("MUN-26-000001|mun 2026 1|MUN/26/1", ("mun20261", "mun1")),
        ("mun 13|MUN-13|मुन 13", None),
        ("BR08GA1234|br 08 ga 1234|BR-08-GA-1234", ("br8ga1234",)),
        ("MUN-C-2026-0001|mun/c/2026/1", ("munc20261", "munc1")),
    ],
)
def test_a_number_is_read_in_any_writing(texts, keys):
    if keys is None:
        assert keys_of("mun 13") == ("mun13",)
    else:
        assert {keys_of(text) for text in texts.split("|")} == {keys}


def test_what_is_no_number_has_no_key():
    assert keys_of("कौशिकी") == keys_of("") == ()
    assert parts_of("13-A") == ["13", "a"]
    assert not wanted("2026") and not wanted("a") and not wanted("  ") and not wanted("\u200b–—")
    assert wanted("2026 mahuli").words == (("mahuli", "mhuli"),)


def test_phones_and_pans_are_known_by_their_form():
    assert {phone_of(text) for text in ("9431012345", "+91 94310-12345", "094310 12345", "९४३१०१२३४५")} == {
        "9431012345"
    }
    assert phone_of("1234567890") == phone_of("94310") == phone_of("MUN-13") == ""
    assert pan_of("abcde1234f") == "ABCDE1234F" and pan_of("ABCDE12345") == ""


def test_a_long_text_is_cut_and_signs_ask_nothing():
    asked = wanted('"; DROP * OR (x:* ' + "क" * 500)
    assert len(asked.text) <= 80 and all(word.isalnum() or word[0] > "\u0900" for word, _ in asked.words)
