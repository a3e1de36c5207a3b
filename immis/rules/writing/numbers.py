"""Sums as people read them: Indian grouping, and words in lakh and crore in both languages.

The words stand in ``words/numbers.yaml``. They guard a committed sum against a
slip of digits (E-071).
"""

import re
from decimal import Decimal
from functools import cache, lru_cache
from typing import Literal

from immis.rules.writing.offices import words_of

Language = Literal["hi", "en"]

CRORE = 10_000_000
SIZES = (100_000, 1_000, 100)


@cache
def below_hundred(lang: Language) -> tuple[str, ...]:
    """The words of 0 to 99."""
    known = words_of("numbers")[lang]
    if "to_99" in known:
        return tuple(known["to_99"])
    ones = known["to_19"]
    tens = ((ten, row) for ten in known["tens"] for row in range(10))
    return (*ones, *(f"{ten}-{ones[row]}" if row else ten for ten, row in tens))


def number_in_words(number: int, lang: Language) -> str:
    """A whole number in words, counted in lakh and crore; beyond 99 crore the crores are themselves so counted."""
    if number < 0:
        return f"{words_of('numbers')[lang]['minus']} {number_in_words(-number, lang)}"
    words = []
    crore, *scales = words_of("numbers")[lang]["scales"]
    crores, rest = divmod(number, CRORE)
    if crores:
        words.append(f"{number_in_words(crores, lang)} {crore}")
    for size, scale in zip(SIZES, scales, strict=True):
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{below_hundred(lang)[count]} {scale}")
    if rest or not words:
        words.append(below_hundred(lang)[rest])
    return " ".join(words)


def _counted(number: int, name: str, lang: Language) -> str:
    names = words_of("numbers")[lang][name]
    return f"{number_in_words(number, lang)} {names[0] if abs(number) == 1 else names[1]}"


def rupees_in_words(amount: int, lang: Language, *, paise: int = 0) -> str:
    """Whole rupees (and 0 to 99 paise) in words: ``89,50,500`` is eighty-nine lakh fifty thousand five hundred rupees.

    Raises ValueError for paise outside 0 to 99.
    """
    if not 0 <= paise < 100:
        raise ValueError(f"{paise} paise: 0 to 99 belong beside rupees")
    if not paise:
        return _counted(amount, "rupees", lang)
    small = _counted(paise, "paise", lang)
    return f"{_counted(amount, 'rupees', lang)} {words_of('numbers')[lang]['and']} {small}" if amount else small


def paise_in_words(amount_paise: int, lang: Language) -> str:
    """A sum in paise as words: rupees, and paise where there are any."""
    rupees, paise = divmod(abs(amount_paise), 100)
    words = rupees_in_words(rupees, lang, paise=paise)
    return f"{words_of('numbers')[lang]['minus']} {words}" if amount_paise < 0 else words


def group_indian(number: int | Decimal) -> str:
    """Digits in Indian groups (three, then twos): ``2237625`` is ``22,37,625``; decimals stay as they are."""
    sign = "-" if number < 0 else ""
    whole, dot, fraction = f"{abs(Decimal(number)):f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return sign + ",".join([*groups, tail]) + dot + fraction


def format_rupees(amount: int | None = None, *, paise: int | None = None) -> str:
    """A sum as shown: ``₹ 22,37,625`` for whole rupees, ``₹ 22,37,625.50`` for a sum in paise.

    Raises ValueError unless exactly one of the two is given.
    """
    if (amount is None) == (paise is None):
        raise ValueError("give either whole rupees or paise")
    if paise is not None:
        return f"{'-' if paise < 0 else ''}₹ {group_indian(abs(paise) // 100)}.{abs(paise) % 100:02d}"
    whole = amount or 0
    return f"{'-' if whole < 0 else ''}₹ {group_indian(abs(whole))}"


def shown_paise(amount: int) -> str:
    """Paise as rupees, with the paise only where there are any: ``₹ 22,37,625`` or ``₹ 7.50``; the space stays."""
    whole, rest = divmod(abs(int(amount)), 100)
    sign = "-" if amount < 0 else ""
    return f"{sign}₹\u00a0{group_indian(whole)}" + (f".{rest:02d}" if rest else "")


@lru_cache(maxsize=4096)  # a list cites the same few clauses on every row
def cited_in_hindi(text: str) -> str:
    """A clause as it is cited, its words of place in Hindi."""
    for pattern, word in words_of("citations")["hindi"]:
        text = re.sub(pattern, word, text, flags=re.IGNORECASE)
    return text
