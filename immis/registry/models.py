"""Offices, people and posts, parties, mineral blocks, vehicles, devices and places."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from immis.core.facts import FactsField
from immis.registry.people.models import ApiKey, Authority, DataRequest, Handover, LoginOrder
from immis.registry.sheets.models import SheetFile
from immis.rules.posts import OFFICE_KINDS

__all__ = ["ApiKey", "Authority", "DataRequest", "Handover", "LoginOrder", "SheetFile"]


class Office(models.Model):
    """An office in the tree of offices: headquarters, division, district, sub-division, block, cell or check post."""

    KINDS = [(kind, kind) for kind in OFFICE_KINDS]

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=KINDS)
    district = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="below")
    lgd_code = models.PositiveIntegerField(null=True)  # its number in the Local Government Directory
    closed_at = models.DateTimeField(null=True)


class User(AbstractUser):
    """A person who can log in; what they may do comes from the posts or the parties they act for.

    ``acting`` is the charge in which who has several of them acts; ``ended_logins`` counts how often all log-ins of the
    person were ended at once, and is part of what holds a session; ``password_given_at`` is when somebody else made the
    password, until the person has chosen another (ACC-02).
    """

    name_en = models.CharField(max_length=120, blank=True)
    name_hi = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="hi")
    acting = models.ForeignKey("Post", null=True, on_delete=models.SET_NULL, related_name="+")
    ended_logins = models.PositiveIntegerField(default=0)
    password_given_at = models.DateTimeField(null=True)
    phone = models.CharField(max_length=15, blank=True)  # proved by a code that was sent to it
    phone_proved_at = models.DateTimeField(null=True)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        held_by = f"{self.password}:{self.ended_logins}"
        return salted_hmac("immis.registry.User.session", held_by, secret=secret, algorithm="sha256").hexdigest()


class Post(models.Model):
    """The charge of a post in an office, held by one person from an instant on, perhaps until another.

    ``active`` is false for one that was ended by hand; one whose ``ends_at`` is past is over without anybody's doing.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=20)
    active = models.BooleanField(default=True)
    additional = models.BooleanField(default=False)
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    given_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "office", "role"], condition=models.Q(active=True), name="one_post_once"
            )
        ]

    @property
    def district(self) -> str:
        """The district of the office; empty for the State."""
        return str(self.office.district)


class Party(models.Model):
    """Who bids, holds a settlement or owns vehicles (E-024)."""

    KINDS = [(k, k) for k in ("individual", "proprietor", "partnership", "company", "society", "cooperative")]

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=160)
    name_hi = models.CharField(max_length=160)
    kind = models.CharField(max_length=12, choices=KINDS)
    pan = models.CharField(max_length=10)
    pan_proved_at = models.DateTimeField(null=True)
    gstin = models.CharField(max_length=15, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=15, blank=True)
    address = models.CharField(max_length=300, blank=True)
    bank_account = models.CharField(max_length=30, blank=True)
    users = models.ManyToManyField(User, related_name="parties")

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(
                fields=["pan"], condition=models.Q(pan_proved_at__isnull=False), name="one_proved_party_a_pan"
            )
        ]


class PanProof(models.Model):
    """A PAN card that a party handed in to show that a PAN is its own, and what the office decided on it."""

    SENT, ACCEPTED, REFUSED = "sent", "accepted", "refused"

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="pan_proofs")
    district = models.CharField(max_length=40)
    document = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default=SENT)
    sent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-sent_at", "-id"]
        indexes = [models.Index(fields=["state", "district"], name="pan_proof_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["party"], condition=models.Q(state="sent"), name="one_open_pan_proof_a_party"
            )
        ]


class Block(models.Model):
    """A mineral block (sand ghat) as the notice describes it; corrected only by a new version (E-147)."""

    code = models.CharField(max_length=20, unique=True)
    serial = models.PositiveIntegerField()
    block_no = models.CharField(max_length=10)
    name_en = models.CharField(max_length=160)
    name_hi = models.CharField(max_length=160)
    district = models.CharField(max_length=40)
    river = models.CharField(max_length=40, blank=True)
    area_ha = models.DecimalField(max_digits=9, decimal_places=3)
    quantity_m3 = models.PositiveIntegerField()
    corners = models.JSONField()
    land = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["district", "serial"]


class BlockVersion(models.Model):
    """The record of a ghat as it stood in one version, with who corrected it by what; rows are only ever added."""

    block = models.ForeignKey(Block, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    record = FactsField()
    changed = models.JSONField(default=list)
    reason = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=160, blank=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["block", "version"], name="one_record_a_version")]


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
    owner = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="vehicles")
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


class Place(models.Model):
    """A place with a circle round it: a destination of sand or a check post."""

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    radius_m = models.PositiveIntegerField(default=500)
    district = models.CharField(max_length=40, blank=True)


class Fence(models.Model):
    """A storage site, weighbridge, check post, restricted road, no-go area or belt; where it lies says its versions."""

    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=12)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    district = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["code"]


class FenceVersion(models.Model):
    """Where a fence lies from a day on, with who drew it by what order; rows are only ever added."""

    fence = models.ForeignKey(Fence, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    corners = models.JSONField()
    width_m = models.FloatField(default=0)
    ring = models.JSONField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=160)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["fence", "-version"]
        constraints = [models.UniqueConstraint(fields=["fence", "version"], name="one_shape_a_version")]


from immis.registry import thing_models as thing_models  # noqa: E402  further tables, which name those above
