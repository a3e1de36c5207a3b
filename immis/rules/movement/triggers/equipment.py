"""What a loaded vehicle lacked at a check."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from immis.rules.catalogue import Consequence, OpenCase, trigger
from immis.rules.movement.penalties import penalty_paise
from immis.rules.movement.triggers.common import Name, facts_of, task_for
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import texts

_OFFENCES: Mapping[str, str] = {"cover": "uncovered", "board": "no_board"}


@dataclass(frozen=True)
class LackFacts:
    """A loaded vehicle at a check, what it lacked, whose it is, and on which e-challan it drove."""

    registration: str
    district: str
    seen_at: datetime
    missing: tuple[str, ...]
    office: Name
    known: bool = True
    vehicle: str = "truck"
    owner_id: int | None = None
    challan: str = ""
    lease: str = ""
    lat: float | None = None
    lon: float | None = None


@trigger("TRG-216", on="scan.uncovered")
def uncovered(facts: LackFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A loaded vehicle without tarpaulin or signboard: a case for each, and a task in the district's login.

    Clause: tender 42(xi). Our reading: the officer's answer at the check is the evidence; the sum is that of the table
    (PEN-02). A vehicle that the register does not know opens no case. The AD (HQ) may settle a doubt.
    """
    act = "send_notice" if facts.known else "inspect"
    task = replace(
        task_for("TRG-216", facts, ("vehicle", facts.registration), policy=policy, at=at, act=act), facts=_shown(facts)
    )
    if not facts.known:
        return [task]
    cases = [_case(_OFFENCES[name], facts, policy=policy, at=at) for name in facts.missing]
    return [*cases, task]


def _shown(facts: LackFacts) -> dict[str, Any]:
    names = texts("challans/equipment")
    missing = {lang: ", ".join(names[name][lang] for name in facts.missing) for lang in ("en", "hi")}
    return {**facts_of(facts), "missing": missing}


def _case(offence: str, facts: LackFacts, *, policy: PolicyBook, at: datetime) -> Consequence:
    amount = penalty_paise(offence, vehicle=facts.vehicle, policy=policy, at=facts.seen_at)
    return OpenCase(offence, "vehicle", facts.registration, amount, _shown(facts))
