"""Exports of auctions that were held on E-Proc, and what the check of each ghat found."""

from django.db import models

from immis.core.facts import FactsField


class EprocExport(models.Model):
    """One signed export as it came; the file lies under its hash, so that the check can be done again."""

    notice = models.ForeignKey("auctions.Notice", on_delete=models.PROTECT, related_name="eproc_exports")
    reference = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=200)
    signed_by = models.CharField(max_length=40)
    source = models.CharField(max_length=10)
    filename = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    received_by = models.BigIntegerField(null=True)
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        ordering = ["-received_at", "-id"]


class EprocOutcome(models.Model):
    """One ghat of an export: whether its result agrees with our replay, and when it was taken over."""

    STATES = [(word, word) for word in ("agreed", "differs", "taken_over")]

    export = models.ForeignKey(EprocExport, on_delete=models.PROTECT, related_name="outcomes")
    lot = models.ForeignKey("auctions.Lot", null=True, on_delete=models.PROTECT, related_name="eproc_outcomes")
    serial = models.PositiveIntegerField()
    ghat = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=STATES)
    findings = FactsField(default=list)
    stated = FactsField(default=dict)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(fields=["export", "serial"], name="one_outcome_a_ghat"),
            models.UniqueConstraint(
                fields=["lot"],
                condition=models.Q(state="taken_over", taken_by__isnull=False),
                name="one_take_over_a_lot",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="taken_over") | models.Q(taken_at__isnull=False), name="taken_over_when"
            ),
        ]
