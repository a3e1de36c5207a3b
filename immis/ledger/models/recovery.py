"""Certificate cases: what is recovered as an arrear under the Public Demands Recovery Act 1914."""

from django.db import models


class CertificateCase(models.Model):
    """A certificate (recovery) case against a PAN; while it is pending its holder may not pass (E-032, E-042, E-112).

    ``subject_kind`` and ``subject_id`` name the settlement it came from, where it came from one of this system.
    """

    pan = models.CharField(max_length=10)
    name = models.CharField(max_length=160)
    case_number = models.CharField(max_length=80)
    office = models.CharField(max_length=160)
    district = models.CharField(max_length=40, blank=True)
    amount_paise = models.BigIntegerField()
    filed_on = models.DateField()
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    entered_by = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    closed_on = models.DateField(null=True)
    close_order = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label = "ledger"
        ordering = ["-filed_on", "-id"]
        indexes = [
            models.Index(fields=["pan"], name="certificate_case_pan"),
            models.Index(fields=["subject_kind", "subject_id"], name="certificate_case_subject"),
        ]
        constraints = [models.UniqueConstraint(fields=["office", "case_number"], name="one_certificate_case")]
