"""Parties that bid and settle, and the proofs of their PAN."""

from django.db import models


class Party(models.Model):
    """Who bids, holds a settlement or owns vehicles (E-024)."""

    KINDS = [(k, k) for k in ("individual", "proprietor", "partnership", "company", "society", "cooperative")]

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=160)
    name_hi = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=KINDS)
    pan = models.CharField(max_length=10)
    pan_proved_at = models.DateTimeField(null=True)
    gstin = models.CharField(max_length=15, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=15, blank=True)
    address = models.CharField(max_length=300, blank=True)
    bank_account = models.CharField(max_length=30, blank=True)
    users = models.ManyToManyField("registry.User", related_name="parties")

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["pan"], condition=models.Q(pan_proved_at__isnull=False), name="one_proved_party_a_pan"
            )
        ]


class PanProof(models.Model):
    """A PAN card that a party handed in to show that a PAN is its own, and what the office decided on it."""

    SENT, ACCEPTED, REFUSED = "sent", "accepted", "refused"

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="pan_proofs")
    district = models.CharField(max_length=40)
    document = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=SENT)
    sent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "district"], name="pan_proof_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(state="sent"), name="one_open_pan_proof_a_party"
            )
        ]
