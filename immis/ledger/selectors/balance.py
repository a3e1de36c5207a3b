"""What the books hold: credits, deposits, the trial balance."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Sum

from immis.core.services import Subject
from immis.ledger.chart import UNAPPLIED, Head
from immis.ledger.models import Demand, JournalEntry, JournalLine, Receipt, TreasuryNotice
from immis.ledger.selectors.demand import demands_on


def credit_by_demand(demands: Iterable[Demand]) -> dict[int, int]:
    """What was paid above each of these demands and is still credit on account, in paise, by the demand's key."""
    lines = JournalLine.objects.filter(account_id=UNAPPLIED.code, demand__in=list(demands))
    rows = lines.values_list("demand_id").annotate(credit=Sum("credit_paise"), debit=Sum("debit_paise"))
    return {key: credit - debit for key, credit, debit in rows}


def credit_on(subject: Subject) -> int:
    """The credit on account of a subject, in paise: excess payments that no demand has used."""
    return sum(credit_by_demand(demands_on(subject)).values())


def held_paise(head: Head, *, party_id: int, subject: Subject) -> int:
    """What a liability head holds for a party on a subject, in paise."""
    lines = JournalLine.objects.filter(account_id=head.code, party_id=party_id)
    lines = lines.filter(subject_kind=subject[0], subject_id=subject[1])
    sums = lines.aggregate(credit=Sum("credit_paise"), debit=Sum("debit_paise"))
    return (sums["credit"] or 0) - (sums["debit"] or 0)


def held_by_party(head: Head, subject: Subject) -> dict[int, int]:
    """What a liability head holds on a subject for each party that ever had anything there, in paise."""
    lines = JournalLine.objects.filter(account_id=head.code, subject_kind=subject[0], subject_id=subject[1])
    sums = lines.order_by().values("party_id").annotate(held=Sum("credit_paise") - Sum("debit_paise"))
    return {row["party_id"]: row["held"] for row in sums}


def subjects_with(head: Head, subject_kind: str) -> list[str]:
    """The subjects on which a liability head holds anything."""
    lines = JournalLine.objects.filter(account_id=head.code, subject_kind=subject_kind).order_by()
    sums = lines.values("subject_id").annotate(held=Sum("credit_paise") - Sum("debit_paise"))
    return [row["subject_id"] for row in sums if row["held"]]


def trial_balance() -> list[dict[str, Any]]:
    """Each head with its debits and credits in paise."""
    rows = JournalLine.objects.values("account_id", "account__name_en", "account__name_hi", "account__kind")
    return list(rows.annotate(debit=Sum("debit_paise"), credit=Sum("credit_paise")).order_by("account_id"))


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
