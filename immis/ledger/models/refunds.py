"""Money on its way back to a party: what is asked for and decided, and the orders that go to the treasury."""

from django.db import models
from django.db.models import F, Q

from immis.core.facts import FactsField


class RefundOrder(models.Model):
    """Held money on its way back to its party's account; the amount is fixed and the state moves forward only."""

    STATES = [(s, s) for s in ("ordered", "sent", "failed", "paid")]

    number = models.CharField(max_length=40, unique=True)
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="refunds")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    head = models.CharField(max_length=20)
    label = models.JSONField()
    amount_paise = models.BigIntegerField()
    account = models.CharField(max_length=40)
    cites = FactsField(default=list)
    key = models.CharField(max_length=120, unique=True)
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="ordered")
    ordered_at = models.DateTimeField()
    ordered_by = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    proposed_account = models.CharField(max_length=40, blank=True)
    proposed_by = models.BigIntegerField(null=True)
    proposed_role = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label = "ledger"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], name="refund_try", condition=models.Q(next_try_at__isnull=False)),
            models.Index(fields=["subject_kind", "subject_id"], name="refund_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_paise__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=~models.Q(state="paid") | models.Q(paid_at__isnull=False), name="refund_paid_when"
            ),
        ]


class RefundClaim(models.Model):
    """Money on account (2900) that somebody asks to have back: one person asks, the Collector decides.

    ``credit`` is an excess payment, back to the party's own account; ``refused`` is a payment that the district
    refused (``receipt``), back to the account it came from.
    """

    KINDS = [(k, k) for k in ("credit", "refused")]
    STATES = [(s, s) for s in ("asked", "approved", "rejected")]

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="refund_claims")
    receipt = models.ForeignKey("ledger.Receipt", null=True, on_delete=models.PROTECT, related_name="claims")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    amount_paise = models.BigIntegerField()
    account = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=STATES, default="asked")
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decision = models.CharField(max_length=300, blank=True)
    order = models.OneToOneField(RefundOrder, null=True, on_delete=models.PROTECT, related_name="claim")

    class Meta:
        app_label = "ledger"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="claim_positive"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="claim_by_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", order__isnull=False) | (~Q(state="approved") & Q(order__isnull=True)),
                name="claim_approved_order",
            ),
            models.CheckConstraint(condition=Q(kind="credit") | Q(receipt__isnull=False), name="claim_refused_receipt"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "party"],
                condition=Q(kind="credit", state="asked"),
                name="one_open_credit_claim",
            ),
            models.UniqueConstraint(
                fields=["receipt"],
                condition=Q(receipt__isnull=False) & ~Q(state="rejected"),
                name="one_claim_a_receipt",
            ),
        ]
