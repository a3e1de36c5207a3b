"""Cheques, drafts and taxes in the registers of an office."""

from django.db import models
from django.db.models import Q

from immis.ledger.models.demands import Demand
from immis.ledger.models.receipts import Receipt


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
