"""Reads the declarations of ``policy/registers``: every fault with file, line, what is allowed, nearest spelling.

A file is ``<name>.yaml`` or, for a later version, ``<name>@<day>.yaml``; it says itself from which day it is in force.
A version that is in force is never changed: entries keep the version they were made by.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from immis.registers import declaration as d
from immis.rules import catalogue
from immis.rules.marks import Fault, Faults, Marked, Reading, nearest, read_marked
from immis.rules.policy import POLICY_DIR, book
from immis.rules.posts import PUBLIC, SYSTEM, chart

FOLDER = POLICY_DIR / "registers"
_TOP = (
    "title", "entry", "rows", "cites", "from", "prefix", "scope", "keep_years", "fields", "states", "acts", "clocks",
    "duties", "measures", "rankings", "reports", "public", "seen_by",
)  # fmt: skip
_NEEDED = ("title", "entry", "rows", "cites", "from", "prefix", "fields", "states", "acts")
_FIELD = (
    "type", "title", "help", "required", "find", "private", "seen_by", "most", "unit", "least", "greatest", "choices",
    "refers", "register", "columns", "rule", "show_if", "require_if",
)  # fmt: skip
_ACT = (
    "title", "who", "from", "to", "fields", "confirm", "rule", "message", "pauses", "resumes", "reason",
)  # fmt: skip
_MEASURES = ("count", "distinct", "sum", "mean", "share")
_PREFIX = re.compile(r"[A-Z]{2,6}")


def load(folder: Path = FOLDER) -> dict[str, tuple[d.Register, ...]]:
    """Every register with its versions, oldest first. Raises Faults with all faults of all files."""
    faults: list[Fault] = []
    versions: dict[str, list[d.Register]] = defaultdict(list)
    for path in sorted(folder.glob("*/*.yaml")):
        register = read(path, faults)
        if register is not None:
            versions[register.name].append(register)
    if not faults:
        _between(versions, faults)
    if faults:
        raise Faults(faults)
    return {name: tuple(sorted(rows, key=lambda row: row.from_on)) for name, rows in versions.items()}


@cache
def registers() -> Mapping[str, tuple[d.Register, ...]]:
    """The shipped registers, read once for the life of the process."""
    return load()


def read(path: Path, faults: list[Fault]) -> d.Register | None:
    """One declaration; its faults are added to ``faults``, and it is None when there was any."""
    try:
        marked = read_marked(path)
    except Faults as result:
        faults += result.faults
        return None
    before = len(faults)
    register = _Declaration(path, faults).register(marked)
    return register if len(faults) == before else None


def _between(versions: Mapping[str, Collection[d.Register]], faults: list[Fault]) -> None:
    """What only all files together show: references to registers, one prefix a register, field types that stay."""
    prefixes: dict[str, str] = {}
    for name, rows in versions.items():
        kinds: dict[str, str] = {}
        for row in rows:
            if prefixes.setdefault(row.prefix, name) != name:
                result = f"the prefix {row.prefix} is that of {prefixes[row.prefix]}"
                faults.append(Fault(name, 1, result, "a prefix of its own"))
            for field in row.fields.values():
                if kinds.setdefault(field.name, field.type) != field.type:
                    faults.append(Fault(name, 1, f"{field.name} was {kinds[field.name]}", "a key keeps its type"))
                if field.register and field.register not in versions:
                    faults.append(Fault(name, 1, f"no register {field.register!r}", nearest(field.register, versions)))


class _Declaration:
    """One file taken apart, part by part."""

    def __init__(self, path: Path, faults: list[Fault]):
        self.path, self.read = path, Reading(path.name, faults)
        self.posts = [code for code in chart().posts if code not in (PUBLIC, SYSTEM)]

    def register(self, marked: Marked) -> d.Register | None:
        top = self.read.table(marked, _TOP, needed=_NEEDED)
        if not all(name in top for name in _NEEDED):
            return None
        self.fields = {name: self._field(name, each) for name, each in self.read.names(top["fields"])}
        self.states = {name: self._state(name, each) for name, each in self.read.names(top["states"])}
        clocks = self._part(top, "clocks", self._clock)
        self.clock_names = tuple(clocks)
        acts = self._part(top, "acts", self._act)
        measures = self._part(top, "measures", self._measure)
        self.measures = tuple(measures)
        register = d.Register(
            name=self.path.stem.partition("@")[0],
            subject=self.path.parent.name,
            from_on=self._day(top["from"]),
            title=self.read.words(top["title"]),
            entry=self.read.words(top["entry"]),
            rows=tuple(self.read.text(each) for each in self.read.items(top["rows"])),
            cites=self.read.text(top["cites"]),
            prefix=self._prefix(top["prefix"]),
            scope=self.read.choice(top.get("scope"), d.SCOPES, "district"),
            keep_years=self.read.whole(top.get("keep_years"), 8, least=1) or 8,
            fields=self.fields,
            states=self.states,
            acts=acts,
            clocks=clocks,
            duties=self._part(top, "duties", self._duty),
            measures=measures,
            rankings=self._part(top, "rankings", self._ranking),
            reports=self._part(top, "reports", self._report),
            public=self._public(top.get("public")),
            digest=hashlib.sha256(self.path.read_bytes()).hexdigest(),
            seen_by=self.read.choices(top.get("seen_by"), self.posts),
        )
        self._reached(register, top)
        return register

    def _part(self, top: Mapping[str, Marked], name: str, read_one) -> dict:  # type: ignore[no-untyped-def,type-arg]
        return {key: read_one(key, each) for key, each in self.read.names(top[name])} if name in top else {}

    def _day(self, marked: Marked) -> date:
        if type(marked.value) is not date:
            self.read.fault(marked.line, f"{marked.plain!r} is no day", "a day as 2026-12-01")
            return date.min
        return marked.value

    def _prefix(self, marked: Marked) -> str:
        result = self.read.text(marked)
        if not _PREFIX.fullmatch(result):
            self.read.fault(marked.line, f"{result!r} begins no number", "two to six capitals")
        return result

    # -- fields -----------------------------------------------------------------------------------

    def _field(self, name: str, marked: Marked, *, column: bool = False) -> d.Field:
        table = self.read.table(marked, _FIELD, needed=("type", "title"))
        kind = self.read.choice(table.get("type"), d.FIELD_TYPES, "text")
        if column and kind in ("table", "photo", "file"):
            self.read.fault(marked.line, f"a table within a table has no {kind}", "a plain field")
        refers = self.read.choice(table.get("refers"), d.REFERENCES)
        if kind == "reference" and not refers:
            self.read.fault(marked.line, f"{name} refers to nothing", f"refers: {', '.join(d.REFERENCES)}")
        return d.Field(
            name=name,
            type=kind,
            title=self.read.words(table.get("title")),
            help=self.read.words(table.get("help")),
            required=self.read.flag(table.get("required")),
            find=self.read.flag(table.get("find")),
            private=self.read.flag(table.get("private")),
            seen_by=self.read.choices(table.get("seen_by"), self.posts),
            most=self.read.whole(table.get("most"), 50 if kind == "table" else 300, least=1) or 0,
            unit=self.read.words(table.get("unit")) or None,
            least=self.read.whole(table.get("least"), None, least=-(10**12)),
            greatest=self.read.whole(table.get("greatest"), None, least=-(10**12)),
            choices=self._choices(name, kind, table, marked),
            refers=refers,
            register=self.read.text(table.get("register")),
            columns=self._columns(table.get("columns")),
            rule=self._rule(table.get("rule")),
            show_if=self._when(table.get("show_if")),
            require_if=self._when(table.get("require_if")),
        )

    def _choices(
        self, name: str, kind: str, table: Mapping[str, Marked], marked: Marked
    ) -> Mapping[str, d.Words] | None:
        if kind == "choice" and "choices" not in table:
            self.read.fault(marked.line, f"{name} offers nothing", "choices: a table of names with their words")
        if "choices" not in table:
            return None
        return {key: self.read.words(each) for key, each in self.read.names(table["choices"])}

    def _columns(self, marked: Marked | None) -> tuple[d.Field, ...]:
        if marked is None:
            return ()
        return tuple(self._field(name, each, column=True) for name, each in self.read.names(marked))

    def _when(self, marked: Marked | None) -> d.When | None:
        if marked is None:
            return None
        table = self.read.table(marked, ("field", "is"), needed=("field",))
        name = self.read.text(table.get("field"))
        self.conditions = [*getattr(self, "conditions", []), (name, marked.line)]
        return d.When(name, tuple(self.read.text(each) for each in self.read.items(table.get("is"))))

    def _rule(self, marked: Marked | None) -> str:
        code = self.read.text(marked)
        if marked is not None and code not in catalogue.RULES:
            self.read.fault(marked.line, f"no rule {code!r}", nearest(code, catalogue.RULES))
        return code

    def _known_field(self, marked: Marked | None) -> str:
        return self.read.choice(marked, self.fields)

    # -- states and acts --------------------------------------------------------------------------

    def _state(self, name: str, marked: Marked) -> d.State:
        table = self.read.table(marked, ("title", "drawn", "ends"), needed=("title",))
        drawn = self.read.choice(table.get("drawn"), ("good", "warn", "bad", "info", "plain"), "info")
        return d.State(name, self.read.words(table.get("title")), drawn, self.read.flag(table.get("ends")))

    def _act(self, name: str, marked: Marked) -> d.Act:
        table = self.read.table(marked, _ACT, needed=("title", "who", "to"))
        message = self.read.text(table.get("message"))
        if message and message not in book().entries:
            known = [code for code in book().entries if code.startswith("MSG-")]
            self.read.fault(table["message"].line, f"no message {message!r}", nearest(message, known))
        return d.Act(
            name=name,
            title=self.read.words(table.get("title")),
            who=self.read.choices(table.get("who"), self.posts),
            to=self.read.choice(table.get("to"), self.states),
            start=self.read.choices(table.get("from"), self.states),
            fields=self.read.choices(table.get("fields"), self.fields),
            confirm=self.read.flag(table.get("confirm")),
            rule=self._rule(table.get("rule")),
            message=message,
            pauses=self.read.choice(table.get("pauses"), self.clock_names),
            resumes=self.read.choice(table.get("resumes"), self.clock_names),
            reason=self.read.flag(table.get("reason")),
        )

    def _clock(self, name: str, marked: Marked) -> d.Clock:
        allowed = ("title", "start", "stops", "length", "unit", "counts_first_day", "rolls_forward", "cites", "rungs")
        table = self.read.table(marked, allowed, needed=("title", "start", "stops", "length", "unit", "cites"))
        return d.Clock(
            name=name,
            title=self.read.words(table.get("title")),
            start=self.read.choice(table.get("start"), self.states),
            stops=self.read.choices(table.get("stops"), self.states),
            length=self.read.whole(table.get("length"), 0) or 0,
            unit=self.read.choice(table.get("unit"), d.UNITS, "calendar_day"),
            counts_first_day=self.read.flag(table.get("counts_first_day")),
            rolls_forward=self.read.flag(table.get("rolls_forward"), True),
            cites=self.read.text(table.get("cites")),
            rungs=tuple(self._rung(each) for each in self.read.items(table.get("rungs"))),
        )

    def _rung(self, marked: Marked) -> d.Rung:
        table = self.read.table(marked, ("after", "to"), needed=("after", "to"))
        return d.Rung(self.read.whole(table.get("after"), 0) or 0, self.read.choice(table.get("to"), self.posts))

    # -- duties, measures, rankings, reports, the public view -------------------------------------

    def _duty(self, name: str, marked: Marked) -> d.Duty:
        allowed = ("title", "who", "owes", "every", "states", "distinct", "cites")
        table = self.read.table(marked, allowed, needed=("title", "who", "owes", "every", "states", "cites"))
        counted = d.Counted(
            self.read.choices(table.get("states"), self.states), self._known_field(table.get("distinct"))
        )
        return d.Duty(
            name=name,
            title=self.read.words(table.get("title")),
            who=self.read.choice(table.get("who"), self.posts),
            owes=self.read.whole(table.get("owes"), 1, least=1) or 1,
            every=self.read.choice(table.get("every"), d.PERIODS, "month"),
            counted=counted,
            cites=self.read.text(table.get("cites")),
        )

    def _measure(self, name: str, marked: Marked) -> d.Measure:
        table = self.read.table(marked, ("title", "how", "field", "states"), needed=("title", "how"))
        how = self.read.choice(table.get("how"), _MEASURES, "count")
        if how in ("distinct", "sum", "mean") and "field" not in table:
            self.read.fault(marked.line, f"{how} of what?", "field: one of the register's")
        states = self.read.choices(table.get("states"), self.states)
        return d.Measure(name, self.read.words(table.get("title")), how, self._known_field(table.get("field")), states)

    def _ranking(self, name: str, marked: Marked) -> d.Ranking:
        allowed = ("title", "by", "weights", "every", "cites")
        table = self.read.table(marked, allowed, needed=allowed)
        weights = {}
        for measure, each in self.read.names(table["weights"]) if "weights" in table else ():
            if measure not in self.measures:
                self.read.fault(each.line, f"no measure {measure!r}", nearest(measure, self.measures))
            weights[measure] = self.read.whole(each, 0, least=1) or 0
        by = self.read.choice(table.get("by"), ("office", "district"), "office")
        every = self.read.choice(table.get("every"), d.PERIODS, "month")
        return d.Ranking(
            name, self.read.words(table.get("title")), by, weights, every, self.read.text(table.get("cites"))
        )

    def _report(self, name: str, marked: Marked) -> d.Report:
        table = self.read.table(
            marked, ("title", "by", "measure", "drawn", "every", "to"), needed=("title", "by", "measure")
        )
        by = self.read.choice(table.get("by"), (*self.fields, "office", "district", "state", "month"))
        drawn = self.read.choice(table.get("drawn"), ("table", "bars", "line"), "table")
        return d.Report(
            name=name,
            title=self.read.words(table.get("title")),
            by=by,
            measure=self.read.choice(table.get("measure"), self.measures),
            drawn=drawn,
            every=self.read.choice(table.get("every"), d.PERIODS),
            to=self.read.choices(table.get("to"), self.posts),
        )

    def _public(self, marked: Marked | None) -> d.Public | None:
        if marked is None:
            return None
        table = self.read.table(marked, ("fields", "states"), needed=("fields", "states"))
        names = self.read.choices(table.get("fields"), self.fields)
        for name in names:
            if self.fields[name].private:
                self.read.fault(marked.line, f"{name} is private", "fields that anybody may see")
        return d.Public(names, self.read.choices(table.get("states"), self.states))

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
        for clock in register.clocks.values():
            if not clock.stops:
                self.read.fault(top["clocks"].keys[clock.name], f"{clock.name} never stops", "stops: states")
        for name, line in getattr(self, "conditions", ()):
            if name not in register.fields:
                self.read.fault(line, f"no field {name!r}", nearest(name, register.fields))


def current(name: str, on: date) -> d.Register:
    """The version of a register in force on a day. Raises LookupError."""
    versions = registers().get(name, ())
    fitting = [row for row in versions if row.from_on <= on]
    if not fitting:
        raise LookupError(f"no register {name} on {on:%d.%m.%Y}")
    return fitting[-1]


def version(name: str, version_text: str) -> d.Register:
    """One version of a register. Raises LookupError."""
    for row in registers().get(name, ()):
        if row.version == version_text:
            return row
    raise LookupError(f"no version {version_text} of register {name}")


def in_force(on: date) -> Iterable[d.Register]:
    """Every register in force on a day, in the version of that day."""
    return [current(name, on) for name, rows in registers().items() if rows[0].from_on <= on]
