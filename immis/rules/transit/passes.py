"""Who takes a transit pass, for which load of another State, and what may still be done with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from unicodedata import decimal, normalize

from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding, rule
from immis.rules.money import PAISE
from immis.rules.policy import PolicyBook
from immis.rules.registry.vehicles import class_mark
from immis.rules.transit.switch import day_text

TONNE, CUBIC_METRE = "t", "m3"
UNITS = (TONNE, CUBIC_METRE)
#: What a machine of the origin may answer that stops a pass; ``paper``: none answered, and no paper was handed in.
FAULTS = ("forged", "unknown", "cancelled", "paper")
Names = Mapping[str, str]


@dataclass(frozen=True)
class HolderFacts:
    """A party that wants passes: ``new``, ``stands`` or ``stopped`` in the register of parties of other States."""

    party: Names
    state: str
    number: str = ""
    reason: str = ""


@dataclass(frozen=True)
class StandFacts:
    """A registration, how it stands, and how it shall stand."""

    number: str
    state: str
    to: str


@dataclass(frozen=True)
class TakenFacts:
    """When the challan of the origin was issued, when it ends, and when the pass is taken (paid)."""

    origin: str
    issued_at: datetime
    valid_until: datetime
    taken_at: datetime


@dataclass(frozen=True)
class ApplyFacts:
    """A load for which a pass is asked: what the origin's machine says of its challan, and the vehicle's record here.

    ``fault`` is one of ``FAULTS``; ``differs`` names what the origin has otherwise, ``here`` and ``there`` how.
    ``known_as`` is the pass that the challan carries already; ``ended_on`` the day on which a paper ended.
    """

    origin: str
    state: Names
    known_as: str = ""
    fault: str = ""
    differs: str = ""
    here: str = ""
    there: str = ""
    vehicle: str = ""
    is_registered: bool = False
    is_seen: bool = False
    is_active: bool = False
    vehicle_class: str = ""
    ended_on: date | None = None


@dataclass(frozen=True)
class EntryFacts:
    """A pass at a check post: its state now, its end, when its load entered."""

    istp: str
    state: str
    valid_until: datetime
    entered_at: datetime | None = None


@dataclass(frozen=True)
class EnteredFacts:
    """A load that entered: when the origin's challan was issued, and when it came."""

    istp: str
    issued_at: datetime
    entered_at: datetime


@dataclass(frozen=True)
class WithdrawFacts:
    """A pass that is to be withdrawn, and its state now."""

    istp: str
    state: str


def writing_of(number: str) -> str:
    """What two writings of one number share: its letters and digits, whatever stands between them (IST-05).

    One challan of another State carries one pass, also where it is typed with blanks, dashes, small letters or the
    digits of another script. The number itself where nothing of it is a letter or a digit.
    """
    plain = normalize("NFKC", number).upper()
    signs = "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in plain if sign.isalnum())
    return signs or number


@dataclass(frozen=True)
class Load:
    """A load as somebody states it, or a machine: what of a challan of the origin is compared."""

    number: str
    vehicle: str
    quantity: Decimal | None
    unit: str
    issued_at: datetime | None
    valid_until: datetime | None


def fee_paise(quantity: Decimal, unit: str, *, policy: PolicyBook, at: datetime) -> int:
    """The fee of a load by the unit of its challan, to the paisa, half up (IST-02)."""
    rate = Decimal(policy.value("IST-02", at)[unit])
    return int((quantity * rate * PAISE).to_integral_value(ROUND_HALF_UP))


def taken_until(issued_at: datetime, valid_until: datetime, *, policy: PolicyBook, at: datetime) -> datetime:
    """The last instant at which a pass can be taken: the hours of the law, or the end of the origin's challan."""
    return min(issued_at + timedelta(hours=int(policy.value("IST-03", at))), valid_until)


def instant_text(at: datetime | None) -> str:
    """An instant as both languages write it, in India."""
    return f"{at.astimezone(INDIA):%d.%m.%Y %H:%M}" if at else ""


def first_difference(here: Load, there: Load) -> tuple[str, str, str]:
    """What the origin has otherwise than was stated: which, here, there; instants count to the minute."""
    rows = [
        ("number", here.number, there.number),
        ("vehicle", here.vehicle, there.vehicle),
        ("unit", here.unit, there.unit),
        ("quantity", _plain(here.quantity), _plain(there.quantity)),
        ("issued_at", instant_text(here.issued_at), instant_text(there.issued_at)),
        ("valid_until", instant_text(here.valid_until), instant_text(there.valid_until)),
    ]
    return next(((name, ours, theirs) for name, ours, theirs in rows if theirs and ours != theirs), ("", "", ""))


def _plain(quantity: Decimal | None) -> str:
    return "" if quantity is None else f"{quantity.normalize():f}"


@rule("IST-08", on="istp.holder")
def not_registered(facts: HolderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Passes are taken by parties of other States that registered with proof (A-25).

    Clause: ISTP of Bihar, from a newspaper. Our reading: who registered takes passes at once; an officer may stop one.
    The Director of Mines may settle a doubt.
    """
    policy.at("IST-08", at)
    if facts.state == "stands":
        return None
    because = policy.words("IST-08", facts.state, reason=facts.reason)
    return Finding("IST-08", {"party": dict(facts.party), "because": because, "why": facts.state})


@rule("IST-13", on="istp.register")
def registered_already(facts: HolderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A party registers once; a registration that was stopped is not replaced by another (A-25).

    Clause: ISTP of Bihar, from a newspaper. Our reading: one party, one registration. The Director of Mines may settle
    a doubt.
    """
    policy.at("IST-13", at)
    if facts.state == "new":
        return None
    because = policy.words("IST-13", facts.state, reason=facts.reason, number=facts.number)
    return Finding("IST-13", {"party": dict(facts.party), "because": because, "why": facts.state})


@rule("IST-14", on="istp.change_party")
def stands_so_already(facts: StandFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A registration is stopped, or opened again, only where it is not so already (A-25).

    Clause: none was found. Our reading: each change has its own reason. The Director of Mines may settle a doubt.
    """
    policy.at("IST-14", at)
    if facts.state != facts.to:
        return None
    return Finding("IST-14", {"number": facts.number, "because": policy.words("IST-14", facts.state)})


@rule("IST-03", on="istp.taken")
def too_late(facts: TakenFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A pass is taken within hours of the origin's challan (A-25).

    Clause: ISTP of Bihar, from a newspaper. Our reading: the payment at the treasury counts, to the minute. The
    Director of Mines may settle a doubt.
    """
    hours = int(policy.value("IST-03", at))
    until = facts.issued_at + timedelta(hours=hours)
    if facts.taken_at <= until:
        return None
    return Finding("IST-03", {"origin": facts.origin, "issued_at": facts.issued_at, "hours": hours, "until": until})


@rule("IST-04", on="istp.taken")
def no_time_left(facts: TakenFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A pass ends with the challan of the origin, which therefore must run (A-25).

    Clause: ISTP of Bihar, from a newspaper. Our reading: a challan that ends before it begins, or begins later, is
    none. The Director of Mines may settle a doubt.
    """
    policy.at("IST-04", at)
    if facts.valid_until <= facts.issued_at:
        why = "backwards"
    elif facts.issued_at > facts.taken_at:
        why = "future"
    elif facts.valid_until <= facts.taken_at:
        why = "over"
    else:
        return None
    times = {"issued_at": instant_text(facts.issued_at), "valid_until": instant_text(facts.valid_until)}
    return Finding("IST-04", {"origin": facts.origin, "because": policy.words("IST-04", why, **times), "why": why})


@rule("IST-05", on="istp.apply")
def carries_one(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """One challan of another State carries one transit pass (A-25).

    Clause: the print of Uttar Pradesh. Our reading: one challan is one load, and one load pays once. The Director of
    Mines may settle a doubt.
    """
    policy.at("IST-05", at)
    if not facts.known_as:
        return None
    return Finding("IST-05", {"origin": facts.origin, "state": dict(facts.state), "istp": facts.known_as})


@rule("IST-06", on="istp.apply")
def contradicted(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """What a machine of the origin says of its challan goes before what was typed here (A-25).

    Clause: ISTP of Bihar, from a newspaper: as loaded. Our reading: silence wants the paper, a contradiction stops. The
    Director of Mines may settle a doubt.
    """
    policy.at("IST-06", at)
    base = {"origin": facts.origin, "state": dict(facts.state)}
    if facts.fault:
        return Finding("IST-06", {**base, "because": policy.words("IST-06", facts.fault), "why": facts.fault})
    if not facts.differs:
        return None
    what = policy.words("IST-06", facts.differs)
    because = policy.words("IST-06", "differs", what=what, here=facts.here, there=facts.there)
    return Finding("IST-06", {**base, "because": because, "why": facts.differs})


@rule("IST-07", on="istp.apply")
def unfit_vehicle(facts: ApplyFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The vehicle is registered here, seen, and one that carries goods (A-25, E-150).

    Clause: ISTP of Bihar, from a newspaper: the vehicle is registered on the portal. Our reading: the classes that get
    e-challans, with papers that run. The Director of Mines may settle a doubt with the Transport Department.
    """
    classes = {class_mark(name) for name in policy.value("IST-07", at)}
    why = _unfit(facts, classes, at.astimezone(INDIA).date())
    if not why:
        return None
    words = {"vehicle_class": facts.vehicle_class or "—", "ended_on": day_text(facts.ended_on)}
    return Finding("IST-07", {"vehicle": facts.vehicle, "because": policy.words("IST-07", why, **words), "why": why})


def _unfit(facts: ApplyFacts, classes: set[str], today: date) -> str:
    if not facts.is_registered:
        return "unknown"
    if not facts.is_seen:
        return "unseen"
    if not facts.is_active:
        return "inactive"
    if class_mark(facts.vehicle_class) not in classes:
        return "class"
    return "paper" if facts.ended_on and facts.ended_on < today else ""


@rule("IST-09", on="istp.enter")
def entry_not_now(facts: EntryFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The entry of a load is recorded once, while its pass runs (A-25).

    Clause: none was found. Our reading: the first check post on the way records it. The Director of Mines may settle a
    doubt.
    """
    policy.at("IST-09", at)
    why = "entered" if facts.entered_at else facts.state
    if why == "issued":
        return None
    times = {"valid_until": instant_text(facts.valid_until), "entered_at": instant_text(facts.entered_at)}
    return Finding("IST-09", {"istp": facts.istp, "because": policy.words("IST-09", why, **times), "why": why})


@rule("IST-10", on="istp.entered")
def entered_late(facts: EnteredFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A load that comes long after the origin's challan wants a look (A-25).

    Clause: six hours are named for taking the pass, none for the entry. Our reading: a warning, counted in the report.
    The Director of Mines may settle a doubt.
    """
    hours = int(policy.value("IST-10", at))
    took_s = (facts.entered_at - facts.issued_at).total_seconds()
    if took_s <= hours * 3600:
        return None
    entered_hours = round(took_s / 3600, 1)
    return Finding("IST-10", {"istp": facts.istp, "hours": hours, "entered_hours": entered_hours}, severity="warning")


@rule("IST-11", on="istp.withdraw")
def not_withdrawn(facts: WithdrawFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A pass is withdrawn, and its fee set free, by an order and before its load enters (A-25).

    Clause: none was found. Our reading: no refund by itself; what was paid too late goes back the same way. The
    Director of Mines may settle a doubt.
    """
    policy.at("IST-11", at)
    if facts.state not in ("entered", "withdrawn", "applied", "lapsed"):
        return None
    because = policy.words("IST-11", facts.state)
    return Finding("IST-11", {"istp": facts.istp, "because": because, "why": facts.state})
