"""Rivers, bank accounts of parties, and drivers."""

from django.db import models
from django.db.models.functions import Lower

from immis.rules.registry.places import LICENCE_ACTIVE


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
    looked_as = models.CharField(max_length=40, blank=True, default="")  # its standing in SARATHI when it filled him

    class Meta:
        ordering = ["name", "licence_no"]

    @property
    def is_stopped(self) -> bool:
        """Whether SARATHI stopped the licence: any standing but active."""
        return self.looked_as not in ("", LICENCE_ACTIVE)
