"""``immis trace``: requirement → policy → rule → test → page, read from the code as it stands."""

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import click

from immis.rules import catalogue
from immis.rules.policy import POLICY_DIR, book, read_yaml

PACKAGE = POLICY_DIR.parent
TESTS = PACKAGE.parent / "tests"
STATES = ("enforced", "tracked", "planned")
_ID = re.compile(r"\b([A-E])-(\d{2,3})\b(?:\s*(?:…|\.\.\.|–)\s*(?:\1-)?(\d{2,3})\b)?")


@dataclass(frozen=True)
class Row:
    """One requirement and what carries it; ``enforced`` needs a policy, code that applies it and a test.

    ``missing`` says in words what of the row nothing carries yet.
    """

    id: str
    text: str
    clause: str
    actor: str
    kind: str
    state: str
    policy: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    missing: str = ""


def ids_in(text: str) -> set[str]:
    """Requirement ids named in a text; ``E-098…E-100`` names three."""
    found = set()
    for letter, first, last in _ID.findall(text):
        for number in range(int(first), int(last or first) + 1):
            found.add(f"{letter}-{number:0{len(first)}d}")
    return found


@cache
def _sources(folder: Path) -> tuple[tuple[Path, str], ...]:
    return tuple((path, path.read_text(encoding="utf8")) for path in sorted(folder.rglob("*.py")))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def _code_by_policy(codes: Iterable[str]) -> dict[str, set[str]]:
    """Policy code -> the rule or trigger of that code, and the modules outside the web that apply its value."""
    catalogue.load_all()
    found: dict[str, set[str]] = defaultdict(set)
    wanted = set(codes)
    for code in wanted & {*catalogue.RULES, *catalogue.TRIGGERS}:
        found[code].add(code)
    for path, text in _sources(PACKAGE):
        if PACKAGE / "web" not in path.parents:
            for code in wanted & set(re.findall(r"[\"']([A-Z]{2,4}-\d{2,3})[\"']", text)):
                found[code].add(_module(path))
    return found


def _tests() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Tests by requirement id that they name, and by policy code that they name or are cases of."""
    by_id: dict[str, set[str]] = defaultdict(set)
    by_code: dict[str, set[str]] = defaultdict(set)
    if not TESTS.is_dir():
        return by_id, by_code
    for path in sorted(TESTS.glob("cases/*/*.yaml")):
        by_code[path.stem].add(path.relative_to(TESTS.parent).as_posix())
    for path, text in _sources(TESTS):
        name = path.relative_to(TESTS.parent).as_posix()
        for one in ids_in(text):
            by_id[one].add(name)
        for code in set(re.findall(r"\b[A-Z]{2,4}-\d{2,3}\b", text)):
            by_code[code].add(name)
    return by_id, by_code


def _pages() -> dict[str, set[str]]:
    """Requirement id -> views whose docstring, or whose module's docstring, names it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, text in _sources(PACKAGE / "web"):
        tree = ast.parse(text)
        for node in [tree, *(n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef))]:
            name = getattr(node, "name", "")
            for one in ids_in(ast.get_docstring(node) or ""):
                found[one].add(f"{_module(path)}.{name}" if name else _module(path))
    return found


def trace() -> list[Row]:
    """Every requirement row with its state, in the order of the catalogue."""
    wanted = read_yaml(POLICY_DIR / "requirements.yaml")
    by_policy: dict[str, list[str]] = defaultdict(list)
    for entry in book().entries.values():
        for one in entry.implements:
            by_policy[one].append(entry.code)
    code, (tests_by_id, tests_by_code), pages = _code_by_policy(book().entries), _tests(), _pages()
    rows = []
    for one, said in wanted.items():
        policy = sorted(by_policy[one])
        rules = sorted(set().union(*(code.get(p, set()) for p in policy)))
        tests = sorted(tests_by_id.get(one, set()).union(*(tests_by_code.get(p, set()) for p in policy)))
        state = "enforced" if policy and rules and tests else "tracked" if said["kind"] == "ORG" else "planned"
        rows.append(Row(one, **said, state=state, policy=policy, rules=rules, tests=tests, pages=sorted(pages[one])))
    return rows


def unknown_ids() -> list[tuple[str, str]]:
    """Policies that implement a row which the catalogue does not have: (policy code, id)."""
    wanted = read_yaml(POLICY_DIR / "requirements.yaml")
    return [(entry.code, one) for entry in book().entries.values() for one in entry.implements if one not in wanted]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--state", type=click.Choice(STATES), help="Only rows in this state.")
def command(as_json: bool, state: str | None) -> None:
    """List every requirement with the policy, rule, test and page that carry it.

    enforced: a policy implements it, code applies the policy, a test names it. tracked: an organisational matter,
    followed up and not computed. planned: not yet.

    \b
    Example: immis trace --state enforced
             immis trace --json
    """
    rows = trace()
    counts = Counter(row.state for row in rows)
    shown = [row for row in rows if state in (None, row.state)]
    if as_json:
        body = {"rows": [asdict(row) for row in shown], "counts": {name: counts[name] for name in STATES}}
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    for row in shown:
        carried = ", ".join([*row.policy, *(r for r in row.rules if r not in row.policy)])
        click.echo(f"{row.id:6} {row.state:9} {row.text[:70]:70} {carried}")
        if row.missing:
            click.echo(f"{' ':16} still missing: {row.missing}")
    click.echo(", ".join(f"{counts[name]} {name}" for name in STATES))
