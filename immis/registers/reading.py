"""One declaration taken apart, part by part; what is wrong in it is told with its line and what is allowed."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from immis.registers import declaration as d
from immis.rules import catalogue
from immis.rules.marks import Fault, Marked, Reading, nearest
from immis.rules.policy import book
from immis.rules.posts import PUBLIC, SYSTEM, chart

_NEEDED = ("title", "entry", "rows", "cites", "from", "prefix", "fields", "states", "acts")
_MEASURES = ("count", "distinct", "sum", "mean", "share")
_PREFIX = re.compile(r"[A-Z]{2,6}")
_LOWEST = -(10**12)

Read = Callable[[Marked | None], Any]


class Declaration:
    """One file taken apart, part by part; of each part its keys, and how what stands under each is read."""

    def __init__(self, path: Path, faults: list[Fault]):
        self.path, self.read = path, Reading(path.name, faults)
        self.posts = [code for code in chart().posts if code not in (PUBLIC, SYSTEM)]
        self.known: dict[str, Collection[str]] = {}  # the names of fields, states, clocks and measures
        self.conditions: list[tuple[str, int]] = []

    def register(self, marked: Marked) -> d.Register | None:
        keys = self._keys()
        top = self.read.table(marked, keys, needed=_NEEDED)
        if not all(name in top for name in _NEEDED):
            return None
        self.known = {part: _names(top.get(part)) for part in ("fields", "states", "clocks", "measures")}
        register = d.Register(
            name=self.path.stem.partition("@")[0],
            subject=self.path.parent.name,
            digest=hashlib.sha256(self.path.read_bytes()).hexdigest(),
            from_on=self._day(top["from"]),
            **_values(top, {key: read for key, read in keys.items() if key != "from"}),
        )
        self._reached(register, top)
        return register

    def _keys(self) -> dict[str, Read]:
        parts = {
            "fields": self._field, "states": self._state, "clocks": self._clock, "acts": self._act,
            "measures": self._measure, "duties": self._duty, "rankings": self._ranking, "reports": self._report,
        }  # fmt: skip
        return {
            "title": self.read.words, "entry": self.read.words, "rows": self._texts, "cites": self.read.text,
            "from": self._day, "prefix": self._prefix, "scope": self._one(d.SCOPES, "district"),
            "read": self._one(chart().grants), "shows": self._one(("all", "open"), "all"),
            "keep_years": partial(self.read.whole, default=8, least=1), "public": self._public,
            **{name: partial(self._part, read=read) for name, read in parts.items()},
        }  # fmt: skip

    # -- ways of reading --------------------------------------------------------------------------

    def _one(self, allowed: Collection[str], default: str = "") -> Read:
        return partial(self.read.choice, allowed=allowed, default=default)

    def _some(self, allowed: Collection[str]) -> Read:
        return partial(self.read.choices, allowed=allowed)

    def _part(self, marked: Marked | None, read: Callable[[str, Marked], Any]) -> dict[str, Any]:
        return {name: read(name, each) for name, each in self.read.names(marked)} if marked else {}

    def _texts(self, marked: Marked | None) -> tuple[str, ...]:
        return tuple(self.read.text(each) for each in self.read.items(marked))

    def _made(self, kind: Callable[..., Any], marked: Marked, keys: Mapping[str, Read], needed: Collection[str]) -> Any:
        """A part out of its table."""
        return kind(**_values(self.read.table(marked, keys, needed=needed), keys))

    def _day(self, marked: Marked | None) -> date:
        if marked is None or type(marked.value) is not date:
            line, value = (marked.line, marked.plain) if marked else (1, None)
            self.read.fault(line, f"{value!r} is no day", "a day as 2026-12-01")
            return date.min
        return marked.value

    def _prefix(self, marked: Marked | None) -> str:
        result = self.read.text(marked)
        if marked and not _PREFIX.fullmatch(result):
            self.read.fault(marked.line, f"{result!r} begins no number", "two to six capitals")
        return result

    def _rule(self, marked: Marked | None) -> str:
        catalogue.load_all()
        return str(self.read.choice(marked, catalogue.RULES))

    def _message(self, marked: Marked | None) -> str:
        return str(self.read.choice(marked, [code for code in book().entries if code.startswith("MSG-")]))

    # -- fields -----------------------------------------------------------------------------------

    def _field(self, name: str, marked: Marked, *, column: bool = False) -> d.Field:
        read, whole = self.read, partial(self.read.whole, least=_LOWEST)
        keys: dict[str, Read] = {
            "type": self._one(d.FIELD_TYPES, "text"), "title": read.words, "help": read.words, "required": read.flag,
            "find": read.flag, "private": read.flag, "seen_by": self._some(self.posts),
            "most": partial(read.whole, default=0, least=1), "unit": lambda each: read.words(each) or None,
            "least": whole, "greatest": whole, "choices": self._choices, "refers": self._one(d.REFERENCES),
            "register": read.text, "columns": self._columns, "rule": self._rule, "show_if": self._when,
            "require_if": self._when,
        }  # fmt: skip
        field = self._made(partial(d.Field, name=name), marked, keys, needed=("type", "title"))
        if column and field.type in ("table", "photo", "file"):
            read.fault(marked.line, f"a table within a table has no {field.type}", "a plain field")
        if field.type == "reference" and not field.refers:
            read.fault(marked.line, f"{name} refers to nothing", f"refers: {', '.join(d.REFERENCES)}")
        if field.type == "choice" and field.choices is None:
            read.fault(marked.line, f"{name} offers nothing", "choices: a table of names with their words")
        return replace(field, most=field.most or (50 if field.type == "table" else 300))

    def _choices(self, marked: Marked | None) -> dict[str, d.Words] | None:
        return {key: self.read.words(each) for key, each in self.read.names(marked)} if marked else None

    def _columns(self, marked: Marked | None) -> tuple[d.Field, ...]:
        return tuple(self._part(marked, partial(self._field, column=True)).values())

    def _when(self, marked: Marked | None) -> d.When | None:
        if marked is None:
            return None
        keys = {"field": self.read.text, "is": self._texts}
        table = self.read.table(marked, keys, needed=("field",))
        name = self.read.text(table.get("field"))
        self.conditions.append((name, marked.line))
        return d.When(name, self._texts(table.get("is")))

    # -- states, acts and clocks ------------------------------------------------------------------

    def _state(self, name: str, marked: Marked) -> d.State:
        drawn = self._one(("good", "warn", "bad", "info", "plain"), "info")
        keys = {"title": self.read.words, "drawn": drawn, "ends": self.read.flag}
        return self._made(partial(d.State, name), marked, keys, needed=("title",))

    def _act(self, name: str, marked: Marked) -> d.Act:
        clock = self._one(self.known["clocks"])
        keys = {
            "title": self.read.words, "who": self._some((*self.posts, SYSTEM)), "grant": self._one(chart().grants),
            "from": self._some(self.known["states"]), "to": self._one(self.known["states"]),
            "fields": self._some(self.known["fields"]), "confirm": self.read.flag, "rule": self._rule,
            "message": self._message, "pauses": clock, "resumes": clock, "reason": self._reason,
        }  # fmt: skip
        table = _values(self.read.table(marked, keys, needed=("title", "to")), keys)
        held = chart().holders(table["grant"]) if table["grant"] else ()
        table["who"] = tuple(dict.fromkeys((*table["who"], *held)))
        return d.Act(name, start=table.pop("from"), **table)

    def _reason(self, marked: Marked | None) -> str:
        if marked is not None and marked.value == "optional":
            return "optional"
        return "needed" if self.read.flag(marked) else ""

    def _clock(self, name: str, marked: Marked) -> d.Clock:
        field, states = self._one(self.known["fields"]), self.known["states"]
        keys = {
            "title": self.read.words, "start": self._one(states), "stops": self._some(states), "length": self._length,
            "by": field, "until": field, "then": self.read.text, "unit": self._one(d.UNITS, "calendar_day"),
            "counts_first_day": self.read.flag, "rolls_forward": partial(self.read.flag, default=True),
            "cites": self.read.text, "rungs": self._rungs,
        }  # fmt: skip
        table = _values(self.read.table(marked, keys, needed=("title", "start", "stops", "cites")), keys)
        length, policy = table.pop("length")
        if (length is None) + (not policy) + (not table["until"]) != 2:
            allowed = "length: a number or the code of a policy, or until: a field"
            self.read.fault(marked.line, f"how long is {name}?", allowed)
        return d.Clock(name, length=length or 0, policy=policy, **table)

    def _length(self, marked: Marked | None) -> tuple[int | None, str]:
        """A number, or the code of a policy."""
        if marked is not None and isinstance(marked.value, str):
            return None, self.read.choice(marked, book().entries)
        return self.read.whole(marked), ""

    def _rungs(self, marked: Marked | None) -> tuple[d.Rung, ...]:
        keys = {"after": partial(self.read.whole, default=0), "to": self._one(self.posts)}
        return tuple(self._made(d.Rung, each, keys, needed=("after", "to")) for each in self.read.items(marked))

    # -- duties, measures, rankings, reports, the public view -------------------------------------

    def _duty(self, name: str, marked: Marked) -> d.Duty:
        keys = {
            "title": self.read.words, "who": self._one(self.posts),
            "owes": partial(self.read.whole, default=1, least=1), "every": self._one(d.PERIODS, "month"),
            "states": self._some(self.known["states"]), "distinct": self._one(self.known["fields"]),
            "cites": self.read.text,
        }  # fmt: skip
        table = _values(self.read.table(marked, keys, needed=[key for key in keys if key != "distinct"]), keys)
        return d.Duty(name, counted=d.Counted(table.pop("states"), table.pop("distinct")), **table)

    def _measure(self, name: str, marked: Marked) -> d.Measure:
        keys = {
            "title": self.read.words, "how": self._one(_MEASURES, "count"),
            "field": self._one(self.known["fields"]), "states": self._some(self.known["states"]),
            "among": self._some(self.known["states"]),
        }  # fmt: skip
        measure = self._made(partial(d.Measure, name), marked, keys, needed=("title", "how"))
        if measure.how in ("distinct", "sum", "mean") and not measure.field:
            self.read.fault(marked.line, f"{measure.how} of what?", "field: one of the register's")
        return measure

    def _ranking(self, name: str, marked: Marked) -> d.Ranking:
        keys = {
            "title": self.read.words, "by": self._one(("office", "district"), "office"), "weights": self._weights,
            "every": self._one(d.PERIODS, "month"), "cites": self.read.text,
        }  # fmt: skip
        return self._made(partial(d.Ranking, name), marked, keys, needed=keys)

    def _weights(self, marked: Marked | None) -> dict[str, int]:
        weights = self._part(marked, lambda _name, each: self.read.whole(each, 0, least=1) or 0)
        for measure in weights.keys() - set(self.known["measures"]):
            allowed = nearest(measure, self.known["measures"])
            self.read.fault(marked.keys[measure] if marked else 1, f"no measure {measure!r}", allowed)
        return weights

    def _report(self, name: str, marked: Marked) -> d.Report:
        keys = {
            "title": self.read.words,
            "by": self._one((*self.known["fields"], "office", "district", "state", "month")),
            "measure": self._one(self.known["measures"]), "drawn": self._one(("table", "bars", "line"), "table"),
            "over": self._one(("period", "all"), "period"), "every": self._one(d.PERIODS), "to": self._some(self.posts),
        }  # fmt: skip
        return self._made(partial(d.Report, name), marked, keys, needed=("title", "by", "measure"))

    def _public(self, marked: Marked | None) -> d.Public | None:
        if marked is None:
            return None
        keys = {"fields": self._some(self.known["fields"]), "states": self._some(self.known["states"])}
        return self._made(d.Public, marked, keys, needed=keys)

    # -- what only the whole shows ----------------------------------------------------------------

    def _reached(self, register: d.Register, top: Mapping[str, Marked]) -> None:
        """States that nothing leads to or out of, conditions on unknown fields, clocks that never stop."""
        lines = top["states"].keys
        leads_to = {act.to for act in register.acts.values()}
        leads_from = {state for act in register.acts.values() for state in act.start}
        for name, state in register.states.items():
            if name not in leads_to:
                self.read.fault(lines[name], f"no act leads to {name}", "an act with to: " + name)
            if not state.ends and name not in leads_from:
                self.read.fault(lines[name], f"no act leads out of {name}", f"an act with from: {name}, or ends: true")
        if not register.beginning:
            self.read.fault(top["acts"].line, "no act makes an entry", "an act without from")
        for act in register.acts.values():
            if not act.who:
                self.read.fault(top["acts"].keys[act.name], f"nobody may {act.name}", f"who: {', '.join(self.posts)}")
        self._timed(register, top)
        for name in register.public.fields if register.public else ():
            if register.fields[name].private:
                self.read.fault(top["public"].line, f"{name} is private", "fields that anybody may see")
        for name, line in self.conditions:
            if name not in register.fields:
                self.read.fault(line, f"no field {name!r}", nearest(name, register.fields))

    def _timed(self, register: d.Register, top: Mapping[str, Marked]) -> None:
        """Clocks that never stop or end by an act that the system may not do, reports to who does not read them."""
        for clock in register.clocks.values():
            if not clock.stops:
                self.read.fault(top["clocks"].keys[clock.name], f"{clock.name} never stops", "stops: states")
            if clock.then and SYSTEM not in getattr(register.acts.get(clock.then), "who", ()):
                allowed = "an act with who: system"
                self.read.fault(top["clocks"].keys[clock.name], f"the system may not do {clock.then!r}", allowed)
        for report in register.reports.values():
            if blind := set(report.to) - register.readers():
                line = top["reports"].keys[report.name]
                self.read.fault(line, f"{', '.join(sorted(blind))} does not read it", ", ".join(register.readers()))


def _names(marked: Marked | None) -> tuple[str, ...]:
    """The names that the writer chose in a table."""
    return tuple(marked.value) if marked and isinstance(marked.value, dict) else ()


def _values(table: Mapping[str, Marked], keys: Mapping[str, Read]) -> dict[str, Any]:
    """What stands under each key of a part, read in its way."""
    return {key: read(table.get(key)) for key, read in keys.items()}
