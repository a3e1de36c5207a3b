"""What VAHAN says of a vehicle beside what stands in the register here (E-150)."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.registry.vehicles import class_mark

ACTIVE = "ACTIVE"


@dataclass(frozen=True)
class LookFacts:
    """A vehicle as VAHAN has it: its status there, whether blacklisted, and its class there beside the one here."""

    registration: str
    status: str = ""
    blacklisted: bool = False
    class_here: str = ""
    class_there: str = ""

    @property
    def is_stopped(self) -> bool:
        """Whether VAHAN stops it: blacklisted, or any standing but active; no standing leaves it to the office."""
        return self.blacklisted or bool(self.status) and self.status != ACTIVE


@dataclass(frozen=True)
class UnseenFacts:
    """A vehicle whose papers an officer is about to confirm; ``is_seen``: they count already."""

    registration: str
    is_seen: bool = False


@rule("REG-37", on="vehicle.confirm")
def seen_already(facts: UnseenFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What a party enters of a vehicle counts when VAHAN or an officer has seen it (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: one look, until the party changes the record again. The AD (HQ) may settle a
    doubt.
    """
    policy.at("REG-37", at)
    if not facts.is_seen:
        return None
    return Finding("REG-37", {"number": facts.registration, "because": policy.words("REG-37", "seen"), "why": "seen"})


@rule("REG-38", on="vehicle.looked")
def contradicted(facts: LookFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only registered vehicles that may carry goods carry sand (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: what VAHAN says goes before what was entered; whoever asked is told of it. The
    AD (HQ) may settle a doubt.
    """
    policy.at("REG-38", at)
    differs = bool(facts.class_here) and class_mark(facts.class_here) != class_mark(facts.class_there)
    if facts.is_stopped:
        why = "stopped"
    elif differs and facts.class_there:
        why = "class"
    else:
        return None
    words = policy.words(
        "REG-38", why, status=facts.status or "BLACKLISTED", here=facts.class_here, there=facts.class_there
    )
    return Finding("REG-38", {"registration": facts.registration, "because": words, "why": why}, severity="warning")
