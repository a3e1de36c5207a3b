"""Which ground a row of a notice is: a ghat of the register or a new one, and whether it is free for an auction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import M2_PER_HA, area_ha, overlap_m2
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class Likeness:
    """How far a row of a notice is like a ghat of the register.

    ``shared_percent`` of the smaller area lies in both; None where one of the two has no corners. ``named``: name
    and number of the block are the same.
    """

    block: str
    named: bool
    shared_percent: Decimal | None


@dataclass(frozen=True)
class GhatPlaceFacts:
    """A row of a notice beside the ghats of its district that it may be, and what the officer said of it.

    ``confirmed`` is the code of a ghat, ``new``, or empty where nothing was said.
    """

    serial: int
    name: str
    likenesses: tuple[Likeness, ...]
    confirmed: str = ""


@dataclass(frozen=True)
class GhatFreeFacts:
    """A ghat on its way into a notice: the auction or settlement on it that is not over, empty where none is."""

    serial: int
    name: str
    standing: str = ""


@dataclass(frozen=True)
class CorrigendumFacts:
    """A lot whose times stand in its chain by an order, and whether a file gives it other ones."""

    lot: str
    moves_times: bool
    chained: bool


def shared_percent(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> Decimal | None:
    """The part of the smaller of two areas that lies in both, in percent; None without two areas."""
    if len(first) < 3 or len(second) < 3:
        return None
    if _apart(first, second):
        return Decimal(0)
    smaller_m2 = min(area_ha(first), area_ha(second)) * M2_PER_HA
    if not smaller_m2:
        return None
    return Decimal(str(round(min(100.0, 100 * overlap_m2(first, second) / smaller_m2), 1)))


def _apart(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> bool:
    return any(
        max(row[axis] for row in lower) < min(row[axis] for row in upper)
        for axis in (0, 1)
        for lower, upper in ((first, second), (second, first))
    )


def same_ghat(facts: GhatPlaceFacts, *, policy: PolicyBook, at: datetime) -> str:
    """The ghat of the register that a row certainly is: by the officer's word, or by name, number and ground together.

    Empty for a new ghat. Never by a serial number alone (AUC-160).
    """
    if facts.confirmed:
        return "" if facts.confirmed == "new" else facts.confirmed
    least = Decimal(str(policy.value("AUC-160", at)["same_from_percent"]))
    certain = [likeness for likeness in facts.likenesses if likeness.named and _covers(likeness, least)]
    return certain[0].block if len(certain) == 1 else ""


def _covers(likeness: Likeness, least: Decimal) -> bool:
    return likeness.shared_percent is None or likeness.shared_percent >= least


@rule("AUC-160", on="auction.place")
def ghat_in_doubt(facts: GhatPlaceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 21(v), 32 and 33: a ghat is auctioned again, and plan and EC pass on; so a row must name its ghat.

    Our reading: name, number and ground together say that it is the same one; half of that is a doubt, which the
    district mining office settles row by row (clause 42(xx), E-147). A serial number alone says nothing.
    """
    terms = policy.value("AUC-160", at)
    known = [likeness.block for likeness in facts.likenesses]
    if facts.confirmed:
        fine = facts.confirmed == "new" or facts.confirmed in known
        return None if fine else _doubt(facts, known)
    if same_ghat(facts, policy=policy, at=at):
        return None
    asks = Decimal(str(terms["doubt_from_percent"]))
    likely = [
        likeness.block for likeness in facts.likenesses if likeness.named or (likeness.shared_percent or 0) >= asks
    ]
    return _doubt(facts, likely) if likely else None


def _doubt(facts: GhatPlaceFacts, likely: list[str]) -> Finding:
    return Finding("AUC-160", {"serial": facts.serial, "name": facts.name, "likely": likely or ["—"]})


@rule("AUC-161", on="auction.place_free")
def ghat_not_free(facts: GhatFreeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 19(vi) and 21(v): a ghat is auctioned again after an auction or a settlement that came to nothing.

    Our reading: while one auction or settlement of it is not over no second one begins. The Collector may settle it.
    """
    policy.value("AUC-161", at)
    if not facts.standing:
        return None
    return Finding("AUC-161", {"serial": facts.serial, "name": facts.name, "standing": facts.standing})


@rule("AUC-162", on="auction.corrigendum")
def times_stand_by_order(facts: CorrigendumFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 11: a change of the programme is a written notice (E-059, E-060).

    Our reading: once the chain of a lot holds an order, its auction's times move by an order of two officers only;
    every other date of the programme may still be corrected by a file. The department may settle it.
    """
    policy.value("AUC-162", at)
    return Finding("AUC-162", {"lot": facts.lot}) if facts.chained and facts.moves_times else None
