"""The mining permission: what must stand before sand may be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path.clearances import missing_of
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words


@dataclass(frozen=True)
class PermitFacts:
    """What stands before the mining permission; ``owed_demand`` is the oldest due instalment not verified."""

    party: Words
    granted: Sequence[str]
    deed_on: date | None
    gst_registered: bool
    owed_demand: str = ""
    owed_paise: int = 0
    demarcated: bool = True


@rule("LSE-11", on="lease.permit")
def permit_clearances_missing(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining permission before all clearances (E-097, first gate).

    Clause: tender 23. Our reading: the same three as for the deed. The Collector may settle a doubt.
    """
    missing = missing_of(policy.value("LSE-11", at), facts.granted)
    return Finding("LSE-11", {"missing": missing}) if missing else None


@rule("LSE-12", on="lease.permit")
def permit_instalment_owed(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining permission while a due instalment is not verified (E-097, second gate).

    Clause: tender 23, "the expected instalment". Our reading: every instalment due by that day. The Collector may
    settle a doubt.
    """
    policy.at("LSE-12", at)
    if not facts.owed_demand:
        return None
    return Finding("LSE-12", {"demand": facts.owed_demand, "amount_paise": facts.owed_paise})


@rule("LSE-13", on="lease.permit")
def permit_without_deed(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining permission before the deed is executed (E-097, third gate).

    Clause: tender 23. Our reading: executed; registration has its own month. The Collector may settle a doubt.
    """
    policy.at("LSE-13", at)
    return None if facts.deed_on else Finding("LSE-13")


@rule("LSE-14", on="lease.permit")
def permit_without_gst(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining permission without GST registration, though the LoI may issue without it (E-043, E-097).

    Clause: tender 7(chha). Our reading: a GSTIN on the party's record or a registration recorded by the district.
    The Collector may settle a doubt.
    """
    policy.at("LSE-14", at)
    return None if facts.gst_registered else Finding("LSE-14", {"party": dict(facts.party)})


@rule("LSE-20", on="lease.permit")
def permit_without_demarcation(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining before the boundary pillars are set and certified (E-148).

    Clause: tender 42(xx). Our reading: a gate of the permission; a corrected ghat is certified anew. The Collector
    may settle a doubt.
    """
    policy.at("LSE-20", at)
    return None if facts.demarcated else Finding("LSE-20")
