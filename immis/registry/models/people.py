"""What is kept of people beside their charges: keys, orders on log-ins, handovers, authorities, data requests."""

from datetime import datetime

from django.db import models

from immis.core.facts import FactsField


class ApiKey(models.Model):
    """A key by which a program of a person calls the API with some of the person's grants; kept as its hash only."""

    user = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80)
    mark = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    grants = models.JSONField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]

    def is_open(self, at: datetime) -> bool:
        """Whether it can be used at an instant."""
        return self.ended_at is None and at < self.ends_at


class LoginOrder(models.Model):
    """An order that disabled or restored a log-in, with its reason and who carried it out; rows are only ever added."""

    DISABLED, RESTORED = "disabled", "restored"

    user = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="login_orders")
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-at", "-id"]


class Handover(models.Model):
    """A charge as it went from one person to the next: when, by what order, and what was pending then."""

    number = models.CharField(max_length=40, unique=True)
    charge = models.OneToOneField("registry.Post", on_delete=models.PROTECT, related_name="handover")
    successor = models.ForeignKey("registry.Post", on_delete=models.PROTECT, related_name="taken_over")
    reference = models.CharField(max_length=120)
    remarks = models.CharField(max_length=2000, blank=True)
    pending = FactsField(default=list)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    @property
    def district(self) -> str:
        """The district of the office; empty for the State."""
        return str(self.charge.office.district)


class Authority(models.Model):
    """What a person may do for a party: everything as its authorised person, or some acts as its operator.

    An operator has the acts, settlements and e-challans a day that stand here; no settlement named is all of them, no
    number of e-challans is no limit. ``ended_at`` is set by hand, ``ends_at`` beforehand.
    """

    AUTHORISED, OPERATOR = "authorised", "operator"

    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="authorities")
    user = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="authorities")
    kind = models.CharField(max_length=12)
    grants = models.JSONField(default=list)
    leases = models.JSONField(default=list)
    challans_a_day = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    given_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "authorities"
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(ended_at__isnull=True), name="one_authority_a_person"
            )
        ]


class DataRequest(models.Model):
    """What a person asked about the data that is kept of them, and what the department answered."""

    OPEN, GRANTED, REFUSED = "open", "granted", "refused"

    number = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey("registry.User", on_delete=models.PROTECT, related_name="data_requests")
    kind = models.CharField(max_length=12)
    text = models.CharField(max_length=2000)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    answer = models.CharField(max_length=2000, blank=True)
    erased = models.JSONField(default=list)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [models.Index(fields=["state", "due_at"], name="data_request_due")]
