"""Money: what is demanded of whom, what the treasury received, and the double-entry journal of verified receipts."""

from typing import Any

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField
from immis.registry.models import Party


class Account(models.Model):
    """One head of account of the journal."""

    KINDS = [(k, k) for k in ("asset", "liability", "income", "memo")]

    code = models.CharField(max_length=20, primary_key=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=KINDS)


class Demand(models.Model):
    """Money owed by a party for a lot, lease or case; never changed, only paid in parts, settled or cancelled.

    ``applied_paise`` is what verified money has paid of it; a reversal lowers it and sets ``reopened_at``.
    """

    KINDS = [
        (k, k)
        for k in (
            *("emd", "security", "instalment", "penalty", "dmf", "fee", "income_tax", "interest", "royalty"),
            "recovery",
        )
    ]

    number = models.CharField(max_length=40, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="demands")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=12, choices=KINDS)
    label = models.JSONField()
    amount_paise = models.BigIntegerField()
    applied_paise = models.BigIntegerField(default=0)
    due_on = models.DateField(null=True)
    cites = FactsField(default=list)
    key = models.CharField(max_length=120, null=True, unique=True)
    raised_at = models.DateTimeField()
    raised_by = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)
    reopened_at = models.DateTimeField(null=True)
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
            # the worker asks twice a second what was settled since its last look; without its condition SQLite takes
            # this index for the dues board, which then reads every open row
            models.Index(fields=["settled_at"], name="demand_settled", condition=Q(settled_at__isnull=False)),
            # the dues board and forecasts are answered from the index alone (SQLite wants the condition's columns too)
            models.Index(
                fields=[
                    *("due_on", "district", "amount_paise", "applied_paise", "subject_id"),
                    *("settled_at", "cancelled_at"),
                ],
                name="demand_dues",
                condition=Q(settled_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="demand_positive"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | Q(cancelled_at__isnull=True), name="demand_settled_or_cancelled"
            ),
            models.CheckConstraint(
                condition=Q(applied_paise__gte=0) & Q(applied_paise__lte=models.F("amount_paise")),
                name="demand_applied_within",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, applied_paise__lt=models.F("amount_paise"))
                | Q(settled_at__isnull=False, applied_paise=models.F("amount_paise")),
                name="demand_settled_when_paid",
            ),
        ]

    @property
    def balance_paise(self) -> int:
        """What is still to be paid of it."""
        return self.amount_paise - self.applied_paise


class Receipt(models.Model):
    """One payment against a demand (treasury, UPI, cheque or draft); its state only moves forward."""

    STATES = [(s, s) for s in ("created", "failed", "paid_unverified", "verified", "refused", "reconciled", "reversed")]
    CHANNELS = [(c, c) for c in ("treasury", "cheque", "draft")]

    number = models.CharField(max_length=40, unique=True)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="receipts")
    district = models.CharField(max_length=40, null=True)  # the demand's; set when saved
    amount_paise = models.BigIntegerField()
    paid_paise = models.BigIntegerField(null=True)
    grn = models.CharField(max_length=40, null=True, unique=True)
    pay_url = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=16, choices=STATES, default="created")
    channel = models.CharField(max_length=10, choices=CHANNELS, default="treasury")
    flags = models.JSONField(default=list)
    payer_account = models.CharField(max_length=40, blank=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    paid_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.BigIntegerField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    polls = models.PositiveSmallIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state"], name="receipt_state"),
            models.Index(fields=["bank_ref"], name="receipt_bank_ref"),
            models.Index(
                fields=["district", "paid_paise", "state"],
                name="receipt_waiting",
                condition=Q(state="paid_unverified"),
            ),
            # what a district received in a span is answered from the index alone
            models.Index(
                fields=["verified_at", "district", "paid_paise", "state"],
                name="receipt_received",
                condition=Q(state__in=["verified", "reconciled"]),
            ),
            models.Index(fields=["next_poll_at"], name="receipt_poll", condition=Q(next_poll_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="receipt_positive"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("created", "failed", "paid_unverified", "verified", "refused", "reconciled", "reversed"),
                    ]
                ),
                name="receipt_one_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid_unverified", "verified", "reconciled"])
                | Q(paid_at__isnull=False, paid_paise__isnull=False),
                name="receipt_paid_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["verified", "reconciled"]) | Q(verified_at__isnull=False),
                name="receipt_verified_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="reconciled") | Q(reconciled_at__isnull=False), name="receipt_reconciled_when"
            ),
            models.CheckConstraint(
                condition=Q(state="reversed", reversed_at__isnull=False) | (~Q(state="reversed") & Q(reversed_at=None)),
                name="receipt_reversed_when",
            ),
            models.UniqueConstraint(fields=["demand"], condition=Q(state="created"), name="one_open_payment_a_demand"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A receipt is of its demand's district, which never changes."""
        if self.district is None:
            self.district = self.demand.district
        super().save(*args, **kwargs)


class TreasuryNotice(models.Model):
    """What the treasury told us, by webhook or poll, as it came; kept even when it changes nothing."""

    grn = models.CharField(max_length=40)
    status = models.CharField(max_length=16)
    source = models.CharField(max_length=10)
    facts = FactsField(default=dict)
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
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
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


class Scroll(models.Model):
    """A scroll file of the treasury: what it received on a day, with control totals; refused files are kept too."""

    STATES = [(s, s) for s in ("taken", "refused")]

    number = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=160)
    scroll_on = models.DateField(null=True)
    district = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=STATES)
    reason = models.CharField(max_length=300, blank=True)
    findings = models.JSONField(default=list)  # the first of them, as the reader gave them
    line_count = models.PositiveIntegerField(default=0)
    sum_paise = models.BigIntegerField(default=0)
    imported_at = models.DateTimeField()
    imported_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(state="taken"), name="one_scroll_a_number")
        ]


class ScrollLine(models.Model):
    """One line of a scroll, and what it was found to be; what does not match waits on the desk with its reason."""

    OUTCOMES = [
        (o, o)
        for o in (
            *("matched", "waiting", "reversed", "duplicate"),
            *("unknown", "wrong_amount", "wrong_account", "refused_receipt", "contradicts"),
        )
    ]

    scroll = models.ForeignKey(Scroll, on_delete=models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    kind = models.CharField(max_length=1)  # C credit, R reversal
    grn = models.CharField(max_length=40, blank=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    amount_paise = models.BigIntegerField()
    paid_on = models.DateField()
    payer_account = models.CharField(max_length=40, blank=True)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="scroll_lines")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.BigIntegerField(null=True)
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["scroll_id", "line_no"]
        indexes = [
            models.Index(fields=["grn"], name="scroll_line_grn"),
            models.Index(fields=["outcome"], name="scroll_line_open", condition=Q(resolved_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(fields=["scroll", "line_no"], name="one_scroll_line_a_number")]


class Instrument(models.Model):
    """A post-dated cheque for an instalment (E-101) or a bank draft for the DMF (E-105), from lodging to its end."""

    KINDS = [(k, k) for k in ("cheque", "draft")]
    STATES = [(s, s) for s in ("lodged", "presented", "honoured", "bounced", "returned")]

    kind = models.CharField(max_length=8, choices=KINDS)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="instruments")
    number = models.CharField(max_length=20)
    bank = models.CharField(max_length=80)
    dated_on = models.DateField()
    amount_paise = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="lodged")
    lodged_at = models.DateTimeField()
    lodged_by = models.BigIntegerField(null=True)
    presented_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    receipt = models.OneToOneField(Receipt, null=True, on_delete=models.PROTECT, related_name="instrument")

    class Meta:
        ordering = ["dated_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "bank", "number"], name="one_instrument_a_bank_and_number"),
            models.UniqueConstraint(
                fields=["demand"],
                condition=Q(state__in=["lodged", "presented"]),
                name="one_live_instrument_a_demand",
            ),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="instrument_positive"),
            models.CheckConstraint(
                condition=~Q(state="honoured") | Q(receipt__isnull=False), name="instrument_honoured_receipt"
            ),
        ]


class TaxItem(models.Model):
    """GST proof (E-103) or income tax (E-104) that came with an instalment."""

    KINDS = [(k, k) for k in ("gst", "income_tax")]

    kind = models.CharField(max_length=10, choices=KINDS)
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="tax_items")
    amount_paise = models.BigIntegerField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)
    deposited_on = models.DateField(null=True)
    deposit_reference = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["paid_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="one_tax_item_a_reference"),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="tax_item_positive"),
        ]


from immis.ledger.refund_models import RefundClaim, RefundOrder  # noqa: E402, F401
