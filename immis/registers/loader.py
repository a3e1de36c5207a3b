"""Reads the declarations of ``policy/registers``: every fault with file, line, what is allowed, nearest spelling.

A file is ``<name>.yaml`` or, for a later version, ``<name>@<day>.yaml``; it says itself from which day it is in force.
A version that is in force is never changed: entries keep the version they were made by.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from immis.compiled import compiled
from immis.registers import declaration as d
from immis.registers import reading
from immis.registers.reading import Declaration
from immis.rules import marks
from immis.rules.marks import Fault, Faults, nearest, read_marked
from immis.rules.policy import POLICY_DIR

FOLDER = POLICY_DIR / "registers"


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
    return compiled(load, FOLDER, code=[__file__, d.__file__, reading.__file__, marks.__file__])


def read(path: Path, faults: list[Fault]) -> d.Register | None:
    """One declaration; its faults are added to ``faults``, and it is None when there was any."""
    try:
        marked = read_marked(path)
    except Faults as result:
        faults += result.faults
        return None
    before = len(faults)
    register = Declaration(path, faults).register(marked)
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
