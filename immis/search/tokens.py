"""The marks by which the index has records, and the question that is asked of it.

A mark of the index begins with the two letters of its noun: a beginning of a word then meets the records of one noun
only, and costs as much as that noun has. Behind them a letter that nobody can type says what the mark is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from immis.rules.search.numbers import is_year, keys_of, parts_of
from immis.rules.search.sounds import sound_of
from immis.rules.search.words import BEGINS_FROM, Wanted, bare, words_in
from immis.search.declared import Handles, Searched

#: Letters for private use, which the tokenizer of SQLite takes for letters (``Co``) and no question may hold.
REACH, SOUND, NUMBER, SECRET, RELATED = "\ue000", "\ue001", "\ue002", "\ue003", "\ue005"
_MOST_WORDS = 400
#: From so many letters on the beginning of a number meets records that only a whole number finds.
_WHOLE_FROM = 6


@dataclass(frozen=True)
class Term:
    """One mark that a row has, or the beginning of one."""

    mark: str
    begins: bool = False


@dataclass(frozen=True)
class All:
    """Each of these."""

    parts: tuple["Term | All | AnyOf", ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of these."""

    parts: tuple["Term | All | AnyOf", ...]


Expression = Term | All | AnyOf


def body_of(searched: Searched, handles: Handles) -> str:
    """All marks of one record, in their order."""
    marks = {REACH + key for key in handles.reach_keys()}
    marks |= marks_of(handles.names, handles.numbers, whole=searched.by_whole_number)
    for number in filter(None, handles.related):
        marks.update(_of_number(number, RELATED, whole=searched.by_whole_number))
    for kind, values in handles.secrets.items():
        marks.update(SECRET + hidden(kind, value) for value in values if value)
    return " ".join(sorted(searched.mark + mark for mark in marks))


def marks_of(names: Iterable[str], numbers: Iterable[str], *, whole: bool = False) -> set[str]:
    """The marks of names and numbers, without the noun's own before them."""
    marks: set[str] = set()
    for name in names:
        marks.update(_of_name(name))
    for number in filter(None, numbers):
        marks.update(_of_number(number, NUMBER, whole=whole))
    return marks


def _of_name(name: str) -> Iterable[str]:
    for word in words_in(name)[:_MOST_WORDS]:
        yield bare(word)
        if sound := sound_of(word):
            yield SOUND + sound


def _of_number(number: str, kind: str, *, whole: bool) -> Iterable[str]:
    run = "".join(words_in(number))
    yield run
    yield from (kind + key for key in (*keys_of(number), run))
    for part in parts_of(number):
        if not is_year(part) and (part.isdigit() or not whole):
            yield part


def hidden(kind: str, value: str) -> str:
    """A phone or PAN as the index has it: a keyed hash, from which nobody reads it back."""
    return salted_hmac("immis.search.secret", f"{kind}:{value}", algorithm="sha256").hexdigest()[:24]


def question(searched: Searched, wanted: Wanted, reach: Sequence[str] | None) -> Expression | None:
    """What the index is asked for the records of one noun; None where nothing can be meant."""
    ways: list[Expression] = [Term(searched.mark + kind + key) for key in wanted.keys for kind in (NUMBER, RELATED)]
    begins_from = _WHOLE_FROM if searched.by_whole_number else BEGINS_FROM
    if len(wanted.run) >= begins_from:
        ways.append(Term(searched.mark + wanted.run, begins=True))
    if wanted.words:
        ways.append(All(tuple(_of_word(searched.mark, *word, begins_from) for word in wanted.words)))
    return _within(searched, ways, reach)


def secret_question(searched: Searched, wanted: Wanted, reach: Sequence[str] | None) -> Expression | None:
    """What the index is asked for the records that bear the phone or PAN that was typed."""
    ways: list[Expression] = [Term(searched.mark + SECRET + hidden(kind, value)) for kind, value in wanted.secrets]
    return _within(searched, ways, reach)


def _of_word(mark: str, word: str, sound: str, begins_from: int) -> Expression:
    begins = len(word) >= begins_from
    plain = Term(mark + word, begins)
    return AnyOf((plain, Term(mark + SOUND + sound, begins and len(sound) > 1))) if sound else plain


def _within(searched: Searched, ways: Sequence[Expression], reach: Sequence[str] | None) -> Expression | None:
    if not ways or (reach is not None and not reach):
        return None
    asked = AnyOf(tuple(ways))
    if reach is None:
        return asked
    return All((asked, AnyOf(tuple(Term(searched.mark + REACH + key) for key in reach))))


def rank(searched: Searched, wanted: Wanted, body: str) -> int:
    """How well a row fits: 0 by its whole number, 1 by whole words or another's number, 2 begun so, 3 by the sound."""
    marks = set(body.split(" "))
    if any(searched.mark + NUMBER + key in marks for key in wanted.keys):
        return 0
    if any(searched.mark + RELATED + key in marks for key in wanted.keys):
        return 1
    if all(searched.mark + word in marks for word, _sound in wanted.words):
        return 1
    begun = all(any(mark.startswith(searched.mark + word) for mark in marks) for word, _sound in wanted.words)
    return 2 if begun else 3
