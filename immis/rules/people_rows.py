"""A file of people with the charges that they are given: what each row holds, and what is odd in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from immis.reading import is_kept_text, written_day
from immis.rules.marks import nearest
from immis.rules.offices import RowFault
from immis.rules.posts import chart

COLUMNS = ("username", "name_en", "name_hi", "email", "post", "office", "additional", "ends_on", "reference")
NEEDED = ("username", "post", "office")
_MOST = {"username": 60, "name_en": 120, "name_hi": 120, "email": 200, "reference": 120}
_NAME = re.compile(r"[\w.@+-]{2,60}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_YES, _NO = ("yes", "1", "true"), ("", "no", "0", "false")


@dataclass(frozen=True)
class PersonRow:
    """A person with one charge: who, which post in which office, beside another one or not, until which day."""

    username: str
    post: str
    office: str
    name_en: str = ""
    name_hi: str = ""
    email: str = ""
    additional: bool = False
    ends_on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class KnownOffice:
    """An office as a file may name it: its kind, whether it is open, whether the reader's post reaches it."""

    kind: str
    open: bool = True
    reached: bool = True


@dataclass(frozen=True)
class KnownPerson:
    """A person as a file may name him: whether the log-in works, and acts for no party and is not the reader's own."""

    active: bool = True
    of_party: bool = False
    own: bool = False


@dataclass(frozen=True)
class Known:
    """What there is already: offices by code, people by user name."""

    offices: Mapping[str, KnownOffice]
    people: Mapping[str, KnownPerson]


def row_of(cells: Mapping[str, str]) -> PersonRow:
    """A row of a file by the names of its columns."""
    words = {name: cells.get(name, "").strip() for name in COLUMNS}
    additional, ends_on = words.pop("additional").casefold() in _YES, words.pop("ends_on")[:10]
    return PersonRow(**words, additional=additional, ends_on=written_day(ends_on))


def faults_of(rows: Iterable[tuple[int, Mapping[str, str], PersonRow]], *, known: Known, today: date) -> list[RowFault]:
    """What is odd in the rows of a file, by row and column, with what may stand there."""
    faults: list[RowFault] = []
    seen: set[tuple[str, str, str]] = set()
    for number, cells, row in rows:
        odd = [*_odd_words(row, cells), *_odd_person(row, known), *_odd_charge(row, known, today)]
        if (row.username, row.post, row.office) in seen:
            odd.append(("post", row.post, "each charge of a person stands in the file once"))
        seen.add((row.username, row.post, row.office))
        faults += [RowFault(number, *each) for each in odd]
    return faults


def _odd_words(row: PersonRow, cells: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Column, what stands there, and what may stand there."""
    odd = [
        (name, getattr(row, name)[:80], f"at most {most} characters")
        for name, most in _MOST.items()
        if len(getattr(row, name)) > most or not is_kept_text(getattr(row, name))
    ]
    if not _NAME.fullmatch(row.username):
        odd.append(("username", row.username[:80], "2 to 60 letters, digits or @ . + - _"))
    if row.email and not _EMAIL.fullmatch(row.email):
        odd.append(("email", row.email[:80], "an e-mail address, or nothing"))
    if (given := cells.get("additional", "").strip().casefold()) not in (*_YES, *_NO):
        odd.append(("additional", given[:80], "yes or no"))
    if (given := cells.get("ends_on", "").strip()) and row.ends_on is None:
        odd.append(("ends_on", given[:80], "a day as 2027-03-31, or nothing"))
    return odd


def _odd_person(row: PersonRow, known: Known) -> list[tuple[str, str, str]]:
    person = known.people.get(row.username)
    if person is None:
        missing = [name for name in ("name_en", "name_hi") if not getattr(row, name)]
        return [(name, "", "the name of a person who is not entered yet") for name in missing]
    if not person.active:
        return [("username", row.username, "a person whose log-in works")]
    if person.of_party:
        return [("username", row.username, "a log-in that acts for no bidder or settlee")]
    return [("username", row.username, "somebody else: nobody gives a charge to himself")] if person.own else []


def _odd_charge(row: PersonRow, known: Known, today: date) -> list[tuple[str, str, str]]:
    posts = [code for code, post in chart().posts.items() if post.is_office]
    if row.post not in posts:
        return [("post", row.post, nearest(row.post, posts))]
    odd = []
    office = known.offices.get(row.office)
    if office is None:
        odd.append(("office", row.office, nearest(row.office, known.offices)))
    elif not office.open or not office.reached:
        odd.append(("office", row.office, "an open office of your jurisdiction"))
    elif office.kind not in chart().post(row.post).offices:
        held = ", ".join(chart().post(row.post).offices)
        odd.append(("post", row.post, f"a post that is held in a {office.kind}; {row.post} is held in {held}"))
    if row.additional and row.ends_on is None:
        odd.append(("ends_on", "", "the last day of the additional charge"))
    if row.ends_on is not None and row.ends_on < today:
        odd.append(("ends_on", row.ends_on.isoformat(), "a day that is not past"))
    return odd
