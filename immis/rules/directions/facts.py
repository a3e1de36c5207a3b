"""What minutes of a meeting, or a letter with a direction, state, as a reader found it; nothing of it is guessed."""

from dataclasses import dataclass, field
from datetime import date

MINUTES, LETTER = "minutes", "letter"
DIRECTION, STEP, PARAGRAPH = "direction", "step", "paragraph"


@dataclass(frozen=True, kw_only=True)
class PointFacts:
    """One point as it stands: ``number`` as in the source (``xvi``, ``3.V.a``), ``owner`` in the words of the source.

    ``days`` is the length that it names, ``by_on`` the day; ``earlier``: it says that it was directed before;
    ``kind``: a point of a list, a dated step of a table, or a paragraph that reads like a direction.
    """

    number: str
    text: str
    owner: str = ""
    days: int | None = None
    by_on: date | None = None
    earlier: bool = False
    about_all: bool = False
    districts: list[str] = field(default_factory=list)
    kind: str = DIRECTION


@dataclass(frozen=True, kw_only=True)
class MinutesFacts:
    """A meeting (or letter): its day, subject, chair, attendance, memo number, day of issue, who got a copy, points."""

    kind: str
    held_on: date | None
    subject: str
    chair: str = ""
    attendance: str = ""
    memo_no: str = ""
    issued_on: date | None = None
    addressed: str = ""
    copies: list[str] = field(default_factory=list)
    points: list[PointFacts] = field(default_factory=list)
