"""The rivers on which ghats lie: one name each, whatever the spelling, so that the cap of clause 3(ii) binds."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import NotInForce, PolicyBook


@dataclass(frozen=True)
class RiverFacts:
    """A river as it is written of a ghat (empty: none is), and what it is called in the register (empty: unknown)."""

    river: str
    name: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewRiverFacts:
    """Names and spellings of a river, and which of them stand for another one: spelling to river."""

    river: str
    others: Mapping[str, str]


@dataclass(frozen=True)
class KeptRiverFacts:
    """A river about to be changed: whether the law names it."""

    river: str
    by_law: bool


def spelled(text: str, *, leave_out: Iterable[str]) -> str:
    """A river's name as it is compared: small letters, without blanks, signs and the word for river."""
    words = re.split(r"[\s.,()/-]+", text.casefold())
    dropped = {word.casefold() for word in leave_out}
    return "".join(word for word in words if word and word not in dropped)


def capped_rivers(*, policy: PolicyBook, at: datetime) -> tuple[str, ...]:
    """The rivers on which the cap of two blocks or 200 ha holds (AUC-06); none before it is in force."""
    try:
        return tuple(policy.value("AUC-06", at)["rivers"])
    except NotInForce:
        return ()


@rule("GHT-04", on="ghat.river")
def river_unknown(facts: RiverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Every ghat needs a river, and the cap asks for it by name (clause 3(ii), E-021).

    Clause: tender 3(ii). Our reading: what stands of a ghat is a river of the register in one of its spellings, or
    nothing. The AD (HQ) may settle a spelling.
    """
    policy.at("GHT-04", at)
    if not facts.river.strip() or facts.name:
        return None
    return Finding("GHT-04", {"river": facts.river.strip(), "known": list(facts.known)})


@rule("GHT-05", on="river.enter")
def spelling_taken(facts: NewRiverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A name or spelling stands for one river only (clause 3(ii), E-021).

    Clause: tender 3(ii). Our reading: else it stays open whether the cap binds. The AD (HQ) may settle it.
    """
    policy.at("GHT-05", at)
    for spelling, river in facts.others.items():
        return Finding("GHT-05", {"spelling": spelling, "river": river})
    return None


@rule("GHT-06", on="river.change")
def river_of_the_law(facts: KeptRiverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The rivers of the cap are the law's (clause 3(ii), E-021).

    Clause: tender 3(ii). Our reading: an office does not change by an entry what the cap goes by. The AD (HQ) may
    settle a spelling.
    """
    policy.at("GHT-06", at)
    return Finding("GHT-06", {"river": facts.river}) if facts.by_law else None
