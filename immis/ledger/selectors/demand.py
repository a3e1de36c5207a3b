"""Demands and their state: of a reader, a party, a subject."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet, prefetch_related_objects
from django.db.models.functions import TruncDate

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.services import Subject
from immis.core.written import question
from immis.ledger.models import Demand, Receipt
from immis.registry.bank_accounts import accepted_accounts
from immis.registry.selectors import Party
from immis.rules.calendar import INDIA, india_day
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
    """The bank accounts that a party may pay from (E-083): its own, and accepted ones of its partners or directors."""
    return tuple(accepted_accounts(party))


def proved_accounts(party: Party) -> tuple[str, ...]:
    """The accounts that are proved to be a party's: accepted ones, and those from which verified money came."""
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
    rows = _unsettled.rows(kind=subject[0], subject=subject[1], today=india_day(at), at=at)
    if rows:
        prefetch_related_objects(rows, "receipts")
    return rows


@question
def _unsettled(kind: str, subject: str, today: date, at: datetime) -> QuerySet[Demand]:
    rows = Demand.objects.select_related("party")
    rows = rows.filter(subject_kind=kind, subject_id=subject, cancelled_at__isnull=True, due_on__lte=today)
    return rows.filter(Q(settled_at__isnull=True) | Q(settled_at__gt=at)).order_by("due_on", "id")


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
    # instalments are a settlement's alone; asked by subject, SQLite would take the index of subjects and read them all
    rows = rows.filter(kind="instalment", cancelled_at__isnull=True)
    # two questions, each a short span of one index: asked as one it would read every demand there ever was
    unsettled = rows.filter(settled_at__isnull=True, due_on__lte=india_day(at) + ahead)
    within = ExpressionWrapper(F("settled_at") - timedelta(microseconds=1), output_field=DateTimeField())
    by_day = rows.alias(settled_on=TruncDate(within, tzinfo=INDIA))  # at the day's first instant it was still in time
    first = Q(key__endswith=":1:1", settled_on__gte=F("due_on"))  # cheap questions first: SQLite asks the day of Python
    late = Q(settled_at__gte=F("due_on")) | first | Q(reopened_at__isnull=False)
    settled_late = by_day.filter(late, settled_at__gte=since, due_on__lt=india_day(at))
    return sorted([*unsettled, *settled_late], key=lambda demand: (demand.due_on, demand.pk))


def demands_by_number(numbers: Iterable[str]) -> dict[str, Demand]:
    """Demands by number."""
    return {demand.number: demand for demand in Demand.objects.filter(number__in=list(numbers))}


def demand_by_key(key: str) -> Demand | None:
    """The demand that was raised under a key."""
    return Demand.objects.prefetch_related("receipts").filter(key=key).first()


def overdue_demands(at: datetime, *, without: Iterable[str]) -> QuerySet[Demand]:
    """Demands whose due day is over and that are not settled, but of some kinds."""
    rows = Demand.objects.select_related("party").filter(settled_at__isnull=True, cancelled_at__isnull=True)
    return rows.filter(due_on__lt=india_day(at)).exclude(kind__in=list(without)).order_by("due_on", "pk")
