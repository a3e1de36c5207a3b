"""Hearings of a case: fixed ahead, put off with a reason, held with who came and what was said, before the order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class FixingFacts:
    """A hearing before it is fixed or put off to another time."""

    case: str
    fixed_at: datetime


@rule("CAS-62", on="case.fix_hearing")
def heard_too_soon(facts: FixingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A hearing is fixed so many days ahead, so that who is to be heard can come.

    Clause: review of 13.01.2026, point vi: under the rules, whose text was not seen. Our reading: three days. The AD
    (HQ) may settle a doubt.
    """
    first_at = at + timedelta(days=int(policy.value("CAS-62", at)))
    return None if facts.fixed_at >= first_at else Finding("CAS-62", {"case": facts.case, "first_at": first_at})


@dataclass(frozen=True)
class StandingFacts:
    """A case and the hearing that is fixed and not yet held; None: none."""

    case: str
    stands_at: datetime | None = None


@rule("CAS-63", on="case.hearing_stands")
def no_hearing_stands(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a hearing that was fixed is put off, and held when its time has come.

    Clause: review of 13.01.2026, point vi. Our reading: as it says. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-63", at)
    return None if facts.stands_at else Finding("CAS-63", {"case": facts.case})


@rule("CAS-64", on="case.no_hearing")
def hearing_stands(facts: StandingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """While a hearing is fixed and not held there is no other one, and no order.

    Clause: review of 13.01.2026, point vi. Our reading: who was called is heard before the order. The AD (HQ) may
    settle a doubt.
    """
    policy.at("CAS-64", at)
    return Finding("CAS-64", {"case": facts.case, "stands_at": facts.stands_at}) if facts.stands_at else None
