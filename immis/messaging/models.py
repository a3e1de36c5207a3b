"""Messages to parties and offices, how each was delivered, texts registered for SMS, and addresses."""

from django.db import models

from immis.core.facts import FactsField


class Message(models.Model):
    """One message to one recipient, worded at display from the policy message of its template.

    One to a ``phone`` stands in no inbox; its ``to_id`` is the number.
    """

    TO = [(k, k) for k in ("party", "office", "phone")]

    to_kind = models.CharField(max_length=10, choices=TO)
    to_id = models.CharField(max_length=60)
    template = models.CharField(max_length=20)
    facts = FactsField(default=dict)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    district = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=160, null=True, unique=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["to_kind", "to_id", "-at"]),
            models.Index(fields=["subject_kind", "subject_id"]),
        ]


class SmsText(models.Model):
    """A text as it is registered with the operators (DLT), in one language; replaced, never changed."""

    template = models.CharField(max_length=20)
    lang = models.CharField(max_length=2)
    number = models.CharField(max_length=30)
    header = models.CharField(max_length=11)
    category = models.CharField(max_length=20)
    text = models.CharField(max_length=1000)
    reason = models.CharField(max_length=300, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    ended_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["template", "lang", "-entered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "lang"], condition=models.Q(ended_at__isnull=True), name="one_sms_text_a_language"
            )
        ]


class Delivery(models.Model):
    """One way by which a message goes out: the portal at once, e-mail and SMS by the worker.

    ``text`` is what was handed to the gateway, to the letter; ``gateway_id`` is the gateway's own number of it.
    """

    CHANNELS = [(k, k) for k in ("portal", "email", "sms")]
    STATES = [
        (k, k)
        for k in (
            "queued",
            "sending",
            "sent",
            "unknown",
            "delivered",
            "undelivered",
            "refused",
            "failed",
            "no_service",
        )
    ]

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=6, choices=CHANNELS)
    address = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=12, choices=STATES)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    lang = models.CharField(max_length=2, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    registered = models.ForeignKey(SmsText, on_delete=models.PROTECT, null=True, related_name="deliveries")
    vendor = models.CharField(max_length=10, blank=True)
    gateway_id = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=20, blank=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel", "address"], name="one_delivery_a_channel_and_address")
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_queue", condition=models.Q(next_try_at__isnull=False)),
            models.Index(fields=["gateway_id"], name="delivery_gateway_id", condition=~models.Q(gateway_id="")),
        ]


class DeliveryReport(models.Model):
    """What a gateway reported of an SMS, each state once; kept also where no SMS of ours is known (yet)."""

    vendor = models.CharField(max_length=10)
    gateway_id = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    code = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=300, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="reports")
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["vendor", "gateway_id", "state"], name="each_state_reported_once")
        ]


class Contact(models.Model):
    """A phone number or e-mail address at which something did not arrive: how often in a row, since when it is dead."""

    channel = models.CharField(max_length=6)
    address = models.CharField(max_length=254)
    to_kind = models.CharField(max_length=10)
    to_id = models.CharField(max_length=60)
    district = models.CharField(max_length=40, blank=True)
    misses = models.PositiveSmallIntegerField(default=0)
    dead_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="one_contact_an_address")]


class Wish(models.Model):
    """How a party or office wants to be told: SMS yes or no (None: never asked), the language of it, what is off.

    ``off`` are kinds of messages with the way by which they do not come (``rules.messages.wishes.mark_of``).
    """

    to_kind = models.CharField(max_length=10)
    to_id = models.CharField(max_length=60)
    sms = models.BooleanField(null=True)
    lang = models.CharField(max_length=2, blank=True)
    off = models.JSONField(default=list)
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to_kind", "to_id"], name="one_wish_a_reader")]


class PhoneCode(models.Model):
    """A code sent to prove a phone; the code itself is kept nowhere: it follows from ``nonce`` and our secret."""

    phone = models.CharField(max_length=15)
    purpose = models.CharField(max_length=30)
    nonce = models.CharField(max_length=32)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone", "purpose", "-sent_at"], name="phone_code")]
