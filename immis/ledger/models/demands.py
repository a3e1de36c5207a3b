"""Money that is owed."""

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField


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
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="demands")
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
