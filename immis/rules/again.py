"""Asking the law again: the rules of a code, or of an occasion, on facts as they were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

from immis.rules import catalogue
from immis.rules.catalogue import Consequence, Finding, Registered
from immis.rules.policy import PolicyBook


class NotRebuilt(Exception):
    """The facts that were kept are not those that the rule asks for."""


def says(code: str, facts: Any, *, policy: PolicyBook, at: datetime) -> list[Finding]:
    """What the rule of a code finds, or all rules of an occasion, by the figures of the instant's day.

    Raises KeyError for a code that no rule has.
    """
    catalogue.load_all()
    if code in catalogue.RULES:
        finding = catalogue.apply(catalogue.RULES[code], facts, policy=policy, at=at)
        return [] if finding is None else [finding]
    if not rules_of(code):
        raise KeyError(code)
    return catalogue.find(code, facts, policy=policy, at=at)


def rules_of(code: str) -> list[Registered]:
    """The rules of a code, or of an occasion."""
    catalogue.load_all()
    if code in catalogue.RULES:
        return [catalogue.RULES[code]]
    return [row for row in catalogue.RULES.values() if row.on == code]


def said(code: str, kept: Mapping[str, Any], *, policy: PolicyBook, at: datetime) -> list[Finding]:
    """``says`` on facts out of a record. Raises NotRebuilt, KeyError."""
    rules = rules_of(code)
    if not rules:
        raise KeyError(code)
    return says(code, rebuilt(rules[0], kept), policy=policy, at=at)


def followed(code: str, kept: Mapping[str, Any], *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """What the trigger of a code makes of facts out of a record. Raises NotRebuilt, KeyError."""
    catalogue.load_all()
    registered = catalogue.TRIGGERS[code]
    return catalogue.react(registered, rebuilt(registered, kept), policy=policy, at=at)


def rebuilt(registered: Registered, kept: Mapping[str, Any]) -> Any:
    """The facts of a rule or trigger as its class has them; a name that it does not know would be lost.

    Raises NotRebuilt.
    """
    kind = _facts_class(registered)
    if is_dataclass(kind):
        unknown = set(kept) - {field.name for field in fields(kind)}
        if unknown:
            raise NotRebuilt(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    try:
        return _adapter(kind).validate_python(dict(kept))
    except ValueError as error:
        raise NotRebuilt(f"{kind.__name__}: {error}") from error


def _facts_class(registered: Registered) -> Any:
    hints = get_type_hints(registered.function)
    return hints[registered.function.__code__.co_varnames[0]]


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # who only keeps decisions does not wait for it

    return TypeAdapter(kind)


def finding_rows(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as a record keeps them."""
    return [{"code": row.code, "severity": row.severity, "facts": dict(row.facts)} for row in findings]


def consequence_rows(consequences: Sequence[Consequence]) -> list[dict[str, Any]]:
    """Consequences as the law named them, before anything was carried out."""
    return [{"kind": type(row).__name__, **{k: _kept(v) for k, v in vars(row).items()}} for row in consequences]


def _kept(value: Any) -> Any:
    """A length of time as its seconds: a record has no other."""
    return value.total_seconds() if isinstance(value, timedelta) else value
