"""A draft of the law tried on days that are over: what would have followed, beside what did (``immis law try``).

It is tried on the facts as they stood at each event and decision. What of them was not kept is counted as such.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from immis.core.facts import plain
from immis.core.selectors import Decision, decisions_between
from immis.enforcement.models import Outcome
from immis.rules import again
from immis.rules.calendar import india_day
from immis.rules.policy import PolicyBook, PolicyEntry, PolicyValue, book

_EVERY = 500
_MOST_SHOWN = 200
MOST_ON_A_PAGE = 20_000
Rows = Sequence[Mapping[str, Any]]
Known = tuple[str, datetime]  # the number of a record, and the instant of its event or decision


@dataclass
class Side:
    """What followed: cases with the penalties proposed, stops, tasks, loads refused, and which vehicles it touched."""

    cases: int = 0
    penalties_paise: int = 0
    stops: int = 0
    tasks: int = 0
    refused: set[Known] = field(default_factory=set)  # a load that three rules refuse is one load
    vehicles: set[str] = field(default_factory=set)

    def add(self, rows: Rows, facts: Mapping[str, Any], known: Known) -> None:
        """Count what one event or decision led to; ``known`` is its record and instant."""
        kinds = [row.get("kind", "") for row in rows]
        self.cases += kinds.count("OpenCase")
        self.stops += kinds.count("PlaceHold")
        self.tasks += kinds.count("OpenTask")
        self.penalties_paise += sum(int(row.get("penalty_paise", 0)) for row in rows)
        refused = any(row.get("severity") == "refuse" for row in rows)
        if refused:
            self.refused.add(known)
        mark = facts.get("registration") or facts.get("vehicle")
        if isinstance(mark, str) and mark and (refused or "OpenCase" in kinds or "PlaceHold" in kinds):
            self.vehicles.add(str(mark))

    def row(self) -> dict[str, Any]:
        """Its figures, the same at every run."""
        return {**vars(self), "refused": len(self.refused), "vehicles": sorted(self.vehicles)}


@dataclass
class Trial:
    """What was done and what the draft would have done, the codes that it changes, and what could not be tried."""

    asked: int = 0
    not_kept: int = 0
    changed: int = 0
    done: Side = field(default_factory=Side)
    tried: Side = field(default_factory=Side)
    by_code: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, code: str, known: Known, facts: Mapping[str, Any], *, done: Rows, tried: Rows) -> None:
        """Count one event or decision, and keep it where the draft changes what follows."""
        self.asked += 1
        self.done.add(done, facts, known)
        self.tried.add(tried, facts, known)
        if plain(done) == plain(tried):
            return
        self.changed += 1
        self.by_code[code] = self.by_code.get(code, 0) + 1
        if len(self.rows) < _MOST_SHOWN:
            item, other = Side(), Side()
            item.add(done, facts, known)
            other.add(tried, facts, known)
            row = {"code": code, "subject": known[0], "at": known[1], "done": item.row(), "tried": other.row()}
            self.rows.append(row)

    def body(self) -> dict[str, Any]:
        """The answer as plain values, the same at every run."""
        shown = {**vars(self), "by_code": dict(sorted(self.by_code.items()))}
        return dict(plain({**shown, "done": self.done.row(), "tried": self.tried.row()}))


def law_with(draft: PolicyEntry, *, from_on: date) -> PolicyBook:
    """The rule book with a draft in the place of its code: its latest values count from a day on.

    Raises PolicyError for a code that the rule book does not have.
    """
    known = book()
    known.entry(draft.code)
    latest = max(value.from_on for value in draft.values)
    values = [value for value in draft.values if value.from_on <= from_on]
    if latest > from_on:
        values += [value for value in draft.values if value.from_on == latest]
        values = [replace(v, from_on=min(v.from_on, from_on), approval=v.approval or "trial") for v in values]
    entry = replace(draft, values=tuple(values))
    return PolicyBook({**known.entries, draft.code: entry}, **_names())


def figure_of(code: str, on: date) -> PolicyValue:
    """The general value of a code that is one figure. Raises PolicyError, NotInForce, TypeError for another value."""
    value = book().at(code, on)
    if isinstance(value.value, bool) or not isinstance(value.value, int | Decimal):
        raise TypeError(f"{code} is no single figure")
    return value


def try_figure(code: str, figure: Decimal, *, start: datetime, end: datetime) -> Trial:
    """Run another figure of a code over the events and decisions of ``[start, end)``; scoped values stay."""
    day = india_day(start)
    known, entry = figure_of(code, day), book().entry(code)
    whole = int(figure) if isinstance(known.value, int) and figure == int(figure) else figure
    values = [value for value in entry.values if value.scope or value.from_on < day]
    trial = replace(known, value=whole, from_on=day, scope=(), status="in_force", cites="trial")
    law = PolicyBook({**book().entries, code: replace(entry, values=(*values, trial))}, **_names())
    return _tried(law, start=start, end=end, tell=lambda count: None)


def kept_count(start: datetime, end: datetime) -> int:
    """How many events and decisions of a span were kept."""
    rows = Outcome.objects.filter(event__at__gte=start, event__at__lt=end)
    return decisions_between(start, end).count() + rows.count()


def _names() -> dict[str, Any]:
    return {"topics": book().topics, "units": book().units}


def try_draft(draft: PolicyEntry, *, start: datetime, end: datetime, tell: Callable[[int], None]) -> Trial:
    """Run a draft over the events and decisions of ``[start, end)``; ``tell`` hears how many are done."""
    return _tried(law_with(draft, from_on=india_day(start)), start=start, end=end, tell=tell)


def _tried(law: PolicyBook, *, start: datetime, end: datetime, tell: Callable[[int], None]) -> Trial:
    trial = Trial()
    for ask, code, subject, at, facts, word in _kept(start, end):
        try:
            tried = ask(code, facts, policy=law, at=at)
            done = ask(code, facts, policy=book(), at=at) if word is None else word
        except (again.NotRebuilt, KeyError):
            trial.not_kept += 1
            continue
        trial.add(code, (subject, at), facts, done=done, tried=tried)
        if trial.asked % _EVERY == 0:
            tell(trial.asked)
    return trial


def _kept(start: datetime, end: datetime) -> Iterator[tuple[Any, ...]]:
    """Every kept decision and outcome: how it is asked, its code, record, instant, facts and word."""
    for row in decisions_between(start, end).iterator(chunk_size=_EVERY):
        yield _said, row.rule_code, row.subject_id, row.at, _facts(row), row.word
    rows = Outcome.objects.select_related("event").filter(event__at__gte=start, event__at__lt=end).order_by("pk")
    for outcome in rows.iterator(chunk_size=_EVERY):
        event = outcome.event
        word = () if outcome.mode else outcome.word  # of a trigger on trial nothing was done
        yield _followed, outcome.trigger_code, event.subject_id, event.at, outcome.facts, word


def _facts(row: Decision) -> Mapping[str, Any]:
    return dict(row.facts if row.basis is None else row.basis)


def _said(code: str, facts: Mapping[str, Any], *, policy: PolicyBook, at: datetime) -> Rows:
    return again.finding_rows(again.said(code, facts, policy=policy, at=at))


def _followed(code: str, facts: Mapping[str, Any], *, policy: PolicyBook, at: datetime) -> Rows:
    return again.consequence_rows(again.followed(code, facts, policy=policy, at=at))
