"""Runs every golden case of ``tests/cases`` and refuses a rule or trigger that lacks policy, case or clause."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from immis.rules import catalogue
from immis.rules.calendar import india_day
from immis.rules.marks import nearest
from immis.rules.policy import book, read_yaml

CASES = Path(__file__).resolve().parent.parent / "cases"
catalogue.load_all()


_adapter = cache(TypeAdapter)  # as many cases have the same facts


@cache
def _files() -> list[Path]:
    return sorted(CASES.glob("*/*.yaml"))


def _registered(code: str) -> catalogue.Registered:
    known = {**catalogue.RULES, **catalogue.TRIGGERS}
    assert code in known, f"tests/cases: no rule or trigger {code}; @rule or @trigger names it, as the file is named"
    return known[code]


def _code(raw: dict[str, Any]) -> str:
    return raw.get("rule") or raw["trigger"]


def _at(case: dict[str, Any]) -> datetime:
    at = case["at"]
    at = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _facts(registered: catalogue.Registered, raw: Any) -> Any:
    hints = get_type_hints(registered.function)
    kind = hints[next(name for name in registered.function.__code__.co_varnames if name != "self")]
    if is_dataclass(kind):  # a name that nobody reads would leave its fact at the default
        allowed = [field.name for field in fields(kind)]
        for name in raw:
            assert name in allowed, f"{registered.code}.yaml: {kind.__name__} has no {name!r}; {nearest(name, allowed)}"
    return _adapter(kind).validate_python(raw)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value)


def _includes(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return all(name in found and _includes(found[name], value) for name, value in wanted.items())
    return _plain(found) == _plain(wanted)


def _consequences(found: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(type(one).__name__, dict(one.__dict__)) for one in found]


ALL = [
    pytest.param(path, case, id=f"{path.stem}: {case['name']}")
    for path in _files()
    for case in read_yaml(path)["cases"]
]


@pytest.mark.parametrize(("path", "case"), ALL)
def test_case(path, case):
    one = _registered(path.stem)
    facts, at = _facts(one, case["facts"]), _at(case)
    if path.stem in catalogue.TRIGGERS:
        found = _consequences(catalogue.react(one, facts, policy=book(), at=at))
        assert len(found) == len(case["does"]), found
        for (name, body), wanted in zip(found, case["does"], strict=True):
            assert name in wanted and _includes(body, wanted[name] or {}), (name, body)
        return
    finding = catalogue.apply(one, facts, policy=book(), at=at)
    if case["finds"] is None:
        assert finding is None
    else:
        assert finding is not None and finding.code == path.stem
        assert _includes(dict(finding.facts), case["finds"]), dict(finding.facts)


@pytest.mark.parametrize("code", sorted({**catalogue.RULES, **catalogue.TRIGGERS}))
def test_rule_is_complete(code):
    """A rule has a clause docstring, a policy entry and cases: one fires, one does not, one each side of every date."""
    one = _registered(code)
    assert len(one.clause) > 20, f"{code} has no clause in its docstring"
    entry = book().entry(code)
    paths = [path for path in _files() if path.stem == code]
    assert len(paths) == 1, f"{code} needs one file tests/cases/<topic>/{code}.yaml"
    raw = read_yaml(paths[0])
    assert _code(raw) == code
    outcomes = [bool(case.get("finds")) or bool(case.get("does")) or case.get("finds") == {} for case in raw["cases"]]
    if any(value.active for value in entry.values):
        assert any(outcomes), f"{code}: no case fires"
    assert not all(outcomes), f"{code}: every case fires"
    days = [india_day(_at(case)) for case in raw["cases"]]
    for begins in entry.effective_dates:
        assert any(day < begins for day in days), f"{code}: no case before {begins}"
        assert any(day >= begins for day in days), f"{code}: no case from {begins} on"
