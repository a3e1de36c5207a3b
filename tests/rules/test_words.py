"""Sums in words and in Indian digits."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.rules.writing.numbers import (
    below_hundred,
    format_rupees,
    group_indian,
    number_in_words,
    paise_in_words,
    rupees_in_words,
)

# Written out apart from the code, tens by tens, as official Hindi spells them.
HINDI_BY_TENS = {
    0: "शून्य, एक, दो, तीन, चार, पाँच, छह, सात, आठ, नौ",
    10: "दस, ग्यारह, बारह, तेरह, चौदह, पंद्रह, सोलह, सत्रह, अठारह, उन्नीस",
    20: "बीस, इक्कीस, बाईस, तेईस, चौबीस, पच्चीस, छब्बीस, सत्ताईस, अट्ठाईस, उनतीस",
    30: "तीस, इकतीस, बत्तीस, तैंतीस, चौंतीस, पैंतीस, छत्तीस, सैंतीस, अड़तीस, उनतालीस",
    40: "चालीस, इकतालीस, बयालीस, तैंतालीस, चौवालीस, पैंतालीस, छियालीस, सैंतालीस, अड़तालीस, उनचास",
    50: "पचास, इक्यावन, बावन, तिरपन, चौवन, पचपन, छप्पन, सत्तावन, अट्ठावन, उनसठ",
    60: "साठ, इकसठ, बासठ, तिरसठ, चौंसठ, पैंसठ, छियासठ, सड़सठ, अड़सठ, उनहत्तर",
    70: "सत्तर, इकहत्तर, बहत्तर, तिहत्तर, चौहत्तर, पचहत्तर, छिहत्तर, सतहत्तर, अठहत्तर, उनासी",
    80: "अस्सी, इक्यासी, बयासी, तिरासी, चौरासी, पचासी, छियासी, सतासी, अठासी, नवासी",
    90: "नब्बे, इक्यानवे, बानवे, तिरानवे, चौरानवे, पचानवे, छियानवे, सत्तानवे, अट्ठानवे, निन्यानवे",
}
GOLDEN = {start + i: word for start, row in HINDI_BY_TENS.items() for i, word in enumerate(row.split(", "))}
ONES = """zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH_ONES = ONES.split()
ENGLISH_TENS = dict(zip(range(20, 100, 10), TENS.split(), strict=True))


def english_small() -> dict[str, int]:
    words = {word: i for i, word in enumerate(ENGLISH_ONES)}
    for tens, name in ENGLISH_TENS.items():
        words[name] = tens
        words |= {f"{name}-{ENGLISH_ONES[i]}": tens + i for i in range(1, 10)}
    return words


SMALL = {"hi": {word: number for number, word in GOLDEN.items()}, "en": english_small()}
SIZES = {
    "hi": {"सौ": 100, "हजार": 1_000, "लाख": 100_000},
    "en": {"hundred": 100, "thousand": 1_000, "lakh": 100_000},
}
CRORE = {"hi": "करोड़", "en": "crore"}


def read_words(text: str, lang: str) -> int:
    """The number that words say: the inverse, written from the grammar of the words."""
    total, part = 0, 0
    for word in text.split():
        if word == CRORE[lang]:
            total, part = (total + part) * 10_000_000, 0
        elif word in SIZES[lang]:
            count = part % 100
            part += count * SIZES[lang][word] - count
        else:
            part += SMALL[lang][word]
    return total + part


@pytest.mark.parametrize("number", range(100))
def test_every_hindi_number_to_99_is_spelt_as_listed(number: int) -> None:
    assert number_in_words(number, "hi") == GOLDEN[number]


def test_hindi_words_are_all_different_and_in_normal_form() -> None:
    assert len(set(below_hundred("hi"))) == 100
    assert all(unicodedata.normalize("NFC", word) == word for word in below_hundred("hi"))


@pytest.mark.parametrize("number", range(100))
def test_every_english_number_to_99(number: int) -> None:
    assert SMALL["en"][number_in_words(number, "en")] == number


@pytest.mark.parametrize(
    ("amount", "hi", "en"),
    [
        (0, "शून्य रुपये", "zero rupees"),
        (1, "एक रुपया", "one rupee"),
        (100, "एक सौ रुपये", "one hundred rupees"),
        (688_500, "छह लाख अठासी हजार पाँच सौ रुपये", "six lakh eighty-eight thousand five hundred rupees"),
        (8_950_500, "नवासी लाख पचास हजार पाँच सौ रुपये", "eighty-nine lakh fifty thousand five hundred rupees"),
        (
            185_760_000,
            "अठारह करोड़ सत्तावन लाख साठ हजार रुपये",
            "eighteen crore fifty-seven lakh sixty thousand rupees",
        ),
        (
            1_234_500_000_000,
            "एक लाख तेईस हजार चार सौ पचास करोड़ रुपये",
            "one lakh twenty-three thousand four hundred fifty crore rupees",
        ),
        (-5, "ऋण पाँच रुपये", "minus five rupees"),
    ],
)
def test_rupees_in_words(amount: int, hi: str, en: str) -> None:
    assert rupees_in_words(amount, "hi") == hi
    assert rupees_in_words(amount, "en") == en


@pytest.mark.parametrize(
    ("paise", "hi", "en"),
    [
        (
            223_762_550,
            "बाईस लाख सैंतीस हजार छह सौ पच्चीस रुपये और पचास पैसे",
            "twenty-two lakh thirty-seven thousand six hundred twenty-five rupees and fifty paise",
        ),
        (1, "एक पैसा", "one paisa"),
        (-150, "ऋण एक रुपया और पचास पैसे", "minus one rupee and fifty paise"),
    ],
)
def test_paise_in_words(paise: int, hi: str, en: str) -> None:
    assert paise_in_words(paise, "hi") == hi
    assert paise_in_words(paise, "en") == en


def test_paise_beyond_a_rupee_are_refused() -> None:
    with pytest.raises(ValueError, match="0 to 99"):
        rupees_in_words(5, "en", paise=100)


@given(st.integers(0, 10**14), st.sampled_from(["hi", "en"]))
def test_words_read_back_give_the_number(number: int, lang: str) -> None:
    assert read_words(number_in_words(number, lang), lang) == number


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "₹ 0"),
        (999, "₹ 999"),
        (1_000, "₹ 1,000"),
        (99_999, "₹ 99,999"),
        (100_000, "₹ 1,00,000"),
        (2_237_625, "₹ 22,37,625"),
        (185_760_000, "₹ 18,57,60,000"),
        (-100_000, "-₹ 1,00,000"),
    ],
)
def test_rupees_in_indian_groups(amount: int, shown: str) -> None:
    assert format_rupees(amount) == shown


def test_decimals_stay_as_they_are() -> None:
    assert group_indian(Decimal("-412345.80")) == "-4,12,345.80"
    assert group_indian(Decimal("1E+5")) == "1,00,000"


def test_paise_are_always_shown_with_two_digits() -> None:
    assert format_rupees(paise=223_762_505) == "₹ 22,37,625.05"
    assert format_rupees(paise=-5) == "-₹ 0.05"


def test_rupees_or_paise_but_not_both() -> None:
    with pytest.raises(ValueError, match="either"):
        format_rupees()
    with pytest.raises(ValueError, match="either"):
        format_rupees(1, paise=1)


@given(st.integers(-(10**15), 10**15))
def test_groups_lose_no_digit(number: int) -> None:
    text = group_indian(number)
    assert int(text.replace(",", "")) == number
    assert all(len(group) == 2 for group in text.lstrip("-").split(",")[1:-1])
    assert "," not in text or len(text.rsplit(",", 1)[1]) == 3
