"""A name as it sounds, so that one writing finds the other: Hindi or Latin, long or short vowels, s or sh, v or w.

Devanagari is read by the names that Unicode gives its letters. What is left is a skeleton: consonants with the vowels
that writers agree on; an ``a`` stands only where a word begins with it, for nobody agrees on the others.
"""

import re
import unicodedata
from functools import lru_cache

_VIRAMA, _NUKTA, _VISARGA, _NASALS = "\u094d", "\u093c", "\u0903", "\u0901\u0902"
#: j with palatal n is spoken, and written in Latin, as gy.
_GY = tuple(
    _VIRAMA.join(unicodedata.lookup(f"DEVANAGARI LETTER {letter}") for letter in pair)
    for pair in (("JA", "NYA"), ("GA", "YA"))
)
_VOWELS = {
    "A": "a", "AA": "a", "I": "i", "II": "i", "U": "u", "UU": "u", "VOCALIC R": "ri", "VOCALIC RR": "ri",
    "E": "e", "AI": "ai", "O": "o", "AU": "au", "CANDRA E": "e", "SHORT E": "e", "CANDRA A": "e", "CANDRA O": "o",
    "SHORT O": "o",
}  # fmt: skip
_CONSONANTS = {"CA": "ch", "CHA": "ch", "NGA": "n", "NYA": "n", "DDDHA": "r", "RHA": "rh"}
#: A consonant with a dot below is another one where Hindi writes its flapped sounds.
_DOTTED = {"d": "r", "dh": "rh"}
#: What writers of Latin write one for the other, in the order in which it is made even.
_EVENED = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("x", "ks"),
        ("q", "k"),
        ("z", "j"),
        ("chh", "ch"),
        ("sh", "s"),
        ("ph", "f"),
        ("ck", "k"),
        ("c(?!h)", "k"),
        ("ow", "ou"),
        ("w", "v"),
        ("ngh", "nh"),
        ("y", "i"),
        ("ee", "i"),
        ("oo", "u"),
        ("ou", "u"),
        ("ei", "e"),
        ("(?<=a)h$", ""),
        ("(?<=.)a", ""),
        ("m(?=[pbf])", "n"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(20_000)
def sound_of(word: str) -> str:
    """The skeleton of a word in small Latin letters; empty for what is no word of Latin or Devanagari letters."""
    latin = _read(unicodedata.normalize("NFD", word.casefold()))
    if not latin.isascii() or not latin.isalpha():
        return ""
    for pattern, instead in _EVENED:
        latin = pattern.sub(instead, latin)
    return latin


def _read(word: str) -> str:
    """Devanagari in Latin letters; Latin letters stay, without their marks."""
    parts: list[str] = []
    word, pending = word.replace(_GY[0], _GY[1]), False  # pending: a consonant waits for its vowel
    for letter in word:
        kind, _, name = _kind_of(letter)
        if letter == _NUKTA:
            parts[-1:] = [_DOTTED.get(each, each) for each in parts[-1:]]
            continue
        if pending and kind != "sign" and letter != _VIRAMA:
            parts.append("a")
        pending = kind == "consonant"
        parts.append(name)
    return "".join(parts)


@lru_cache(1_000)
def _kind_of(letter: str) -> tuple[str, str, str]:
    """Whether a letter is a consonant, a vowel or the sign of one, its name, and how it is read."""
    if letter in _NASALS:
        return "vowel", letter, "n"
    if letter in (_VIRAMA, _NUKTA, _VISARGA) or (letter > "\u02ff" and unicodedata.combining(letter)):
        return "vowel", letter, ""
    script, _, name = unicodedata.name(letter, "").partition(" ")
    if script != "DEVANAGARI":
        return "vowel", letter, "" if unicodedata.combining(letter) else letter
    name = re.sub(r"^(LETTER|VOWEL SIGN) ", "", name)
    if name in _VOWELS:
        kind = "sign" if unicodedata.category(letter).startswith("M") else "vowel"
        return kind, name, _VOWELS[name]
    return "consonant", name, _CONSONANTS.get(name) or re.sub(r"^(.)\1+", r"\1", name.removesuffix("A")).lower()
