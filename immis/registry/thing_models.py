"""Rivers, bank accounts of parties, drivers, and files of things that were handed in."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class River(models.Model):
    """A river on which ghats lie, with the spellings that mean it; those of clause 3(ii) are known without an entry."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=40)
    name_hi = models.CharField(max_length=40)
    spellings = models.JSONField(default=list)

    class Meta:
        ordering = ["name_en"]
        constraints = [models.UniqueConstraint(Lower("name_en"), name="one_river_a_name")]


class PartyAccount(models.Model):
    """A bank account from which a party pays: its own, or of a partner or director; shown by a paper, decided on."""

    SENT, ACCEPTED, REFUSED, CLOSED = "sent", "accepted", "refused", "closed"

    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=30)
    ifsc = models.CharField(max_length=11)
    bank = models.CharField(max_length=120)
    holder = models.CharField(max_length=160)
    relation = models.CharField(max_length=20)
    district = models.CharField(max_length=40)
    document = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=SENT)
    sent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "district"], name="party_account_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "number", "ifsc"],
                condition=models.Q(state__in=("sent", "accepted")),
                name="one_open_account_a_party",
            )
        ]


class Driver(models.Model):
    """A driver as his licence shows him; his party enters him, or a district's office."""

    licence_no = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=15, blank=True)
    classes = models.CharField(max_length=80, blank=True)
    transport_until = models.DateField(null=True)
    party = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="drivers")
    district = models.CharField(max_length=40, blank=True, db_index=True)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name", "licence_no"]


class ThingsFile(models.Model):
    """A sheet of vehicles, drivers or places: checked, then taken in row by row by the worker; one line of the log."""

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
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40, blank=True)
    party_id = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "id"], name="things_file_state")]
