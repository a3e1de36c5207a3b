"""Asking the ledger: demands and their state, receipts to verify, statements, deposits, and whether all is well."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.services import Subject
from immis.ledger.chart import UNAPPLIED, Head
from immis.ledger.models import Demand, JournalEntry, JournalLine, Receipt, RefundClaim, RefundOrder, TreasuryNotice
from immis.ledger.selectors.checks import problems as problems
from immis.ledger.selectors.dues import (
    defaulters as defaulters,
)
from immis.ledger.selectors.dues import (
    demands_for as demands_for,
)
from immis.ledger.selectors.dues import (
    dues_by_district as dues_by_district,
)
from immis.ledger.selectors.dues import (
    entries_of_demand as entries_of_demand,
)
from immis.ledger.selectors.dues import (
    forecast_by_month as forecast_by_month,
)
from immis.ledger.selectors.registers import (
    FITTING as FITTING,
)
from immis.ledger.selectors.registers import (
    instrument_on as instrument_on,
)
from immis.ledger.selectors.registers import (
    instruments as instruments,
)
from immis.ledger.selectors.registers import (
    instruments_on as instruments_on,
)
from immis.ledger.selectors.registers import (
    scroll_line_of as scroll_line_of,
)
from immis.ledger.selectors.registers import (
    scroll_lines as scroll_lines,
)
from immis.ledger.selectors.registers import (
    scroll_of as scroll_of,
)
from immis.ledger.selectors.registers import (
    scrolls as scrolls,
)
from immis.ledger.selectors.registers import (
    tax_item_on as tax_item_on,
)
from immis.ledger.selectors.registers import (
    tax_items_on as tax_items_on,
)
from immis.registry.models import Party
from immis.rules.calendar import india_day
from immis.rules.ledger.receipts import MONEY_IN


def demand_state(demand: Demand) -> str:
    """``open``, ``waiting`` (paid, not verified), ``settled`` or ``cancelled``."""
    if demand.settled_at:
        return "settled"
    if demand.cancelled_at:
        return "cancelled"
    waiting = any(receipt.state == "paid_unverified" for receipt in demand.receipts.all())
    return "waiting" if waiting else "open"


def own_accounts(party: Party) -> tuple[str, ...]:
    """The bank accounts that a party may pay from (E-083), as far as its record names them."""
    return (party.bank_account,) if party.bank_account else ()


def proved_accounts(party: Party) -> tuple[str, ...]:
    """The accounts that are proved to be a party's: its record's, and those from which verified money came."""
    rows = Receipt.objects.filter(demand__party=party, state__in=MONEY_IN).exclude(payer_account="")
    return (*own_accounts(party), *rows.order_by().values_list("payer_account", flat=True).distinct())


def demand_facts(demand: Demand) -> dict[str, Any]:
    """What an event about a demand carries."""
    return {
        "demand": demand.number,
        "kind": demand.kind,
        "label": demand.label,
        "amount_paise": demand.amount_paise,
        "balance_paise": demand.balance_paise,
        "due_on": demand.due_on,
        "subject_kind": demand.subject_kind,
        "subject_id": demand.subject_id,
        "district": demand.district,
        "party_id": demand.party_id,
        "party": {"en": demand.party.name_en, "hi": demand.party.name_hi},
        "cites": demand.cites,
    }


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """What an event about a receipt carries: the demand's facts, and the payment."""
    return {
        **demand_facts(receipt.demand),
        "receipt": receipt.number,
        "grn": receipt.grn or "",
        "state": receipt.state,
        "flags": receipt.flags,
        "paid_at": receipt.paid_at,
        "verified_at": receipt.verified_at,
    }


def demands(viewer: Actor, **filters: Any) -> QuerySet[Demand]:
    """Demands that the viewer may see, in the order they fall due."""
    rows = (
        Demand.objects.select_related("party")
        .prefetch_related("receipts")
        .filter(visible(viewer, "demand.read", party="party_id"), **filters)
    )
    return rows.order_by(F("due_on").asc(nulls_first=True), "number")


def open_demands(viewer: Actor, **filters: Any) -> QuerySet[Demand]:
    """Demands that are neither settled nor cancelled."""
    return demands(viewer, settled_at__isnull=True, cancelled_at__isnull=True, **filters)


def demand_of(number: str, viewer: Actor) -> Demand:
    """One demand; raises NotFound when there is none that the viewer may see."""
    demand = demands(viewer, number=number).first()
    if demand is None:
        raise NotFound(f"demand {number}")
    return demand


def dues_of(*, party: Party | None = None, subject: Subject | None = None, at: datetime | None = None) -> list[Demand]:
    """What a party (or a subject such as a lease) owes: unsettled demands, oldest due first.

    With ``at`` only what is payable by that day. The caller has checked that the reader may see it.
    """
    rows = Demand.objects.select_related("party").prefetch_related("receipts")
    rows = rows.filter(settled_at__isnull=True, cancelled_at__isnull=True)
    if party is not None:
        rows = rows.filter(party=party)
    if subject is not None:
        rows = rows.filter(subject_kind=subject[0], subject_id=subject[1])
    if at is not None:
        rows = rows.filter(Q(due_on__isnull=True) | Q(due_on__lte=india_day(at)))
    return list(rows.order_by(F("due_on").asc(nulls_first=True), "number"))


def demands_on(subject: Subject, **filters: Any) -> list[Demand]:
    """Every demand on a subject. The caller has checked that the reader may see the subject."""
    rows = Demand.objects.select_related("party").prefetch_related("receipts")
    rows = rows.filter(subject_kind=subject[0], subject_id=subject[1], **filters)
    return list(rows.order_by(F("due_on").asc(nulls_first=True), "number"))


def unsettled_on(subject: Subject, *, at: datetime) -> list[Demand]:
    """Demands on a subject whose due day had come at an instant and that were not settled by then."""
    rows = Demand.objects.select_related("party").prefetch_related("receipts")
    rows = rows.filter(subject_kind=subject[0], subject_id=subject[1], cancelled_at__isnull=True)
    rows = rows.filter(due_on__lte=india_day(at)).filter(Q(settled_at__isnull=True) | Q(settled_at__gt=at))
    return list(rows.order_by("due_on", "id"))


def unsettled_of(subject_kind: str, subject_ids: Iterable[str]) -> QuerySet[Demand]:
    """Unsettled demands on several subjects, oldest due first."""
    rows = Demand.objects.filter(subject_kind=subject_kind, subject_id__in=list(subject_ids))
    rows = rows.filter(settled_at__isnull=True, cancelled_at__isnull=True)
    return rows.order_by(F("due_on").asc(nulls_first=True), "number")


def overdue_subjects(subject_kind: str, *, kinds: Iterable[str], at: datetime) -> QuerySet[Any]:
    """Ids of subjects with a demand of these kinds whose due day is over and that is not settled.

    The first instalment is due before the deed: taken back by the bank, it is late on that day already.
    """
    today = india_day(at)
    rows = Demand.objects.filter(subject_kind=subject_kind, kind__in=list(kinds), due_on__lte=today)
    rows = rows.filter(settled_at__isnull=True, cancelled_at__isnull=True)
    taken_back = Q(reopened_at__isnull=False, key__startswith="instalment:", key__endswith=":1:1")
    rows = rows.filter(Q(due_on__lt=today) | taken_back)
    return rows.order_by().values_list("subject_id", flat=True)


def instalments_to_announce(*, at: datetime, ahead: timedelta, since: datetime) -> list[Demand]:
    """Instalments of leases that are unsettled and due within ``ahead``, or stopped and settled ``since``.

    What was paid by its due day stopped nothing: only the first of all, which is due before the deed, and what the
    bank took back can have done so.
    """
    rows = Demand.objects.select_related("party").prefetch_related("receipts")
    rows = rows.filter(kind="instalment", subject_kind="lease", cancelled_at__isnull=True)
    # two questions, each a short span of one index: asked as one it would read every demand there ever was
    unsettled = rows.filter(settled_at__isnull=True, due_on__lte=india_day(at) + ahead)
    late = Q(settled_at__gte=F("due_on")) | Q(key__endswith=":1:1") | Q(reopened_at__isnull=False)
    settled_late = rows.filter(late, settled_at__gte=since, due_on__lt=india_day(at))
    return sorted([*unsettled, *settled_late], key=lambda demand: (demand.due_on, demand.pk))


def demands_by_number(numbers: Iterable[str]) -> dict[str, Demand]:
    """Demands by number."""
    return {demand.number: demand for demand in Demand.objects.filter(number__in=list(numbers))}


def demand_by_key(key: str) -> Demand | None:
    """The demand that was raised under a key."""
    return Demand.objects.prefetch_related("receipts").filter(key=key).first()


def receipts(viewer: Actor, **filters: Any) -> QuerySet[Receipt]:
    """Receipts that the viewer may see, newest first."""
    shown = visible(viewer, "receipt.read", district="demand__district", party="demand__party")
    rows = Receipt.objects.select_related("demand__party").filter(shown, **filters)
    return rows.order_by("-created_at", "-id")


def receipts_to_verify(viewer: Actor) -> QuerySet[Receipt]:
    """Paid receipts that wait for the district, oldest payment first."""
    return receipts(viewer, state="paid_unverified").order_by("paid_at", "id")


def unverified_receipt_count(viewer: Actor) -> int:
    return receipts_to_verify(viewer).count()


def receipt_of(number: str, viewer: Actor) -> Receipt:
    """One receipt; raises NotFound when there is none that the viewer may see."""
    receipt = receipts(viewer, number=number).first()
    if receipt is None:
        raise NotFound(f"receipt {number}")
    return receipt


def notices_on(receipt: Receipt) -> list[TreasuryNotice]:
    """What the treasury told us of a receipt, oldest first."""
    return list(TreasuryNotice.objects.filter(grn=receipt.grn).order_by("id")) if receipt.grn else []


def credit_by_demand(demands: Iterable[Demand]) -> dict[int, int]:
    """What was paid above each of these demands and is still credit on account, in paise, by the demand's key."""
    lines = JournalLine.objects.filter(account_id=UNAPPLIED.code, demand__in=list(demands))
    rows = lines.values_list("demand_id").annotate(credit=Sum("credit_paise"), debit=Sum("debit_paise"))
    return {key: credit - debit for key, credit, debit in rows}


def credit_on(subject: Subject) -> int:
    """The credit on account of a subject, in paise: excess payments that no demand has used."""
    return sum(credit_by_demand(demands_on(subject)).values())


def receipts_to_poll(at: datetime, limit: int) -> list[Receipt]:
    """Receipts that the treasury should be asked about now."""
    return list(Receipt.objects.filter(next_poll_at__lte=at, grn__isnull=False).order_by("next_poll_at")[:limit])


def held_paise(head: Head, *, party_id: int, subject: Subject) -> int:
    """What a liability head holds for a party on a subject, in paise."""
    lines = JournalLine.objects.filter(account_id=head.code, party_id=party_id)
    lines = lines.filter(subject_kind=subject[0], subject_id=subject[1])
    sums = lines.aggregate(credit=Sum("credit_paise"), debit=Sum("debit_paise"))
    return (sums["credit"] or 0) - (sums["debit"] or 0)


def trial_balance() -> list[dict[str, Any]]:
    """Each head with its debits and credits in paise."""
    rows = JournalLine.objects.values("account_id", "account__name_en", "account__name_hi", "account__kind")
    return list(rows.annotate(debit=Sum("debit_paise"), credit=Sum("credit_paise")).order_by("account_id"))


@dataclass(frozen=True)
class Entry:
    """One line of a statement in paise: a demand, or what went back, on the debit side, verified money on the other.

    A line without a demand is a return; ``receipt`` is then the number of its order.
    """

    on: date
    label: dict[str, str]
    debit_paise: int
    credit_paise: int
    balance_paise: int
    demand: str
    receipt: str = ""


def statement_of(subject: Subject, *, at: datetime) -> list[Entry]:
    """The account of a subject by day with running balance: what fell due by then, and what was verified.

    A later due amount stands in it only once it is paid. The caller has checked that the reader may see it.
    """
    today = india_day(at)
    moves: list[tuple[date, int, dict[str, str], int, int, str, str]] = []
    for demand in demands_on(subject, cancelled_at__isnull=True):
        raised_on = india_day(demand.raised_at)
        on = max(demand.due_on or raised_on, raised_on)
        verified = [receipt for receipt in demand.receipts.all() if _was_verified(receipt)]
        paid_days = [india_day(r.verified_at) for r in verified if r.verified_at]
        if on > today and not paid_days:
            continue
        if not _told_by_its_return(demand):
            moves.append((min([on, *paid_days]), 0, demand.label, demand.amount_paise, 0, demand.number, ""))
        moves += [
            (day, 1, demand.label, 0, receipt.paid_paise or 0, demand.number, receipt.number)
            for receipt, day in zip(verified, paid_days, strict=True)
        ]
        moves += [
            (india_day(row.reversed_at), 2, demand.label, row.paid_paise or 0, 0, demand.number, row.number)
            for row in verified
            if row.reversed_at
        ]
    moves += [
        (india_day(refund_order.paid_at), 3, refund_order.label, refund_order.amount_paise, 0, "", refund_order.number)
        for refund_order in RefundOrder.objects.filter(
            subject_kind=subject[0], subject_id=subject[1], head=UNAPPLIED.code
        )
        if refund_order.paid_at and not _of_refused(refund_order)
    ]
    return _running(sorted(moves, key=lambda move: (move[0], move[1] == 3, move[5], move[1])))


def _told_by_its_return(demand: Demand) -> bool:
    """Whether a demand asks again for an excess whose return and reversal stand in the statement themselves."""
    if demand.kind != "recovery":
        return False
    receipt = Receipt.objects.filter(number=(demand.key or "").removeprefix("recovery:")).first()
    return receipt is not None and "refused" not in receipt.flags


def _of_refused(order: RefundOrder) -> bool:
    """Whether an order returns a payment that the district refused: such money never stood in the account."""
    return RefundClaim.objects.filter(order=order, kind="refused").exists()


def _was_verified(receipt: Receipt) -> bool:
    """Whether a receipt is, or was before the bank took it back, verified money of its demand."""
    if receipt.state == "reversed":
        return receipt.verified_at is not None and "refused" not in receipt.flags
    return receipt.state in MONEY_IN


def _running(moves: list[tuple[date, int, dict[str, str], int, int, str, str]]) -> list[Entry]:
    balance, entries = 0, []
    for on, _order, label, debit, credit, demand, receipt in moves:
        balance += debit - credit
        entries.append(Entry(on, label, debit, credit, balance, demand, receipt))
    return entries


def totals() -> dict[str, Any]:
    """Counts and sums of the whole ledger, for reports."""
    states = dict(Receipt.objects.values_list("state").annotate(Count("id")))
    sums = JournalLine.objects.aggregate(debit=Sum("debit_paise"), credit=Sum("credit_paise"))
    return {
        "entries": JournalEntry.objects.count(),
        "debit_paise": sums["debit"] or 0,
        "credit_paise": sums["credit"] or 0,
        "receipts": states,
        "demands": Demand.objects.count(),
        "notices_unknown": TreasuryNotice.objects.filter(outcome="unknown_grn").count(),
    }
