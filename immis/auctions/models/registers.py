"""Registers round an auction: signature certificates, papers judged, orders, lists."""

from django.db import models

from immis.core.facts import FactsField

_APP = "auctions"


class SignatureCertificate(models.Model):
    """A digital signature certificate as a bidder declared it, or as a signature proved it (E-015); the newest counts.

    ``verified_at`` is when a signature made with it was checked; that signature is kept under ``proof_sha256``.
    """

    bidder = models.ForeignKey("auctions.Bidder", on_delete=models.PROTECT, related_name="certificates")
    holder = models.CharField(max_length=160)
    issuer = models.CharField(max_length=160, blank=True)
    serial = models.CharField(max_length=64)
    klass = models.PositiveSmallIntegerField()
    valid_until = models.DateField()
    recorded_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = _APP
        ordering = ["-recorded_at", "-id"]


class PaperDecision(models.Model):
    """What the committee found of one paper of a technical bid; rows are only added, the newest one counts (E-056)."""

    bid = models.ForeignKey("auctions.TechnicalBid", on_delete=models.PROTECT, related_name="paper_decisions")
    letter = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64)
    fit = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        app_label = _APP
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(fit=True) | ~models.Q(reason=""), name="unfit_paper_has_reason")
        ]


class LotOrder(models.Model):
    """An order about a lot after its end, with number and day; rows are only added, one of each kind a lot."""

    KINDS = [(row, row) for row in ("forfeit", "default", "retender", "recommend", "approve", "reject")]

    lot = models.ForeignKey("auctions.Lot", on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=10, choices=KINDS)
    cause = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=80)
    ordered_on = models.DateField()
    reason = models.CharField(max_length=600, blank=True)
    facts = FactsField(default=dict)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        app_label = _APP
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "kind"], name="one_order_a_kind"),
            models.UniqueConstraint(
                fields=["lot"], condition=models.Q(kind__in=["approve", "reject"]), name="one_department_decision_a_lot"
            ),
        ]


class LotSuccession(models.Model):
    """The next auction of a ghat whose earlier auction failed; ``attempt`` counts the auctions (E-073)."""

    lot = models.OneToOneField("auctions.Lot", on_delete=models.PROTECT, related_name="succeeds")
    previous = models.OneToOneField("auctions.Lot", on_delete=models.PROTECT, related_name="succeeded_by")
    attempt = models.PositiveSmallIntegerField()

    class Meta:
        app_label = _APP


class ResultList(models.Model):
    """The list of technically decided applications of a notice as it was published; never changed (E-006)."""

    notice = models.OneToOneField("auctions.Notice", on_delete=models.PROTECT, related_name="result_list")
    rows = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.BigIntegerField(null=True)

    class Meta:
        app_label = _APP
