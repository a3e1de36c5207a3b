"""What a declared register says of itself; read from its file by ``loader``, never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from immis.rules.posts import chart

Words = Mapping[str, str]

FIELD_TYPES = (
    "text", "number", "money", "day", "instant", "choice", "yes_no", "photo", "file", "point", "table", "reference",
)  # fmt: skip
#: What a reference may name; each noun declares how its number is found and shown (``registers.nouns``).
_NOUNS = ("office", "user", "party", "lease", "ghat", "vehicle", "device", "fence", "weighbridge", "demand", "case")
REFERENCES = (*_NOUNS, "entry")
SCOPES = ("office", "district", "state")
UNITS = ("calendar_day", "working_day", "month", "whole_day")  # a whole day is 24 hours, to the minute
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
    who: tuple[str, ...]  # with those who hold ``grant``
    to: str
    start: tuple[str, ...] = ()  # none: it makes a new entry
    fields: tuple[str, ...] = ()
    confirm: bool = False
    rule: str = ""
    message: str = ""
    pauses: str = ""  # this clock rests until ``resumes``
    resumes: str = ""
    reason: str = ""  # needed | optional
    grant: str = ""  # of posts.yaml: who holds it, within its reach


@dataclass(frozen=True)
class Rung:
    after: int
    to: str


@dataclass(frozen=True)
class Clock:
    """A time that runs from one state until one of others, with whom it is taken to when it is over.

    How long: a number, the value of a policy (by that of a field where it is a table), or until the day in a field.
    """

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
    policy: str = ""
    by: str = ""
    until: str = ""
    then: str = ""  # the act that the system does when it is over


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
    """A figure over entries: how many, how many distinct, the sum or mean of a field, or a share in hundred.

    ``states`` are those that count, all where none is named; of a share ``among`` are those that it is a share of.
    """

    name: str
    title: Words
    how: str  # count | distinct | sum | mean | share
    field: str = ""
    states: tuple[str, ...] = ()
    among: tuple[str, ...] = ()


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
    """A measure by what it is counted; ``over`` the entries of a period, or all that there are (``all``)."""

    name: str
    title: Words
    by: str
    measure: str
    drawn: str
    over: str = "period"
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
    read: str = ""  # the grant by which it is read; without one who has an act in it reads it
    shows: str = "all"  # what its list begins with: all | open

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

    @property
    def falls_due(self) -> bool:
        """Whether its entries can be late: a clock runs that is no mere last day of what they say."""
        return any(not clock.until for clock in self.clocks.values())

    @property
    def open_states(self) -> tuple[str, ...]:
        """The states that end nothing."""
        return tuple(state.name for state in self.states.values() if not state.ends)

    def readers(self) -> frozenset[str]:
        """The posts that see the register within its scope: who holds its grant to read, else whom any act names."""
        if self.read:
            return frozenset(chart().holders(self.read))
        return frozenset(post for act in self.acts.values() for post in act.who)
