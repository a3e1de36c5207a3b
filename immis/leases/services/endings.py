"""How a settlement ends: forfeiture, cancellation, surrender, expiry; what passes to the next settlee."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.services import emit
from immis.leases import facts
from immis.leases.events.life import (
    AuctionAnnulled,
    DepositsReturned,
    LeaseCancelled,
    LeaseEnded,
    LeaseForfeited,
    LeaseSurrendered,
    SecurityRefunded,
)
from immis.leases.events.path import ClearanceCarried
from immis.leases.life import (
    acts_of,
    clock_done,
    deposits_of,
    due_of,
    ended_on_block,
    open_demands_of,
    returnable_of,
    surrender_dues,
    valid_reason,
)
from immis.leases.models import Clearance, Lease, LeaseAct
from immis.leases.selectors import clearances_of, lease_facts
from immis.leases.services.clearances import keep_version, paper_of
from immis.leases.services.common import check, locked, tell
from immis.leases.services.notices import close_all
from immis.leases.services.orders import NewAct, note_act
from immis.ledger.chart import EMD, FORFEITURE, SECURITY, SETTLEMENT
from immis.ledger.selectors import RefundOrder
from immis.ledger.services import move_deposit
from immis.ledger.services.demands import withdraw_balance
from immis.ledger.services.refunds import NewRefund, order_refund
from immis.rules.calendar import india_day
from immis.rules.leases import life as rules
from immis.rules.leases.schedule import Cite
from immis.rules.policy import book
from immis.rules.writing.texts import text


@dataclass(frozen=True)
class Ending:
    """An early end of a settlement: how it ended (forfeited, cancelled, surrendered, annulled), by which order, why."""

    lease: Lease
    ended: str
    reference: str
    reason: str
    by: Actor
    at: datetime


#: what is told of each early end
_NEWS = {
    "forfeited": LeaseForfeited, "cancelled": LeaseCancelled, "surrendered": LeaseSurrendered,
    "annulled": AuctionAnnulled,
}  # fmt: skip
#: the act that is kept of an early end, where it has another name
_ACTS = {"forfeited": "forfeiture"}
Source = tuple[str, tuple[str, str]]  # a head of the ledger, and whose money it is there
_told_of_ends: list[Callable[[Ending], None]] = []


def tell_of_ends(listener: Callable[[Ending], None]) -> None:
    """Have every early end told in its own transaction, so that the auction behind it keeps the same end."""
    if listener not in _told_of_ends:
        _told_of_ends.append(listener)


@transaction.atomic
def forfeit_settlement(*, lease: Lease, ground: str, reason: str, reference: str, by: Actor, at: datetime) -> Lease:
    """A missed time limit without valid reason: deposits are forfeited, the ghat goes to auction again (E-094).

    The settlee is barred from tenders for two years, and the auction keeps his default (E-070).
    Raises Refusal (LSE-18) while the clock runs, for what was done, or where a valid reason is accepted.
    """
    lease = locked(lease, "lease.forfeit", by=by)
    due_on, done = due_of(lease, ground), clock_done(lease, ground) or lease.cancelled_at is not None
    missed = rules.ForfeitFacts(ground, india_day(at), due_on, done, valid_reason(lease, ground))
    check("lease.forfeit", missed, lease=lease, at=at)
    return _end(Ending(lease, "forfeited", reference, reason, by, at), ground=ground)


@transaction.atomic
def end_by_default(*, lease: Lease, reason: str, reference: str, by: Actor, at: datetime) -> Lease:
    """The winner's default before the deed ends the settlement; clause 19(iii) asks no further notice (E-070).

    Raises NotPermitted once the deed is executed: from then on a settlement ends by notice.
    """
    lease = locked(lease, "lease.end_by_default", by=by)
    if lease.deed_on:
        raise NotPermitted("a settlement whose deed is executed ends by notice (clauses 42(xvii), 42(xviii))")
    if lease.cancelled_at is not None:
        return lease
    return _end(Ending(lease, "forfeited", reference, reason, by, at))


@transaction.atomic
def cancel_settlement(*, lease: Lease, reason: str, by: Actor, at: datetime, reference: str = "") -> Lease:
    """The Collector ends a settlement after a notice; no e-challan is issued from this instant (E-144, E-145, HLD-04).

    Raises Refusal: no show-cause answered or run out (LSE-25), dues notice running or paid (LSE-24).
    """
    lease = locked(lease, "lease.cancel", by=by)
    if lease.cancelled_at is not None:
        return lease
    check("lease.cancel", facts.cancelling_of(lease, by, at), lease=lease, at=at)
    return _end(Ending(lease, "cancelled", reference, reason, by, at))


@transaction.atomic
def accept_surrender(*, lease: Lease, reference: str, by: Actor, at: datetime) -> Lease:
    """The Collector accepts a surrender after the year's amount (clause 31 i, E-111); deposits are forfeited.

    Raises Refusal (LSE-22) while the year is not paid and no certificate case runs for it.
    """
    lease = locked(lease, "lease.accept_surrender", by=by)
    if lease.cancelled_at is not None:
        return lease
    check("lease.surrender", facts.surrender_of(lease, by, at), lease=lease, at=at)
    asked = acts_of(lease, "surrender_asked")
    reason = asked[0].reason if asked else ""
    return _end(Ending(lease, "surrendered", reference, reason, by, at))


@transaction.atomic
def annul_auction(*, lease: Lease, reference: str, reason: str, by: Actor, at: datetime) -> Lease:
    """Cancel the auction behind a settlement after its close (clause 18, E-067): it ends, nothing is forfeited.

    What its winner deposited waits for the department's order (``return_annulled``). Raises Refusal (LSE-76) once the
    deed is executed.
    """
    lease = locked(lease, "lease.annul", by=by)
    if lease.cancelled_at is not None:
        return lease
    check("lease.annul", facts.annul_of(lease, by, at), lease=lease, at=at)
    return _end(Ending(lease, "annulled", reference, reason, by, at))


@transaction.atomic
def return_annulled(*, lease: Lease, reference: str, by: Actor, at: datetime) -> LeaseAct:
    """The department returns what the winner of a cancelled auction paid (clause 20 iii gha, E-084): deposits and
    the first instalment, where the district has verified it.

    Without interest, to the party's own account. Raises Refusal (LSE-77): nothing held, or not cancelled.
    """
    lease = locked(lease, "lease.return_annulled", by=by)
    check("lease.return_annulled", facts.annulled_of(lease, by, at), lease=lease, at=at)
    held, own = returnable_of(lease), ("lease", lease.number)
    sources = {"security": (SECURITY, own), "emd": (EMD, ("lot", lease.lot_code)), "instalment": (SETTLEMENT, own)}
    orders = [
        _order_back(lease, source, "LSE-77", f"annulled_{name}:{lease.number}", by=by, at=at)
        for name, source in sources.items()
        if held[name]
    ]
    amount = sum(order.amount_paise for order in orders)
    body = {"amount_paise": amount, "refund": ", ".join(order.number for order in orders)}
    act = note_act(lease, NewAct("returned", on=india_day(at), reference=reference, facts=body), by=by, at=at)
    tell(DepositsReturned, lease, by=by, at=at, facts={**body, "reference": reference})
    return act


def _end(ending: Ending, *, ground: str = "") -> Lease:
    """End a settlement early: forfeit its deposits, withdraw what falls due later, mark the ghat for auction."""
    lease, ended, by, at = ending.lease, ending.ended, ending.by, ending.at
    reason, reference = ending.reason, ending.reference
    forfeited = 0 if ended == "annulled" else _forfeit_deposits(lease, by=by, at=at)
    keep = {demand.pk for demand in surrender_dues(lease, at)} if ended == "surrendered" else set()
    _withdraw_later(lease, keep=keep, reason=reference or reason, by=by, at=at)
    lease.cancelled_at, lease.cancel_reason, lease.ended_kind, lease.reauction_at = at, reason[:300], ended, at
    lease.save(update_fields=["cancelled_at", "cancel_reason", "ended_kind", "reauction_at"])
    close_all(lease, "acted", reason=reference or reason, by=by, at=at)
    act_facts = {"forfeited_paise": forfeited, **({"clock": ground} if ground else {})}
    note_act(
        lease,
        NewAct(_ACTS.get(ended, ended), on=india_day(at), reference=reference, reason=reason, facts=act_facts),
        by=by,
        at=at,
    )
    facts = {"reason": reason, "reference": reference, "ended": ended, "amount_paise": forfeited}
    tell(_NEWS[ended], lease, by=by, at=at, facts=facts)
    payload = LeaseEnded(**lease_facts(lease), **facts)
    emit(payload, subject=("lease", lease.number), at=at, key=f"{payload.KIND}:{lease.number}")
    for listener in _told_of_ends:
        listener(ending)
    return lease


def _forfeit_deposits(lease: Lease, *, by: Actor, at: datetime) -> int:
    subject = ("lease", lease.number)
    held = deposits_of(lease)
    sources = ((SECURITY, subject, held["security"]), (EMD, ("lot", lease.lot_code), held["emd"]))
    return sum(
        move_deposit(
            party=lease.party,
            source=(head, source),
            target=(FORFEITURE, subject),
            amount_paise=amount,
            district=lease.district,
            by=by,
            at=at,
        )
        for head, source, amount in sources
        if amount
    )


def _withdraw_later(lease: Lease, *, keep: set[int], reason: str, by: Actor, at: datetime) -> None:
    """Withdraw demands that fall due after the end (and the unpaid security); one that is paid already stays."""
    today = india_day(at)
    for demand in open_demands_of(lease):
        later = demand.due_on is None or demand.due_on > today or demand.kind == "security"
        if later and demand.pk not in keep:
            try:
                withdraw_balance(demand=demand, reason=reason, by=by, at=at)
            except Refusal:
                continue  # paid and not verified: the district decides on the receipt


@transaction.atomic
def refund_security(*, lease: Lease, reference: str, by: Actor, at: datetime) -> LeaseAct:
    """Order the return of the security after the period, without interest (clause 20 ii, E-081, E-082).

    The order goes to the treasury like every return; a repeat answers the first one. Raises Refusal (LSE-26).
    """
    lease = locked(lease, "lease.refund_security", by=by)
    key = f"security_refund:{lease.number}"
    if known := LeaseAct.objects.filter(key=key).first():
        return known
    check("lease.refund_security", facts.refund_of(lease, by, at), lease=lease, at=at)
    order = _order_back(lease, (SECURITY, ("lease", lease.number)), "LSE-26", key, by=by, at=at)
    body = {"amount_paise": order.amount_paise, "refund": order.number}
    act = note_act(lease, NewAct("refund", on=india_day(at), reference=reference, facts=body, key=key), by=by, at=at)
    tell(SecurityRefunded, lease, by=by, at=at, facts={**body, "reference": reference})
    return act


#: What goes back, by the head that holds it.
_LABELS = {SECURITY.code: "security", EMD.code: "earnest", SETTLEMENT.code: "instalment"}


def _order_back(lease: Lease, source: Source, code: str, key: str, *, by: Actor, at: datetime) -> RefundOrder:
    """The order that sends what is held at a source back to the party's own account, by the clause of a code."""
    ghat, value = lease.block, book().at(code, at)
    label = _LABELS[source[0].code]
    order = order_refund(
        refund=NewRefund(
            party=lease.party,
            source=source,
            account=lease.party.bank_account,
            label=text("ledger/refunds", label, ghat={"en": ghat.name_en, "hi": ghat.name_hi}),
            key=key,
            due_on=india_day(at),
            cites=[asdict(Cite.of(value))],
            district=lease.district,
        ),
        by=by,
        at=at,
    )
    if order is None:
        raise NotFound(f"sum held on {source[0]}")
    return order


def carry_clearances(lease: Lease, *, by: Actor, at: datetime) -> list[str]:
    """Plan and EC of the settlement before pass to this one with its LoI (clauses 32, 33; E-113, E-114)."""
    if lease.loi_on is None:
        return []
    carried = []
    for kind in ("plan", "ec"):
        old = _last_granted(lease, kind)
        if old is None:
            continue
        before = old.lease
        passed = rules.CarryFacts(kind, before.ended_kind, before.number, lease.loi_on, old.valid_until)
        if check("lease.carry", passed, lease=lease, at=at):
            _carry(lease, old, by=by, at=at)
            carried.append(kind)
    return carried


def _last_granted(lease: Lease, kind: str) -> Clearance | None:
    """The clearance of a ghat as its ended settlements left it: of the last one that had it, not of the last one."""
    granted = (clearances_of(before).get(kind) for before in ended_on_block(lease))
    return next((row for row in granted if row is not None and row.granted_on is not None), None)


def _carry(lease: Lease, old: Clearance, *, by: Actor, at: datetime) -> None:
    assert lease.loi_on is not None  # carried with the letter of intent
    row = Clearance.objects.create(
        lease=lease,
        kind=old.kind,
        applied_on=lease.loi_on,
        granted_on=lease.loi_on,
        reference=old.reference,
        quantity_m3=old.quantity_m3,
        month_m3=old.month_m3,
        day_m3=old.day_m3,
        valid_until=old.valid_until,
        closed_months=old.closed_months,
    )
    keep_version(row, paper=paper_of(old), rule_code="LSE-27", by=by, at=at)
    body = {"clearance": old.kind, "from_lease": old.lease.number, "reference": old.reference}
    note_act(lease, NewAct("carried", on=lease.loi_on, reference=old.reference, facts=body), by=by, at=at)
    tell(ClearanceCarried, lease, by=by, at=at, facts=body)
