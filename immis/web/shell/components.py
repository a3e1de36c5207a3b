"""What the shared patterns of the visual language take: plain values, already worded in the reader's language.

Pages build these and hand them to the tags of ``shell.tags``. ``state`` is always
one of ``good | warn | bad | info | plain``; it carries a shape and a word, never
colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

STATES = ("good", "warn", "bad", "info", "plain")
MARKS = {"good": "✓", "warn": "◷", "bad": "■", "info": "●", "plain": ""}
_ALIASES = {
    "done": "good", "verified": "good", "paid": "good", "ok": "good", "passed": "good", "completed": "good",
    "now": "warn", "due": "warn", "due_soon": "warn", "paid_unverified": "warn", "running": "warn",
    "late": "bad", "overdue": "bad", "refused": "bad", "error": "bad", "failed": "bad", "invalid": "bad",
    "todo": "plain", "upcoming": "plain", "open": "info",
}  # fmt: skip


def chip_state(state: str) -> str:
    """A state word of a record as one of the five states that are drawn; unknown words are plain."""
    return state if state in STATES else _ALIASES.get(state, "plain")


@dataclass(frozen=True)
class Action:
    """A next act: a link, or with ``method="post"`` a button in a form of its own that sends ``fields``."""

    label: str
    url: str
    primary: bool = False
    method: str = "get"
    fields: Mapping[str, str] = field(default_factory=dict)
    danger: bool = False
    key: str = ""  # one key of the keyboard that does it; shown by ``?``


@dataclass(frozen=True)
class ReasonCard:
    """Anything stopped or refused: what, why with its clause, since when, what lifts it and who, the next act."""

    state: str
    title: str
    what: str
    why_code: str = ""
    why_text: str = ""
    since: str | date | datetime | None = None
    lifts: str = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Step:
    """One gate of a path; ``state`` is ``done | now | late | todo``, ``note`` its date or clock."""

    label: str
    state: str = "todo"
    note: str = ""
    clause_code: str = ""


@dataclass(frozen=True)
class ScheduleRow:
    """One due amount: ``note`` is the word on its chip; rows without a due date stand only in the table."""

    label: str
    due_on: date | None
    amount_paise: int
    state: str = "plain"
    note: str = ""
    clause_code: str = ""
    url: str = ""


@dataclass(frozen=True)
class Signal:
    """One mark on the time axis of an evidence strip; ``until`` makes it a span; ``url`` opens its raw record."""

    at: datetime
    lane: str
    label: str
    state: str = "info"
    url: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Together:
    """One act on all tasks of a row: what it is called, where it is sent as what, and whether a note stands in it."""

    label: str
    url: str
    word: str
    noted: bool = True


@dataclass(frozen=True)
class DeskItem:
    """One row of a desk: what, about whom, clause, due, and the one act that its reader may do now.

    ``others`` are the further tasks of the same subject, or with ``many`` all of one kind, done with one act
    (``together``). ``holder`` says whose it is, where it is another's; ``vacant``: nobody holds that post.
    """

    title: str
    url: str
    number: str = ""
    subject: str = ""
    clause_code: str = ""
    due_at: datetime | None = None
    state: str = "info"
    state_label: str = ""
    act: Action | None = None
    holder: str = ""
    vacant: bool = False
    others: Sequence["DeskItem"] = ()
    many: bool = False
    together: Together | None = None


@dataclass(frozen=True)
class Answer:
    """One of the three answers of a verdict: is it genuine, is it in time, how old is the list."""

    question: str
    answer: str
    state: str


@dataclass(frozen=True)
class Verdict:
    """The check of a pass, read from two metres: colour, sign and word, the plate big, three answers."""

    state: str  # good | warn | bad
    headline: str
    plate: str = ""
    what: str = ""
    answers: Sequence[Answer] = ()
    why_code: str = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class StatementLine:
    """One line of an account in paise: what is demanded on the left, what came in on the right, what is left."""

    on: date
    label: str
    debit_paise: int = 0
    credit_paise: int = 0
    balance_paise: int = 0
    url: str = ""
    note: str = ""
