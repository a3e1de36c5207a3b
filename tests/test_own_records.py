"""Who names a record of another domain does not ask for it: queries stand with the domain that keeps the records.

The contract "Models stay in their domain" keeps the modules apart; the kinds of record pass through selectors as names
of what was answered, and this keeps their managers where they belong.
"""

import ast
from pathlib import Path

import immis

IMMIS = Path(immis.__file__).resolve().parent
_ASKS = {"objects", "every", "_default_manager", "_base_manager"}


def _domain(path: Path) -> str:
    return path.relative_to(IMMIS).parts[0]


def _records(trees: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """The kinds of record of every domain, by their names."""
    records: dict[str, set[str]] = {}
    for path, tree in trees.items():
        if "models" in path.stem or "models" in path.parts:
            names = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
            records.setdefault(_domain(path), set()).update(names)
    return records


def foreign_asks(trees: dict[Path, ast.Module]) -> list[str]:
    """Where a domain asks for records of another one."""
    records = _records(trees)
    faults = []
    for path, tree in trees.items():
        own = records.get(_domain(path), set())
        foreign = set().union(*records.values()) - own
        for node in ast.walk(tree):
            asked = node.value if isinstance(node, ast.Attribute) and node.attr in _ASKS else None
            name = getattr(asked, "id", getattr(asked, "attr", ""))
            if name in foreign:
                faults.append(f"{path.relative_to(IMMIS)}:{node.lineno} {name}")
    return faults


def _read(text: str = "") -> dict[Path, ast.Module]:
    files = [path for path in IMMIS.rglob("*.py") if _domain(path) != "bench" and "migrations" not in path.parts]
    trees = {path: ast.parse(path.read_text(encoding="utf8")) for path in files}
    return {**trees, **({IMMIS / "challans" / "asked.py": ast.parse(text)} if text else {})}


def test_records_are_asked_by_their_own_domain():
    assert foreign_asks(_read()) == []


def test_the_check_sees_what_it_looks_for():
    text = "from immis.leases import selectors\nselectors.Lease.objects.count()\nChallan.objects.count()\n"
    assert foreign_asks(_read(text)) == ["challans/asked.py:2 Lease"]
