"""Money that came in through the treasury, and what the treasury told of it."""

from typing import Any

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField
from immis.ledger.models.demands import Demand


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
