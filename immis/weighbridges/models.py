"""Weighbridges with their stamps, visits and paired software, and the weighments that they send."""

from django.db import models

from immis.core.facts import FactsField


class Bridge(models.Model):
    """A weighbridge at a ghat, a storage site or for the public, from the application on (A-06, A-07, E-158)."""

    APPLIED, VISITED, APPROVED, REFUSED, ENDED = "applied", "visited", "approved", "refused", "ended"
    STATES = [(s, s) for s in (APPLIED, VISITED, APPROVED, REFUSED, ENDED)]
    SITES = [(s, s) for s in ("ghat", "k_licence", "public")]

    number = models.CharField(max_length=24, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    site = models.CharField(max_length=10, choices=SITES)
    lease = models.ForeignKey("leases.Lease", null=True, on_delete=models.PROTECT, related_name="+")
    licence = models.CharField(max_length=60, blank=True)
    party = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40)
    lat = models.FloatField()
    lon = models.FloatField()
    indicator = models.CharField(max_length=80)
    capacity_kg = models.PositiveIntegerField()
    division_kg = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default=APPLIED)
    fence = models.CharField(max_length=40, blank=True)  # the code of the fence that was drawn for it
    geofenced_on = models.DateField(null=True)
    geofenced_by = models.BigIntegerField(null=True)
    stamp_until = models.DateField(null=True)
    reference = models.CharField(max_length=120, blank=True)  # of the approval
    applied_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    paired_at = models.DateTimeField(null=True)
    first_weighed_at = models.DateTimeField(null=True)
    pair_code = models.CharField(max_length=6, blank=True, db_index=True)
    pair_until = models.DateTimeField(null=True)
    alarm = models.CharField(max_length=6, blank=True, default="")  # silent or stuck, as the district was told
    alarm_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["district", "state"], name="bridges_of_district")]


class Stamp(models.Model):
    """A certificate of stamping by legal metrology; rows are only ever added."""

    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="stamps")
    certificate = models.CharField(max_length=60)
    stamped_on = models.DateField()
    until = models.DateField()
    document = models.CharField(max_length=64, blank=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class Visit(models.Model):
    """What an officer saw at the weighbridge, with photo and position; rows are only ever added."""

    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="visits")
    lat = models.FloatField()
    lon = models.FloatField()
    distance_m = models.PositiveIntegerField()
    photo = models.CharField(max_length=64)
    remark = models.CharField(max_length=500, blank=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]


class PairedDevice(models.Model):
    """Software beside a weighbridge with the key that it made itself; ``head`` is the hash of its last weighment."""

    number = models.CharField(max_length=24, unique=True)
    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="devices")
    public_key = models.CharField(max_length=88, unique=True)
    software = FactsField(default=dict)
    paired_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    counter = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)
    weighed_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    drift_ms = models.BigIntegerField(default=0)
    beat = FactsField(default=dict)
    spoke_at = models.DateTimeField(null=True)  # when its indicator was heard last
    moved_at = models.DateTimeField(null=True)  # when a weight stood on the bridge last

    class Meta:
        ordering = ["-id"]


class CellReport(models.Model):
    """What the load cells of a truck said at an instant, with the weighment that it was compared with (E-157)."""

    mark = models.CharField(max_length=40, unique=True)
    imei = models.CharField(max_length=15)
    plate = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField()
    kg = models.IntegerField()
    axles = FactsField(default=list)
    poor = models.BooleanField(default=False)
    raw = FactsField(default=dict)
    taken_at = models.DateTimeField()
    reading = models.ForeignKey("Reading", null=True, on_delete=models.PROTECT, related_name="cells")
    parted = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["plate", "at"], name="cells_of_truck")]


class Reading(models.Model):
    """A weighment as it was signed, with what the rules say of it; rows are only ever added."""

    device = models.ForeignKey(PairedDevice, on_delete=models.PROTECT, related_name="readings")
    bridge = models.ForeignKey(Bridge, on_delete=models.PROTECT, related_name="readings")
    counter = models.BigIntegerField()
    kind = models.CharField(max_length=6)
    weighed_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    weight_kg = models.IntegerField()
    stable = models.BooleanField()
    min_kg = models.IntegerField()
    max_kg = models.IntegerField()
    plate = models.CharField(max_length=16, blank=True)
    challan = models.CharField(max_length=24, blank=True)
    raw = models.CharField(max_length=1400, blank=True)
    format = models.CharField(max_length=40, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=88)
    drift_ms = models.BigIntegerField(default=0)
    findings = FactsField(default=list)
    stops = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["device", "counter"], name="one_weighment_a_counter")]
        indexes = [
            models.Index(fields=["bridge", "-id"], name="weighments_of_bridge"),
            models.Index(fields=["plate", "-id"], name="weighments_of_truck"),
            models.Index(fields=["bridge", "kind", "weighed_at"], name="weighments_of_day"),
        ]


class WeighmentPhoto(models.Model):
    """A picture that a camera took of a weighment; rows are only ever added."""

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="photos")
    document = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["reading", "document"], name="one_picture_a_weighment")]


class Sighting(models.Model):
    """What a plate reader or an RFID reader beside a weighbridge said."""

    device = models.ForeignKey(PairedDevice, on_delete=models.PROTECT, related_name="sightings")
    kind = models.CharField(max_length=5)
    value = models.CharField(max_length=60)
    plate = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField()
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "kind", "at", "value"], name="one_sighting_an_instant")
        ]
