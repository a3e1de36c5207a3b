"""Orders to pay money back to a party, as they go to the treasury and come back paid or failed."""

from django.db import models

from immis.registry.models import Party


class RefundOrder(models.Model):
    """Held money on its way back to its party's account; the amount is fixed and the state moves forward only."""

    STATES = [(s, s) for s in ("ordered", "sent", "failed", "paid")]

    number = models.CharField(max_length=40, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="refunds")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    head = models.CharField(max_length=20)
    label = models.JSONField()
    amount_paise = models.BigIntegerField()
    account = models.CharField(max_length=40)
    cites = models.JSONField(default=list)
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
