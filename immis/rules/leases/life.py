"""Changes in the life of a settlement: extensions, notices, surrender, cancellation, forfeiture, refund, carry-over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path import CLEARANCES, STEPS
from immis.rules.policy import PolicyBook
from immis.rules.writing.texts import Words, texts

#: The clocks that the settlee's side has to keep and that an order may extend or that forfeiture may follow.
CLOCKS: Mapping[str, Words] = {
    "security": STEPS["security"],
    "documents": STEPS["documents"],
    "assets": STEPS["assets"],
    "plan": CLEARANCES["plan"],
    "ec": CLEARANCES["ec"],
    "cte_cto": CLEARANCES["cte_cto"],
    "registration": STEPS["registration"],
}
NOTICES = texts("leases/notices")
_NOTICE_CODES = {"show_cause": "LSE-25", "non_payment": "LSE-24", "surrender_dues": "LSE-23"}


@dataclass(frozen=True)
class ObtainerFacts:
    """A change of who must obtain plan and EC: ``applied`` are the clearances applied for already."""

    by: str
    applied: Sequence[str]


@dataclass(frozen=True)
class ExtensionFacts:
    """A clock that an authority extends: its day as it stands, the new day, and who orders it by what."""

    clock: str
    due_on: date | None
    until_on: date
    role: str
    reason: str
    reference: str


@dataclass(frozen=True)
class ForfeitFacts:
    """A clock on which the Collector would forfeit: its day (None: it does not run), and a valid reason on record."""

    ground: str
    today: date
    due_on: date | None
    done: bool = False
    valid_reason: str = ""


@dataclass(frozen=True)
class DemarcationFacts:
    """Pillars set at the corners of a block, and in whose presence they were certified (rqp, co)."""

    pillars: int
    corners: int
    present: Sequence[str]


@dataclass(frozen=True)
class IncreaseFacts:
    """A depth that the ministry or SEIAA allows later, and the yearly quantity before and after."""

    depth_before_m: Decimal
    depth_m: Decimal
    quantity_before_m3: int
    quantity_m3: int


@dataclass(frozen=True)
class SurrenderFacts:
    """A surrender before the Collector: what of the whole year no certificate case recovers, and whether one runs."""

    open_paise: int
    certificate_case: bool = False


@dataclass(frozen=True)
class CertificateFacts:
    """Dues after a notice: its last day (None: no notice), and what is still open."""

    today: date
    due_on: date | None
    open_paise: int


@dataclass(frozen=True)
class CancelFacts:
    """A cancellation before the Collector: the notice that went before it, its last day, reply and open dues."""

    today: date
    notice: str = ""
    due_on: date | None = None
    replied: bool = False
    open_paise: int = 0


@dataclass(frozen=True)
class RefundFacts:
    """A security to be returned: the last day of the period, an early end, and what is still to be recovered."""

    today: date
    period_to: date | None
    ended: str
    held_paise: int
    open_paise: int
    open_matters: int = 0


@dataclass(frozen=True)
class CarryFacts:
    """A clearance of an ended settlement before the next settlee: how it ended, and until when it is valid."""

    kind: str
    ended: str
    from_lease: str
    on: date
    valid_to: date | None = None


@dataclass(frozen=True)
class StoredSandFacts:
    """Sand found stored near the bank: the day, the last day of the settlement, and the distance."""

    found_on: date
    ended_on: date | None
    distance_m: int
    quantity_m3: Decimal


def notice_due_on(kind: str, issued_on: date, *, policy: PolicyBook, on: date | datetime) -> date:
    """The last day to answer or pay on a notice (clauses 31 ii; 42 xvii, xviii)."""
    return issued_on + timedelta(days=int(policy.value(_NOTICE_CODES[kind], on)))


def reminder_days(due_on: date, today: date, *, policy: PolicyBook, on: date | datetime) -> int | None:
    """Which reminder is the one to send today: the least of the set days that is not less than the days left.

    None when the day is further off than the first reminder, or past. A worker that slept sends one, not all.
    """
    left = (due_on - today).days
    fitting = [int(days) for days in policy.value("LSE-40", on) if days >= left]
    return min(fitting) if left >= 0 and fitting else None


def year_end(day: date, *, policy: PolicyBook, on: date | datetime, settlement_year_ends: date | None) -> date:
    """Up to which day instalments belong to the year that a surrender must pay in full (clause 31 i)."""
    if policy.value("LSE-22", on)["year"] == "calendar" or settlement_year_ends is None:
        return date(day.year, 12, 31)
    return settlement_year_ends


@rule("LSE-16", on="lease.set_obtainer")
def obtainer_too_late(facts: ObtainerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Who must obtain plan and EC is settled before the first application (E-087).

    Clause: tender 21: the successful bidder. Our reading: the auction's notice may name the department instead, as
    the State announced in October 2024; once something is applied for it stays. The Director may settle a doubt.
    """
    allowed = policy.value("LSE-16", at)["choices"]
    if facts.by in allowed and not facts.applied:
        return None
    applied = {lang: ", ".join(CLEARANCES[kind][lang] for kind in facts.applied) or "—" for lang in ("en", "hi")}
    return Finding("LSE-16", {"applied": applied})


@rule("LSE-17", on="lease.extend")
def extension_without_ground(facts: ExtensionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A clock is extended only forward, by an authority that may, with reason and document.

    Clause: the tender names no extension; clause 21 v speaks of a valid reason. Our reading: a reasoned order of
    the Collector or headquarters. The Director may settle a doubt.
    """
    why = _extension_wrong(facts, policy.value("LSE-17", at)["roles"])
    if why is None:
        return None
    because = policy.words("LSE-17", why, due_on=facts.due_on)
    return Finding("LSE-17", {"clock": CLOCKS[facts.clock], "because": because})


def _extension_wrong(facts: ExtensionFacts, roles: Sequence[str]) -> str | None:
    if facts.role not in roles:
        return "not_by_post"
    if not facts.reason.strip() or not facts.reference.strip():
        return "no_order"
    if facts.due_on is None:
        return "not_running"
    if facts.until_on <= facts.due_on:
        return "not_later"
    return None


@rule("LSE-18", on="lease.forfeit")
def nothing_to_forfeit(facts: ForfeitFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Deposits are forfeited only when a time limit was missed without a valid reason (E-078, E-094).

    Clause: tender 20 i and 21 v. Our reading: the day with its extensions is over, nothing was done, and no valid
    reason is accepted. The Collector may settle a doubt.
    """
    grounds = policy.value("LSE-18", at)["grounds"]
    why = _no_default(facts, grounds)
    if why is None:
        return None
    because = policy.words("LSE-18", why, due_on=facts.due_on, valid_reason=facts.valid_reason)
    return Finding("LSE-18", {"ground": CLOCKS[facts.ground], "because": because})


def _no_default(facts: ForfeitFacts, grounds: Sequence[str]) -> str | None:
    if facts.ground not in grounds:
        return "no_such_ground"
    if facts.done:
        return "done"
    if facts.due_on is None:
        return "not_running"
    if facts.today <= facts.due_on:
        return "in_time"
    if facts.valid_reason:
        return "excused"
    return None


@rule("LSE-19", on="lease.demarcate")
def demarcation_incomplete(facts: DemarcationFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A pillar at every corner, certified in the presence of an RQP or the circle officer (E-148).

    Clause: tender 42(xx). Our reading: at least one pillar a corner; either of the two officials suffices. The
    Collector may settle a doubt.
    """
    present = policy.value("LSE-19", at)["present"]
    if facts.pillars >= facts.corners and any(who in present for who in facts.present):
        return None
    return Finding("LSE-19", {"pillars": facts.pillars, "corners": facts.corners})


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


@rule("LSE-22", on="lease.surrender")
def year_not_paid(facts: SurrenderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A settlement is given up after the whole amount of that calendar year is paid (E-111).

    Clause: tender 31 i. Our reading: every instalment due up to 31 December; where a certificate case for it runs,
    the surrender need not wait. The Director may settle a doubt.
    """
    policy.at("LSE-22", at)
    if facts.open_paise == 0 or facts.certificate_case:
        return None
    return Finding("LSE-22", {"open_paise": facts.open_paise})


@rule("LSE-23", on="lease.certificate")
def certificate_too_early(facts: CertificateFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Recovery under the Public Demands Recovery Act follows a notice of 21 days that brought no payment (E-112).

    Clause: tender 31 ii. Our reading: the notice's last day counts in full. The Collector may settle a doubt.
    """
    policy.at("LSE-23", at)
    if facts.due_on and facts.today > facts.due_on and facts.open_paise:
        return None
    return Finding("LSE-23", {"due_on": facts.due_on, "open_paise": facts.open_paise})


@rule("LSE-24", on="lease.cancel")
def dues_notice_running(facts: CancelFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """For unpaid dues a settlement is cancelled only after 30 days' notice, and not when they were paid (E-145).

    Clause: tender 42(xviii). Our reading: the thirtieth day counts in full; payment before the order ends the matter.
    The Collector may settle a doubt.
    """
    policy.at("LSE-24", at)
    if facts.notice != "non_payment" or (facts.due_on and facts.today > facts.due_on and facts.open_paise):
        return None
    return Finding("LSE-24", {"due_on": facts.due_on, "open_paise": facts.open_paise})


@rule("LSE-25", on="lease.cancel")
def no_cause_asked(facts: CancelFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No cancellation without a notice to show cause: it was answered, or its time is over (E-144).

    Clause: tender 42(xvii), which names no days. Our reading: the days of the value. The Collector may settle a doubt.
    """
    policy.at("LSE-25", at)
    if facts.notice == "non_payment":
        return None
    if facts.notice == "show_cause" and (facts.replied or (facts.due_on and facts.today > facts.due_on)):
        return None
    return Finding("LSE-25", {"due_on": facts.due_on})


@rule("LSE-26", on="lease.refund_security")
def security_still_bound(facts: RefundFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The security is returned after the period when nothing else is to be recovered (E-082).

    Clause: tender 20 ii. Our reading: not after an early end, and not while dues, a notice or a recovery are open.
    The Collector may settle a doubt.
    """
    policy.at("LSE-26", at)
    over = facts.period_to is not None and facts.today > facts.period_to and not facts.ended
    if over and facts.held_paise and not facts.open_paise and not facts.open_matters:
        return None
    words = {"held_paise": facts.held_paise, "open_paise": facts.open_paise, "matters": facts.open_matters}
    return Finding("LSE-26", {"period_to": facts.period_to, **words})


@rule("LSE-27", on="lease.carry")
def clearance_carried(facts: CarryFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Plan and EC of a settlement that ended early pass to the next settlee while they are valid (E-113, E-114).

    Clause: tender 32 and 33. Our reading: by themselves with the next letter of intent. The Director may settle a
    doubt.
    """
    ways = policy.value("LSE-27", at).get(facts.kind, [])
    if facts.ended not in ways or (facts.valid_to is not None and facts.valid_to < facts.on):
        return None
    words = {"clearance": CLEARANCES[facts.kind], "from_lease": facts.from_lease}
    return Finding("LSE-27", words, severity="warning")


@rule("LSE-28", on="lease.stored_sand")
def sand_is_the_governments(facts: StoredSandFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Sand that lies within 300 metres of the bank after the settlement's end is government property (E-153).

    Clause: tender 42(xxiv). Our reading: from the day after the last day. The Collector may settle a doubt.
    """
    within = int(policy.value("LSE-28", at))
    if facts.ended_on is None or facts.found_on <= facts.ended_on or facts.distance_m > within:
        return None
    words = {"quantity_m3": str(facts.quantity_m3), "distance_m": facts.distance_m, "ended_on": facts.ended_on}
    return Finding("LSE-28", words, severity="warning")


@dataclass(frozen=True)
class RoyaltyFacts:
    """One complete year of a settlement: what was removed, on which river, and the amount that the year owes."""

    year: int
    river: str
    removed_m3: Decimal
    amount_paise: int


@rule("LSE-29", on="lease.royalty")
def royalty_exceeds(facts: RoyaltyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Royalty on what a year removed exceeds its settlement amount: the excess is paid in addition (E-155).

    Clause: tender 42(xxvi). Our reading: excess quantity is what remains after the quantity that the amount covers.
    The rates are the cabinet's of 30.08.2022 by press reports. The Director may settle a doubt.
    """
    rates = policy.value("LSE-29", at)
    rate_paise = int(rates["rivers"].get(facts.river.strip().title(), rates["other"])) * 100
    royalty_paise = int((facts.removed_m3 * rate_paise).to_integral_value(rounding="ROUND_HALF_UP"))
    if royalty_paise <= facts.amount_paise:
        return None
    excess_m3 = (facts.removed_m3 - Decimal(facts.amount_paise) / rate_paise).quantize(Decimal("0.001"))
    sums = {"royalty_paise": royalty_paise, "excess_paise": royalty_paise - facts.amount_paise}
    words = {"year": facts.year, "removed_m3": str(facts.removed_m3), "excess_m3": str(excess_m3)}
    return Finding("LSE-29", {**words, **sums, "rate_paise": rate_paise}, severity="warning")
