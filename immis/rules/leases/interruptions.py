"""The rules for pausing, resuming, aborting and re-timing an auction: two persons, a reason, the effect on the end.

Instants are aware. As in ``immis.rules.auctions.lots`` the rule of the day on which a
lot opens governs the whole of its auction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from immis.rules.auctions.lots import BidFacts
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook

_PHASES = {"pause": ("running",), "resume": ("paused",), "abort": ("upcoming", "running", "paused")}


@dataclass(frozen=True)
class PausedFacts:
    """A paused lot that is to go on: its times as they stood when it was paused."""

    opens_at: datetime
    ends_at: datetime
    paused_at: datetime


@dataclass(frozen=True)
class OrderFacts:
    """An order on one lot: pause, resume, abort, or a corrigendum of its times (reschedule)."""

    act: str
    phase: str
    opens_at: datetime
    closes_at: datetime
    reason: str
    extended: bool = False
    new_opens_at: datetime | None = None
    new_closes_at: datetime | None = None


@dataclass(frozen=True)
class ConfirmFacts:
    """An order that somebody asked for and somebody confirms: who, in which post, when."""

    asked_by: int
    asked_role: str
    asked_at: datetime
    confirmed_by: int
    confirmed_role: str


def shift_of_resumed(facts: PausedFacts, *, policy: PolicyBook, at: datetime) -> timedelta:
    """By how much the end moves when a paused lot goes on: paused time does not count, and a least time is left."""
    terms = policy.value("AUC-40", facts.opens_at)
    least = timedelta(minutes=int(terms["least_left_minutes"]))
    stood = at - facts.paused_at if terms["paused_time"] == "does_not_count" else timedelta(0)
    return max(stood, at + least - facts.ends_at, timedelta(0))


@rule("AUC-40", on="auction.bid")
def bid_while_paused(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 18: on irregularity the auction may be suspended at once; no bid counts while it is.

    Our reading: paused time does not count, so every end still to come moves by
    as long as the pause lasted, and at least some minutes remain after it. The
    tender is silent on both; the department may settle it.
    """
    policy.value("AUC-40", facts.opens_at)
    return Finding("AUC-40", {"since": facts.paused_at}) if facts.paused_at is not None else None


@rule("AUC-43", on="auction.bid")
def bid_after_abort(facts: BidFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 18: cancelling the auction is in the discretion of the Collector and the department.

    Our reading: a cancelled auction has no highest bidder and no result but this
    one; money goes back without interest as clause 20 iii(gha) says.
    """
    policy.value("AUC-43", facts.opens_at)
    return Finding("AUC-43") if facts.aborted else None


@rule("AUC-41", on="auction.order_confirm")
def not_two_persons(facts: ConfirmFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 18 gives the act to the Collector or the department; two persons is our safeguard.

    Our reading: the one who confirms is another person than the one who asked,
    one of both holds a deciding post, and a request lapses. The department may
    settle posts and time.
    """
    terms = policy.value("AUC-41", at)
    within = timedelta(minutes=int(terms["confirm_within_minutes"]))
    why = None
    if facts.asked_by == facts.confirmed_by:
        why = "same_person"
    elif not {facts.asked_role, facts.confirmed_role} & set(terms["deciding_posts"]):
        why = "no_deciding_post"
    elif at >= facts.asked_at + within:
        why = "lapsed"
    words = {"why": policy.words("AUC-41", why), "until": facts.asked_at + within} if why else None
    return Finding("AUC-41", words) if words else None


@rule("AUC-42", on="auction.order")
def order_does_not_fit(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause 11: the programme may be changed by written notice after the start but before completion.

    Our reading: written means with a reason that is published; bidders get some
    minutes' warning of every new time; a start that has passed stays; after the
    one extension of clause 12 the end is moved no more. Doubts: the department.
    """
    notice = timedelta(minutes=int(policy.value("AUC-42", at)["least_notice_minutes"]))
    why = None if facts.reason.strip() else "no_reason"
    if why is None and facts.act in _PHASES:
        why = None if facts.phase in _PHASES[facts.act] else "not_now"
    elif why is None:
        why = _against_new_times(facts, notice, at)
    return Finding("AUC-42", {"why": policy.words("AUC-42", why)}) if why else None


def _against_new_times(facts: OrderFacts, notice: timedelta, at: datetime) -> str | None:
    opens_at = facts.new_opens_at or facts.opens_at
    closes_at = facts.new_closes_at or facts.closes_at
    upcoming = facts.phase == "upcoming"
    checks = (
        (facts.phase not in ("upcoming", "running"), "not_now"),
        (facts.extended, "extended"),
        (not upcoming and opens_at != facts.opens_at, "begun"),
        (closes_at <= opens_at, "ends_first"),
        (closes_at < at + notice or (upcoming and opens_at < at + notice), "too_near"),
    )
    return next((why for wrong, why in checks if wrong), None)
