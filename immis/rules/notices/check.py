"""The whole check of a notice: every rule on every row, pair, total and step, worded in both languages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations, groupby, pairwise
from typing import Any

from immis.rules.catalogue import RULES, Finding, Registered
from immis.rules.notices.facts import FIGURES, STEPS, Column, GhatFacts, NoticeFacts, label_of
from immis.rules.notices.pairs import GhatPair, ListedPair, Spelling, place_of
from immis.rules.notices.rows import RowFacts
from immis.rules.notices.whole import ColumnTotal, Gap, Share, Stated, StepPair
from immis.rules.policy import LANGUAGES, NotInForce, PolicyBook

_ORDINARY = {"SAND", "GHAT", "GHATS", "BLOCK"}
_SHORTEST_WORD, _LONGEST_WORD, _MOST_WORDS = 5, 40, 300


@dataclass(frozen=True)
class NoticeFinding:
    """What a check found in a notice: error or warning, with row (serial), column, what stands and what should."""

    code: str
    severity: str
    row: int | None
    column: str
    found: str
    expected: str
    cites: str = ""
    line: int | None = None
    words: Mapping[str, str] = field(default_factory=dict, compare=False)

    def message(self, lang: str) -> str:
        """The finding in the reader's language (``hi`` or ``en``)."""
        return self.words.get(lang, self.words.get("en", self.code))


def check_notice(facts: NoticeFacts, *, policy: PolicyBook, on: date | datetime) -> list[NoticeFinding]:
    """All that is wrong or odd in a notice by the rule book of a day: rows in order, then the notice as a whole.

    A rule that has no value in force on that day is itself a finding (NTC-22), for
    a check that was not made must not look like one that was passed.
    """
    findings: list[NoticeFinding] = []
    idle: dict[str, str] = {}
    for occasion, subject in _subjects(facts):
        for rule in _rules(occasion):
            try:
                result = rule.function(subject, policy=policy, at=on)
            except NotInForce as reason:
                idle[rule.code] = str(reason)
                continue
            if result:
                findings.append(_worded(result, policy=policy, on=on))
    findings += [_worded(_not_checked(code, reason), policy=policy, on=on) for code, reason in sorted(idle.items())]
    return sorted(findings, key=lambda finding: (finding.row is None, finding.row or 0, finding.code))


def policy_day(facts: NoticeFacts, *, otherwise: date | datetime) -> date | datetime:
    """The day by whose law a notice is judged: its first step; ``otherwise`` where no programme is stated."""
    steps = facts.programme.steps()
    return min((when for _, when in steps), key=_day_of) if steps else otherwise


def _day_of(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _rules(occasion: str) -> list[Registered]:
    return sorted((row for row in RULES.values() if row.on == occasion), key=lambda row: row.code)


def _not_checked(code: str, reason: str) -> Finding:
    facts = {"row": None, "column": Column.FILE, "found": code, "expected": "—", "reason": reason}
    return Finding("NTC-22", facts, "error")


def _worded(found: Finding, *, policy: PolicyBook, on: date | datetime) -> NoticeFinding:
    facts = dict(found.facts)
    return NoticeFinding(
        code=found.code,
        severity=found.severity,
        row=facts["row"],
        column=str(facts["column"]),
        found=facts["found"],
        expected=facts["expected"],
        cites=_clause(found.code, policy=policy, on=on),
        line=facts.get("line"),
        words={lang: policy.say(found.code, _named(facts, lang), lang) for lang in LANGUAGES},
    )


def _clause(code: str, *, policy: PolicyBook, on: date | datetime) -> str:
    try:
        return policy.at(code, on).cites
    except NotInForce:
        return ""


def _named(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The facts with their columns called by their headings; a fact that is not known is a dash."""
    worded = {k: label_of(v.value, lang) if isinstance(v, Column) else v for k, v in facts.items()}
    return {k: "—" if v is None else v for k, v in worded.items()}


def _subjects(facts: NoticeFacts) -> Iterator[tuple[str, Any]]:
    """Everything that a rule can judge in a notice, with the occasion of its rules."""
    ghats = facts.ghats
    yield from (("notice.problem", problem) for problem in facts.problems)
    yield from (("notice.row", RowFacts(ghat, facts.district)) for ghat in ghats)
    yield from (("notice.same", pair) for pair in _same(ghats))
    yield from (("notice.pair", pair) for pair in _near(ghats))
    yield from (("notice.neighbours", pair) for pair in _neighbours(ghats))
    yield from (("notice.spelling", pair) for pair in _spellings(ghats))
    yield from (("notice.gap", gap) for gap in _gaps(facts))
    yield from (("notice.listed", pair) for pair in _listed(facts))
    yield from (("notice.total", total) for total in _totals(facts))
    yield from (("notice.step", StepPair(*a, *b)) for a, b in pairwise(facts.programme.steps()))
    yield from (("notice.stated", stated) for stated in _stated(facts))
    yield ("notice.emd_share", Share(Column.EMD_PERCENT, facts.fees.emd_percent))
    yield ("notice.increment_share", Share(Column.INCREMENT_PERCENT, facts.fees.increment_percent))


def _same(ghats: tuple[GhatFacts, ...]) -> Iterator[GhatPair]:
    """Each ghat with the first earlier one of the same serial, else of the same code."""
    serials: dict[int, GhatFacts] = {}
    codes: dict[str, GhatFacts] = {}
    for ghat in ghats:
        earlier = serials.get(ghat.serial) or (codes.get(ghat.code) if ghat.code else None)
        if earlier:
            yield GhatPair(earlier, ghat)
        serials.setdefault(ghat.serial, ghat)
        codes.setdefault(ghat.code, ghat)


def _box(ghat: GhatFacts) -> tuple[float, float, float, float]:
    lats, lons = [c.lat for c in ghat.corners], [c.lon for c in ghat.corners]
    return min(lats), max(lats), min(lons), max(lons)


def _near(ghats: tuple[GhatFacts, ...]) -> Iterator[GhatPair]:
    """Pairs whose boxes meet: no others can overlap."""
    boxed = [(ghat, _box(ghat)) for ghat in ghats if ghat.corners]
    for (first, a), (second, b) in combinations(boxed, 2):
        if a[0] <= b[1] and b[0] <= a[1] and a[2] <= b[3] and b[2] <= a[3]:
            yield GhatPair(first, second)


def _neighbours(ghats: tuple[GhatFacts, ...]) -> Iterator[GhatPair]:
    """Ghats that follow each other in the table within one block."""
    for _, block in groupby((ghat for ghat in ghats if ghat.block and ghat.corners), key=lambda ghat: ghat.block):
        yield from (GhatPair(first, second) for first, second in pairwise(block) if first.code != second.code)


def _spellings(ghats: tuple[GhatFacts, ...]) -> Iterator[Spelling]:
    """Each new word of a name with each earlier one of any row."""
    words: dict[str, int] = {}
    for ghat in ghats:
        for word in place_of(ghat.name).split():
            if _SHORTEST_WORD <= len(word) <= _LONGEST_WORD and word.isalpha() and word not in _ORDINARY:
                words.setdefault(word, ghat.serial)
    known = list(words.items())[:_MOST_WORDS]
    for (earlier, earlier_row), (word, row) in combinations(known, 2):
        yield Spelling(word, row, earlier, earlier_row)


def _gaps(facts: NoticeFacts) -> Iterator[Gap]:
    """Runs of serials that annexure 4 leaves out below its last one or the programme's last one."""
    present = sorted({ghat.serial for ghat in facts.ghats})
    last = max([*present, *(listed.serial for listed in facts.listed)], default=0)
    if not present:
        return
    for before, after in pairwise([0, *present, last + 1]):
        if after - before > 1:
            yield Gap(before + 1, after - 1)


def _listed(facts: NoticeFacts) -> Iterator[ListedPair]:
    if not (facts.listed and facts.ghats):
        return
    listed = {row.serial: row for row in reversed(facts.listed)}
    ghats = {ghat.serial: ghat for ghat in reversed(facts.ghats)}
    for serial in sorted(listed.keys() | ghats.keys()):
        if serial in ghats:  # a listed serial without a row is a gap already (NTC-14)
            yield ListedPair(serial, listed.get(serial), ghats[serial])


def _totals(facts: NoticeFacts) -> Iterator[ColumnTotal]:
    for column in FIGURES if facts.totals else ():
        figures = [getattr(ghat, column.value) for ghat in facts.ghats]
        known = [Decimal(figure) for figure in figures if figure is not None]
        printed = getattr(facts.totals, column.value)
        yield ColumnTotal(column, printed, sum(known, Decimal(0)), len(figures) - len(known))


def _stated(facts: NoticeFacts) -> Iterable[Stated]:
    """What a notice must state; a table file is annexure 4 alone, and only told that the programme is elsewhere."""
    if facts.kind == "table":
        return [Stated(Column.PROGRAMME, False, "warning"), Stated(Column.GHATS, bool(facts.ghats))]
    fees = facts.fees

    def stood(column: Column) -> str:
        return facts.stood.get(column.value, "")

    def fee(column: Column) -> Stated:
        return Stated(column, getattr(fees, column.value) is not None, "warning", stood(column))

    return [
        Stated(Column.NUMBER, bool(facts.number)),
        Stated(Column.DISTRICT, bool(facts.district)),
        *(Stated(step, getattr(facts.programme, step.value) is not None, text=stood(step)) for step in STEPS),
        Stated(Column.GHATS, bool(facts.ghats)),
        Stated(Column.TOTALS, facts.totals is not None),
        *map(fee, (Column.DOCUMENT_RUPEES, Column.EMD_PERCENT, Column.INCREMENT_PERCENT, Column.PROCESSING_RUPEES)),
    ]
