"""What a declared register says of itself; read from its file by ``loader``, never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Words = Mapping[str, str]

FIELD_TYPES = (
    "text", "number", "money", "day", "instant", "choice", "yes_no", "photo", "file", "point", "table", "reference",
)  # fmt: skip
#: What a reference may name; each noun declares how its number is found and shown (``registers.nouns``).
REFERENCES = ("office", "user", "party", "lease", "ghat", "vehicle", "entry")
SCOPES = ("office", "district", "state")
UNITS = ("calendar_day", "working_day", "month")
PERIODS = ("week", "month", "quarter", "year")


@dataclass(frozen=True)
class When:
    """The one shape of a condition: another field is filled, or has one of some values."""

    field: str
    values: tuple[str, ...] = ()  # none: it is filled

    def holds(self, values: Mapping[str, Any]) -> bool:
        value = values.get(self.field)
        return str(value) in self.values if self.values else value not in (None, "", [], {})


@dataclass(frozen=True)
class Field:
    """One field of an entry: its type, its words, its limits, who may see it."""

    name: str
    type: str
    title: Words
    help: Words
    required: bool = False
    find: bool = False  # searched and filtered: kept in the side table
    private: bool = False  # shown to the posts of ``seen_by`` and to who entered it
    seen_by: tuple[str, ...] = ()
    most: int = 0  # letters of a text, rows of a table
    unit: Words | None = None
    least: int | None = None
    greatest: int | None = None
    choices: Mapping[str, Words] | None = None
    refers: str = ""  # of a reference: its noun
    register: str = ""  # of a reference to an entry: which register's
    columns: tuple["Field", ...] = ()  # of a table
    rule: str = ""  # computed by the rule of this name
    show_if: When | None = None
    require_if: When | None = None


@dataclass(frozen=True)
class State:
    name: str
    title: Words
    drawn: str = "info"
    ends: bool = False


@dataclass(frozen=True)
class Act:
    """What a post may do to an entry: from which states, to which, with which fields."""

    name: str
    title: Words
    who: tuple[str, ...]
    to: str
    start: tuple[str, ...] = ()  # none: it makes a new entry
    fields: tuple[str, ...] = ()
    confirm: bool = False
    rule: str = ""
    message: str = ""
    pauses: str = ""  # this clock rests until ``resumes``
    resumes: str = ""
    reason: bool = False


@dataclass(frozen=True)
class Rung:
    after: int
    to: str


@dataclass(frozen=True)
class Clock:
    """A time that runs from one state until one of others, with whom it is taken to when it is over."""

    name: str
    title: Words
    start: str
    stops: tuple[str, ...]
    length: int
    unit: str
    counts_first_day: bool
    rolls_forward: bool
    cites: str
    rungs: tuple[Rung, ...] = ()


@dataclass(frozen=True)
class Counted:
    """Which entries count: in these states, each value of ``distinct`` once."""

    states: tuple[str, ...]
    distinct: str = ""


@dataclass(frozen=True)
class Duty:
    """So many entries that a post owes in each period."""

    name: str
    title: Words
    who: str
    owes: int
    every: str
    counted: Counted
    cites: str


@dataclass(frozen=True)
class Measure:
    """A figure over entries: how many, how many distinct, or the sum or mean of a field."""

    name: str
    title: Words
    how: str  # count | distinct | sum | mean | share
    field: str = ""
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranking:
    """Offices by the weighted sum of measures; unknown is not nil."""

    name: str
    title: Words
    by: str
    weights: Mapping[str, int]
    every: str
    cites: str


@dataclass(frozen=True)
class Report:
    name: str
    title: Words
    by: str
    measure: str
    drawn: str
    every: str = ""
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Public:
    fields: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """One version of a register, in force from a day on."""

    name: str
    subject: str
    from_on: date
    title: Words
    entry: Words
    rows: tuple[str, ...]
    cites: str
    prefix: str
    scope: str
    keep_years: int
    fields: Mapping[str, Field]
    states: Mapping[str, State]
    acts: Mapping[str, Act]
    clocks: Mapping[str, Clock]
    duties: Mapping[str, Duty]
    measures: Mapping[str, Measure]
    rankings: Mapping[str, Ranking]
    reports: Mapping[str, Report]
    public: Public | None
    digest: str
    seen_by: tuple[str, ...] = ()  # posts that read it and have no act in it

    @property
    def version(self) -> str:
        return self.from_on.isoformat()

    @property
    def beginning(self) -> tuple[Act, ...]:
        """The acts that make an entry."""
        return tuple(act for act in self.acts.values() if not act.start)

    @property
    def listed(self) -> tuple[Field, ...]:
        """The fields of a list's columns: those that are searched, at most six."""
        return tuple(field for field in self.fields.values() if field.find)[:6]

    def readers(self) -> frozenset[str]:
        """The posts of any act and of ``seen_by``: they see the register within their reach."""
        return frozenset(post for act in self.acts.values() for post in act.who).union(self.seen_by)
