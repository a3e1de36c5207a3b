"""The journal: accounts, entries in balance, and the chain over them."""

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField
from immis.ledger.models.demands import Demand
from immis.ledger.models.receipts import Receipt


class Account(models.Model):
    """One head of account of the journal."""

    KINDS = [(k, k) for k in ("asset", "liability", "income", "memo")]

    code = models.CharField(max_length=20, primary_key=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=KINDS)


class JournalSeal(models.Model):
    """Closes one journal entry; the database refuses it when debits and credits differ."""

    number = models.BigIntegerField(primary_key=True)


class JournalEntry(models.Model):
    """One balanced entry. It cannot be committed without its seal, and nothing of it changes afterwards."""

    seal = models.OneToOneField(JournalSeal, on_delete=models.PROTECT, primary_key=True, db_column="number")
    kind = models.CharField(max_length=30)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="entries")
    facts = FactsField(default=dict)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "kind"], condition=Q(receipt__isnull=False), name="one_entry_a_receipt_and_kind"
            )
        ]


class JournalLine(models.Model):
    """One side of an entry in paise: a debit or a credit of one account, for one party and subject.

    ``demand`` is named on the lines that pay a demand, or take a payment back from it.
    """

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    party = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="+")
    demand = models.ForeignKey(Demand, null=True, on_delete=models.PROTECT, related_name="lines")
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    debit_paise = models.BigIntegerField(default=0)
    credit_paise = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="line_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(debit_paise__gt=0, credit_paise=0) | Q(debit_paise=0, credit_paise__gt=0),
                name="line_one_side",
            )
        ]
