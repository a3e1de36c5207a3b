"""What a bid must be: on the steps, in the window, higher, of a bidder who passed and has room under the cap."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class HeldBlock:
    """A block that a bidder leads or has won: it counts against the cap while that stands."""

    code: str
    river: str
    area_ha: Decimal


@dataclass(frozen=True)
class BidFacts:
    """One bid as the engine sees it under the lot's lock. ``technical`` is passed, applied, failed or empty.

    ``held`` are the blocks that count against each person behind the bid: the bidder, and who bids jointly with him.
    """

    reserve_rupees: int
    amount_rupees: int
    opens_at: datetime
    ends_at: datetime
    technical: str
    highest_rupees: int | None = None
    leads_already: bool = False
    river: str = ""
    area_ha: Decimal = Decimal(0)
    held: tuple[tuple[HeldBlock, ...], ...] = ()
    paused_at: datetime | None = None
    aborted: bool = False
    debarred_until: date | None = None
    debarred_by: str = ""


@dataclass(frozen=True)
class JumpFacts:
    """How many increments a bidder goes up at once, and whether the jump was confirmed."""

    steps: int
    confirmed: bool
    increment_rupees: int = 0


def increment_rupees(reserve_rupees: int, *, policy: PolicyBook, on: date | datetime) -> int:
    """The least step between bids: a share of the reserve price in whole rupees (E-071)."""
    percent = Decimal(policy.value("AUC-01", on)["percent"])
    return int((reserve_rupees * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))


def offered_amount(
    *, base_rupees: int | None, steps: int, reserve_rupees: int, policy: PolicyBook, on: date | datetime
) -> int:
    """What a bidder offers who goes ``steps`` increments above a base; without a base, above the reserve price."""
    base = reserve_rupees if base_rupees is None else base_rupees
    return base + steps * increment_rupees(reserve_rupees, policy=policy, on=on)


def least_steps(highest_rupees: int | None, *, policy: PolicyBook, on: date | datetime) -> int:
    """The fewest increments of a valid bid: none for a first bid where it may equal the reserve price (E-172)."""
    first_at_reserve = bool(policy.value("AUC-01", on)["first_at_reserve"])
    return 0 if highest_rupees is None and first_at_reserve else 1


@rule("AUC-01", on="auction.bid")
def off_the_steps(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 19(iv): the increment is 10 % of the reserve price and bids stand only on its multiples.

    Our reading: a bid is the reserve price plus a whole number of increments;
    whether a first bid may equal the reserve price is the setting
    ``first_at_reserve`` (19(vi) says "above" for a single bid only). The tender
    committee may settle a doubt.
    """
    step = increment_rupees(facts.reserve_rupees, policy=policy, on=facts.opens_at)
    least = facts.reserve_rupees + step * least_steps(None, policy=policy, on=facts.opens_at)
    above, rest = divmod(facts.amount_rupees - facts.reserve_rupees, step)
    if not rest and facts.amount_rupees >= least:
        return None
    lower = max(facts.reserve_rupees + above * step, least)
    return Finding(
        "AUC-01",
        {
            "amount_rupees": facts.amount_rupees,
            "increment_rupees": step,
            "reserve_rupees": facts.reserve_rupees,
            "valid_rupees": [lower, lower + step],
        },
    )


@rule("AUC-02", on="auction.bid")
def outside_the_window(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Notice 1 and clause 6(i): bids count from the notified start until the end, the end itself excluded.

    Our reading: the window is half-open, [start, end); a bid at 13:00:00.000 is
    late. The clock is the database's, read under the lot's lock. While the lot
    is paused the window stands still (AUC-40).
    """
    policy.value("AUC-02", facts.opens_at)
    if facts.paused_at is not None or facts.opens_at <= at < facts.ends_at:
        return None
    return Finding("AUC-02", {"at": at, "opens_at": facts.opens_at, "ends_at": facts.ends_at})


@rule("AUC-04", on="auction.bid")
def not_passed(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 19(ii) and 8: only bidders whose technical bid for this lot was successful may bid."""
    policy.value("AUC-04", facts.opens_at)
    return None if facts.technical == "passed" else Finding("AUC-04", {"technical": facts.technical})


@rule("AUC-05", on="auction.bid")
def not_higher(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 10 and 19(ii): a bid must exceed the highest; the highest bidder does not outbid himself.

    Our reading: the tender is silent on raising one's own highest bid; the setting
    ``own_highest_may_raise`` says no, as a slip cannot be taken back.
    """
    may_raise = bool(policy.value("AUC-05", facts.opens_at)["own_highest_may_raise"])
    if facts.highest_rupees is None:
        return None
    own = facts.leads_already and not may_raise
    if facts.amount_rupees > facts.highest_rupees and not own:
        return None
    step = increment_rupees(facts.reserve_rupees, policy=policy, on=facts.opens_at)
    return Finding(
        "AUC-05",
        {
            "amount_rupees": facts.amount_rupees,
            "highest_rupees": facts.highest_rupees,
            "least_rupees": facts.highest_rupees + step,
            "own_bid": own,
        },
    )


@rule("AUC-06", on="auction.bid")
def over_the_cap(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 3(ii): at most two blocks or 200 hectares a person on Son, Chanan, Kiul, Falgu and Morhar.

    Our reading: blocks that a person leads in a running auction, has won, or
    holds by a settlement count, in whatever district, this one included, alone
    or in a joint bid (AUC-102): no person behind a bid may come to have more.
    Whichever limit is reached first refuses. Where the river of a block is not
    known the cap is not judged, and the page says so.
    """
    terms = policy.value("AUC-06", facts.opens_at)
    rivers = set(terms["rivers"])
    if facts.river not in rivers:
        return None
    for held in facts.held or ((),):
        counted = [block for block in held if block.river in rivers]
        area_ha = sum((block.area_ha for block in counted), facts.area_ha)
        if len(counted) + 1 > int(terms["blocks"]) or area_ha > Decimal(terms["area_ha"]):
            payload = {"most_blocks": int(terms["blocks"]), "most_ha": Decimal(terms["area_ha"])}
            names = [block.code for block in counted]
            return Finding("AUC-06", {"blocks": len(counted) + 1, "area_ha": area_ha, "held": names, **payload})
    return None


@rule("AUC-11", on="auction.jump")
def jump_not_confirmed(facts: JumpFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Our safeguard beside clause 19(iv): a jump of many increments at once needs a second confirmation.

    A bid once accepted cannot be taken back; 2024 INSC 520 shows what one slip
    of a digit costs. The department sets the number of increments.
    """
    terms = policy.value("AUC-11", at)
    if 0 <= facts.steps <= int(terms["most_steps"]) and (
        facts.confirmed or facts.steps <= int(terms["confirm_above_steps"])
    ):
        return None
    return Finding(
        "AUC-11",
        {
            "steps": facts.steps,
            "confirm_above": int(terms["confirm_above_steps"]),
            "most_steps": int(terms["most_steps"]),
            "jump_rupees": facts.steps * facts.increment_rupees,
        },
    )
