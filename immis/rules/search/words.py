"""What a person who typed something may mean: a number, a beginning of one, words and how they sound."""

import re
from dataclasses import dataclass

from immis.rules.search.numbers import even_text, is_year, keys_of, pan_of, parts_of, phone_of
from immis.rules.search.sounds import sound_of

MOST_LETTERS = 80
MOST_WORDS = 6
#: From so many letters on a word may be the beginning of a longer one.
BEGINS_FROM = 3
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_WORD = re.compile("[0-9a-z\u0900-\u0963\u0971-\u097f]+")
_LONGEST = 40


@dataclass(frozen=True)
class Wanted:
    """What was typed, taken apart.

    ``keys`` are the numbers that it may be, whole; ``run`` all of it run together, where it has a digit; ``words`` are
    its words, each with its sound; ``secrets`` what it is of a person (phone, PAN), by kind.
    """

    text: str
    keys: tuple[str, ...] = ()
    run: str = ""
    words: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys or self.words or self.secrets)


def words_in(text: str) -> list[str]:
    """The words of a text as they are kept and asked for: small letters, digits 0-9."""
    return [word[:_LONGEST] for word in _WORD.findall(_INVISIBLE.sub("", even_text(text)))]


def wanted(text: str) -> Wanted:
    """What a typed text may mean; nothing for one that holds no word of at least two letters and no number."""
    text = " ".join(text[:MOST_LETTERS].split())
    words = words_in(text)
    run = "".join(words) if any(letter.isdigit() for word in words for letter in word) else ""
    meant = [word for word in words if not is_year(word)][:MOST_WORDS]
    secrets = (("phone", phone_of(text)), ("pan", pan_of(text)))
    return Wanted(
        text=text,
        keys=tuple(dict.fromkeys((*keys_of(text), run[:_LONGEST]))) if _numbered(text, run) else (),
        run=run[:_LONGEST],
        words=() if len("".join(meant)) < 2 and not run else tuple((bare(word), sound_of(word)) for word in meant),
        secrets=tuple((kind, value) for kind, value in secrets if value),
    )


def _numbered(text: str, run: str) -> bool:
    """Whether a text may be a whole number of a record: letters beside digits, or digits enough."""
    return bool(run) and (any(part.isalpha() for part in parts_of(text)) or len(run) > 4)


def bare(word: str) -> str:
    """A word without the zeros before a number."""
    return word.lstrip("0") or "0" if word.isdigit() else word
