"""Every field of every fact class is set by some gatherer: a fact that nothing fills makes its rule a dead letter.

Golden cases build facts by hand, so they cannot tell. The classes are those of the registered rules, so that a new
rule joins by itself; what is read is the code that makes the facts out of records.
"""

import ast
import dataclasses
import importlib
import inspect
import typing
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import immis
from immis.rules import catalogue

ROOT = Path(immis.__file__).parent
#: What is no gatherer: rules and their cases, demonstrations, benches.
_NOT = ("rules/", "commands/demo/", "bench/", "migrations/")
#: Rules whose facts are made by pure code next to them, out of what a reader of files found.
_PURE = ("rules/notices/check.py", "rules/auctions/eproc.py")


def fact_classes():
    """Each fact class of a registered rule, and of what it holds, with the codes that read it."""
    catalogue.load_all()
    importlib.import_module("immis.rules.notices")
    found = defaultdict(list)
    for code, one in sorted(catalogue.RULES.items()):
        hints = typing.get_type_hints(one.function)
        first = next(iter(inspect.signature(one.function).parameters))
        if dataclasses.is_dataclass(hints[first]):
            found[hints[first]].append(code)
    for cls in list(found):
        for hint in typing.get_type_hints(cls).values():
            for part in (hint, *typing.get_args(hint)):
                if dataclasses.is_dataclass(part) and part not in found:
                    found[part] = found[cls]
    return dict(found)


def _files():
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name in _PURE or not any(part in name for part in _NOT):
            yield path, name


@cache
def calls():
    """For each class the fields that some call sets, and where: keywords, places, ``replace`` and literal spreads."""
    classes = fact_classes()
    names = {cls.__name__ for cls in classes}
    sets = defaultdict(lambda: defaultdict(list))
    for path, name in _files():
        source = path.read_text(encoding="utf8")
        if not any(one in source for one in names):
            continue
        module = importlib.import_module(
            "immis." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        )
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and (cls := _made_by(node, module)) in classes:
                for field in _set_by(node, cls):
                    sets[cls][field].append(f"{name}:{node.lineno}")
    return sets


def _made_by(node, module):
    made = node.func
    parts = []
    while isinstance(made, ast.Attribute):
        parts.insert(0, made.attr)
        made = made.value
    if not isinstance(made, ast.Name):
        return None
    value = getattr(module, made.id, None)
    for part in parts:
        value = getattr(value, part, None)
    return value if inspect.isclass(value) else None


def _set_by(node, cls):
    fields = [field.name for field in dataclasses.fields(cls) if field.init]
    for place, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):  # a record of the same shape, taken whole
            yield from fields[place:]
            return
        if not _is_nothing(argument):
            yield fields[place]
    for keyword in node.keywords:
        if keyword.arg is not None and not _is_nothing(keyword.value):
            yield keyword.arg
        elif keyword.arg is None and isinstance(keyword.value, ast.Dict):
            yield from (key.value for key in keyword.value.keys if isinstance(key, ast.Constant))
        elif keyword.arg is None:
            yield from fields


def _is_nothing(value):
    """A bare constant says nothing of a record."""
    empty = isinstance(value, ast.Tuple | ast.List | ast.Dict) and not ast.dump(value).count("Constant")
    return (isinstance(value, ast.Constant) and value.value in (None, "", 0, False)) or bool(
        empty and not list(ast.iter_child_nodes(value))[:-1]
    )


@pytest.mark.parametrize("cls", sorted(fact_classes(), key=lambda cls: (cls.__module__, cls.__name__)), ids=str)
def test_every_field_of_a_fact_is_set_by_a_gatherer(cls):
    fields = {field.name for field in dataclasses.fields(cls) if field.init}
    unfilled = sorted(fields - set(calls()[cls]))
    codes = ", ".join(fact_classes()[cls])
    assert not unfilled, f"{cls.__module__}.{cls.__name__} ({codes}): nothing in the house sets {', '.join(unfilled)}"


def words_in(path):
    """Every name under which a file writes a value down: keys of tables, keywords, fields."""
    written = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Dict):
            written |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
        elif isinstance(node, ast.keyword) and node.arg:
            written.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            written.add(node.target.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Load):
            written |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            written |= {part.value for part in node.elts if isinstance(part, ast.Constant)}
    return written


def _words_written():
    """Every name under which code outside the triggers writes a value down."""
    return {word for path in ROOT.rglob("*.py") if "triggers" not in path.name for word in words_in(path)}


def _read_by(function):
    """The facts that a trigger asks for by name."""
    for node in ast.walk(ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))):
        asked = None
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            asked = node.slice if node.value.id == "facts" else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            owner = node.func.value
            asked = node.args[0] if isinstance(owner, ast.Name) and owner.id == "facts" and node.args else None
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            yield asked.value


def test_every_fact_that_a_trigger_asks_for_is_told_by_some_event():
    catalogue.load_all()
    written = _words_written()
    unfilled = {
        code: missing
        for code, one in catalogue.TRIGGERS.items()
        if (missing := sorted(set(_read_by(one.function)) - written))
    }
    assert not unfilled


def test_the_check_itself_finds_a_field_that_nothing_sets(monkeypatch):
    """Take one field away from what the calls set: the check must name it."""
    from immis.rules.movement.issue_facts import IssueFacts

    bare = {cls: {name: where for name, where in sets.items() if name != "ec_months"} for cls, sets in calls().items()}
    monkeypatch.setitem(test_every_field_of_a_fact_is_set_by_a_gatherer.__globals__, "calls", lambda: bare)
    with pytest.raises(AssertionError, match="ec_months"):
        test_every_field_of_a_fact_is_set_by_a_gatherer(IssueFacts)
