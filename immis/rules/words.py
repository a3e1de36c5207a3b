"""Sums as people read them: Indian grouping, and words in lakh and crore in both languages.

Hindi has a word of its own for every number up to 99; the spellings are those of
official Hindi. Words guard a committed sum against a slip of digits (E-071).
"""

import re
from decimal import Decimal
from typing import Literal

Language = Literal["hi", "en"]

_HINDI_TO_99 = """
शून्य एक दो तीन चार पाँच छह सात आठ नौ
दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस
बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस
तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस
चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास
पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ
साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर
सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी
अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सतासी अठासी नवासी
नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
"""
_ENGLISH_TO_19 = """
zero one two three four five six seven eight nine
ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_ENGLISH_FROM_20 = "twenty thirty forty fifty sixty seventy eighty ninety"
HINDI = tuple(_HINDI_TO_99.split())
_ENGLISH = tuple(_ENGLISH_TO_19.split())
_ENGLISH_TENS = tuple(_ENGLISH_FROM_20.split())
CRORE = 10_000_000
CRORE_NAME = ("करोड़", "crore")
UNITS = ((100_000, "लाख", "lakh"), (1_000, "हजार", "thousand"), (100, "सौ", "hundred"))
RUPEES = {"hi": ("रुपया", "रुपये"), "en": ("rupee", "rupees")}
_PAISE = {"hi": ("पैसा", "पैसे"), "en": ("paisa", "paise")}
_AND = {"hi": "और", "en": "and"}
_MINUS = {"hi": "ऋण", "en": "minus"}


def _below_hundred(number: int, lang: Language) -> str:
    if lang == "hi":
        return HINDI[number]
    if number < 20:
        return _ENGLISH[number]
    tens, ones = divmod(number, 10)
    return _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[ones]}" if ones else "")


def number_in_words(number: int, lang: Language) -> str:
    """A whole number in words, counted in lakh and crore; beyond 99 crore the crores are themselves so counted."""
    if number < 0:
        return f"{_MINUS[lang]} {number_in_words(-number, lang)}"
    words = []
    crores, rest = divmod(number, CRORE)
    if crores:
        words.append(f"{number_in_words(crores, lang)} {CRORE_NAME[lang != 'hi']}")
    for size, hindi, english in UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{_below_hundred(count, lang)} {hindi if lang == 'hi' else english}")
    if rest or not words:
        words.append(_below_hundred(rest, lang))
    return " ".join(words)


def _counted(number: int, names: tuple[str, str], lang: Language) -> str:
    return f"{number_in_words(number, lang)} {names[0] if abs(number) == 1 else names[1]}"


def rupees_in_words(amount: int, lang: Language, *, paise: int = 0) -> str:
    """Whole rupees (and 0 to 99 paise) in words: ``89,50,500`` is नवासी लाख पचास हजार पाँच सौ रुपये.

    Raises ValueError for paise outside 0 to 99.
    """
    if not 0 <= paise < 100:
        raise ValueError(f"{paise} paise: 0 to 99 belong beside rupees")
    if not paise:
        return _counted(amount, RUPEES[lang], lang)
    small = _counted(paise, _PAISE[lang], lang)
    return f"{_counted(amount, RUPEES[lang], lang)} {_AND[lang]} {small}" if amount else small


def paise_in_words(amount_paise: int, lang: Language) -> str:
    """A sum in paise as words: rupees, and paise where there are any."""
    rupees, paise = divmod(abs(amount_paise), 100)
    words = rupees_in_words(rupees, lang, paise=paise)
    return f"{_MINUS[lang]} {words}" if amount_paise < 0 else words


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


#: The words of place in a citation.
_CITED = (
    (r"\b(January) (\d{4}) review\b", r"जनवरी \2 की समीक्षा"),
    (r"\bReview of ([\d.]+)", r"\1 की समीक्षा"),
    (r"\btender document\b", "निविदा दस्तावेज"),
    (r"\btender\b", "निविदा"),
    (r"\bnotice\b", "सूचना"),
    (r"\bclauses?\b", "कंडिका"),
    (r"\brules\b", "नियमावली"),
    (r"\brule\b", "नियम"),
    (r"\bsections?\b", "धारा"),
    (r"\bAct\b", "अधिनियम"),
    (r"\bMunger\b", "मुंगेर"),
    (r"\bBihar\b", "बिहार"),
    (r"\bschedule\b", "अनुसूची"),
    (r"\bprovisos?\b", "परन्तुक"),
    (r"\bannexure\b", "अनुलग्नक"),
    (r"\bform\b", "प्रपत्र"),
    (r"\bparagraph\b", "पैरा"),
    (r"\bpoint\b", "बिंदु"),
    (r"\bminutes\b", "कार्यवाही"),
    (r"\brows?\b", "पंक्ति"),
    (r"\bcolumns\b", "स्तंभ"),
    (r"\blast line\b", "अंतिम पंक्ति"),
    (r"\bheading\b", "शीर्षक"),
    (r"\bco-ordinates\b", "निर्देशांक"),
    (r"\band\b", "एवं"),
)


def cited_in_hindi(text: str) -> str:
    """A clause as it is cited, its words of place in Hindi: ``मुंगेर निविदा 2026, कंडिका 21 i``."""
    for pattern, word in _CITED:
        text = re.sub(pattern, word, text, flags=re.IGNORECASE)
    return text
