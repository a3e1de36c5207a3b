"""The answers of a first run: whose department this is, which districts begin, its language, who administers it."""

import re
from dataclasses import dataclass
from pathlib import Path

from immis.rules.districts import NAMES_HI
from immis.rules.marks import Fault, Faults, Marked, Reading, read_marked
from immis.rules.offices import states

LANGUAGES = ("hi", "en")
#: The post that the first run gives: it opens offices, enters persons and looks after the installation.
ADMINISTRATOR = "administrator"
#: Signs of a name for logging in; the same that the form takes.
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@.+_-]{2,59}")
_MOST_NAME, _MOST_EMAIL = 120, 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TOP = ("state", "districts", "language", "administrator")
_PERSON = ("username", "name_en", "name_hi", "email", "password_file")


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """The first person of a department."""

    username: str
    name_en: str
    name_hi: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Department:
    """What the first run makes: the State, the districts that begin (by English names), the language, who begins."""

    state: str
    districts: tuple[str, ...]
    language: str
    administrator: Administrator


@dataclass(frozen=True)
class Answers:
    """A file of answers: the department, and where the administrator's password lies (None: one is to be made)."""

    department: Department
    password_file: Path | None


def read_answers(path: Path) -> Answers:
    """The answers of a YAML file. Raises Faults with every fault and its line."""
    faults: list[Fault] = []
    read = Reading(path.name, faults)
    top = read.table(read_marked(path), _TOP, needed=("state", "districts", "administrator"))
    person = read.table(top["administrator"], _PERSON, needed=_PERSON[:4]) if "administrator" in top else {}
    answers = Answers(
        Department(
            state=read.choice(top.get("state"), list(states())),
            districts=_districts(read, top.get("districts")),
            language=read.choice(top.get("language"), LANGUAGES, "hi"),
            administrator=_person(read, person),
        ),
        Path(word) if (word := read.text(person.get("password_file"))) else None,
    )
    if faults:
        raise Faults(faults)
    return answers


def _districts(read: Reading, marked: Marked | None) -> tuple[str, ...]:
    """Each named district once, in the order of the State's list; ``all`` is every one of them."""
    if marked is None:
        return ()
    if marked.value == "all":
        return tuple(NAMES_HI)
    chosen = read.choices(marked, tuple(NAMES_HI))
    if not chosen:
        read.fault(marked.line, "no district", "at least one district, or all")
    return tuple(name for name in NAMES_HI if name in chosen)


def _person(read: Reading, person: dict[str, Marked]) -> Administrator:
    words = {name: read.text(person.get(name)).strip() for name in _PERSON[:4]}
    for name, odd in odd_of(Administrator(**words)).items():
        if name in person:
            read.fault(person[name].line, f"{words[name]!r}", odd)
    return Administrator(**words)


def odd_of(person: Administrator) -> dict[str, str]:
    """What of an administrator's particulars cannot be kept, with what is allowed, by the name of the field."""
    odd = {
        name: f"1 to {_MOST_NAME} letters"
        for name in ("name_en", "name_hi")
        if not 1 <= len(getattr(person, name)) <= _MOST_NAME
    }
    if not USERNAME.fullmatch(person.username):
        odd["username"] = "3 to 60 letters, digits or . _ - + @, beginning with a letter or digit"
    if not _EMAIL.fullmatch(person.email) or len(person.email) > _MOST_EMAIL:
        odd["email"] = "an address of e-mail, as name@example.in"
    return odd
