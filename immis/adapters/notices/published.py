"""The notice as it is published: Hindi prose around two tab tables, the auction programme and annexure 4."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from immis.adapters.notices.cells import block_code, day_in, instant_in, rupees_in, tidy
from immis.adapters.notices.errors import NoticeUnreadable
from immis.adapters.notices.table import MOST_COLUMNS, MOST_ROWS, Assembler, Row, columns_of
from immis.rules.notices.facts import (
    Column,
    Contact,
    Fees,
    GhatFacts,
    ListedGhat,
    NoticeFacts,
    Problem,
    Programme,
    Totals,
)
from immis.rules.writing.offices import western_digits, words_of

_WORDS = words_of("notices")
_STEP_HEADINGS = tuple((Column(step), re.compile(words, re.IGNORECASE)) for step, words in _WORDS["steps"].items())
_PREBID = dict(_STEP_HEADINGS)[Column.PREBID_AT]
_DAYS = (Column.DOCUMENTS_FROM_ON, Column.RESULT_ON)
_POSTS = tuple((post, re.compile(words, re.IGNORECASE)) for post, words in _WORDS["posts"].items())
_PHONE = re.compile(_WORDS["phone"], re.IGNORECASE)
_LONGEST_PROSE = 5_000
_LONGEST_CELL = 1_000
_LONGEST_STOOD = 80
_FEW_LINES = 12


@dataclass
class _Tables:
    programme_heading: Row | None
    programme: list[Row]
    annexure_heading: Row | None
    annexure: list[Row]
    strays: list[tuple[int, str]]


def read_published(text: str) -> NoticeFacts:
    """All that the published text states; what it states and we cannot read stands among ``problems``."""
    tables = _tables(text)
    ghats, totals, problems = _annexure(tables)
    programme, programme_problems = _programme(tables)
    problems += programme_problems
    facts = NoticeFacts(
        programme=programme,
        fees=_fees(text, tables),
        ghats=ghats,
        totals=totals,
        contacts=_contacts(text),
        listed=_listed(tables),
        problems=tuple(problems),
        links=_links(text),
        stood=_stood(tables, programme_problems),
    )
    return _headings(replace(facts, kind="notice" if _is_notice(tables, text) else "table"), text)


def _is_notice(tables: _Tables, text: str) -> bool:
    """Whether there is more than annexure 4 alone: the programme, or the prose of a notice around the table."""
    return bool(tables.programme_heading) or not tables.annexure_heading or sum(map(bool, _prose(text))) > _FEW_LINES


def _rows(text: str) -> Iterator[tuple[int, str, Row | None, bool]]:
    """Each line that is not blank with its number, as a row when it has tabs, and whether a blank line stood before."""
    blank = True
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if line.strip():
            yield number, line, Row(number, tuple(line.split("\t", MOST_COLUMNS))) if "\t" in line else None, blank
        blank = not line.strip()


def _tables(text: str) -> _Tables:
    """The rows of the two tables, rows broken over lines joined again, and the lines that stand between rows."""
    tables = _Tables(None, [], None, [], [])
    rows: list[Row] | None = None
    width = 0
    for number, line, row, blank in _rows(text):
        if row and columns_of(row.cells):
            tables.annexure_heading, rows, width = tables.annexure_heading or row, tables.annexure, len(row.cells)
        elif row and rows is None and len(row.cells) >= 5 and any(_PREBID.search(cell) for cell in row.cells):
            tables.programme_heading, rows, width = row, tables.programme, len(row.cells)
        elif rows and (joined := _joined(rows[-1], line, width, blank=blank)):
            rows[-1] = joined
        elif row and rows is not None:
            rows.append(row)
        elif rows is tables.programme and tables.programme:
            rows = None
        elif rows is tables.annexure:
            tables.strays.append((number, line))
        if len(tables.strays) + len(rows or ()) > MOST_ROWS:
            raise NoticeUnreadable("too_long", limit=MOST_ROWS)
    return tables


def _joined(row: Row, line: str, width: int, *, blank: bool) -> Row | None:
    """The row with the rest that stood on the next line; None when the line does not continue it."""
    cells = line.split("\t", MOST_COLUMNS)
    first = cells[0].strip()
    if not first or first.rstrip(".").isdecimal() or len(row.cells) - 1 + len(cells) > width or len(row.cells) == width:
        return None
    if (len(cells) == 1 and blank) or len(row.cells[-1]) > _LONGEST_CELL:
        return None
    return Row(row.line, (*row.cells[:-1], f"{row.cells[-1]} {cells[0]}", *cells[1:]))


def _annexure(tables: _Tables) -> tuple[tuple[GhatFacts, ...], Totals | None, list[Problem]]:
    heading = tables.annexure_heading
    columns = columns_of(heading.cells) if heading else None
    if not heading or not columns:
        return (), None, []
    assembler = Assembler(columns, heading)
    for row in tables.annexure:
        assembler.take(row)
    ghats, totals = assembler.result()
    end = max((row.line for row in tables.annexure), default=0)
    strays = [
        Problem("NTC-15", Column.ROW, tidy(line)[:120], "S. No ⇥ ADDRESS ⇥ …", line=number, severity="warning")
        for number, line in tables.strays
        if number < end
    ]
    return ghats, totals, assembler.problems + strays


def _listed(tables: _Tables) -> tuple[ListedGhat, ...]:
    listed = []
    for row in tables.programme:
        serial, name = tidy(row.cells[0][:_LONGEST_CELL]).rstrip("."), tidy(row.cells[1][:_LONGEST_CELL])
        if serial.isdecimal() and len(serial) <= 4 and name:
            listed.append(ListedGhat(int(serial), name, block_code(name)[0], row.line))
    return tuple(listed)


def _programme(tables: _Tables) -> tuple[Programme, list[Problem]]:
    """The dates of the first row that has any; a row further down with other dates is reported, not dropped."""
    if not tables.programme_heading:
        return Programme(), []
    places = _step_places(tables.programme_heading.cells)
    rows = [
        (row, {c: tidy(row.cells[i][:_LONGEST_CELL]) for c, i in places.items() if i < len(row.cells)})
        for row in tables.programme
    ]
    filled = [(row, cells) for row, cells in rows if any(cells.values())]
    if not filled:
        return Programme(), []
    first, cells = filled[0]
    programme, problems = _steps(first, cells)
    for row, others in filled[1:]:
        for column, text in others.items():
            if text and text != cells.get(column, ""):
                expected = cells.get(column) or "—"
                problems.append(Problem("NTC-15", column, text[:120], expected, _serial_of(row), row.line))
    return programme, problems


def _serial_of(row: Row) -> int | None:
    serial = tidy(row.cells[0][:_LONGEST_CELL]).rstrip(".")
    return int(serial) if serial.isdecimal() and len(serial) <= 4 else None


def _step_places(cells: tuple[str, ...]) -> dict[Column, int]:
    places: dict[Column, int] = {}
    for index, cell in enumerate(cells):
        for column, pattern in _STEP_HEADINGS:
            if column not in places and pattern.search(tidy(cell[:_LONGEST_CELL])):
                places[column] = index
                break
    return places


def _steps(row: Row, cells: dict[Column, str]) -> tuple[Programme, list[Problem]]:
    read, problems = {}, []
    for column, text in cells.items():
        example = _WORDS["examples"]["day" if column in _DAYS else "instant"]
        when = day_in(text) if column in _DAYS else instant_in(text)
        if when is None and text:
            problems.append(Problem("NTC-15", column, text[:120], example, _serial_of(row), row.line))
        read[column.value] = when.date() if when and column in _DAYS else when
    venue = re.search(_WORDS["venue"], cells.get(Column.PREBID_AT, ""))
    return replace(Programme(**read), prebid_venue=venue[1] if venue else ""), problems


def _fee_heading(tables: _Tables) -> str:
    return " ".join(tables.programme_heading.cells)[: 10 * _LONGEST_CELL] if tables.programme_heading else ""


def _stood(tables: _Tables, problems: Iterable[Problem]) -> dict[str, str]:
    """What stands in the place of a step or fee that could not be read, to be shown where it counts as not stated."""
    stood = {problem.column.value: problem.found[:_LONGEST_STOOD] for problem in problems}
    heading = tidy(_fee_heading(tables))
    for name, words in _WORDS["fees"].items():
        if place := re.search(words, heading):
            stood[name] = heading[place.start() : place.start() + _LONGEST_STOOD]
    return stood


def _percent(pattern: str, text: str) -> Decimal | None:
    result = re.search(pattern, text)
    return Decimal(result[1]) if result else None


def _fees(text: str, tables: _Tables) -> Fees:
    heading = _fee_heading(tables)
    sums = {name: re.search(f"(?:{words}){_WORDS['fee_sum']}", heading) for name, words in _WORDS["fees"].items()}
    return Fees(
        document_rupees=_rupees(sums["document_rupees"]),
        emd_percent=_percent(_WORDS["shares"]["emd_percent"], text),
        increment_percent=_percent(_WORDS["shares"]["increment_percent"], text),
        processing_rupees=_rupees(sums["processing_rupees"]),
    )


def _rupees(found: re.Match[str] | None) -> int | None:
    number = rupees_in(found[1]) if found else None
    return int(number) if number is not None else None


def _prose(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if "\t" not in line and len(line) <= _LONGEST_PROSE)


def _contacts(text: str) -> tuple[Contact, ...]:
    contacts = []
    for line in _prose(text):
        for who, phone in _PHONE.findall(line):
            words = tidy(re.sub(_WORDS["before_contact"], "", who)).strip(" ,-")
            post = next((post for post, pattern in _POSTS if pattern.search(words)), "other")
            contacts.append(Contact(post, words, western_digits(phone).replace(" ", "")))
    return tuple(contacts)


def _links(text: str) -> tuple[str, ...]:
    result = re.findall(r"https?://[^\s<>]{4,200}|\bstate\.bihar\.gov\.in/[\w/]{1,80}", text)
    return tuple(dict.fromkeys(link.rstrip(".,);") for link in result))


def _first(pattern: str, text: str) -> str:
    result = re.search(pattern, text)
    return tidy(result[1]) if result else ""


def _headings(facts: NoticeFacts, text: str) -> NoticeFacts:
    release = _first(r"(?i)\b(PR\.?[ \t]*(?:No)?\.?[ \t]*\d[^\n]{0,60})", text)
    digits = _first(r"(\d+)", release)
    years = _first(_WORDS["headings"]["period_years"], text)
    return replace(
        facts,
        number=f"PR {western_digits(digits)}" if digits else "",
        release=release,
        district=_first(r"(?im)^[ \t]*District[ \t]*[-–:][ \t]*([A-Za-z ]{3,40})", text),
        district_hi=_first(_WORDS["headings"]["district_hi"], text),
        title=_first(r"(?im)^[ \t]*([^\n]{0,60}Notice Inviting[^\n]{0,120})$", text),
        issued_by=_first(_WORDS["headings"]["issued_by"], text),
        period_years=int(years) if years else None,
    )
