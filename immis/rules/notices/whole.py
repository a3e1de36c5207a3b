"""Rules on a notice as a whole: totals, order of the programme, what must be stated (E-002…E-008, E-012)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from immis.rules.catalogue import Finding, rule
from immis.rules.notices.facts import Column, Problem
from immis.rules.notices.rows import found_in, plain
from immis.rules.policy import PolicyBook

INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True)
class ColumnTotal:
    """The printed total of a column and the sum of its rows; ``unread`` rows had no readable figure."""

    column: Column
    printed: Decimal | int | None
    summed: Decimal
    unread: int = 0


@dataclass(frozen=True)
class StepPair:
    """Two steps of the programme that follow each other."""

    earlier: Column
    earlier_when: date | datetime
    later: Column
    later_when: date | datetime


@dataclass(frozen=True)
class Gap:
    """Serials that a notice leaves out, from the first to the last of a run."""

    first: int
    last: int


@dataclass(frozen=True)
class Stated:
    """Something that a notice must or should state, whether it does, and the text that stands in its place."""

    column: Column
    is_stated: bool
    severity: str = "error"
    text: str = ""


@dataclass(frozen=True)
class Share:
    """A share of the reserve price that a notice states, in percent."""

    column: Column
    percent: Decimal | None


@rule("NTC-01", on="notice.total")
def rows_add_up_to_total(facts: ColumnTotal, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The rows of annexure 4 add up to the printed total, to the last digit.

    Clause: annexure 4, last line (E.10, 1). Our reading: no rounding is allowed. A doubt is settled by the
    district mining office.
    """
    policy.at("NTC-01", at)
    if facts.printed is None or facts.printed == facts.summed:
        return None
    return found_in("NTC-01", None, facts.column, plain(facts.printed), plain(facts.summed), unread=facts.unread)


def _text(when: date | datetime) -> str:
    return f"{when.astimezone(INDIA):%d.%m.%Y %H:%M}" if isinstance(when, datetime) else f"{when:%d.%m.%Y}"


def _day(when: date | datetime) -> date:
    return when.astimezone(INDIA).date() if isinstance(when, datetime) else when


def _follows(earlier: date | datetime, later: date | datetime) -> bool:
    if isinstance(earlier, datetime) and isinstance(later, datetime):
        return later > earlier
    return _day(later) > _day(earlier)


@rule("NTC-05", on="notice.step")
def programme_is_in_order(facts: StepPair, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The steps follow each other: pre-bid < download < last date < list < start < end.

    Clause: notice 1 (E-008). Our reading: strictly later; where one of two steps has no hour, on a later day.
    The Collector settles a doubt by a corrigendum.
    """
    policy.at("NTC-05", at)
    if _follows(facts.earlier_when, facts.later_when):
        return None
    text, expected = _text(facts.later_when), f"> {_text(facts.earlier_when)}"
    return found_in("NTC-05", None, facts.later, text, expected, other=facts.earlier)


@rule("NTC-14", on="notice.gap")
def serials_run_on(facts: Gap, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The serials of annexure 4 run from 1 without a gap, as far as the programme lists them.

    Clause: notice 1 and annexure 4 (E-002). Our reading: a serial left out is a row lost in print. The
    district mining office settles it.
    """
    policy.at("NTC-14", at)
    missing = str(facts.first) if facts.first == facts.last else f"{facts.first}–{facts.last}"
    return found_in("NTC-14", facts.first, Column.SERIAL, "—", missing)


@rule("NTC-15", on="notice.problem")
def cells_are_readable(facts: Problem, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """Every cell of a notice can be read as what its column holds.

    Clause: derived (E-193). Our reading: what cannot be read is never dropped or guessed; it goes back to the
    office with row, column and an example.
    """
    policy.at("NTC-15", at)
    return _of_problem(facts, "NTC-15")


@rule("NTC-20", on="notice.problem")
def file_is_utf8(facts: Problem, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The file is UTF-8 text with no letter lost.

    Clause: derived. Our reading: a warning; figures and co-ordinates are checked all the same.
    """
    policy.at("NTC-20", at)
    return _of_problem(facts, "NTC-20")


def _of_problem(facts: Problem, code: str) -> Finding | None:
    if facts.code != code:
        return None
    more: dict[str, Any] = {"line": facts.line, "severity": facts.severity}
    return found_in(code, facts.row, facts.column, facts.found, facts.expected, **more)


@rule("NTC-18", on="notice.stated")
def notice_states_what_it_must(facts: Stated, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """A notice states its number, district, programme, fees, ghats and totals.

    Clause: notice 1 (E-002…E-009, E-012). Our reading: without number, programme or ghats it cannot be
    published; a fee that is not stated is a question to the department (E.11, 5), hence a warning.
    """
    policy.at("NTC-18", at)
    if facts.is_stated:
        return None
    return found_in("NTC-18", None, facts.column, facts.text or "—", "—", severity=facts.severity)


def _differs(code: str, facts: Share, share: Decimal) -> Finding | None:
    if facts.percent is None or facts.percent == share:
        return None
    return found_in(code, None, facts.column, f"{plain(facts.percent)} %", f"{plain(share)} %")


@rule("NTC-19", on="notice.increment_share")
def stated_increment_is_the_rule(facts: Share, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The increment that a notice states is the one by which bids are taken.

    Clause: Munger tender 2026, clause 19(iv) (E-071). Our reading: a notice with another share than
    AUC-01 needs a dated value in the rule book first. The department settles it.
    """
    policy.at("NTC-19", at)
    return _differs("NTC-19", facts, Decimal(policy.value("AUC-01", at)["percent"]))


@rule("NTC-21", on="notice.emd_share")
def stated_earnest_share_is_the_rule(facts: Share, *, policy: PolicyBook, at: date | datetime) -> Finding | None:
    """The share of earnest money that a notice states in words is the one its rows are checked by.

    Clause: Munger tender 2026, clause 7(ka). Our reading: the share of AUC-07. The department settles a doubt.
    """
    policy.at("NTC-21", at)
    return _differs("NTC-21", facts, Decimal(policy.value("AUC-07", at)["emd_percent"]))
