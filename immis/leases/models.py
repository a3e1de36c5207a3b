"""A settlement from the close of the auction to the end of the deed's five years, and its clearances."""

from django.db import models

from immis.registry.models import Block, Party


class Lease(models.Model):
    """The settlement of one block with one party: dates of its path; ``code`` is its number as a slug for addresses."""

    number = models.CharField(max_length=40, unique=True)
    code = models.SlugField(max_length=40, unique=True)
    lot_code = models.CharField(max_length=40, unique=True)
    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="leases")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="leases")
    district = models.CharField(max_length=40)
    bid_rupees = models.BigIntegerField()
    auction_closed_at = models.DateTimeField()
    security_paise = models.BigIntegerField()
    emd_adjusted_paise = models.BigIntegerField(default=0)
    documents_received_on = models.DateField(null=True)
    assets_received_on = models.DateField(null=True)
    loi_number = models.CharField(max_length=60, blank=True)
    loi_on = models.DateField(null=True)
    deed_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    registration_number = models.CharField(max_length=60, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    gst_registered_on = models.DateField(null=True)
    permission_number = models.CharField(max_length=60, blank=True)
    permitted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["district"], name="lease_district")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deed_on__isnull=True) | models.Q(loi_on__isnull=False), name="deed_after_loi"
            ),
            models.CheckConstraint(
                condition=models.Q(permitted_at__isnull=True) | models.Q(deed_on__isnull=False),
                name="permission_after_deed",
            ),
        ]


class Clearance(models.Model):
    """One clearance on the way to the deed: mining plan, environmental clearance or water and air consents."""

    KINDS = [(k, k) for k in ("plan", "ec", "cte_cto")]

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="clearances")
    kind = models.CharField(max_length=10, choices=KINDS)
    applied_on = models.DateField()
    granted_on = models.DateField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    quantity_m3 = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lease", "kind"], name="one_clearance_a_kind"),
            models.CheckConstraint(
                condition=models.Q(granted_on__isnull=True) | models.Q(granted_on__gte=models.F("applied_on")),
                name="granted_after_applied",
            ),
        ]
