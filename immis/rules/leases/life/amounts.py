"""Amounts that change in the life of a settlement: a greater depth, royalty above the yearly amount."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class IncreaseFacts:
    """A depth that the ministry or SEIAA allows later, and the yearly quantity before and after."""

    depth_before_m: Decimal
    depth_m: Decimal
    quantity_before_m3: int
    quantity_m3: int


def year_end(day: date, *, policy: PolicyBook, on: date | datetime, settlement_year_ends: date | None) -> date:
    """Up to which day instalments belong to the year that a surrender must pay in full (clause 31 i)."""
    if policy.value("LSE-22", on)["year"] == "calendar" or settlement_year_ends is None:
        return date(day.year, 12, 31)
    return settlement_year_ends


@rule("LSE-21", on="lease.increase")
def no_increase(facts: IncreaseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The amount rises only where less than three metres were allowed, up to three metres, and quantity grows (E-110).

    Clause: tender 30 kha. Our reading: depth rises, not beyond the figure, and the quantity with it. The Director may
    settle a doubt.
    """
    most = Decimal(str(policy.value("LSE-21", at)["most_depth_m"]))
    deeper = facts.depth_before_m < facts.depth_m <= most
    if deeper and facts.quantity_m3 > facts.quantity_before_m3 > 0:
        return None
    return Finding("LSE-21", {"most_m": str(most), "depth_m": str(facts.depth_m), "quantity_m3": facts.quantity_m3})


@dataclass(frozen=True)
class RoyaltyFacts:
    """One complete year of a settlement: what was removed, on which river, and the amount that the year owes."""

    year: int
    river: str
    removed_m3: Decimal
    amount_paise: int


def royalty_rate_paise(river: str, *, policy: PolicyBook, at: datetime) -> int:
    """The royalty on a cubic metre of sand of a river (LSE-29)."""
    rates = policy.value("LSE-29", at)
    return int(rates["rivers"].get(river.strip().title(), rates["other"])) * 100


@rule("LSE-29", on="lease.royalty")
def royalty_exceeds(facts: RoyaltyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Royalty on what a year removed exceeds its settlement amount: the excess is paid in addition (E-155).

    Clause: tender 42(xxvi). Our reading: excess quantity is what remains after the quantity that the amount covers.
    The rates are the cabinet's of 30.08.2022 by press reports. The Director may settle a doubt.
    """
    rate_paise = royalty_rate_paise(facts.river, policy=policy, at=at)
    royalty_paise = int((facts.removed_m3 * rate_paise).to_integral_value(rounding="ROUND_HALF_UP"))
    if royalty_paise <= facts.amount_paise:
        return None
    excess_m3 = (facts.removed_m3 - Decimal(facts.amount_paise) / rate_paise).quantize(Decimal("0.001"))
    sums = {"royalty_paise": royalty_paise, "excess_paise": royalty_paise - facts.amount_paise}
    words = {"year": facts.year, "removed_m3": str(facts.removed_m3), "excess_m3": str(excess_m3)}
    return Finding("LSE-29", {**words, **sums, "rate_paise": rate_paise}, severity="warning")


def paid_excess_stands(*, has_money: bool, policy: PolicyBook, on: date | datetime) -> bool:
    """Whether what was paid on an excess of royalty stays where it is when the excess goes (LSE-79)."""
    return has_money and policy.value("LSE-79", on) == "stands"
