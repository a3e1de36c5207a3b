"""Which holds stand on a settlement: an unpaid instalment, mining not permitted, a period that is over, an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from immis.rules.calendar import end_of, india_day, start_of
from immis.rules.catalogue import Finding, rule
from immis.rules.ledger.receipts import STATE_WORDS
from immis.rules.policy import PolicyBook, book
from immis.rules.writing.texts import Words, texts

CHALLANS = "challans"
#: What a deed says of e-challans while an instalment is unpaid; LAW where the rule book has the terms.
LAW, YES, NO, SILENT = "law", "yes", "no", "silent"
STOPS = (LAW, YES, NO, SILENT)
#: Why a hold ended.
CAUSES = texts("holds/causes")


@dataclass(frozen=True)
class StandingHold:
    """A hold that stands: its rule, what it stops for whom, since when, the facts that word it and what lifts it."""

    rule_code: str
    subject_kind: str
    subject_id: str
    stops: str
    since: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    lifts_when: Words = field(default_factory=dict)

    @property
    def law_code(self) -> str:
        """The code whose clause makes it: its rule's, but for a settlement that goes by its own deed (TKO-02)."""
        return str(self.facts.get("law", self.rule_code))

    @property
    def finding(self) -> Finding:
        """The hold as a finding, for its message."""
        return Finding(self.rule_code, self.facts)


@dataclass(frozen=True)
class OwedFacts:
    """A demand on a lease: ``state`` open or waiting (paid, not verified); verified ones carry ``settled_at``.

    ``amount_paise`` is what is left of it; ``reopened_at`` is when the bank took a verified payment back;
    ``before_deed`` marks the instalment that must be paid before the deed, so before its due day begins; ``by_deed`` is
    what a deed with terms of its own says of the stop (yes, no, silent), LAW for all others.
    """

    demand: str
    kind: str
    label: Words
    amount_paise: int
    due_on: date | None
    state: str = "open"
    settled_at: datetime | None = None
    reopened_at: datetime | None = None
    before_deed: bool = False
    by_deed: str = LAW


def may_stop(by_deed: str, *, policy: PolicyBook, at: datetime) -> bool:
    """Whether an unpaid instalment of a settlement may stop e-challans: by the law, else as its deed says (TKO-02)."""
    if by_deed == SILENT:
        return bool(policy.value("TKO-02", at)["silent_deed_stops"])
    return by_deed in (LAW, YES)


def stops_from(facts: OwedFacts) -> datetime | None:
    """The instant from which a demand, not paid in full, stops e-challans; None while it has no due day."""
    if facts.due_on is None:
        return None
    late = start_of(facts.due_on) if facts.before_deed else end_of(facts.due_on)
    return max(late, facts.reopened_at or late)


def began_to_stop(facts: OwedFacts) -> datetime | None:
    """The instant at which a demand began, or will begin, to stop; None where it was verified by then."""
    since = stops_from(facts)
    verified = since is not None and facts.settled_at is not None and facts.settled_at <= since
    return None if verified else since


@dataclass(frozen=True)
class LeaseFacts:
    """A settlement's permission and period; ``period_to`` is its last day."""

    lease: str
    opened_at: datetime
    permitted_at: datetime | None = None
    period_to: date | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True)
class OrderFacts:
    """A hold that was ordered, from ``since`` until it is lifted or runs out."""

    reference: str
    reason: str
    since: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None


@rule("HLD-01", on="hold.demand")
def unpaid_instalment(facts: OwedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An instalment that is not verified when its due day is over stops e-challans (E-102, A-17, A-18).

    Clause: tender 24(ii), last paragraph; review of 13.01.2026, point vii. Our reading: from the midnight after
    the due day until the district verifies; paid but not verified, or in part, counts as unpaid; a payment that the
    bank takes back stops again from that instant, the first instalment on the deed's day too. A deed older than the
    rule book stops only if it says so itself (TKO-02). The Director may settle a doubt.
    """
    kinds = policy.value("HLD-01", at)["kinds"]
    since = stops_from(facts)
    if facts.kind not in kinds or since is None or at < since or not may_stop(facts.by_deed, policy=policy, at=at):
        return None
    if facts.settled_at is not None and facts.settled_at <= at:
        return None
    words = {"demand": facts.demand, "label": dict(facts.label), "amount_paise": facts.amount_paise}
    words |= {"law": "TKO-02"} if facts.by_deed != LAW else {}
    return Finding("HLD-01", {**words, "due_on": facts.due_on, "since": since, "state": STATE_WORDS[facts.state]})


@rule("HLD-02", on="hold.lease")
def mining_not_permitted(facts: LeaseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """No sand leaves before mining is permitted (E-087, E-097).

    Clause: tender 21 and 23. Our reading: the permission opens e-challans. The Collector may settle a doubt.
    """
    policy.at("HLD-02", at)
    if facts.permitted_at is not None and facts.permitted_at <= at:
        return None
    return Finding("HLD-02", {"lease": facts.lease, "since": facts.opened_at})


@rule("HLD-03", on="hold.order")
def ordered(facts: OrderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An order with a document stops the subject from its instant until it is lifted or runs out (A-19).

    Clause: tender 18 and 42. Our reading: only a named document orders or lifts a hold. The Collector may settle
    a doubt.
    """
    policy.at("HLD-03", at)
    lifted = facts.lifted_at is not None and facts.lifted_at <= at
    if at < facts.since or lifted or (facts.until is not None and at >= facts.until):
        return None
    return Finding("HLD-03", {"reference": facts.reference, "reason": facts.reason, "since": facts.since})


@rule("HLD-04", on="hold.lease")
def period_over(facts: LeaseFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """After the last day of the period, or after cancellation, no e-challan is issued (E-095).

    Clause: tender 22 i: five years from the execution of the deed. Our reading: the last day counts in full. The
    Collector may settle a doubt.
    """
    policy.at("HLD-04", at)
    ends = [end_of(facts.period_to)] if facts.period_to else []
    ends += [facts.cancelled_at] if facts.cancelled_at else []
    if not ends or at < min(ends):
        return None
    last_day = facts.period_to or india_day(min(ends))
    return Finding("HLD-04", {"lease": facts.lease, "period_to": last_day, "since": min(ends)})


def lifts_of(code: str) -> Words:
    """What lifts the hold of a rule, and who: the rule's own words, else an order (HLD-03)."""
    return book().entry(code).lifts or book().entry("HLD-03").lifts


def standing(finding: Finding, *, subject: tuple[str, str], stops: str = CHALLANS) -> StandingHold:
    """A finding of a hold rule as the hold that stands on a subject."""
    return StandingHold(
        finding.code, subject[0], subject[1], stops, finding.facts["since"], finding.facts, lifts_of(finding.code)
    )
