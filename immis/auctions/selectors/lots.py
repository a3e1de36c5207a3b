"""Lots as watchers, bidders and the office see them; a lot's phase is computed from its times, never stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from immis.auctions.models import Lot, LotEvent, TechnicalBid
from immis.auctions.sealing import alias_of
from immis.auctions.selectors.identities import leader_of, own_alias
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.registry.selectors import Party, in_order
from immis.rules.auctions.lots import CloseFacts, ShowFacts, increment_rupees, least_steps, result_of
from immis.rules.catalogue import RULES, apply
from immis.rules.policy import LANGUAGES, book
from immis.rules.writing.numbers import rupees_in_words

PHASES = ("upcoming", "running", "paused", "closed")


@dataclass(frozen=True)
class LotState:
    """What anybody may know of a lot at an instant (clause 10): amounts and times, never whose they are.

    ``seq`` counts what the public can see change; ``next_amounts`` are (steps,
    rupees), ``next_words`` the same sums in words, by language. Two readings are
    equal unless something changed.
    """

    code: str
    phase: str
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime
    extended: bool
    reserve_rupees: int
    increment_rupees: int
    highest_rupees: int | None
    highest_words: dict[str, str]
    seq: int
    next_amounts: tuple[tuple[int, int], ...]
    next_words: dict[str, list[str]]
    result: str
    paused_at: datetime | None = None


@dataclass(frozen=True)
class LogRow:
    """One line of the public log of a lot: the n-th visible event, its time and amount; ``own`` marks the reader's."""

    number: int
    at: datetime
    kind: str
    amount_rupees: int | None
    ends_at: datetime | None = None
    own: bool = False
    winner: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a lot ended: ``sold``, ``single_bid`` or ``no_bids``; the winner only where clause 10 lets him be named."""

    result: str
    amount_rupees: int | None
    winner: Party | None
    announced_at: datetime | None
    passed: int


@dataclass(frozen=True)
class Position:
    """Where one party stands in a lot."""

    technical: str = ""
    reasons: str = ""
    may_bid: bool = False
    leads: bool = False
    own_highest_rupees: int | None = None
    alias: str = ""
    bid: Any = field(default=None, compare=False)


def lots(viewer: Actor, **filters: Any) -> QuerySet[Lot]:
    """All lots, notice by notice; public. The viewer decides nothing here, as a lot itself is public."""
    rows = Lot.objects.select_related("block", "notice", "highest_bidder__party")
    return rows.filter(**filters).order_by(*in_order("code"))


def mock_lots(viewer: Actor, **filters: Any) -> QuerySet[Lot]:
    """The copies of mock auctions, newest first; public."""
    rows = Lot.every.select_related("block", "notice").filter(mock=True, **filters)
    return rows.order_by("-opens_at", "code")


def in_phase(rows: QuerySet[Lot], phase: str, at: datetime) -> QuerySet[Lot]:
    """Those lots that are in a phase at an instant."""
    over, stands = Q(result="aborted"), Q(paused_at__isnull=False)
    chosen = {
        "upcoming": Q(opens_at__gt=at) & ~over & ~stands,
        "running": Q(opens_at__lte=at, ends_at__gt=at) & ~over & ~stands,
        "paused": stands & ~over,
        "closed": over | (Q(ends_at__lte=at) & ~stands),
    }
    return rows.filter(chosen[phase]) if phase in chosen else rows


def lot_of(code: str) -> Lot:
    """One lot by its code, also one of a mock auction. Raises NotFound."""
    lot = Lot.every.select_related("block", "notice").filter(code=code).first()
    if lot is None:
        raise NotFound(f"lot {code}")
    return lot


def phase_of(lot: Lot, at: datetime) -> str:
    """Whether a lot is upcoming, running, paused or closed: [opens_at, ends_at) is running; an order may say else."""
    if lot.result == "aborted":
        return "closed"
    if lot.paused_at is not None:
        return "paused"
    if at < lot.opens_at:
        return "upcoming"
    return "running" if at < lot.ends_at else "closed"


def lot_state(lot: Lot, at: datetime) -> LotState:
    """The public state of a lot at an instant, computed from its events and the time."""
    step = increment_rupees(lot.reserve_rupees, policy=book(), on=lot.opens_at)
    phase = phase_of(lot, at)
    offered = _next_amounts(lot, step) if phase != "closed" else ()
    highest = lot.highest_rupees
    return LotState(
        code=lot.code,
        phase=phase,
        opens_at=lot.opens_at,
        closes_at=lot.closes_at,
        ends_at=lot.ends_at,
        extended=lot.extended_at is not None,
        reserve_rupees=lot.reserve_rupees,
        increment_rupees=step,
        highest_rupees=highest,
        highest_words={} if highest is None else {lang: rupees_in_words(highest, lang) for lang in LANGUAGES},
        seq=lot.changes,
        next_amounts=offered,
        next_words={lang: [rupees_in_words(amount, lang) for _, amount in offered] for lang in LANGUAGES},
        result=lot.result,
        paused_at=lot.paused_at,
    )


def _next_amounts(lot: Lot, step: int) -> tuple[tuple[int, int], ...]:
    base = lot.reserve_rupees if lot.highest_rupees is None else lot.highest_rupees
    least = least_steps(lot.highest_rupees, policy=book(), on=lot.opens_at)
    offered = [least, *(n for n in book().value("AUC-11", lot.opens_at)["offered_steps"] if n > least)]
    return tuple((steps, base + steps * step) for steps in offered)


def states_of(codes: Iterable[str], at: datetime) -> dict[str, LotState]:
    """The public states of some lots."""
    return {lot.code: lot_state(lot, at) for lot in Lot.every.filter(code__in=list(codes))}


def changed_lots(
    since: Mapping[str, Any] | None = None, *, at: datetime, codes: Iterable[str] | None = None
) -> tuple[dict[str, tuple[int, str]], list[LotState]]:
    """What changed in public since a marker: the new marker and the states of the lots that changed.

    The marker is what an earlier call answered; without one every lot counts as
    changed. A lot also changes by time alone: it opens, it closes.
    """
    rows = Lot.objects.all() if codes is None else Lot.every.filter(code__in=list(codes))
    before = since or {}
    marker = {lot.code: (lot.changes, phase_of(lot, at)) for lot in rows}
    return marker, [lot_state(lot, at) for lot in rows if tuple(before.get(lot.code, ())) != marker[lot.code]]


def _shown(asked: ShowFacts, *, at: datetime) -> bool:
    return apply(RULES["AUC-08"], asked, policy=book(), at=at) is None


def close_facts(lot: Lot) -> CloseFacts:
    """What the result of a lot follows from."""
    return _close_facts([lot])[lot.pk]


def _close_facts(lots: Sequence[Lot]) -> dict[int, CloseFacts]:
    passed = TechnicalBid.objects.filter(lot__in=lots, state="passed").values_list("lot").annotate(Count("pk"))
    bids = (
        LotEvent.objects.filter(lot__in=lots, kind="bid_accepted").order_by().values_list("lot").annotate(Count("pk"))
    )
    counted, accepted = (dict(passed), dict(bids)) if lots else ({}, {})
    return {lot.pk: CloseFacts(lot.opens_at, counted.get(lot.pk, 0), accepted.get(lot.pk, 0)) for lot in lots}


def outcome_of(lot: Lot, at: datetime) -> Outcome | None:
    """How a lot ended, as soon as its time is over, whether or not it was announced yet; None before."""
    return outcomes_of([lot], at)[lot.pk]


def outcomes_of(lots: Sequence[Lot], at: datetime) -> dict[int, Outcome | None]:
    """How some lots ended, by lot; None for one that is not over, or on E-Proc and not taken over yet."""
    over = [lot for lot in lots if phase_of(lot, at) == "closed" and (lot.venue != "eproc" or lot.result != "open")]
    facts = _close_facts(over)
    return {lot.pk: _outcome(lot, facts[lot.pk], at) if lot.pk in facts else None for lot in lots}


def _outcome(lot: Lot, facts: CloseFacts, at: datetime) -> Outcome:
    aborted = lot.result == "aborted"
    named = not aborted and lot.highest_alias and _shown(ShowFacts("winner", closed=True), at=at)
    leader = leader_of(lot, at) if named else None
    return Outcome(
        result="aborted" if aborted else result_of(facts, policy=book()),
        amount_rupees=lot.highest_rupees,
        winner=leader.party if leader else None,
        announced_at=lot.result_announced_at,
        passed=facts.passed,
    )


def my_position(lot: Lot, party: Party | int | None, at: datetime) -> Position:
    """Where a party stands in a lot: its technical bid, whether it leads, its own highest bid."""
    party_id = party.pk if isinstance(party, Party) else party
    bid = TechnicalBid.objects.select_related("bidder", "lot").filter(lot=lot, bidder__party_id=party_id).first()
    if party_id is None or bid is None:
        return Position()
    alias = own_alias(bid)
    own = LotEvent.objects.filter(lot=lot, alias=alias, kind="bid_accepted").order_by("-amount_rupees").first()
    return Position(
        technical=bid.state,
        reasons=bid.reasons,
        may_bid=bid.state == "passed" and phase_of(lot, at) == "running",
        leads=lot.highest_alias == alias,
        own_highest_rupees=own.amount_rupees if own else None,
        alias=alias,
        bid=bid,
    )


def bid_log(lot: Lot, viewer: Actor, at: datetime) -> list[LogRow]:
    """Amounts and times of a lot, newest first, without bidders; refused bids are nobody else's business."""
    closed = phase_of(lot, at) == "closed"
    events = LotEvent.objects.filter(lot=lot, change_no__isnull=False).exclude(kind="closed")
    leader, own = lot.highest_rupees, _alias_in(lot, viewer)
    return [
        LogRow(
            number=event.change_no or 0,
            at=event.at,
            kind=event.kind,
            amount_rupees=event.amount_rupees,
            ends_at=datetime.fromisoformat(event.body["ends_at"]) if "ends_at" in event.body else None,
            own=bool(own) and event.alias == own,
            winner=closed and event.kind == "bid_accepted" and event.amount_rupees == leader,
        )
        for event in events.order_by("-seq")
    ]


def _alias_in(lot: Lot, viewer: Actor) -> str:
    """The reader's own alias in a lot, empty for who has none; of an auction on E-Proc it is written down."""
    if viewer.party_id is None:
        return ""
    known = TechnicalBid.objects.filter(lot=lot, bidder__party_id=viewer.party_id).values_list("alias", flat=True)
    return "" if not known else known[0] or alias_of(lot.code, lot.seal, viewer.party_id)
