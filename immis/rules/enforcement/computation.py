"""A penalty as the rules give it: the sum of the class of vehicle, a multiple of royalty, and what is added.

It is reckoned by the law of the day of the offence. Clause: rule 56 of the Rules 2019 as the press tells its scale of
October 2024 (A-15, E-165). Our reading: sum of the class + multiple x royalty x quantity + additions; two orders of
which the press gave the total agree with it. The AD (HQ) may settle a doubt by the gazette.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.money import PAISE
from immis.rules.movement.offences import offence
from immis.rules.policy import NotInForce, PolicyBook, PolicyValue

MULTIPLE, ROYALTY, WHICH_RULE = "PEN-61", "PEN-62", "PEN-65"
#: The rule whose scale is known; by another one the order names its amount with a reason.
SCALE = "56"


@dataclass(frozen=True)
class Measured:
    """What a penalty is reckoned of: the offence, as what the accused did it, with which vehicle, how much mineral."""

    offence: str
    vehicle: str = ""
    actor: str = ""
    quantity_m3: Decimal = Decimal(0)
    river: str = ""
    add_ons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One sum of a penalty with its clause; ``factors`` of a royalty: times, rupees per cubic metre, cubic metres."""

    code: str
    amount_paise: int
    from_on: date
    cites: str
    status: str
    factors: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Computation:
    """The lines of a penalty and by which rule of the Rules 2019 it is imposed; no line where no table gives one."""

    rule: str = ""
    lines: tuple[Line, ...] = field(default=())

    @property
    def total_paise(self) -> int:
        return sum(line.amount_paise for line in self.lines)

    @property
    def is_unverified(self) -> bool:
        """Whether a figure of it comes from no law that we have seen."""
        return any(line.status == "unverified" for line in self.lines)


def computed(facts: Measured, *, policy: PolicyBook, at: datetime) -> Computation:
    """The penalty of an offence by the law of the day ``at`` on which it happened."""
    law = offence(facts.offence)
    rule = str(policy.value(WHICH_RULE, at, actor=facts.actor)) if law.by_royalty and _holds(policy, at) else ""
    if rule and rule != SCALE:
        return Computation(rule)
    codes = [code for code in (law.table, *(code for code in law.add_ons if code in facts.add_ons)) if code]
    lines = [_sum(code, facts, policy, at) for code in codes]
    royalty = _royalty(facts, policy, at) if law.by_royalty else None
    return Computation(rule, tuple(line for line in (*lines[:1], royalty, *lines[1:]) if line is not None))


def _holds(policy: PolicyBook, at: datetime) -> bool:
    try:
        policy.at(WHICH_RULE, at)
    except NotInForce:
        return False
    return True


def _sum(code: str, facts: Measured, policy: PolicyBook, at: datetime) -> Line | None:
    value = _in_force(policy, code, at, vehicle=facts.vehicle)
    return None if value is None else _line(value, int(value.value) * PAISE)


def _royalty(facts: Measured, policy: PolicyBook, at: datetime) -> Line | None:
    """So many times the royalty on what was taken; nothing where no quantity was measured."""
    times, rate = _in_force(policy, MULTIPLE, at), _in_force(policy, ROYALTY, at)
    if times is None or rate is None or facts.quantity_m3 <= 0:
        return None
    rupees = Decimal(rate.value["rivers"].get(facts.river, rate.value["other"]))
    whole = Decimal(times.value) * rupees * facts.quantity_m3 * PAISE
    factors = (Decimal(times.value), rupees, facts.quantity_m3)
    return _line(times, int(whole.quantize(Decimal(1), ROUND_HALF_UP)), factors)


def _line(value: PolicyValue, amount_paise: int, factors: tuple[Decimal, ...] = ()) -> Line:
    return Line(value.code, amount_paise, value.from_on, value.cites, value.status, factors)


def _in_force(policy: PolicyBook, code: str, at: datetime, **scope: str) -> PolicyValue | None:
    try:
        return policy.at(code, at, **scope)
    except NotInForce:
        return None


@dataclass(frozen=True)
class MeasuringFacts:
    """A case before anything is measured: whether its table asks for a quantity or knows additions."""

    case: str
    by_royalty: bool
    has_add_ons: bool


@rule("CAS-61", on="case.measure")
def nothing_to_measure(facts: MeasuringFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What is measured is what the table of the offence asks for.

    Clause: review of 13.01.2026, point vi. Our reading: as it says. The AD (HQ) may settle a doubt.
    """
    policy.at("CAS-61", at)
    return None if facts.by_royalty or facts.has_add_ons else Finding("CAS-61", {"case": facts.case})
