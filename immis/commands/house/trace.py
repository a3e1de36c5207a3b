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

from immis.commands.house.acceptance import DOORS, AcceptanceTest, acceptance_tests, faults
from immis.rules import catalogue
from immis.rules.policy import POLICY_DIR, book, read_yaml

PACKAGE = POLICY_DIR.parent
TESTS = PACKAGE.parent / "tests"
STATES = ("works", "ruled", "planned")
_ID = re.compile(r"\b([A-E])-(\d{2,3})\b(?:\s*(?:…|\.\.\.|–)\s*(?:\1-)?(\d{2,3})\b)?")


@dataclass(frozen=True)
class Row:
    """One requirement and what carries it.

    ``state`` is *works* where a test of ``tests/acceptance`` that is marked with the row comes in by a door (an
    organisational row: where its register exists), *ruled* where policy, rule and case exist and no such test,
    else *planned*. ``doors`` lists how the tests come in; ``missing`` says what of the row nothing carries yet.
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
    doors: list[str] = field(default_factory=list)
    missing: str = ""


def ids_in(text: str) -> set[str]:
    """Requirement ids named in a text; ``E-098…E-100`` names three."""
    result = set()
    for letter, first, last in _ID.findall(text):
        for number in range(int(first), int(last or first) + 1):
            result.add(f"{letter}-{number:0{len(first)}d}")
    return result


@cache
def _sources(folder: Path) -> tuple[tuple[Path, str], ...]:
    return tuple((path, path.read_text(encoding="utf8")) for path in sorted(folder.rglob("*.py")))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def _code_by_policy(codes: Iterable[str]) -> dict[str, set[str]]:
    """Policy code -> the rule or trigger of that code, and the modules outside the web that apply its value."""
    catalogue.load_all()
    result: dict[str, set[str]] = defaultdict(set)
    wanted = set(codes)
    for code in wanted & {*catalogue.RULES, *catalogue.TRIGGERS}:
        result[code].add(code)
    for path, text in _sources(PACKAGE):
        if PACKAGE / "web" not in path.parents:
            for code in wanted & set(re.findall(r"[\"']([A-Z]{2,4}-\d{2,3})[\"']", text)):
                result[code].add(_module(path))
    return result


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
        for id_ in ids_in(text):
            by_id[id_].add(name)
        for code in set(re.findall(r"\b[A-Z]{2,4}-\d{2,3}\b", text)):
            by_code[code].add(name)
    return by_id, by_code


def _pages() -> dict[str, set[str]]:
    """Requirement id -> views whose docstring, or whose module's docstring, names it."""
    result: dict[str, set[str]] = defaultdict(set)
    for path, text in _sources(PACKAGE / "web"):
        tree = ast.parse(text)
        for node in [tree, *(n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef))]:
            name = getattr(node, "name", "")
            for id_ in ids_in(ast.get_docstring(node) or ""):
                result[id_].add(f"{_module(path)}.{name}" if name else _module(path))
    return result


def _registers() -> dict[str, list[str]]:
    """Requirement id -> declared registers that keep it."""
    result: dict[str, list[str]] = defaultdict(list)
    for path in sorted(POLICY_DIR.glob("registers/*/*.yaml")):
        for row in read_yaml(path).get("rows") or ():
            result[row].append(f"registers/{path.parent.name}/{path.stem}")
    return result


def _ruled(policy: Iterable[str], rules: dict[str, set[str]], tests: dict[str, set[str]]) -> bool:
    """Whether a pure rule applies one of these policies and cases show it.

    A rule or trigger of the catalogue has its case file; a figure that ``immis/rules`` reads has a test that names it.
    """
    for code in policy:
        named, applied = tests.get(code, set()), rules.get(code, set())
        if code in applied and any(name.startswith("tests/cases/") for name in named):
            return True
        if named and any(name.startswith("immis.rules.") for name in applied):
            return True
    return False


def _state(kind: str, *, proved: bool, kept: bool, ruled: bool) -> str:
    if proved or (kept and kind == "ORG"):
        return "works"
    return "ruled" if ruled else "planned"


def trace() -> list[Row]:
    """Every requirement row with its state, in the order of the catalogue."""
    by_policy: dict[str, list[str]] = defaultdict(list)
    for entry in book().entries.values():
        for row_id in entry.implements:
            by_policy[row_id].append(entry.code)
    code, (tests_by_id, tests_by_code), pages = _code_by_policy(book().entries), _tests(), _pages()
    proofs: dict[str, list[AcceptanceTest]] = defaultdict(list)
    for proof in acceptance_tests(TESTS):
        for row_id in proof.rows:
            proofs[row_id].append(proof)
    registers, rows = _registers(), []
    for row_id, words in _catalogue().items():
        policy, proved, kept = sorted(by_policy[row_id]), proofs[row_id], registers[row_id]
        ruled = _ruled(policy, code, tests_by_code)
        tests = set(tests_by_id.get(row_id, ())).union(*(tests_by_code.get(p, ()) for p in policy))
        rows.append(
            Row(
                row_id,
                **words,
                state=_state(words["kind"], proved=bool(proved), kept=bool(kept), ruled=ruled),
                policy=[*policy, *kept],
                rules=sorted(set().union(*(code.get(p, ()) for p in policy))),
                tests=[*(proof.name for proof in proved), *sorted(tests)],
                pages=sorted(pages[row_id]),
                doors=[door for door in DOORS if any(door in proof.doors for proof in proved)],
            )
        )
    return rows


def _catalogue() -> dict[str, dict[str, str]]:
    return read_yaml(POLICY_DIR / "requirements.yaml")


def unproved() -> list[str]:
    """What keeps tests of ``tests/acceptance`` from proving the rows that they are marked with."""
    return faults(TESTS, _catalogue())


def unknown_ids() -> list[tuple[str, str]]:
    """Policies and registers that implement a row which the catalogue does not have: (policy code, id)."""
    known = _catalogue()
    named = [(entry.code, row_id) for entry in book().entries.values() for row_id in entry.implements]
    named += [(register, row_id) for row_id, registers in _registers().items() for register in registers]
    return [(code, row_id) for code, row_id in named if row_id not in known]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--state", type=click.Choice(STATES), help="Only rows in this state.")
@click.option(
    "--check", is_flag=True, help="Say which tests of tests/acceptance prove nothing; exit 1 where there are."
)
def command(as_json: bool, state: str | None, check: bool) -> None:
    """List every requirement with the policy, rule, test and page that carry it.

    works: a test comes in by a door that an outsider has and sees it; an organisational matter has its register.
    ruled: policy, rule and case exist, no such test yet. planned: neither.

    \b
    Example: immis trace --state works
             immis trace --json
    """
    if check:
        result = unproved()
        click.echo("\n".join(result) or "every test of tests/acceptance stands on rows, a door and an assertion")
        raise SystemExit(1 if result else 0)
    rows = trace()
    counts = Counter(row.state for row in rows)
    shown = [row for row in rows if state in (None, row.state)]
    if as_json:
        body = {"rows": [asdict(row) for row in shown], "counts": {name: counts[name] for name in STATES}}
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    for row in shown:
        carried = ", ".join([*row.policy, *(r for r in row.rules if r not in row.policy)])
        doors = f"[{' '.join(row.doors)}] " if row.doors else ""
        click.echo(f"{row.id:6} {row.state:9} {row.text[:70]:70} {doors}{carried}")
        if row.missing:
            click.echo(f"{' ':16} still missing: {row.missing}")
    click.echo(", ".join(f"{counts[name]} {name}" for name in STATES))
