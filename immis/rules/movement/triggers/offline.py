"""What follows when an e-challan of an outage could not be taken in, or was taken in with a finding."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Consequence, OpenCase, trigger
from immis.rules.movement.triggers.common import facts_of, task_for
from immis.rules.policy import PolicyBook

#: What a person did: a copied key or book, a foreign signature, a second load, more than the quota, a clock set back.
_CASES = ("CH-81", "CH-82", "CH-83", "CH-84", "CH-85")


@dataclass(frozen=True)
class OfflineFacts:
    """A finding on a pass of an outage: its entry in the register of findings, the vehicle, the rules, the words."""

    finding: str
    challan: str
    registration: str
    lease: str
    district: str
    codes: tuple[str, ...]
    why_en: str
    why_hi: str
    seen_at: datetime
    known: bool = True
    owner_id: int | None = None
    party_id: int | None = None


@trigger("TRG-250", on="offline.finding")
def look_at_offline_pass(facts: OfflineFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A task of the district, and a case where somebody misused the quota and the vehicle is known.

    Clause: tender 34(kha). Our reading: what a rule of issue says of a load that has left is a task alone. The AD (HQ)
    may settle a doubt.
    """
    task = task_for("TRG-250", facts, ("entry", facts.finding), policy=policy, at=at, act="inspect")
    if not facts.known or not set(facts.codes) & set(_CASES):
        return [task]
    return [OpenCase("offline_double", "vehicle", facts.registration, 0, facts_of(facts)), task]
