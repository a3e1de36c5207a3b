"""Reading minutes as they stand: head, points with their numbers and owners, foot. Text in, facts out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from immis.rules.directions.facts import DIRECTION, LETTER, MINUTES, PARAGRAPH, STEP, MinutesFacts, PointFacts
from immis.rules.directions.marks import by_day, days_of, days_within, districts_in, first_group, mark, memo_of
from immis.rules.writing.offices import western_digits

_ROMAN = re.compile("[ivxlc]{1,6}")
_HEAD_LINES = 12
_SENTENCE_ENDS = ("\u0964", ".", ":", "?", ")")
_LEADS_ON = ("-", "\u2013", ":", ":-")
#: How deep a kind of item lies: a section, a roman number, a letter, a dash.
_SECTION, _ROMAN_LEVEL, _LETTER_LEVEL, _DASH_LEVEL = range(4)


@dataclass
class _Item:
    """A point while it is read: the marks above it, its level, its text so far, and whether points hang on it."""

    path: tuple[str, ...]
    level: int
    text: str
    kind: str = DIRECTION
    owner: str = ""
    by_on: date | None = None
    children: int = 0

    @property
    def is_heading(self) -> bool:
        if self.level == _SECTION:
            return bool(self.children) or not (self.owner or mark("directive").search(self.text))
        return bool(self.children) and self.text.rstrip().endswith(_LEADS_ON)

    def goes_on(self, after_blank: bool) -> bool:
        """Whether a line without a mark belongs to it: its sentence has not ended, or no line stands between."""
        if self.kind == STEP:
            return False
        ended = self.text.rstrip().endswith((*_SENTENCE_ENDS, *_LEADS_ON))
        return not after_blank or (not ended and self.level != _SECTION)


@dataclass
class _Body:
    """The points of minutes while their lines come in."""

    items: list[_Item] = field(default_factory=list)
    open: list[_Item] = field(default_factory=list)

    def put(self, level: int, name: str, text: str, kind: str = DIRECTION) -> _Item:
        while self.open and self.open[-1].level >= level:
            self.open.pop()
        above = self.open[-1] if self.open else None
        if above:
            above.children += 1
            name = name or f"\u2022{above.children}"
        item = _Item((*(above.path if above else ()), name or f"\u2022{len(self.items) + 1}"), level, text, kind)
        self.items.append(item)
        self.open.append(item)
        return item


def read_minutes_text(text: str) -> MinutesFacts | None:
    """The facts of minutes or of a letter with a direction; None for any other text."""
    lines = [western_digits(line).rstrip() for line in text.replace("\r", "").split("\n")]
    head = [line for line in lines if line.strip()][:_HEAD_LINES]
    if any(mark("letter").search(line) for line in head):
        return _letter(lines)
    if not any(mark("minutes").search(line) for line in head[:3]):
        return None
    return _minutes(lines)


# -- minutes


def _minutes(lines: Sequence[str]) -> MinutesFacts | None:
    end = next((place for place, line in enumerate(lines) if mark("closing").search(line.strip())), len(lines))
    head = next((line for line in lines if mark("minutes").search(line)), "")
    held_on = next(days_of(head), None)
    points = [_point(item, held_on) for item in _items(lines[:end]) if not item.is_heading and item.text.strip()]
    if held_on is None or not points:
        return None
    attendance = next((first_group(result) for line in lines if (result := mark("attendance").search(line))), "")
    facts = MinutesFacts(
        kind=MINUTES,
        held_on=held_on,
        subject=_subject(head),
        chair=first_group(mark("chair").search(head)),
        attendance=attendance,
        points=points,
    )
    return _with_foot(facts, lines[end:])


def _subject(head: str) -> str:
    return " ".join(mark("not_in_subject").sub("", head).split()).strip(" \u0964.")


def _items(lines: Sequence[str]) -> list[_Item]:
    """The points of the body in order, their paragraphs joined, each with its owner."""
    body, last_blank = _Body(), True
    for line in lines:
        text = line.strip()
        if not text:
            last_blank = True
            continue
        _take(body, line, text, last_blank)
        last_blank = False
    return body.items


def _take(body: _Body, line: str, text: str, after_blank: bool) -> None:
    item = body.items[-1] if body.items else None
    if item and (owner := mark("owner").match(text)):
        item.owner = " ".join(filter(None, (item.owner, first_group(owner))))
    elif "\t" in line:
        _take_row(body, line)
    elif result := mark("item").match(line):
        _take_item(body, *result.groups())
    elif result := mark("section").match(line):
        body.put(_SECTION, result[1], result[2])
    elif result := mark("bullet").match(line):
        body.put(_DASH_LEVEL, "", result[1])
    elif item and item.goes_on(after_blank):
        item.text = f"{item.text} {text}"
    elif item:
        _take_paragraph(body, text)


def _take_item(body: _Body, name: str, sign: str, text: str) -> None:
    is_roman = sign == "." and _ROMAN.fullmatch(name.lower()) is not None
    body.put(_ROMAN_LEVEL if is_roman else _LETTER_LEVEL, name, text)


def _take_row(body: _Body, line: str) -> None:
    """A row of a table whose first cell is a number and whose last a day: a dated step."""
    cells = [cell.strip() for cell in line.split("\t")]
    on = next(days_of(cells[-1]), None)
    if len(cells) >= 3 and cells[0].isdigit() and on is not None:
        step = body.put(_ROMAN_LEVEL, cells[0], " ".join(cells[1:-1]), STEP)
        step.by_on = on


def _take_paragraph(body: _Body, text: str) -> None:
    """A paragraph between lists: a point where it reads like a direction and leads to no list itself."""
    del body.open[1:]
    if not body.open:
        return
    if mark("directive").search(text) and not text.endswith(_LEADS_ON):
        above = sum(1 for item in body.items if item.kind == PARAGRAPH and item.path[:-1] == body.open[0].path[:1])
        body.put(_ROMAN_LEVEL, f"\u00b6{above + 1}", text, PARAGRAPH)


def _point(item: _Item, held_on: date | None) -> PointFacts:
    text = " ".join(item.text.split())
    return PointFacts(
        number=".".join(item.path),
        text=text,
        owner=" ".join(item.owner.split()),
        days=days_within(text),
        by_on=item.by_on or by_day(text, held_on),
        earlier=mark("earlier").search(text) is not None,
        about_all=mark("about_all").search(text) is not None,
        districts=districts_in(text),
        kind=item.kind,
    )


# -- letters


def _letter(lines: Sequence[str]) -> MinutesFacts | None:
    """A letter that directs: each paragraph with the words of a direction is a point, for those it is addressed to."""
    number_line = next(line for line in lines if mark("letter").search(line))
    end = next((place for place, line in enumerate(lines) if mark("closing").search(line.strip())), len(lines))
    dated = (next(days_of(line), None) for line in lines[:end] if mark("dated").search(line))
    held_on = next((day for day in dated if day), None)
    paragraphs = [line.strip() for line in lines[:end] if mark("letter_directs").search(line)]
    if held_on is None or not paragraphs:
        return None
    addressed = ", ".join(_below(lines, "addressed"))
    points = [
        replace(_point(_Item((str(place),), _ROMAN_LEVEL, text), held_on), owner=addressed)
        for place, text in enumerate(paragraphs, 1)
    ]
    subject = next((first_group(result) for line in lines if (result := mark("subject").search(line))), "")
    facts = MinutesFacts(
        kind=LETTER,
        held_on=held_on,
        subject=subject.replace("*", "").strip(" \u0964."),
        chair=", ".join(_below(lines, "sent_by")),
        addressed=addressed,
        memo_no=first_group(mark("letter").search(number_line)),
        issued_on=held_on,
        points=points,
    )
    return replace(_with_foot(facts, lines[end:]), memo_no=facts.memo_no, issued_on=held_on)


def _below(lines: Sequence[str], name: str) -> Iterator[str]:
    """The lines that follow a heading up to the next heading or the subject, as to whom a letter goes."""
    begun = False
    for line in lines:
        text = line.strip().rstrip("\u0964,").strip()
        if mark(name).match(line):
            begun = True
        elif begun and any(mark(each).search(line) for each in ("addressed", "sent_by", "subject", "greeting")):
            return
        elif begun and text and not mark("dated").search(line):
            yield text


# -- foot


def _with_foot(facts: MinutesFacts, lines: Sequence[str]) -> MinutesFacts:
    """The memo number and day (the last that are filled in), and who got a copy."""
    memos = [memo_of(first_group(result)) for line in lines if (result := mark("memo").match(line))]
    filled = [row for row in memos if row[0]]
    number, on = filled[-1] if filled else ("", None)
    copies: list[str] = []
    for line in lines:
        if result := mark("copies").match(line):
            names = mark("copies_end").sub("", first_group(result))
            copies += [name.strip() for name in names.split("/") if name.strip()]
    return replace(facts, memo_no=number, issued_on=on, copies=list(dict.fromkeys(copies)))
