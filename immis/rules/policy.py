"""The law as dated data: reads ``immis/policy/**/*.yaml`` once and answers what was in force on a day.

One figure, one home. A value is found by its code and a date; amendments are new
dated values, never edits. ``proposed`` values stay inert until they carry an
approval reference. Beside it only ``posts`` and ``marks`` read files in ``rules``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from immis.compiled import compiled
from immis.rules.lengths import Sentence
from immis.rules.marks import nearest

POLICY_DIR = Path(__file__).resolve().parent.parent / "policy"
WORDS = "words"  # the folder of word lists, which are no law and have no days
TOPICS, UNITS, POSTS = "topics.yaml", "units.yaml", "posts.yaml"
LANGUAGES = ("en", "hi")
STATUSES = ("in_force", "proposed", "unverified")
_INDIA = ZoneInfo("Asia/Kolkata")
_MOST_ASKED = 20_000


class PolicyError(Exception):
    """A policy file breaks the rules of the rule book: names the file, the odd property and what is allowed."""


class NotInForce(LookupError):
    """No value of this code is in force on this day: says when the first one starts."""


@dataclass(frozen=True)
class PolicyValue:
    """One dated value: ``value`` from ``from_on`` by the clause ``cites``; applies in ``scope`` (empty: everywhere)."""

    code: str
    from_on: date
    value: Any
    cites: str
    status: str
    scope: tuple[tuple[str, str], ...] = ()
    approval: str = ""
    unit: str = ""

    @property
    def active(self) -> bool:
        """A proposal counts only once its approval reference is written down (A-16)."""
        return self.status != "proposed" or bool(self.approval)


@dataclass(frozen=True)
class PolicyEntry:
    """One code of the rule book with its words in both languages and its dated values, oldest first.

    ``lifts`` says what ends the stop that the rule makes; ``words`` are reasons and names that fill its message;
    ``sms`` is the message as it is registered with the operators, short and with few facts; ``own_unit`` are the words
    of a unit that no other code has; ``names`` is the part of ``posts.yaml`` (grants or posts) that every text in its
    values stands in.
    """

    code: str
    topic: str
    title: Mapping[str, str]
    message: Mapping[str, str]
    implements: tuple[str, ...]
    unit: str
    values: tuple[PolicyValue, ...]
    note: Mapping[str, str] = field(default_factory=dict)
    lifts: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sms: Mapping[str, str] = field(default_factory=dict)
    own_unit: Mapping[str, str] = field(default_factory=dict)
    names: str = ""

    @property
    def effective_dates(self) -> tuple[date, ...]:
        return tuple(sorted({v.from_on for v in self.values if v.active}))


def _refuse_duplicates(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            line = key_node.start_mark.line + 1
            raise PolicyError(f"{loader.name}: the key {key!r} stands twice (line {line}); give each key once")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without surprises: no duplicate keys, decimals read from their text."""


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _refuse_duplicates)
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: Decimal(str(node.value)))


def read_yaml(path: Path) -> Any:
    """A YAML file as plain data: duplicate keys refused, decimals exact.

    Raises PolicyError when the file is not YAML.
    """
    loader = _Loader(path.read_text(encoding="utf8"))
    loader.name = str(path.name)
    try:
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise PolicyError(f"{path.name}: not readable as YAML: {error}") from error
    finally:
        loader.dispose()


_KNOWN = {"title", "message", "sms", "lifts", "words", "implements", "unit", "names", "values", "note"}
_KNOWN_VALUE = {"value", "cites", "status", "scope", "approval"}


def both_languages(path: Path, name: str, words: Any, *, needed: bool) -> dict[str, str]:
    """The words of one name in both languages, ``{}`` where there are none and none are needed.

    Raises PolicyError naming the file and the language that is missing.
    """
    if not words and not needed:
        return {}
    missing = [lang for lang in LANGUAGES if not (isinstance(words, dict) and words.get(lang))]
    if missing:
        raise PolicyError(f"{path.name}: {name} lacks {', '.join(missing)}; both languages are required")
    return {lang: str(words[lang]) for lang in LANGUAGES}


def table_of_words(path: Path, raw: Any) -> dict[str, dict[str, str]]:
    """A table of words by key, both languages with the same facts to fill in. Raises PolicyError for any other."""
    if not isinstance(raw, dict):
        raise PolicyError(f"{path.name}: words are a table of keys with their words in both languages")
    table = {str(key): both_languages(path, str(key), words, needed=True) for key, words in raw.items()}
    for key, words in table.items():
        facts = [{name for _, name, _, _ in Formatter().parse(text) if name is not None} for text in words.values()]
        if facts[0] != facts[1]:
            odd = ", ".join(sorted(facts[0] ^ facts[1]))
            raise PolicyError(f"{path.name}: {key} names {odd} in one language only; give the same facts in both")
    return table


def fill(words: Mapping[str, str], /, **facts: Any) -> dict[str, str]:
    """Words in both languages with their facts filled in; a fact that has words itself gives those of the language.

    Raises KeyError for a fact that is not given.
    """
    return {lang: text.format_map(_in_language(facts, lang)) for lang, text in words.items()}


def _in_language(facts: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {name: fact[lang] if isinstance(fact, Mapping) else fact for name, fact in facts.items()}


def _values(path: Path, code: str, unit: str, raw: Any) -> Iterator[PolicyValue]:
    if not isinstance(raw, dict) or not raw:
        raise PolicyError(f"{path.name}: values must be a table of dates")
    for from_on, body in raw.items():
        rows = body if isinstance(body, list) else [body]
        if not isinstance(from_on, date):
            raise PolicyError(f"{path.name}: {from_on!r} is not a date (YYYY-MM-DD)")
        for row in rows:
            if not isinstance(row, dict) or "value" not in row or set(row) - _KNOWN_VALUE:
                raise PolicyError(f"{path.name}: value of {from_on} takes {', '.join(sorted(_KNOWN_VALUE))}")
            if not row.get("cites"):
                raise PolicyError(f"{path.name}: value of {from_on} cites no clause")
            status = row.get("status", "in_force")
            if status not in STATUSES:
                raise PolicyError(f"{path.name}: status {status!r} is none of {', '.join(STATUSES)}")
            scope = tuple(sorted((str(k), str(v)) for k, v in (row.get("scope") or {}).items()))
            yield PolicyValue(code, from_on, row["value"], row["cites"], status, scope, row.get("approval", ""), unit)


def read_entry(path: Path) -> PolicyEntry:
    """One policy file. Raises PolicyError naming the file, the odd property and what is allowed."""
    raw = read_yaml(path)
    if not isinstance(raw, dict) or set(raw) - _KNOWN:
        odd = sorted(set(raw) - _KNOWN) if isinstance(raw, dict) else [type(raw).__name__]
        raise PolicyError(f"{path.name}: unknown {', '.join(map(str, odd))}; allowed are {', '.join(sorted(_KNOWN))}")
    own_unit = both_languages(path, "unit", raw["unit"], needed=True) if isinstance(raw.get("unit"), dict) else {}
    unit = own_unit.get("en") or str(raw.get("unit", ""))
    return PolicyEntry(
        code=path.stem,
        topic=path.parent.name,
        title=both_languages(path, "title", raw.get("title"), needed=True),
        message=both_languages(path, "message", raw.get("message"), needed=False),
        implements=tuple(raw.get("implements") or ()),
        unit=unit,
        values=tuple(sorted(_values(path, path.stem, unit, raw.get("values")), key=lambda v: v.from_on)),
        note=both_languages(path, "note", raw.get("note"), needed=False),
        lifts=both_languages(path, "lifts", raw.get("lifts"), needed=False),
        words=table_of_words(path, raw.get("words", {})),
        sms=both_languages(path, "sms", raw.get("sms"), needed=False),
        own_unit=own_unit,
        names=str(raw.get("names", "")),
    )


@lru_cache(4096)
def _india_day(at: datetime) -> date:
    return at.astimezone(_INDIA).date()


Words = Mapping[str, str]


class PolicyBook:
    """All codes of the rule book, and the names of its topics and units."""

    def __init__(
        self, entries: Mapping[str, PolicyEntry], *, topics: Mapping[str, Words] = {}, units: Mapping[str, Words] = {}
    ):
        self.entries, self.topics, self.units = dict(entries), dict(topics), dict(units)
        self._asked: dict[tuple[Any, ...], PolicyValue] = {}

    def entry(self, code: str) -> PolicyEntry:
        if code not in self.entries:
            near = [known for known in self.entries if known.split("-")[0] == code.split("-")[0]]
            raise PolicyError(f"no policy {code}; of this family there are {', '.join(sorted(near)) or 'none'}")
        return self.entries[code]

    def at(self, code: str, on: date | datetime, **scope: str) -> PolicyValue:
        """The value in force on a day (an instant counts by its day in India); a scoped value wins over a general one.

        Raises NotInForce when none applies and PolicyError for an unknown code.
        """
        day = _india_day(on) if isinstance(on, datetime) else on
        asked = (code, day, *sorted(scope.items()))
        if asked not in self._asked:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            self._asked[asked] = self._at(code, day, scope)
        return self._asked[asked]

    def _at(self, code: str, day: date, scope: Mapping[str, str]) -> PolicyValue:
        entry = self.entry(code)
        fitting = [
            v
            for v in entry.values
            if v.active and v.from_on <= day and all(scope.get(name) == want for name, want in v.scope)
        ]
        if not fitting:
            starts = entry.effective_dates
            when = f"the first one starts on {starts[0]:%d.%m.%Y}" if starts else "it is a proposal without approval"
            raise NotInForce(f"{code} has no value on {day:%d.%m.%Y}: {when}")
        best = max(fitting, key=lambda v: (len(v.scope), v.from_on))
        if best.value is None:
            raise NotInForce(f"{code} lapsed on {best.from_on:%d.%m.%Y} ({best.cites})")
        return best

    def value(self, code: str, on: date | datetime, **scope: str) -> Any:
        """Only the figure of ``at``."""
        return self.at(code, on, **scope).value

    def proposals(self, code: str) -> tuple[PolicyValue, ...]:
        """Values that wait for an approval."""
        return tuple(v for v in self.entry(code).values if not v.active)

    def say(self, code: str, facts: Mapping[str, Any], lang: str) -> str:
        """The message of a code in the reader's language, with its facts filled in."""
        words = self.entry(code).message or self.entry(code).title
        return Sentence(lang, self.units).vformat(words.get(lang, words["en"]), (), _Facts(facts))

    def words(self, code: str, key: str, /, **facts: Any) -> dict[str, str]:
        """A reason or name of a code in both languages, its facts filled in. Raises PolicyError for an unknown key."""
        table = self.entry(code).words
        if key not in table:
            raise PolicyError(f"{code} has no words {key}; it has {', '.join(table) or 'none'}")
        return fill(table[key], **facts)


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def load(folder: Path = POLICY_DIR) -> PolicyBook:
    """Read a folder of policy files, with its ``topics.yaml`` and ``units.yaml``.

    Raises PolicyError on the first file that breaks the rules.
    """
    topics, units = (table_of_words(path, read_yaml(path)) for path in (folder / TOPICS, folder / UNITS))
    entries: dict[str, PolicyEntry] = {}
    for path in sorted(path for path in folder.glob("*/*.yaml") if path.parent.name != WORDS):
        if path.stem in entries:
            raise PolicyError(f"{path.stem} stands in {entries[path.stem].topic}/ and in {path.parent.name}/")
        entry = entries[path.stem] = read_entry(path)
        if entry.own_unit:
            units.setdefault(entry.unit, dict(entry.own_unit))
        for name, known, where in ((entry.topic, topics, TOPICS), (entry.unit, units, UNITS)):
            if name and name not in known:
                raise PolicyError(f"{path.name}: {where} has no {name}; it has {', '.join(sorted(known))}")
        if entry.names:
            _check_names(path, entry, folder / POSTS)
    return PolicyBook(entries, topics=topics, units=units)


def _check_names(path: Path, entry: PolicyEntry, posts: Path) -> None:
    """Raise PolicyError, with line and nearest spelling, for a text in the values that posts.yaml does not declare."""
    parts = read_yaml(posts)
    if entry.names not in parts:
        raise PolicyError(f"{path.name}: names {entry.names}; {nearest(entry.names, parts)}")
    for name in (name for value in entry.values for name in _texts(value.value)):
        if name not in parts[entry.names]:
            lines = enumerate(path.read_text(encoding="utf8").splitlines(), 1)
            line = next((place for place, text in lines if re.search(rf"[^\w.]{re.escape(name)}(?![\w.])", text)), 1)
            known = nearest(name, parts[entry.names])
            raise PolicyError(f"{path.name}:{line}: {POSTS} declares no {name!r} in its {entry.names}; {known}")


def _texts(value: Any) -> Iterator[str]:
    """All texts of a value, however deep they stand in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


@cache
def book() -> PolicyBook:
    """The shipped rule book, read once for the life of the process."""
    return compiled(load, POLICY_DIR, code=[__file__])
