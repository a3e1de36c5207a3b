"""YAML with the line of every key and value, and the faults of a declaration in the words of its writer."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Fault:
    """One fault of a declaration: which file and line, what stands there, and what is allowed."""

    file: str
    line: int
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.found}; {self.allowed}"


class Faults(Exception):
    """Every fault of one or more declarations, so that a writer mends them in one go."""

    def __init__(self, faults: Collection[Fault]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def nearest(found: str, allowed: Collection[str]) -> str:
    """What may stand there, the nearest spelling first: ``did you mean state? allowed: …``."""
    near = get_close_matches(found, list(allowed), n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}allowed: {', '.join(sorted(allowed)) or 'nothing'}"


@dataclass
class Marked:
    """A value of a declaration with the line where it stands."""

    value: Any  # text, number, bool, day, None; list of Marked; dict of name to Marked
    line: int
    keys: dict[str, int] = field(default_factory=dict)  # of a table: the line of each key

    @property
    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {name: each.plain for name, each in self.value.items()}
        return [each.plain for each in self.value] if isinstance(self.value, list) else self.value


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    pass


def read_marked(path: Path) -> Marked:
    """A YAML file with its lines. Raises Faults for what is no YAML or gives a key twice."""
    loader = _Loader(path.read_text(encoding="utf8"))
    try:
        node = loader.get_single_node()
        faults: list[Fault] = []
        marked = _marked(loader, node, path.name, faults) if node else Marked({}, 1)
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        raise Faults([Fault(path.name, line, f"not readable as YAML ({error.problem})", "one table")]) from error
    finally:
        loader.dispose()
    if faults:
        raise Faults(faults)
    return marked


def _marked(loader: Any, node: Any, file: str, faults: list[Fault]) -> Marked:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        table, keys = {}, {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            if key in table:
                faults.append(Fault(file, key_node.start_mark.line + 1, f"{key} stands twice", "give each key once"))
            table[key], keys[key] = _marked(loader, value_node, file, faults), key_node.start_mark.line + 1
        return Marked(table, line, keys)
    if isinstance(node, yaml.SequenceNode):
        return Marked([_marked(loader, each, file, faults) for each in node.value], line)
    return Marked(loader.construct_object(node, deep=True), line)


class Reading:
    """Takes a marked table apart by what is allowed in it, and notes every fault instead of stopping at the first."""

    def __init__(self, file: str, faults: list[Fault]):
        self.file, self.faults = file, faults

    def fault(self, line: int, found: str, allowed: str) -> None:
        self.faults.append(Fault(self.file, line, found, allowed))

    def table(self, marked: Marked, allowed: Collection[str], *, needed: Collection[str] = ()) -> dict[str, Marked]:
        """The entries of a table; unknown keys and missing ones are faults."""
        if not isinstance(marked.value, dict):
            self.fault(marked.line, f"{marked.plain!r} is no table", f"a table of {', '.join(sorted(allowed))}")
            return {}
        for name, line in marked.keys.items():
            if name not in allowed:
                self.fault(line, f"{name!r} is unknown here", nearest(name, allowed))
        for name in needed:
            if name not in marked.value:
                self.fault(marked.line, f"{name!r} is missing", "it is needed here")
        return {name: each for name, each in marked.value.items() if name in allowed}

    def names(self, marked: Marked) -> Iterator[tuple[str, Marked]]:
        """The entries of a table whose keys the writer chooses."""
        if not isinstance(marked.value, dict):
            self.fault(marked.line, f"{marked.plain!r} is no table", "names, each with its table")
            return
        for name, each in marked.value.items():
            if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower() or len(name) > 40:
                self.fault(marked.keys[name], f"{name!r} is no name", "small letters, digits and _, at most 40")
            yield name, each

    def words(self, marked: Marked | None) -> Mapping[str, str]:
        """Words in both languages; a missing language is a fault."""
        if marked is None:
            return {}
        table = self.table(marked, ("en", "hi"), needed=("en", "hi"))
        return {name: str(each.value) for name, each in table.items()}

    def choice(self, marked: Marked | None, allowed: Collection[str], default: str = "") -> str:
        """One of some words."""
        if marked is None:
            return default
        result = str(marked.value)
        if result not in allowed:
            self.fault(marked.line, f"{result!r} is none of them", nearest(result, allowed))
            return default
        return result

    def choices(self, marked: Marked | None, allowed: Collection[str]) -> tuple[str, ...]:
        """Some of some words."""
        return tuple(result for each in self.items(marked) if (result := self.choice(each, allowed)))

    def items(self, marked: Marked | None) -> list[Marked]:
        """The entries of a list; a single value counts as a list of one."""
        if marked is None:
            return []
        return marked.value if isinstance(marked.value, list) else [marked]

    def whole(self, marked: Marked | None, default: int | None = None, *, least: int = 0) -> int | None:
        """A whole number."""
        if marked is None:
            return default
        if type(marked.value) is not int or marked.value < least:
            self.fault(marked.line, f"{marked.plain!r}", f"a whole number of at least {least}")
            return default
        return marked.value

    def flag(self, marked: Marked | None, default: bool = False) -> bool:
        """Yes or no."""
        if marked is None:
            return default
        if type(marked.value) is not bool:
            self.fault(marked.line, f"{marked.plain!r}", "true or false")
            return default
        return marked.value

    def text(self, marked: Marked | None, default: str = "") -> str:
        return default if marked is None or marked.value is None else str(marked.value)
