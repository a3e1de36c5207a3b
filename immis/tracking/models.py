"""Vehicles on the road as the office sees them: what was taken in from the gateway's events, each once."""

from django.db import models


class FenceEvent(models.Model):
    """A vehicle went into or came out of a fence; ``seq`` is the gateway's own number of the event."""

    ENTERED, LEFT = "entered", "left"

    seq = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=[(ENTERED, ENTERED), (LEFT, LEFT)])
    imei = models.CharField(max_length=15)
    registration = models.CharField(max_length=12, blank=True)
    fence_id = models.CharField(max_length=60)
    fence_kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    late = models.BooleanField(default=False)
    withdrawn_at = models.DateTimeField(null=True)  # packets that came late have shown that it was not so
    withdrawn_seq = models.BigIntegerField(null=True)  # the gateway's number of the event that took it back

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["registration", "at"], name="fence_event_vehicle_at"),
            models.Index(fields=["imei", "at"], name="fence_event_device_at"),
            models.Index(
                fields=["withdrawn_seq"],
                name="fence_event_withdrawn",
                condition=models.Q(withdrawn_seq__isnull=False),
            ),
            models.Index(fields=["fence_id", "at"], name="fence_event_fence_at"),
        ]


class Trip(models.Model):
    """A run of a vehicle from a source fence to a destination fence, as the gateway measured it."""

    imei = models.CharField(max_length=15)
    registration = models.CharField(max_length=12, blank=True)
    source_fence = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    destination_fence = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)
    distance_km = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    max_speed_kmh = models.FloatField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [models.UniqueConstraint(fields=["imei", "started_at"], name="trip_once_a_start")]
        indexes = [models.Index(fields=["registration", "started_at"], name="trip_vehicle_started")]


class DeviceEvent(models.Model):
    """What a device said of itself: tampering, power, emergency, first login, unknown IMEI."""

    seq = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=40)
    imei = models.CharField(max_length=15)
    registration = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["registration", "at"], name="device_event_vehicle_at"),
            models.Index(fields=["kind", "at"], name="device_event_kind_at"),
        ]


class DeviceCommand(models.Model):
    """A command that an office sent to a device: what, why, by whom, and what became of it (DEV-18)."""

    QUEUED, SENT, ANSWERED, FAILED = "queued", "sent", "answered", "failed"

    code = models.CharField(max_length=32, unique=True)
    imei = models.CharField(max_length=15)
    registration = models.CharField(max_length=12, blank=True)
    form = models.CharField(max_length=12)
    act = models.CharField(max_length=16)
    text = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    ordered_at = models.DateTimeField()
    ordered_by = models.BigIntegerField(null=True)
    ordered_role = models.CharField(max_length=20)
    until = models.DateTimeField()
    state = models.CharField(max_length=10, default=QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-ordered_at", "-id"]
        indexes = [models.Index(fields=["imei", "ordered_at"], name="command_device_at")]


class Sighting(models.Model):
    """A vehicle was seen at a fence of a district: what gives that district's office sight of it."""

    registration = models.CharField(max_length=12)
    district = models.CharField(max_length=40)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registration", "district"], name="one_sighting_a_district")]
        indexes = [models.Index(fields=["district", "registration"], name="sighting_district")]


class DeviceDay(models.Model):
    """What the stored packets of one device on one day say of its health; counted anew while the day still grows."""

    imei = models.CharField(max_length=15)
    day = models.DateField()
    frames = models.PositiveIntegerField()
    bad = models.PositiveIntegerField()
    no_fix = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    clock_error_s = models.FloatField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["imei", "day"], name="one_count_a_device_day")]
        indexes = [models.Index(fields=["day"], name="device_day")]


class PhoneStandIn(models.Model):
    """A driver's phone that reports in place of a faulty device for a limited time (DEV-17), by whose order and why."""

    phone = models.ForeignKey("registry.Device", on_delete=models.PROTECT, related_name="stand_ins")
    fault = models.ForeignKey("registers.Entry", on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey("registry.Device", on_delete=models.PROTECT, related_name="+")
    vehicle = models.ForeignKey("registry.Vehicle", on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(max_length=160)
    reason = models.CharField(max_length=300)
    begins_at = models.DateTimeField()
    until = models.DateTimeField()
    ordered_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begins_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fault"], condition=models.Q(ended_at__isnull=True), name="one_phone_a_fault"
            ),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("begins_at")), name="phone_ends_after"),
        ]
