"""Messages to parties and offices, and how each was delivered."""

from django.db import models

from immis.core.facts import FactsField


class Message(models.Model):
    """One message to one recipient, worded at display from the policy message of its template."""

    TO = [(k, k) for k in ("party", "office")]

    to_kind = models.CharField(max_length=10, choices=TO)
    to_id = models.CharField(max_length=60)
    template = models.CharField(max_length=20)
    facts = FactsField(default=dict)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=160, null=True, unique=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["to_kind", "to_id", "-at"]),
            models.Index(fields=["subject_kind", "subject_id"]),
        ]


class Delivery(models.Model):
    """One way by which a message goes out: the portal at once, e-mail and SMS by the worker."""

    CHANNELS = [(k, k) for k in ("portal", "email", "sms")]
    STATES = [(k, k) for k in ("queued", "sent", "failed", "no_service")]

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=6, choices=CHANNELS)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=10, choices=STATES)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel", "address"], name="one_delivery_a_channel_and_address")
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="delivery_queue", condition=models.Q(state__in=["queued", "failed"])
            )
        ]
