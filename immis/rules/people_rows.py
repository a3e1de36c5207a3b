"""A row of a sheet of charges: a person with the post that he is given, and what is odd in it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from immis.rules.catalogue import Finding
from immis.rules.posts import chart
from immis.rules.registry.cells import misfit, misspelt

_NAME = re.compile(r"[\w.@+-]{2,60}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


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


def misfits_of(row: PersonRow, *, known: Known, today: date) -> list[Finding]:
    """What keeps a person of a sheet from the charge that it gives him (REG-31)."""
    return [*_odd_words(row), *_odd_person(row, known), *_odd_charge(row, known, today)]


def _odd_words(row: PersonRow) -> Iterator[Finding]:
    if not _NAME.fullmatch(row.username):
        yield misfit("username", row.username, "username")
    if row.email and not _EMAIL.fullmatch(row.email):
        yield misfit("email", row.email, "email")


def _odd_person(row: PersonRow, known: Known) -> Iterator[Finding]:
    person = known.people.get(row.username)
    if person is None:
        missing = [name for name in ("name_en", "name_hi") if not getattr(row, name)]
        yield from (misfit(name, "", "new_person") for name in missing)
    elif not person.active:
        yield misfit("username", row.username, "active_login")
    elif person.of_party:
        yield misfit("username", row.username, "no_party")
    elif person.own:
        yield misfit("username", row.username, "not_own")


def _odd_charge(row: PersonRow, known: Known, today: date) -> Iterator[Finding]:
    posts = frozenset(code for code, post in chart().posts.items() if post.is_office)
    if row.post not in posts:
        yield misspelt("post", row.post, posts)
        return
    office, held_in = known.offices.get(row.office), chart().post(row.post).offices
    if office is None:
        yield misspelt("office", row.office, frozenset(known.offices))
    elif not office.open or not office.reached:
        yield misfit("office", row.office, "reached")
    elif office.kind not in held_in:
        yield misfit("post", row.post, "held_in", kind=office.kind, kinds=", ".join(held_in))
    if row.additional and row.ends_on is None:
        yield misfit("ends_on", "", "last_day")
    if row.ends_on is not None and row.ends_on < today:
        yield misfit("ends_on", row.ends_on.isoformat(), "not_past")
