"""The list of all rules and triggers: ``@rule`` and ``@trigger`` put a pure function under its code.

A rule answers ``Finding | None`` to facts; a trigger answers consequences to an
event. Both get the rule book and the instant as arguments.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from immis.rules.policy import NotInForce, PolicyBook


@dataclass(frozen=True)
class Finding:
    """What a rule found: its code and the facts with which its message is worded."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    severity: str = "refuse"  # refuse | warning | error


@dataclass(frozen=True)
class OpenTask:
    """A task lands on an office's desk, due within a time, with the act that is proposed.

    ``once``: there is one about this subject for good, decided or not.
    """

    role: str
    subject_kind: str
    subject_id: str
    due_in: timedelta
    act: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True)
class OpenCase:
    """A case against a vehicle or party, with the evidence, and a penalty proposed in paise."""

    offence: str
    subject_kind: str
    subject_id: str
    penalty_paise: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlaceHold:
    """A subject is stopped from something from an instant on, until ``until`` or until it is lifted."""

    subject_kind: str
    subject_id: str
    stops: str
    since: datetime
    until: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SendMessage:
    """A message to a party or office, worded from the policy message of ``template``."""

    to_kind: str  # party | office
    to_id: str
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeState:
    """A record changes its state by law, not by hand."""

    subject_kind: str
    subject_id: str
    to: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Consequence = OpenTask | OpenCase | PlaceHold | SendMessage | ChangeState


@dataclass(frozen=True)
class Registered:
    """A rule or trigger as the catalogue knows it."""

    code: str
    on: str
    function: Callable[..., Any]

    @property
    def clause(self) -> str:
        return (self.function.__doc__ or "").strip()


RULES: dict[str, Registered] = {}
TRIGGERS: dict[str, Registered] = {}


def _enter(catalogue: dict[str, Registered], code: str, on: str) -> Callable[..., Any]:
    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        if code in catalogue and catalogue[code].function.__qualname__ != function.__qualname__:
            raise ValueError(f"{code} is taken by {catalogue[code].function.__qualname__}")
        catalogue[code] = Registered(code, on, function)
        return function

    return keep


def rule(code: str, *, on: str) -> Callable[..., Any]:
    """Register ``f(facts, *, policy, at) -> Finding | None`` under a code and an occasion (``challan.issue``)."""
    return _enter(RULES, code, on)


def trigger(code: str, *, on: str) -> Callable[..., Any]:
    """Register ``f(facts, *, policy, at) -> list[Consequence]`` under a code and an event kind."""
    return _enter(TRIGGERS, code, on)


@cache
def load_all() -> None:
    """Import every module under ``immis.rules``, once, so that the catalogue is complete."""
    package = import_module("immis.rules")
    for module in walk_packages(package.__path__, "immis.rules."):
        import_module(module.name)


def find(on: str, facts: Any, *, policy: PolicyBook, at: datetime) -> list[Finding]:
    """Run every rule of an occasion, in the order of their codes; a rule whose policy is not in force finds nothing."""
    result = (apply(row, facts, policy=policy, at=at) for row in _of(RULES, on))
    return [finding for finding in result if finding is not None]


def apply(registered: Registered, facts: Any, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Run one rule; None where its policy has no value on that day."""
    try:
        finding: Finding | None = registered.function(facts, policy=policy, at=at)
    except NotInForce:
        return None
    return finding


def react(registered: Registered, facts: Any, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Run one trigger; nothing follows where its policy has no value on that day."""
    try:
        return list(registered.function(facts, policy=policy, at=at))
    except NotInForce:
        return []


def triggers_on(kind: str) -> list[Registered]:
    return list(_of(TRIGGERS, kind))


def _of(catalogue: Mapping[str, Registered], on: str) -> Iterable[Registered]:
    load_all()
    return _sorted(catalogue is RULES, on)


@cache
def _sorted(rules: bool, on: str) -> tuple[Registered, ...]:
    catalogue = RULES if rules else TRIGGERS
    return tuple(sorted([row for row in catalogue.values() if row.on == on], key=lambda row: row.code))
