"""Time limits of the path: who obtains the clearances, extensions by order, and what a missed limit allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path import CLEARANCES, STEPS
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words

#: The clocks that the settlee's side has to keep and that an order may extend or that forfeiture may follow.
CLOCKS: Mapping[str, Words] = {
    "security": STEPS["security"],
    "documents": STEPS["documents"],
    "assets": STEPS["assets"],
    "plan": CLEARANCES["plan"],
    "ec": CLEARANCES["ec"],
    "cte_cto": CLEARANCES["cte_cto"],
    "registration": STEPS["registration"],
}


@dataclass(frozen=True)
class ObtainerFacts:
    """A change of who must obtain plan and EC: ``applied`` are the clearances applied for already."""

    by: str
    applied: Sequence[str]


@dataclass(frozen=True)
class ExtensionFacts:
    """A clock that an authority extends: its day as it stands, the new day, and who orders it by what."""

    clock: str
    due_on: date | None
    until_on: date
    role: str
    reason: str
    reference: str


@dataclass(frozen=True)
class ForfeitFacts:
    """A clock on which the Collector would forfeit: its day (None: it does not run), and a valid reason on record."""

    ground: str
    today: date
    due_on: date | None
    done: bool = False
    valid_reason: str = ""


@rule("LSE-16", on="lease.set_obtainer")
def obtainer_too_late(facts: ObtainerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Who must obtain plan and EC is settled before the first application (E-087).

    Clause: tender 21: the successful bidder. Our reading: the auction's notice may name the department instead, as
    the State announced in October 2024; once something is applied for it stays. The Director may settle a doubt.
    """
    allowed = policy.value("LSE-16", at)["choices"]
    if facts.by in allowed and not facts.applied:
        return None
    applied = {lang: ", ".join(CLEARANCES[kind][lang] for kind in facts.applied) or "—" for lang in ("en", "hi")}
    return Finding("LSE-16", {"applied": applied})


@rule("LSE-17", on="lease.extend")
def extension_without_ground(facts: ExtensionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A clock is extended only forward, by an authority that may, with reason and document.

    Clause: the tender names no extension; clause 21 v speaks of a valid reason. Our reading: a reasoned order of
    the Collector or headquarters. The Director may settle a doubt.
    """
    why = _extension_wrong(facts, policy.value("LSE-17", at)["roles"])
    if why is None:
        return None
    because = policy.words("LSE-17", why, due_on=facts.due_on)
    return Finding("LSE-17", {"clock": CLOCKS[facts.clock], "because": because})


def _extension_wrong(facts: ExtensionFacts, roles: Sequence[str]) -> str | None:
    if facts.role not in roles:
        return "not_by_post"
    if not facts.reason.strip() or not facts.reference.strip():
        return "no_order"
    if facts.due_on is None:
        return "not_running"
    if facts.until_on <= facts.due_on:
        return "not_later"
    return None


@rule("LSE-18", on="lease.forfeit")
def nothing_to_forfeit(facts: ForfeitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Deposits are forfeited only when a time limit was missed without a valid reason (E-078, E-094).

    Clause: tender 20 i and 21 v. Our reading: the day with its extensions is over, nothing was done, and no valid
    reason is accepted. The Collector may settle a doubt.
    """
    grounds = policy.value("LSE-18", at)["grounds"]
    why = _no_default(facts, grounds)
    if why is None:
        return None
    because = policy.words("LSE-18", why, due_on=facts.due_on, valid_reason=facts.valid_reason)
    return Finding("LSE-18", {"ground": CLOCKS[facts.ground], "because": because})


def _no_default(facts: ForfeitFacts, grounds: Sequence[str]) -> str | None:
    if facts.ground not in grounds:
        return "no_such_ground"
    if facts.done:
        return "done"
    if facts.due_on is None:
        return "not_running"
    if facts.today <= facts.due_on:
        return "in_time"
    if facts.valid_reason:
        return "excused"
    return None
