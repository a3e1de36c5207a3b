"""Orders on holds: closure windows with an end, and orders of a court or the department that suspend a stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

#: Who may suspend a stop by order, and why e-challans may be closed.
AUTHORITIES = texts("holds/authorities")
GROUNDS = texts("holds/grounds")
STATE = "Bihar"


@dataclass(frozen=True)
class ClosureFacts:
    """A window in which e-challans are to be closed for a district or the State."""

    ground: str
    scope: str
    since: datetime
    until: datetime | None
    role: str


@dataclass(frozen=True)
class SuspendFacts:
    """An order that suspends one standing hold: its rule, authority, who enters it, by which document, until when."""

    rule_code: str
    authority: str
    role: str
    reference: str
    document: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class SuspensionFacts:
    """A suspension on record."""

    reference: str
    since: datetime
    until: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class UndoFacts:
    """An order that somebody wants to lift, suspend or withdraw: who gave it, who undoes it."""

    reference: str
    ordered_role: str
    role: str


@dataclass(frozen=True)
class OnRecordFacts:
    """An order on record: its number, its end if it has one, and when another order took it back."""

    reference: str
    until: datetime | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True)
class StopsFacts:
    """The rules that stop a settlement's e-challans now."""

    rules: Sequence[str]


def district_reached(subject: tuple[str, str], facts: Mapping[str, Any] | None) -> str:
    """The district that a stop reaches; empty where it reaches the State, or nobody says where."""
    if subject[0] == "state":
        return ""
    return subject[1] if subject[0] == "district" else str((facts or {}).get("district") or "")


@rule("HLD-11", on="hold.order_closure")
def closure_unlawful(facts: ClosureFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """E-challans of a district or the State are closed only for a named ground, with an end (E-162).

    Clause: tender 42(xxxiii): server maintenance or law and order. Our reading: a window has an end from the start;
    for the whole State only headquarters. The Director may settle a doubt.
    """
    terms = policy.value("HLD-11", at)
    why = _closure_wrong(facts, terms, at)
    return Finding("HLD-11", {"because": policy.words("HLD-11", why)}) if why else None


def _closure_wrong(facts: ClosureFacts, terms: Mapping[str, Any], at: datetime) -> str | None:
    if facts.ground not in terms["grounds"]:
        return "no_ground"
    if facts.until is None or facts.until <= max(facts.since, at):
        return "no_end"
    if facts.scope == "state" and facts.role not in terms["statewide_roles"]:
        return "not_statewide"
    return None


@rule("HLD-12", on="hold.suspend")
def suspension_unlawful(facts: SuspendFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A stop is suspended only by an order of a court or the department, with its document and an end (A-18, A-19).

    Clause: review of 13.01.2026, point vii: no manual switch. Our reading: the order is a record of its own and the
    stop comes back by itself at its end. The Director may settle a doubt.
    """
    terms = policy.value("HLD-12", at)
    why = _suspension_wrong(facts, terms, at)
    return Finding("HLD-12", {"because": policy.words("HLD-12", why)}) if why else None


def _suspension_wrong(facts: SuspendFacts, terms: Mapping[str, Sequence[str]], at: datetime) -> str | None:
    if facts.role not in terms["roles"]:
        return "not_by_post"
    if facts.rule_code not in terms["suspends"]:
        return "not_suspended"
    if facts.authority not in terms["authorities"]:
        return "no_authority"
    if not facts.reference.strip() or not facts.document:
        return "no_document"
    if facts.until is None or facts.until <= max(facts.since, at):
        return "no_end"
    return None


@rule("HLD-15", on="hold.undo")
def undone_from_below(facts: UndoFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order is lifted, suspended or withdrawn by a post that stands at least as high as the one that gave it.

    Clause: review of 13.01.2026, point vii: no manual switch. Our reading: else the mining office would switch off
    what the Collector or headquarters ordered for its district; what this system ordered by rule any of them undoes.
    The Director may settle a doubt.
    """
    terms = policy.value("HLD-15", at)
    ranks = list(terms["ranks"])
    if facts.role == "system" or facts.ordered_role not in ranks:
        return None
    if facts.role in ranks and ranks.index(facts.role) >= ranks.index(facts.ordered_role):
        return None
    return Finding("HLD-15", {"reference": facts.reference, "post": dict(terms["posts"][facts.ordered_role])})


@rule("HLD-16", on="hold.on_record")
def over_already(facts: OnRecordFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order that was taken back, or has run out, stops and opens nothing any more.

    Clause: review of 13.01.2026, point vii: no manual switch. Our reading: what is over is not lifted or withdrawn a
    second time; a new order is a record of its own. The Director may settle a doubt.
    """
    policy.at("HLD-16", at)
    ended_at = min(filter(None, (facts.undone_at, facts.until)), default=None)
    if ended_at is None or ended_at > at:
        return None
    return Finding("HLD-16", {"reference": facts.reference, "ended_at": ended_at})


@rule("HLD-17", on="hold.stops_something")
def nothing_stopped(facts: StopsFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order of a court or the department suspends a stop that stands.

    Clause: review of 13.01.2026, point vii: no manual switch. Our reading: nothing is suspended beforehand. The
    Director may settle a doubt.
    """
    policy.at("HLD-17", at)
    return None if facts.rules else Finding("HLD-17")


@rule("HLD-13", on="hold.suspended")
def suspended(facts: SuspensionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """While an order suspends a stop, the stop does not work; at its end it is back at that instant (A-19).

    Clause: review of 13.01.2026, point vii. Our reading: from the order's instant to its end, the end excluded. The
    Director may settle a doubt.
    """
    policy.at("HLD-13", at)
    withdrawn = facts.withdrawn_at is not None and facts.withdrawn_at <= at
    if withdrawn or not facts.since <= at < facts.until:
        return None
    return Finding("HLD-13", {"reference": facts.reference, "until": facts.until}, severity="warning")
