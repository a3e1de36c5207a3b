"""What a vehicle can carry at all: no record says more than its weights, wheels and axles allow (E-150)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.registry.vehicles import ON, RegistrationFacts

PULLED = ("tractor", "trolley")


@dataclass(frozen=True)
class Build:
    """A vehicle as its weight is reckoned; what the certificate does not say is None.

    Of a tractor ``unladen_kg`` and ``gross_kg`` are those of its trolley, which bears the load.
    """

    kind: str
    wheels: int
    axles: int | None = None
    unladen_kg: int | None = None
    gross_kg: int | None = None


@dataclass(frozen=True)
class MostLoad:
    """The heaviest load of a vehicle, as weight and as sand of the density of REG-35."""

    payload_kg: int
    most_m3: Decimal
    density_t_m3: Decimal


def most_load(build: Build, *, policy: PolicyBook, at: datetime) -> MostLoad:
    """What a vehicle may carry: the weights of its certificate, under the ceilings of wheels and axles (REG-35)."""
    table = policy.value("REG-35", at)
    density = Decimal(str(table["density_t_m3"]))
    payload = _pulled_kg(build, table) if build.kind in PULLED else _rigid_kg(build, table)
    most_m3 = (Decimal(payload) / 1000 / density).quantize(Decimal("0.01"), ROUND_DOWN)
    return MostLoad(payload, most_m3, density)


def _pulled_kg(build: Build, table: Mapping[str, Any]) -> int:
    most = int(table["trolley_kg"])
    if build.gross_kg and build.unladen_kg:
        return max(0, min(most, build.gross_kg - build.unladen_kg))
    return most


def _rigid_kg(build: Build, table: Mapping[str, Any]) -> int:
    ceiling = _at_most(table["wheels"], build.wheels)
    gross = min(build.gross_kg or ceiling["gross_kg"], ceiling["gross_kg"])
    if build.axles:
        gross = min(gross, _at_most(table["axles"], build.axles))
    return max(0, int(gross) - int(build.unladen_kg or ceiling["unladen_kg"]))


def _at_most(table: Mapping[int, Any], number: int) -> Any:
    """The row of a table for a number that lies between two of its own: that of the smaller one."""
    return table[max((key for key in table if key <= number), default=min(table))]


@rule("REG-35", on=ON)
def capacity_impossible(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A vehicle carries what it is registered for, and no axle bears more than the law lets it (clause 42(xxi), E-150).

    Clause: tender 42(xxi); S.O. 3467(E). Our reading: a capacity whose wet sand weighs more than wheels, axles and
    weights allow is a slip or a lie. The Transport Department settles a doubt about weights.
    """
    if facts.capacity_m3 is None:
        return None
    is_engine = facts.kind == "tractor"  # its own weights say nothing of what its trolley bears
    weights = (None, None) if is_engine else (facts.unladen_kg, facts.gross_kg)
    build = Build(facts.kind, facts.wheels, facts.axles, *weights)
    most = most_load(build, policy=policy, at=at)
    if facts.capacity_m3 <= most.most_m3:
        return None
    return Finding("REG-35", {"registration": facts.registration, "capacity_m3": facts.capacity_m3, **vars(most)})


def bears_no_mineral(body: str, *, policy: PolicyBook, at: datetime) -> bool:
    """Whether a body is one of those that carry no mineral (REG-36)."""
    written = body.upper()
    return any(word in written for word in policy.value("REG-36", at))


@rule("REG-36", on=ON)
def body_carries_nothing(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Sand goes in vehicles that can be loaded with it (clause 42(xxi), E-150).

    Clause: tender 42(xxi). Our reading: by the body that the certificate names. The AD (HQ) may settle a doubt.
    """
    if not facts.body or not bears_no_mineral(facts.body, policy=policy, at=at):
        return None
    return Finding("REG-36", {"registration": facts.registration, "body": facts.body})
