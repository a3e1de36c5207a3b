"""Mining plan, environmental clearance and consents: until when they are applied for, and the quantity they allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words, texts

CLEARANCES: Mapping[str, Words] = {kind: texts("leases/clearances")[kind] for kind in ("plan", "ec", "cte_cto")}


@dataclass(frozen=True)
class ClearanceFacts:
    """A clearance applied for, and the day of the step before it (LoI, approved plan, granted EC).

    ``extended_to`` is a later last day by order; ``by`` who must obtain it (settlee or department).
    """

    kind: str
    applied_on: date
    step_before_on: date
    extended_to: date | None = None
    by: str = "settlee"


_CLOCKS = {"plan": "LSE-04", "ec": "LSE-05", "cte_cto": "LSE-06"}


def clearance_due_on(kind: str, before_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to apply for a clearance after the step before it (clause 21 i-iii)."""
    return before_on + timedelta(days=int(policy.value(_CLOCKS[kind], on)))


def _applied_late(code: str, kind: str, facts: ClearanceFacts, policy: PolicyBook, at: datetime) -> Finding | None:
    due_on = clearance_due_on(kind, facts.step_before_on, policy=policy, on=at)
    due_on = max(due_on, facts.extended_to or due_on)
    if facts.kind != kind or facts.by != "settlee" or facts.applied_on <= due_on:
        return None
    return Finding(code, {"applied_on": facts.applied_on, "due_on": due_on}, severity="warning")


@rule("LSE-04", on="lease.clearance")
def plan_late(facts: ClearanceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The mining plan was submitted later than the days after the LoI (E-088).

    Clause: tender 21 i. Our reading: lateness is recorded and does not shut the path. The Collector may settle a
    doubt.
    """
    return _applied_late("LSE-04", "plan", facts, policy, at)


@rule("LSE-05", on="lease.clearance")
def ec_late(facts: ClearanceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The EC was applied for later than the days after the plan's approval (E-090).

    Clause: tender 21 ii: delay is at the bidder's own risk. Our reading: recorded, not refused. The Collector may
    settle a doubt.
    """
    return _applied_late("LSE-05", "ec", facts, policy, at)


@rule("LSE-06", on="lease.clearance")
def consent_late(facts: ClearanceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Consents were applied for later than the days after the EC (E-091).

    Clause: tender 21 iii. Our reading: recorded, not refused. The Collector may settle a doubt.
    """
    return _applied_late("LSE-06", "cte_cto", facts, policy, at)


@dataclass(frozen=True)
class PlanByFacts:
    """Who prepared a mining plan: the number in the register of RQPs (none: nobody is named), how it stands there."""

    number: str
    submitted_on: date
    accredited: bool = False
    valid_until: date | None = None


@rule("LSE-78", on="lease.plan_by")
def plan_by_whom(facts: PlanByFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A mining plan is prepared by an RQP whose accreditation holds on the day of its submission (E-088).

    Clause: tender 21 i. Our reading: a plan by somebody whose accreditation is over or withdrawn is not received; one
    that names nobody is received with a warning. The Director of Mines may settle a doubt.
    """
    policy.at("LSE-78", at)
    words = {"number": facts.number, "submitted_on": facts.submitted_on, "valid_until": facts.valid_until}
    if not facts.number:
        return Finding("LSE-78", {**words, "problem": policy.words("LSE-78", "nobody")}, severity="warning")
    holds = facts.accredited and facts.valid_until is not None and facts.submitted_on <= facts.valid_until
    return None if holds else Finding("LSE-78", {**words, "problem": policy.words("LSE-78", "over")})


def missing_of(required: Sequence[str], granted: Sequence[str]) -> dict[str, str] | None:
    missing = [kind for kind in required if kind not in granted]
    if not missing:
        return None
    return {lang: ", ".join(CLEARANCES[kind][lang] for kind in missing) for lang in ("en", "hi")}


@dataclass(frozen=True)
class QuantityFacts:
    """Cubic metres a year: of the block as settled, and by each clearance that names a quantity."""

    block_m3: int
    by_clearance_m3: Mapping[str, int]


def permitted_quantity_m3(by_clearance_m3: Mapping[str, int]) -> int | None:
    """The least yearly quantity that a clearance names, in cubic metres (clause 21 iv, E-092); None while none does."""
    return min(by_clearance_m3.values(), default=None)


@rule("LSE-15", on="lease.quantity")
def quantity_cut(facts: QuantityFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A clearance permits less than the block was settled for; the yearly amount stays (E-092, E-093).

    Clause: tender 21 iv. Our reading: the least quantity binds the year's e-challans. The Director may settle a doubt.
    """
    policy.at("LSE-15", at)
    permitted = permitted_quantity_m3(facts.by_clearance_m3)
    if permitted is None or permitted >= facts.block_m3:
        return None
    least = min(facts.by_clearance_m3, key=lambda kind: facts.by_clearance_m3[kind])
    words = {"permitted_m3": permitted, "block_m3": facts.block_m3, "least": CLEARANCES[least]}
    return Finding("LSE-15", words, severity="warning")
