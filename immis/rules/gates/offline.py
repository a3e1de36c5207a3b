"""E-challans that a gate issued in an outage with its own key: the quota, and what is found when they are taken in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

ON_GRANT, ON_TAKE, ON_DECIDE = "offline.grant", "offline.take", "offline.decide"
#: What keeps a pass out of the register; the others are looked at by the desk.
HOLDS = ("CH-81", "CH-82", "CH-84", "CH-85")


@dataclass(frozen=True)
class QuotaFacts:
    """A quota that is to be granted: for which key, how many e-challans; whether one of the key runs already."""

    key: str
    passes: int
    approved: bool
    running: str = ""


@dataclass(frozen=True)
class TakeFacts:
    """One line of a gate's book, beside what the office knows of key, quota and vehicle.

    ``fault`` says what of key, signatures, chain and names does not fit; ``number`` is the running number on the paper,
    ``first`` and ``last`` those of the quota, which is good in ``[quota_from, quota_until)``; ``held_from`` and
    ``held_until`` bound the data that the gate held; ``before_at`` is the instant of the line before; ``clock_off_s``
    is by how much the device's clock was behind the office's when it sent; ``known`` is another content of the same
    line; ``on_trip`` the other e-challan of the vehicle at that instant.
    """

    challan: str
    vehicle: str
    issued_at: datetime
    received_at: datetime
    fault: str = ""
    number: int = 0
    first: int = 0
    last: int = 0
    quota_from: datetime | None = None
    quota_until: datetime | None = None
    closed: bool = False
    held_from: datetime | None = None
    held_until: datetime | None = None
    before_at: datetime | None = None
    clock_off_s: int = 0
    known: str = ""
    on_trip: str = ""


def _finding(code: str, why: str, facts: TakeFacts, policy: PolicyBook, **more: Any) -> Finding:
    words = policy.words(code, why, **more)
    return Finding(code, {"challan": facts.challan, "why": why, "why_en": words["en"], "why_hi": words["hi"]})


@rule("CH-80", on=ON_GRANT)
def quota_beyond_terms(facts: QuotaFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 42(ii), 42(xxxiii): e-challans come from the portal; it may be closed.

    Our reading: by order of the district a gate may issue a few by itself, one quota a key that is approved. Who may
    settle a doubt: Director of Mines.
    """
    terms = policy.value("CH-80", at)
    if not facts.approved:
        why = "key"
    elif facts.running:
        why = "running"
    elif not 0 < facts.passes <= int(terms["passes"]):
        why = "passes"
    else:
        return None
    words = policy.words("CH-80", why, most=terms["passes"], running=facts.running)
    return Finding("CH-80", {"key": facts.key, "why": why, "why_en": words["en"], "why_hi": words["hi"]})


@rule("CH-81", on=ON_TAKE)
def not_of_the_gate(facts: TakeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): the e-challan is the one that was issued.

    Our reading: signed by the gate's key while that counts, next in its book, and saying what the register knows. Who
    may settle a doubt: Director of Mines.
    """
    policy.at("CH-81", at)
    return _finding("CH-81", facts.fault, facts, policy) if facts.fault else None


@rule("CH-82", on=ON_TAKE)
def beyond_quota(facts: TakeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxxiii): an outage is bounded, and so is what is issued in it.

    Our reading: numbers and days of the order, hours of the data that the gate held. Who may settle a doubt: Director
    of Mines.
    """
    policy.at("CH-82", at)
    why = _beyond(facts)
    return _finding("CH-82", why, facts, policy) if why else None


def _beyond(facts: TakeFacts) -> str:
    if facts.closed:
        return "closed"
    if not facts.first <= facts.number <= facts.last:
        return "range"
    if facts.quota_from is None or facts.quota_until is None:
        return "days"
    if not facts.quota_from <= facts.issued_at < facts.quota_until:
        return "days"
    if facts.held_from is None or facts.held_until is None or facts.issued_at >= facts.held_until:
        return "hours"
    return ""


@rule("CH-83", on=ON_TAKE)
def clock_set(facts: TakeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 42(xxx): the time of an e-challan runs from its issue.

    Our reading: times in the gate's book only go forward, none lies before the data that it held or after it was sent,
    and its clock agrees with the office's. Who may settle a doubt: Director of Mines.
    """
    within = timedelta(minutes=int(policy.value("CH-83", at)))
    if facts.before_at is not None and facts.issued_at < facts.before_at:
        why = "back"
    elif facts.held_from is not None and facts.issued_at < facts.held_from - within:
        why = "before"
    elif facts.issued_at > facts.received_at + within:
        why = "ahead"
    elif abs(timedelta(seconds=facts.clock_off_s)) > within:
        why = "differs"
    else:
        return None
    return _finding("CH-83", why, facts, policy, minutes=round(abs(facts.clock_off_s) / 60))


@rule("CH-84", on=ON_TAKE)
def used_twice(facts: TakeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): one e-challan is one load.

    Our reading: one line of a gate's book has one content; a second one comes from a copied key or book. Who may settle
    a doubt: Director of Mines.
    """
    policy.at("CH-84", at)
    return Finding("CH-84", {"challan": facts.challan, "known": facts.known}) if facts.known else None


@rule("CH-85", on=ON_TAKE)
def on_another_trip(facts: TakeFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): a vehicle has one e-challan at a time.

    Our reading: as CH-06, at the instant of the pass. Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-85", at)
    if not facts.on_trip:
        return None
    return Finding("CH-85", {"challan": facts.challan, "vehicle": facts.vehicle, "other": facts.on_trip})


@dataclass(frozen=True)
class HeldFacts:
    """A held line that an officer is about to take in.

    ``proven``: key and signatures are the gate's and it is next in its book; ``names_known``: vehicle and destination
    stand in the register; ``challan_of`` is the e-challan that has its number already, ``on_trip`` the one that the
    vehicle is on now.
    """

    challan: str
    vehicle: str
    proven: bool
    names_known: bool
    challan_of: str = ""
    on_trip: str = ""


@rule("CH-89", on=ON_DECIDE)
def cannot_be_taken_in(facts: HeldFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clauses 34(kha), 42(ii): one e-challan is one load, with one number.

    Our reading: the office may take in what the gate proves and the quota alone kept out; never a line that nobody
    proves or whose number stands. Who may settle a doubt: Director of Mines.
    """
    policy.at("CH-89", at)
    if facts.challan_of:
        why = "stands"
    elif not facts.proven:
        why = "unproven"
    elif not facts.names_known:
        why = "names"
    elif facts.on_trip:
        why = "trip"
    else:
        return None
    words = policy.words("CH-89", why, other=facts.challan_of or facts.on_trip, vehicle=facts.vehicle)
    return Finding("CH-89", {"challan": facts.challan, "why": why, "why_en": words["en"], "why_hi": words["hi"]})
