"""Sheets that were handed in, with how far each is and what of it was not taken."""

from django.conf import settings
from django.db import models


class SheetFile(models.Model):
    """A sheet of things, offices or charges: checked, then taken in row by row by the worker; one line of the log."""

    CHECKING, CHECKED, TAKING, DONE = "checking", "checked", "taking", "done"

    kind = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default=CHECKING)
    rows = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    read_bytes = models.BigIntegerField(default=0)
    entered = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    fault_bytes = models.BigIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40, blank=True)
    party_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "id"], name="sheet_file_state")]
