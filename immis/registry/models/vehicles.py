"""Vehicles, their tracking devices, announced work, and trials whether a device reports."""

from django.db import models

from immis.core.facts import FactsField


class Vehicle(models.Model):
    """A goods vehicle registered with the department for carrying minerals (E-150, E-157), with the ends of its papers.

    A tractor's engine and trolley are two vehicles; the engine names its ``trolley``.
    """

    registration = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=12, default="truck")
    vehicle_class = models.CharField(max_length=60, blank=True)
    body = models.CharField(max_length=60, blank=True)
    axles = models.PositiveSmallIntegerField(null=True)
    wheels = models.PositiveSmallIntegerField(default=10)
    unladen_kg = models.PositiveIntegerField(null=True)
    gross_kg = models.PositiveIntegerField(null=True)
    combination_kg = models.PositiveIntegerField(null=True)
    trolley = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="engine")
    district = models.CharField(max_length=40, blank=True, db_index=True)
    capacity_m3 = models.DecimalField(max_digits=6, decimal_places=2)
    owner_name = models.CharField(max_length=160)
    owner = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="vehicles")
    commercial = models.BooleanField(default=True)
    registered_until = models.DateField(null=True)
    permit_no = models.CharField(max_length=40, blank=True)
    permit_until = models.DateField(null=True)
    fitness_until = models.DateField(null=True)
    insurance_no = models.CharField(max_length=40, blank=True)
    insurance_until = models.DateField(null=True)
    pollution_no = models.CharField(max_length=40, blank=True)
    pollution_until = models.DateField(null=True)
    active = models.BooleanField(default=True)
    checked_how = models.CharField(max_length=10, blank=True, default="office")  # vahan, office; empty: by nobody yet
    checked_at = models.DateTimeField(null=True)
    checked_by = models.BigIntegerField(null=True)
    checked_document = models.CharField(max_length=64, blank=True, default="")


class Device(models.Model):
    """A vehicle location tracking device (AIS-140) fitted to one vehicle, or a driver's phone that stands in for one.

    A phone has an identifier of fifteen digits that we gave it in place of an IMEI.
    """

    VLTD, PHONE = "vltd", "phone"

    kind = models.CharField(max_length=8, default=VLTD, choices=[(VLTD, VLTD), (PHONE, PHONE)])
    imei = models.CharField(max_length=15, unique=True)
    iccid = models.CharField(max_length=22, blank=True)
    vendor = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=60, blank=True)
    msisdn = models.CharField(max_length=15, blank=True)
    certificate_no = models.CharField(max_length=60, blank=True)
    certificate_until = models.DateField(null=True)
    district = models.CharField(max_length=40, blank=True)
    vehicle = models.ForeignKey(Vehicle, null=True, on_delete=models.PROTECT, related_name="devices")
    fitted_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(active=True), name="one_active_device_a_vehicle"
            )
        ]

    @property
    def is_phone(self) -> bool:
        return self.kind == self.PHONE


class DeviceFitting(models.Model):
    """A device in a vehicle from one instant to another; only its end is ever added."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="fittings")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="fittings")
    fitted_at = models.DateTimeField()
    fitted_by = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-fitted_at", "-id"]
        indexes = [models.Index(fields=["vehicle", "fitted_at"], name="fitting_vehicle_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=models.Q(removed_at__isnull=True), name="one_open_fitting_a_device"
            ),
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(removed_at__isnull=True), name="one_open_fitting_a_vehicle"
            ),
        ]


class ServiceWindow(models.Model):
    """An announced time in which a device is worked on: what it then shows is no tampering."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="services")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    workshop = models.CharField(max_length=160, blank=True)
    announced_at = models.DateTimeField()
    announced_by = models.BigIntegerField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begins_at", "-id"]
        indexes = [models.Index(fields=["device", "ends_at"], name="service_device_ends")]
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("begins_at")), name="service_ends_after")
        ]


class PairingTest(models.Model):
    """One trial whether a device reports: "send a packet now", from one instant until it was heard or time was up."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="tests")
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    begun_by = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    heard_at = models.DateTimeField(null=True)
    facts = FactsField(default=dict)

    class Meta:
        ordering = ["-begun_at", "-id"]
