"""What ``tests/acceptance`` proves, read from its text: the rows of each test and the doors by which it comes.

A test there takes its doors as fixtures that are named as the doors are, so that the way in is read without running it.
"""

import ast
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

DOORS = ("page", "api", "socket", "file", "command", "clock")
MOST_ROWS = 8
#: What a test may know beside the standard library: the doors, and the tool that runs it.
_MAY_IMPORT = {"pytest", "tests.doors"}


@dataclass(frozen=True)
class AcceptanceTest:
    """One test: ``path::name``, the rows of its mark, its doors in the order of ``DOORS``."""

    name: str
    rows: tuple[str, ...]
    doors: tuple[str, ...]
    asserts: bool
    odd: bool = False


def _marks(node: ast.FunctionDef) -> Iterator[ast.Call]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "row":
            yield mark


def _texts(nodes: Collection[ast.expr]) -> tuple[str, ...]:
    return tuple(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _says_something(node: ast.AST) -> bool:
    """An assertion that names something; ``assert True`` does not."""
    return isinstance(node, ast.Assert) and any(isinstance(part, ast.Name) for part in ast.walk(node.test))


def _read(node: ast.FunctionDef, file: str) -> AcceptanceTest:
    marks = list(_marks(node))
    rows = [row for mark in marks for row in _texts(mark.args)]
    arguments = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
    return AcceptanceTest(
        name=f"{file}::{node.name}",
        rows=tuple(rows),
        doors=tuple(door for door in DOORS if door in arguments),
        odd=any(not isinstance(part, ast.Constant) for mark in marks for part in mark.args),
        asserts=any(_says_something(part) for part in ast.walk(node)),
    )


def acceptance_tests(tests: Path) -> list[AcceptanceTest]:
    """All tests under ``tests/acceptance``, in the order of their files."""
    results = []
    for path in sorted((tests / "acceptance").rglob("test_*.py")):
        file = path.relative_to(tests.parent).as_posix()
        tree = ast.parse(path.read_text(encoding="utf8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        results += [_read(node, file) for node in functions if node.name.startswith("test_")]
    return results


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = "." * node.level + (node.module or "")
            yield from (f"{whole}.{name.name}" for name in node.names) if whole == "tests" else (whole,)


def _odd_imports(tests: Path) -> Iterator[str]:
    """Imports of ``tests/acceptance`` that know more than an outsider does."""
    for path in sorted((tests / "acceptance").rglob("*.py")):
        for name in _imports(ast.parse(path.read_text(encoding="utf8"))):
            fits = any(name == row or name.startswith(f"{row}.") for row in _MAY_IMPORT)
            if not fits and name.partition(".")[0] not in sys.stdlib_module_names:
                file = path.relative_to(tests.parent).as_posix()
                yield f"{file}: imports {name}; tests of acceptance know nothing but tests.doors"


def faults(tests: Path, known: Collection[str]) -> list[str]:
    """What keeps a test from proving a row: an unknown id, too many, no door, nothing asserted."""
    odd_imports = list(_odd_imports(tests))
    for test in acceptance_tests(tests):
        odd_imports += [f"{test.name}: there is no row {row}" for row in test.rows if row not in known]
        if test.odd:
            odd_imports.append(f"{test.name}: ids of rows are written out, each as text")
        if not test.rows:
            odd_imports.append(f'{test.name}: marked with no row; write @pytest.mark.row("E-061")')
        if len(test.rows) > MOST_ROWS:
            odd_imports.append(
                f"{test.name}: marked with {len(test.rows)} rows; {MOST_ROWS} at most, so that each is looked at"
            )
        if not test.doors:
            odd_imports.append(f"{test.name}: comes in by no door; take one of the fixtures {', '.join(DOORS)}")
        if not test.asserts:
            odd_imports.append(f"{test.name}: asserts nothing in its body")
    return odd_imports
