"""Money: what is demanded of whom, what the treasury received, and the double-entry journal of verified receipts."""

from django.db import models
from django.db.models import Q

from immis.registry.models import Party


class Account(models.Model):
    """One head of account of the journal."""

    KINDS = [(k, k) for k in ("asset", "liability", "income")]

    code = models.CharField(max_length=20, primary_key=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=KINDS)


class Demand(models.Model):
    """Money owed by a party for a lot, lease or case; never changed, only cancelled or settled."""

    KINDS = [(k, k) for k in ("emd", "security", "instalment", "penalty", "dmf", "fee")]

    number = models.CharField(max_length=40, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="demands")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    label = models.JSONField()
    amount_paise = models.BigIntegerField()
    due_on = models.DateField(null=True)
    cites = models.JSONField(default=list)
    key = models.CharField(max_length=120, null=True, unique=True)
    raised_at = models.DateTimeField()
    raised_by = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="demand_subject"),
            models.Index(
                fields=["due_on"],
                name="demand_open",
                condition=Q(settled_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="demand_positive"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(cancelled_at__isnull=True), name="demand_settled_or_cancelled"
            ),
        ]


class Receipt(models.Model):
    """One payment against a demand through the treasury; its state only moves forward."""

    STATES = [(s, s) for s in ("created", "failed", "paid_unverified", "verified", "refused")]

    number = models.CharField(max_length=40, unique=True)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="receipts")
    amount_paise = models.BigIntegerField()
    paid_paise = models.BigIntegerField(null=True)
    grn = models.CharField(max_length=40, null=True, unique=True)
    pay_url = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=16, choices=STATES, default="created")
    flags = models.JSONField(default=list)
    payer_account = models.CharField(max_length=40, blank=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    paid_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    polls = models.PositiveSmallIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state"], name="receipt_state"),
            models.Index(fields=["next_poll_at"], name="receipt_poll", condition=Q(next_poll_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="receipt_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["created", "failed", "paid_unverified", "verified", "refused"]),
                name="receipt_one_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid_unverified", "verified"])
                | Q(paid_at__isnull=False, paid_paise__isnull=False),
                name="receipt_paid_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False), name="receipt_verified_when"
            ),
            models.UniqueConstraint(fields=["demand"], condition=Q(state="created"), name="one_open_payment_a_demand"),
        ]


class TreasuryNotice(models.Model):
    """What the treasury told us, by webhook or poll, as it came; kept even when it changes nothing."""

    grn = models.CharField(max_length=40)
    status = models.CharField(max_length=16)
    source = models.CharField(max_length=10)
    facts = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["grn"], name="notice_grn")]


class JournalSeal(models.Model):
    """Closes one journal entry; the database refuses it when debits and credits differ."""

    number = models.BigIntegerField(primary_key=True)


class JournalEntry(models.Model):
    """One balanced entry. It cannot be committed without its seal, and nothing of it changes afterwards."""

    seal = models.OneToOneField(JournalSeal, on_delete=models.PROTECT, primary_key=True, db_column="number")
    kind = models.CharField(max_length=30)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="entries")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)


class JournalLine(models.Model):
    """One side of an entry in paise: a debit or a credit of one account, for one party and subject."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
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


from immis.ledger.refund_models import RefundOrder  # noqa: E402, F401
