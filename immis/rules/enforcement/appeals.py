"""Appeal and revision of an order of penalty: who may ask, until when, who decides, and what lands on whose desk.

Clause: the Rules 2019 give appeal and revision (E-168: disputes under the Rules 2019); their text was not seen. The
days are ours and unverified. The AD (HQ) may settle a doubt.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.calendar import india_day
from immis.rules.catalogue import Consequence, Finding, OpenTask, rule, trigger
from immis.rules.movement.triggers.common import due_in, facts_of
from immis.rules.policy import PolicyBook

#: What a decision can come to.
OUTCOMES = ("dismissed", "set_aside", "remanded")


@dataclass(frozen=True)
class FilingFacts:
    """A case before an appeal is filed: when it was ordered, what waits, and what was decided last and when."""

    case: str
    kind: str
    ordered_at: datetime | None
    waits: bool = False
    appeal_decided_at: datetime | None = None
    is_revised: bool = False


def last_day_to_file(facts: FilingFacts, *, policy: PolicyBook) -> date | None:
    """The last day on which an appeal or a revision may be filed; None where nothing stands yet to file it against."""
    begun_at = facts.ordered_at if facts.kind == "appeal" else facts.appeal_decided_at
    if begun_at is None:
        return None
    return india_day(begun_at) + timedelta(days=int(policy.value("CAS-70", begun_at)[facts.kind]))


@rule("CAS-70", on="case.appeal")
def too_late_to_appeal(facts: FilingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An appeal is filed within so many days of the order, a revision of the decision on the appeal.

    Clause: Rules 2019 (E-168), text not seen. Our reading: 30 days, 60 for a revision. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-70", at)
    until = last_day_to_file(facts, policy=policy)
    return None if until is None or india_day(at) <= until else Finding("CAS-70", {"case": facts.case, "until": until})


@rule("CAS-71", on="case.appeal")
def nothing_to_appeal(facts: FilingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """One appeal is heard at a time; a revision follows a decision, and is the last step.

    Clause: Rules 2019 (E-168), text not seen. Our reading: as it says. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-71", at)
    if facts.waits:
        key = "waits"
    elif facts.is_revised:
        key = "revised"
    elif facts.kind == "appeal" and facts.appeal_decided_at is not None:
        key = "decided"
    elif facts.kind == "revision" and facts.appeal_decided_at is None:
        key = "no_appeal"
    else:
        return None
    return Finding("CAS-71", {"case": facts.case, "because": policy.words("CAS-71", key)})


@dataclass(frozen=True)
class DecidingFacts:
    """An appeal before the post that would decide it: against whose act it is, and whether the post is over that."""

    case: str
    waits: bool
    against: str = ""
    is_over: bool = False


@rule("CAS-72", on="case.decide_appeal")
def not_the_higher_post(facts: DecidingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An appeal is decided by a post that stands over the one whose act it is against.

    Clause: Rules 2019 (E-168), text not seen. Our reading: nobody hears an appeal against himself; of the district the
    Collector, of the Collector headquarters. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-72", at)
    return None if not facts.waits or facts.is_over else Finding("CAS-72", {"case": facts.case})


@rule("CAS-73", on="case.decide_appeal")
def no_appeal_waits(facts: DecidingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only an appeal that was filed is stayed or decided.

    Clause: Rules 2019 (E-168), text not seen. Our reading: as it says. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-73", at)
    return None if facts.waits else Finding("CAS-73", {"case": facts.case})


@dataclass(frozen=True)
class StayFacts:
    """Until when an order is to be stayed, and today."""

    case: str
    until: date
    today: date


@rule("CAS-74", on="case.stay")
def stay_without_end(facts: StayFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A stay has an end that lies ahead and not further than the policy says; it can be given again.

    Clause: Rules 2019 (E-168), text not seen. Our reading: at most half a year at once. The AD (HQ) may settle a doubt.
    """
    most = int(policy.value("CAS-74", at))
    if facts.today < facts.until <= facts.today + timedelta(days=most):
        return None
    return Finding("CAS-74", {"case": facts.case, "until": facts.until, "most_days": most})


@dataclass(frozen=True)
class ClosingFacts:
    """A case before it is closed: whether an appeal against its order waits."""

    case: str
    waits: bool


@rule("CAS-75", on="case.close_waits")
def appeal_waits(facts: ClosingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A case is not closed while an appeal against its order waits.

    Clause: Rules 2019 (E-168), text not seen. Our reading: paid under protest is not yet decided. The AD (HQ) may
    settle a doubt.
    """
    policy.at("CAS-75", at)
    return Finding("CAS-75", {"case": facts.case}) if facts.waits else None


@dataclass(frozen=True)
class AppealNews:
    """An appeal that was filed, and the post that decides it."""

    case: str
    offence: str
    district: str
    appeal: str
    to_role: str
    registration: str = ""


@trigger("TRG-281", on="case.appealed")
def hear_the_appeal(facts: AppealNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An appeal lies on the desk of the post that decides it.

    Clause: Rules 2019 (E-168), text not seen. Our reading: decided within so many days. The AD (HQ) may settle a doubt.
    """
    due = due_in(policy, "TRG-281", at)
    return [OpenTask(facts.to_role, "case", facts.case, due_in=due, act="decide_appeal", facts=facts_of(facts))]
