"""Sums as they are written in notices, scrolls and forms: one reader, which guesses nothing.

Digits stand alone or in Indian (``5,83,280.00``) or western (``583,280.00``)
groups, with at most two decimals after a point. ``583,28`` might be either of
two sums and ``1.72E+06`` has lost its last digits: both are refused.
"""

import re
import unicodedata
from decimal import Decimal

from immis.rules.money import PAISE
from immis.rules.writing.numbers import CRORE, SIZES
from immis.rules.writing.offices import western_digits, words_of

#: What a sum may look like, for messages.
EXAMPLE = "5,83,280.00"
#: No sum of this field is as high (rupees).
_TOO_MUCH = 10**13
_SHAPES = re.compile(
    r"[0-9]{1,15}(?:\.[0-9]{1,9})?"  # plain
    r"|[1-9][0-9]?(?:,[0-9]{2})*,[0-9]{3}(?:\.[0-9]{1,9})?"  # Indian groups
    r"|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,9})?"  # western groups
)
_RU = words_of("units")["short_rupee"]
_SIGN = re.compile(
    rf"(?i)^(?:₹|rs\.?|inr|{'|'.join(words_of('numbers')['hi']['rupees'])}|{_RU})\s*|\s*(?:/\s*[-=]|only\.?)$"
)
_SCALES = {
    "thousand": r"thousands?|'000|{hi}",
    "lakh": r"lakhs?|lacs?|{hi}",
    "crore": r"crores?|cr\.?|{hi}",
}


def _even(text: str) -> str:
    """Composed, without the dot under a letter that half of all writers leave out, digits as 0-9."""
    return western_digits(unicodedata.normalize("NFC", text)).replace("\u093c", "").replace("\u00a0", " ").strip()


_NAMES = zip((CRORE, *SIZES), words_of("numbers")["hi"]["scales"], words_of("numbers")["en"]["scales"], strict=True)
_WORDS = {english: (size, _even(hindi)) for size, hindi, english in _NAMES}
_UNIT = {
    _WORDS[name][0]: re.compile(rf"(?i)(?<![^\W\d_])(?:{pattern.format(hi=_WORDS[name][1])})(?![^\W\d_])")
    for name, pattern in _SCALES.items()
}


class MoneyUnreadable(ValueError):
    """A sum that cannot be read for certain: ``code`` is exponent, groups, decimals, range or no_sum."""

    def __init__(self, code: str, text: str):
        super().__init__(f"{code}: {text[:60]!r} is no sum such as {EXAMPLE}")
        self.code = code


def unit_rupees(text: str) -> int:
    """How many rupees one unit of a heading or cell stands for: ``(Rs. in lakh)`` is 100000; 1 where none is named."""
    return next((size for size, words in _UNIT.items() if words.search(_even(text))), 1)


def plain_number(text: str) -> Decimal | None:
    """Digits alone or in whole Indian or western groups; None for anything else, an exponent too."""
    digits = western_digits(text).strip()
    return Decimal(digits.replace(",", "")) if _SHAPES.fullmatch(digits) else None


def read_money(text: str, *, unit: int = 1, signed: bool = False) -> int:
    """A written sum in paise: ``₹ 5,83,280.00``, ``5832.80/-``, ``68.85 lakh``.

    ``unit`` is what the heading says (``unit_rupees``); a unit in the cell itself goes before it. A minus is read only
    where ``signed``. Raises MoneyUnreadable.
    """
    plain = re.sub(r"\s*,\s*", ",", _even(text))
    sign = -1 if signed and plain[:1] in ("-", "\u2212") else 1
    plain = plain[1:].strip() if sign < 0 else plain
    while (bare := _SIGN.sub("", plain)) != plain:
        plain = bare
    own = unit_rupees(plain)
    if own > 1:
        plain = _UNIT[own].sub("", plain, count=1).strip()
    number = plain_number(plain)
    if number is None:
        raise MoneyUnreadable(_fault(plain), text)
    sum_paise = number * (own if own > 1 else unit) * PAISE
    if sum_paise != sum_paise.to_integral_value():
        raise MoneyUnreadable("decimals", text)
    if sum_paise >= _TOO_MUCH * PAISE:
        raise MoneyUnreadable("range", text)
    return sign * int(sum_paise)


def _fault(plain: str) -> str:
    if re.fullmatch(r"[0-9.,]+\s*[eE]\s*[-+]?[0-9]+", plain):
        return "exponent"
    return "groups" if re.fullmatch(r"[0-9][0-9.,\s]*", plain) else "no_sum"
