"""Auctions held on E-Proc: is the export about our notice, is its result what our rules make of its bid log.

Nothing is believed because E-Proc says it: the log is judged bid by bid with the
rules of the lot's day, as if it had been held here (A-03, A-05).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from immis.rules.auctions.lots import AcceptedFacts, BidFacts, CloseFacts, HeldBlock, extended_end, result_of
from immis.rules.calendar import INDIA
from immis.rules.catalogue import ChangeState, Consequence, Finding, OpenTask, find, rule, trigger
from immis.rules.ledger.receipts import same_account
from immis.rules.policy import PolicyBook
from immis.rules.writing.numbers import format_rupees
from immis.rules.writing.texts import Words, text, texts

_DISTRICT = "district"
_DIFFERENCES = "auctions/eproc_differences"


@dataclass(frozen=True)
class StatedLot:
    """A ghat as E-Proc states it beside our notice; ``ours`` is empty where the notice has no such ghat."""

    serial: int
    stated: Mapping[str, Any]
    ours: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedBid:
    """One line of E-Proc's bid log; ``accepted`` is what E-Proc answered."""

    number: int
    bidder: str
    amount_rupees: int
    at: datetime
    accepted: bool = True


@dataclass(frozen=True)
class StatedResult:
    """How E-Proc says that it ended."""

    result: str
    winner: str
    amount_rupees: int | None
    ended_at: datetime


@dataclass(frozen=True)
class ReplayFacts:
    """A lot by our notice, E-Proc's bid log and its result. ``held`` are blocks that a bidder leads or has here."""

    reserve_rupees: int
    opens_at: datetime
    closes_at: datetime
    passed: tuple[str, ...]
    bids: tuple[LoggedBid, ...]
    stated: StatedResult
    river: str = ""
    area_ha: Decimal = Decimal(0)
    held: Mapping[str, tuple[HeldBlock, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A bid of the log as our rules judge it; ``prolongs_to`` is the new end that it causes."""

    bid: LoggedBid
    findings: tuple[Finding, ...] = ()
    prolongs_to: datetime | None = None


@dataclass(frozen=True)
class Replayed:
    """What our rules make of a bid log."""

    judged: tuple[Judged, ...]
    result: str
    leader: str
    highest_rupees: int | None
    ends_at: datetime


@dataclass(frozen=True)
class WinnerFacts:
    """The winner of a lot and the earnest money that E-Proc states for him; whole rupees."""

    technical: str
    emd_due_rupees: int
    emd_rupees: int
    emd_reference: str
    emd_account: str
    own_account: str


@dataclass(frozen=True)
class TakeOverFacts:
    """A result that an officer wants to take over."""

    state: str
    lot_result: str
    elsewhere: bool
    emd_seen: bool
    over: bool


@dataclass(frozen=True)
class EprocFacts:
    """An export of E-Proc that was checked, for the desk."""

    export: str
    reference: str
    district: str
    notice: str
    lots: int
    agreed: int
    differing: int
    taken_over: int = 0


def replay(facts: ReplayFacts, *, policy: PolicyBook) -> Replayed:
    """Judge every bid of the log in its order by the rules of the day on which the lot opened."""
    highest: int | None = None
    leader, ends_at, extensions = "", facts.closes_at, 0
    judged: list[Judged] = []
    for bid in sorted(facts.bids, key=lambda row: row.number):
        findings = find("auction.bid", _bid_facts(facts, bid, highest, leader, ends_at), policy=policy, at=bid.at)
        if findings:
            judged.append(Judged(bid, tuple(findings)))
            continue
        highest, leader = bid.amount_rupees, bid.bidder
        longer = extended_end(
            AcceptedFacts(opens_at=facts.opens_at, closes_at=facts.closes_at, extensions=extensions),
            policy=policy,
            at=bid.at,
        )
        judged.append(Judged(bid, prolongs_to=longer))
        if longer is not None:
            ends_at, extensions = longer, extensions + 1
    accepted = sum(1 for row in judged if not row.findings)
    close = CloseFacts(opens_at=facts.opens_at, passed=len(facts.passed), accepted_bids=accepted)
    return Replayed(tuple(judged), result_of(close, policy=policy), leader, highest, ends_at)


def _bid_facts(facts: ReplayFacts, bid: LoggedBid, highest: int | None, leader: str, ends_at: datetime) -> BidFacts:
    return BidFacts(
        reserve_rupees=facts.reserve_rupees,
        amount_rupees=bid.amount_rupees,
        opens_at=facts.opens_at,
        ends_at=ends_at,
        technical="passed" if bid.bidder in facts.passed else "",
        highest_rupees=highest,
        leads_already=bid.bidder == leader,
        river=facts.river,
        area_ha=facts.area_ha,
        held=(tuple(facts.held.get(bid.bidder, ())),),
    )


@rule("EPR-01", on="eproc.lot")
def not_our_lot(facts: StatedLot, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point i (A-05): "the same checks": the export must be about the ghat of our notice.

    Our reading: reserve price, earnest money, start and end must be those of the notice taken in; nothing is
    corrected silently. The Deputy Secretary may settle a doubt.
    """
    policy.value("EPR-01", at)
    if not facts.ours:
        return Finding("EPR-01", {"serial": facts.serial, "differences": text(_DIFFERENCES, "no_such_ghat")})
    wrong = [_pair(name, facts.stated.get(name), value) for name, value in facts.ours.items()]
    return _finding("EPR-01", wrong, serial=facts.serial)


@rule("EPR-02", on="eproc.result")
def replay_differs(facts: ReplayFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point i (A-03, A-05); tender 2026, clauses 10, 12, 19: their result against our replay.

    Our reading: a bid that E-Proc accepted and our rules refuse (or the other way), another end, another winner or
    another amount is a difference; one is enough, and the department decides, not the machine.
    """
    policy.value("EPR-02", at)
    ours, stated = replay(facts, policy=policy), facts.stated
    wrong: list[Words | None] = [*_wrong_answers(ours), *_out_of_order(facts)]
    wrong += [
        _pair("result", stated.result, ours.result),
        _pair("winner", stated.winner or "—", ours.leader if ours.result == "sold" else "—"),
        _pair("amount_rupees", stated.amount_rupees, ours.highest_rupees),
        _pair("ended_at", stated.ended_at, ours.ends_at),
    ]
    return _finding("EPR-02", wrong)


def _finding(code: str, wrong: Iterable[Words | None], **facts: Any) -> Finding | None:
    results = [row for row in wrong if row is not None]
    joined = {"en": "; ".join(row["en"] for row in results), "hi": "; ".join(row["hi"] for row in results)}
    return Finding(code, {**facts, "differences": joined, "count": len(results)}) if results else None


def _pair(name: str, stated: Any, found: Any) -> Words | None:
    """What is stated beside what it should be, in both languages; None where they agree."""
    if stated == found:
        return None
    stated, found = _shown(stated), _shown(found)
    return text(_DIFFERENCES, "differs", name=texts(_DIFFERENCES)[name], stated=stated, found=found)


def _shown(value: Any) -> str | Words:
    if isinstance(value, datetime):
        return value.astimezone(INDIA).strftime("%d.%m.%Y %H:%M:%S.%f")[:-3]
    if isinstance(value, int):
        return format_rupees(value)
    return texts("auctions/eproc_results").get(value) or ("—" if value is None else str(value))


def _wrong_answers(ours: Replayed) -> list[Words]:
    wrong: list[Words] = []
    for row in ours.judged:
        number, codes = row.bid.number, ", ".join(finding.code for finding in row.findings)
        if row.bid.accepted and row.findings:
            wrong.append(text(_DIFFERENCES, "accepted_there", number=number, codes=codes))
        elif not row.bid.accepted and not row.findings:
            wrong.append(text(_DIFFERENCES, "refused_there", number=number))
    return wrong


def _out_of_order(facts: ReplayFacts) -> list[Words]:
    rows = sorted(facts.bids, key=lambda bid: bid.number)
    late = [two.number for row, two in zip(rows, rows[1:], strict=False) if two.at < row.at]
    return [text(_DIFFERENCES, "out_of_order", number=number) for number in late]


@rule("EPR-03", on="eproc.winner")
def winner_incomplete(facts: WinnerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender 2026, clause 5 and 20 (E-038, E-083): the winner passed and paid the earnest money from his own account.

    Our reading: the export must state reference, sum and account; whether the money is there, an officer looks up
    before he takes the result over. The AD (HQ) may settle a doubt.
    """
    policy.value("EPR-03", at)
    own = same_account(facts.own_account, facts.emd_account)
    whole = facts.emd_rupees >= facts.emd_due_rupees and bool(facts.emd_reference)
    if facts.technical == "passed" and whole and own and facts.own_account.strip():
        return None
    return Finding("EPR-03", {**asdict(facts), "technical": policy.words("EPR-03", facts.technical or "none")})


@rule("EPR-04", on="eproc.take_over")
def not_to_be_taken_over(facts: TakeOverFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Review of 13.01.2026, point i (A-05): only a result that agrees is taken over, once, by an officer.

    Our reading: the officer confirms that he has seen the earnest money of the winner in the State's account
    (E-083). The AD (HQ) may settle a doubt.
    """
    policy.value("EPR-04", at)
    fine = facts.state == "agreed" and facts.lot_result == "open" and facts.elsewhere and facts.over
    if fine and facts.emd_seen:
        return None
    worded = {name: policy.words("EPR-04", getattr(facts, name)) for name in ("state", "lot_result")}
    return Finding("EPR-04", {**asdict(facts), **worded})


@trigger("TRG-20", on="eproc.checked")
def result_differs(facts: EprocFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A difference between E-Proc's result and our replay of its bid log: a task on the district's desk.

    Clause: review of 13.01.2026, point i (A-03, A-05). Our reading: the district asks E-Proc for a corrected,
    signed export; nothing is settled meanwhile. The Deputy Secretary may settle a doubt.
    """
    due = timedelta(days=int(policy.value("TRG-20", at)))
    if not facts.differing:
        return []
    return [OpenTask(_DISTRICT, "eproc", facts.export, due_in=due, act="eproc_differs", facts=asdict(facts))]


@trigger("TRG-21", on="eproc.checked")
def result_to_take_over(facts: EprocFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Results of E-Proc that agree with our replay wait to be taken over: a task on the district's desk.

    Clause: review of 13.01.2026, point i (A-03, A-05). Our reading: the officer looks up the earnest money, then
    the result becomes the settlement without re-keying. The Deputy Secretary may settle a doubt.
    """
    due = timedelta(days=int(policy.value("TRG-21", at)))
    if not facts.agreed:
        return []
    return [OpenTask(_DISTRICT, "eproc", facts.export, due_in=due, act="eproc_take_over", facts=asdict(facts))]


@trigger("TRG-22", on="eproc.done")
def export_done(facts: EprocFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Everything of an export is taken over, or a corrected one took its place: its tasks are done.

    Clause: review of 13.01.2026, point i (A-03). Our reading: a desk shows only what still waits. The AD (HQ) may
    settle a doubt.
    """
    policy.at("TRG-22", at)
    return [ChangeState("task", f"eproc:{facts.export}", "done", {"by": "TRG-22"})]
