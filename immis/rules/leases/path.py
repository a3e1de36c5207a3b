"""The gates on the path to the deed: LoI, clearances, deed, registration and mining permission, with their clocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from immis.rules.auctions.lots import HeldBlock
from immis.rules.calendar import add_months
from immis.rules.catalogue import Finding, rule
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words, texts

CLEARANCES: Mapping[str, Words] = {kind: texts("leases/clearances")[kind] for kind in ("plan", "ec", "cte_cto")}
STEPS = texts("leases/steps")


@dataclass(frozen=True)
class RelatedPerson:
    """A director, member or partner of a body (clause 20 v): the other blocks that he stands behind, cases on him."""

    name: str
    held: Sequence[HeldBlock] = ()
    cases: Sequence[str] = ()


@dataclass(frozen=True)
class LoiFacts:
    """What stands before the LoI: security, copies of documents, asset statements and members of a body."""

    party: Words
    party_kind: str
    auction_closed_on: date
    security_paise: int
    security_open_paise: int
    documents_received_on: date | None = None
    assets_received_on: date | None = None
    river: str = ""
    area_ha: Decimal = Decimal(0)
    related: Sequence[RelatedPerson] = ()


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


@dataclass(frozen=True)
class DeedFacts:
    """What stands before the deed: clearances granted, the first instalment (open, waiting or settled), the security.

    ``security_open_paise`` is what the ledger does not hold of the security on this day.
    """

    granted: Sequence[str]
    first_instalment_paise: int
    first_instalment_state: str
    security_open_paise: int = 0


@dataclass(frozen=True)
class RegistrationFacts:
    """The days on which a deed was executed and registered."""

    deed_on: date
    registered_on: date
    extended_to: date | None = None


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


@dataclass(frozen=True)
class StepFacts:
    """A step recorded for a day: the step before it (None: not done), whether it is done already, and today."""

    step: str
    on: date
    today: date
    before: str = ""
    before_on: date | None = None
    done_on: date | None = None


def security_due_on(closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day for the security after the auction's day (tender clause 20 i)."""
    return closed_on + timedelta(days=int(policy.value("LSE-01", on)))


def documents_due_on(closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day for self-attested copies (tender clause 20 iv)."""
    return closed_on + timedelta(days=int(policy.value("LSE-02", on)))


def assets_due_on(party_kind: str, closed_on: date, *, policy: PolicyBook, on: date | datetime) -> date | None:
    """The last day for the asset statements of a body; None for a person, who is not asked (clause 20 v)."""
    terms = policy.value("LSE-03", on)
    return closed_on + timedelta(days=int(terms["days"])) if party_kind in terms["kinds"] else None


_CLOCKS = {"plan": "LSE-04", "ec": "LSE-05", "cte_cto": "LSE-06"}


def clearance_due_on(kind: str, before_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to apply for a clearance after the step before it (clause 21 i-iii)."""
    return before_on + timedelta(days=int(policy.value(_CLOCKS[kind], on)))


def registration_due_on(deed_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to register a deed (clause 22 ii)."""
    return add_months(deed_on, int(policy.value("LSE-09", on)))


@rule("LSE-01", on="lease.issue_loi")
def security_not_paid(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI before the security is paid and verified (E-078, E-079).

    Clause: tender 20 i. Our reading: a late security still opens the LoI unless the Collector orders forfeiture.
    The Collector may settle a doubt.
    """
    due_on = security_due_on(facts.auction_closed_on, policy=policy, on=at)
    if facts.security_open_paise == 0:
        return None
    sums = {"security_paise": facts.security_paise, "open_paise": facts.security_open_paise}
    return Finding("LSE-01", {**sums, "due_on": due_on})


@rule("LSE-02", on="lease.issue_loi")
def documents_not_received(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI before the self-attested copies are received (E-085).

    Clause: tender 20 iv. Our reading: a condition of the LoI like the asset statements. The Collector may settle
    a doubt.
    """
    due_on = documents_due_on(facts.auction_closed_on, policy=policy, on=at)
    return None if facts.documents_received_on else Finding("LSE-02", {"due_on": due_on})


@rule("LSE-03", on="lease.issue_loi")
def assets_not_received(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No LoI to a body before its members and asset statements are received; the MDO answers in person (E-086).

    Clause: tender 20 v. Our reading: a person and a sole proprietor are not asked. The Collector may settle a doubt.
    """
    due_on = assets_due_on(facts.party_kind, facts.auction_closed_on, policy=policy, on=at)
    if due_on is None or facts.assets_received_on:
        return None
    return Finding("LSE-03", {"party": dict(facts.party), "due_on": due_on})


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


def _missing(required: Sequence[str], granted: Sequence[str]) -> dict[str, str] | None:
    missing = [kind for kind in required if kind not in granted]
    if not missing:
        return None
    return {lang: ", ".join(CLEARANCES[kind][lang] for kind in missing) for lang in ("en", "hi")}


@rule("LSE-07", on="lease.execute_deed")
def clearances_missing(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed before plan, EC and consents are granted (E-087, E-095).

    Clause: tender 21 and 22 i. Our reading: all three. The Collector may settle a doubt.
    """
    missing = _missing(policy.value("LSE-07", at), facts.granted)
    return Finding("LSE-07", {"missing": missing}) if missing else None


@rule("LSE-08", on="lease.execute_deed")
def first_instalment_missing(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed before the first instalment is paid and verified (E-098).

    Clause: tender 24(ii), first instalment (ka). Our reading: paid means verified by the district. The Collector
    may settle a doubt.
    """
    policy.at("LSE-08", at)
    if facts.first_instalment_state == "settled":
        return None
    words = {"amount_paise": facts.first_instalment_paise, "state": STATE_WORDS[facts.first_instalment_state]}
    return Finding("LSE-08", words)


@rule("LSE-55", on="lease.execute_deed")
def security_not_held(facts: DeedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No deed while the required security is not held, though it was once: the bank may have taken it back (E-095).

    Clause: tender 22 i, the required security deposited. Our reading: what the ledger holds on the day of the deed.
    The Collector may settle a doubt.
    """
    policy.at("LSE-55", at)
    return Finding("LSE-55", {"open_paise": facts.security_open_paise}) if facts.security_open_paise else None


@rule("LSE-09", on="lease.record_registration")
def registered_late(facts: RegistrationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The deed was registered later than the month the clause gives (E-096).

    Clause: tender 22 ii. Our reading: recorded, not refused. The Collector may settle a doubt.
    """
    due_on = registration_due_on(facts.deed_on, policy=policy, on=at)
    due_on = max(due_on, facts.extended_to or due_on)
    if facts.registered_on <= due_on:
        return None
    return Finding("LSE-09", {"registered_on": facts.registered_on, "due_on": due_on}, severity="warning")


@rule("LSE-10", on="lease.step")
def out_of_order(facts: StepFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A step is recorded once, for a day that has come, and not before the step that goes before it (E-174).

    Clause: tender 20 to 23. Our reading: the order of the clauses. The Collector may settle a doubt.
    """
    policy.at("LSE-10", at)
    broken = _order_broken(facts)
    if broken is None:
        return None
    key, day = broken
    because = policy.words("LSE-10", key, day=day, before=STEPS.get(facts.before, {"en": "", "hi": ""}))
    return Finding("LSE-10", {"step": STEPS[facts.step], "on": facts.on, "because": because})


def _order_broken(facts: StepFacts) -> tuple[str, date | None] | None:
    if facts.done_on:
        return "done", facts.done_on
    if facts.before and facts.before_on is None:
        return "step_before", None
    if facts.before_on and facts.on < facts.before_on:
        return "too_early", facts.before_on
    if facts.on > facts.today:
        return "to_come", None
    return None


@rule("LSE-11", on="lease.permit")
def permit_clearances_missing(facts: PermitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No mining permission before all clearances (E-097, first gate).

    Clause: tender 23. Our reading: the same three as for the deed. The Collector may settle a doubt.
    """
    missing = _missing(policy.value("LSE-11", at), facts.granted)
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
