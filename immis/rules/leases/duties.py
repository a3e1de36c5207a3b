"""Duties beside the money: who obtains clearances, the check of a mining plan, a price of sand fixed by order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class NoticeObtainerFacts:
    """Who is to obtain plan and EC for all ghats of a notice; ``closed`` counts its e-auctions that ended."""

    who: str
    closed: int
    reference: str


@dataclass(frozen=True)
class PlanCheckFacts:
    """A check of a mining plan by another agency: when the plan was handed in, who checks it, by what, at what cost."""

    plan_applied_on: date | None
    today: date
    agency: str
    reference: str
    cost_paise: int


@dataclass(frozen=True)
class PriceFacts:
    """A price of sand in paise a cubic metre with its parts; ``price_paise`` None gives it back to the market."""

    role: str
    price_paise: int | None
    amount_paise: int
    costs_paise: int
    margin_paise: int
    reason: str
    reference: str
    from_on: date
    today: date


@dataclass(frozen=True)
class ProhibitedFacts:
    """How much of a ghat lies in a prohibited area, in whole square metres."""

    area: Mapping[str, str]
    overlap_m2: int


def check_cost_due_on(today: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to pay the check of a mining plan that is ordered today (clause 21 i)."""
    return today + timedelta(days=int(policy.value("LSE-50", on)))


@rule("LSE-50", on="lease.plan_check")
def plan_check_incomplete(facts: PlanCheckFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The settlee bears the check of a mining plan by an agency that the Collector or the department chooses (E-089).

    Clause: tender 21 i. Our reading: a plan was handed in, and the order names agency and cost, which is demanded.
    The Collector may settle a doubt.
    """
    due_on = check_cost_due_on(facts.today, policy=policy, on=at)
    if facts.plan_applied_on and facts.agency.strip() and facts.reference.strip() and facts.cost_paise > 0:
        return None
    return Finding("LSE-50", {"due_on": due_on})


@rule("LSE-51", on="price.fix")
def price_without_ground(facts: PriceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The market sets the price; an order may fix it, not below amount, costs and margin together (E-106).

    Clause: tender 28. Our reading: the three parts are named and their sum is the least; an order gives the price
    back to the market in the same way. The Director may settle a doubt.
    """
    allowed = facts.role in policy.value("LSE-51", at)
    least = facts.amount_paise + facts.costs_paise + facts.margin_paise
    parts = min(facts.amount_paise, facts.costs_paise, facts.margin_paise) > 0
    priced = facts.price_paise is None or (parts and facts.price_paise >= least)
    grounded = bool(facts.reason.strip() and facts.reference.strip()) and facts.from_on >= facts.today
    return None if allowed and priced and grounded else Finding("LSE-51", {"least_paise": least})


@rule("LSE-54", on="notice.set_obtainer")
def obtainer_after_the_bids(facts: NoticeObtainerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Who must obtain plan and EC is a term of the auction: named before its first lot ends (E-087).

    Clause: tender 21. Our reading: bidders must know it before they bid; the order is kept. The Director may settle
    a doubt.
    """
    known = facts.who in policy.value("LSE-54", at)
    return (
        None if known and not facts.closed and facts.reference.strip() else Finding("LSE-54", {"closed": facts.closed})
    )


@rule("LSE-52", on="lease.permit_place")
def in_prohibited_area(facts: ProhibitedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining is permitted where a ghat lies in an area that the rules prohibit (E-107).

    Clause: tender 29. Our reading: no-go areas and belts of the register of fences; an overlap within the value is
    one of drawing. The Director may settle a doubt.
    """
    if facts.overlap_m2 <= int(policy.value("LSE-52", at)["most_m2"]):
        return None
    return Finding("LSE-52", {"area": dict(facts.area), "overlap_m2": facts.overlap_m2})
