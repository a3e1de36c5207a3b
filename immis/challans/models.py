"""E-challans, what became of them, and the checks that officers make of them on the road."""

from django.db import models

from immis.core.facts import FactsField


class RoadWay(models.Model):
    """The way by road between two places, as a routing engine told it once; a row without metres says that none leads.

    ``places`` is both places with five digits; ``stamp`` names the roads that it was reckoned by.
    """

    places = models.CharField(max_length=60)
    stamp = models.CharField(max_length=120)
    metres = models.IntegerField(null=True)
    minutes = models.IntegerField(null=True)
    line = models.TextField(blank=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["places", "stamp"], name="one_way_a_road_file")]


class Challan(models.Model):
    """The transit pass of one vehicle for one load of sand from one ghat (E-118, E-128, E-159)."""

    ISSUED, INVALID, COMPLETED, CANCELLED, EXPIRED = "issued", "invalid", "completed", "cancelled", "expired"
    STATES = [(s, s) for s in (ISSUED, INVALID, COMPLETED, CANCELLED, EXPIRED)]

    number = models.CharField(max_length=24, unique=True)
    pass_id = models.CharField(max_length=16, unique=True)
    key = models.CharField(max_length=64, null=True, unique=True)
    lease = models.ForeignKey("leases.Lease", on_delete=models.PROTECT, related_name="challans")
    district = models.CharField(max_length=40, default="")  # the settlement's: whose list it stands in
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="challans")
    vehicle = models.ForeignKey("registry.Vehicle", on_delete=models.PROTECT, related_name="challans")
    place = models.ForeignKey("registry.Place", on_delete=models.PROTECT, related_name="challans")
    imei = models.CharField(max_length=15)
    mineral = models.CharField(max_length=20, default="sand")
    quantity_m3 = models.DecimalField(max_digits=8, decimal_places=3)
    distance_km = models.DecimalField(max_digits=8, decimal_places=3)
    road = models.ForeignKey(RoadWay, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    driver_name = models.CharField(max_length=120)
    driver_phone = models.CharField(max_length=15, blank=True)
    issued_by_id = models.BigIntegerField(null=True)
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    issue_lat = models.FloatField()
    issue_lon = models.FloatField()
    issue_fix_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default=ISSUED)
    state_rule = models.CharField(max_length=20, blank=True)
    state_facts = FactsField(default=dict)
    state_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    start_due_at = models.DateTimeField(null=True)  # when it is to be looked whether the trip started; None: settled
    place_checked_at = models.DateTimeField(null=True)
    watch_at = models.DateTimeField(null=True)  # when its running trip is looked at next; None: not on its way
    still_since = models.DateTimeField(null=True)  # since when its vehicle stands on its way, and where
    still_lat = models.FloatField(null=True)
    still_lon = models.FloatField(null=True)
    pass_text = models.TextField()
    licence_no = models.CharField(max_length=20, blank=True, default="")  # the driver's, where the register knows him
    buyer_kind = models.CharField(max_length=20, default="consumer")
    buyer_name = models.CharField(max_length=160, blank=True, default="")
    buyer_gstin = models.CharField(max_length=15, blank=True, default="")
    buyer_phone = models.CharField(max_length=15, blank=True, default="")
    buyer_licence = models.CharField(max_length=40, blank=True, default="")
    price_rupees = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    invoice_no = models.CharField(max_length=40, blank=True, default="")
    tare_kg = models.PositiveIntegerField(null=True)
    gross_kg = models.PositiveIntegerField(null=True)
    weight_how = models.CharField(max_length=6, blank=True, default="")  # bridge, hand (by an order), typed
    weight_by = models.CharField(max_length=80, blank=True, default="")  # the weighbridge, or the order
    density_t_m3 = models.DecimalField(max_digits=5, decimal_places=3, null=True)  # by which its weight became m³
    statement = FactsField(default=dict)  # what was stated at issue, in whose name, by which clause (E-161)

    class Meta:
        ordering = ["-issued_at", "-id"]
        indexes = [
            # the lists of the State, a district and a settlee: their first page costs the same in every year
            models.Index(fields=["issued_at", "id"], name="challan_issued"),
            models.Index(fields=["district", "issued_at", "id"], name="challan_district_issued"),
            models.Index(fields=["party", "issued_at", "id"], name="challan_party_issued"),
            models.Index(fields=["state", "issued_at"], name="challan_state_issued"),
            models.Index(fields=["lease", "issued_at"], name="challan_lease_issued"),
            # what a settlement's loads of the year carry is summed with every issue, from this index alone
            models.Index(fields=["lease", "state", "issued_at", "quantity_m3"], name="challan_lease_carried"),
            models.Index(fields=["vehicle", "issued_at"], name="challan_vehicle_issued"),
            models.Index(fields=["imei", "issued_at"], name="challan_imei_issued"),
            models.Index(
                fields=["id"], name="challan_place_unchecked", condition=models.Q(place_checked_at__isnull=True)
            ),
            # what the worker asks each second: deadlines that have come, and passes on the cancelled list; the state
            # comes first, else SQLite takes the index of all that are issued and reads a hundred thousand of them
            models.Index(
                fields=["state", "start_due_at"],
                name="challan_start_due",
                condition=models.Q(state="issued", start_due_at__isnull=False),
            ),
            models.Index(
                fields=["state", "watch_at"],
                name="challan_watch",
                condition=models.Q(state="issued", watch_at__isnull=False),
            ),
            models.Index(fields=["state", "valid_until"], name="challan_ends", condition=models.Q(state="issued")),
            models.Index(
                fields=["valid_until"],
                name="challan_stopped",
                condition=models.Q(state__in=["invalid", "cancelled"]),
            ),
        ]
        constraints = [
            # CH-06 in the database: whatever the services do, a vehicle never holds two live challans.
            models.UniqueConstraint(
                fields=["vehicle"], condition=models.Q(state="issued"), name="one_live_challan_a_vehicle"
            ),
            models.CheckConstraint(condition=models.Q(quantity_m3__gt=0), name="challan_quantity_positive"),
            models.CheckConstraint(
                condition=models.Q(valid_until__gt=models.F("issued_at")), name="challan_valid_after_issue"
            ),
        ]

    @property
    def net_kg(self) -> int | None:
        """What the load weighs; None where it was measured by volume alone."""
        return self.gross_kg - self.tare_kg if self.gross_kg and self.tare_kg else None


class ChallanChange(models.Model):
    """What became of an e-challan after issue and before its end: amended for a heavier load, or extended by a rule.

    ``superseded`` is the id of the pass that an amendment ended; a longer time leaves the old pass genuine.
    """

    AMENDED, EXTENDED = "amended", "extended"

    challan = models.ForeignKey(Challan, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in (AMENDED, EXTENDED)])
    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    rule_code = models.CharField(max_length=20)
    reason = models.CharField(max_length=300)
    superseded = models.CharField(max_length=16, blank=True, db_index=True)
    facts = FactsField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            # CH-44 in the database: a pass is given more time once for a breakdown
            models.UniqueConstraint(
                fields=["challan", "rule_code"],
                condition=models.Q(kind="extended", rule_code="CH-44"),
                name="one_breakdown_a_challan",
            )
        ]


class CheckPostScan(models.Model):
    """One check of a vehicle or pass by an officer at a check post: who, where, when, with what verdict and outcome."""

    HELD, LET_GO = "held", "let_go"

    office = models.ForeignKey("registry.Office", null=True, on_delete=models.PROTECT, related_name="scans")
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    asked = models.CharField(max_length=120)
    challan = models.ForeignKey(Challan, null=True, on_delete=models.PROTECT, related_name="scans")
    registration = models.CharField(max_length=12, blank=True)
    loaded = models.BooleanField(null=True)  # None: not said
    covered = models.BooleanField(null=True)  # whether a tarpaulin covers the load; None: not said
    board = models.BooleanField(null=True)  # whether the vehicle bears its signboard
    verdict = models.CharField(max_length=4)
    reason = models.CharField(max_length=40)
    facts = FactsField(default=dict)
    outcome = models.CharField(max_length=8, blank=True, choices=[(o, o) for o in (HELD, LET_GO)])
    outcome_note = models.CharField(max_length=300, blank=True)
    outcome_at = models.DateTimeField(null=True)
    mark = models.CharField(max_length=36, blank=True, default="")  # a phone's own number of a check kept offline
    sent_at = models.DateTimeField(null=True)  # when such a phone sent it; None: made with a network
    device_checked_at = models.DateTimeField(null=True)  # when place and vehicle's device were compared (MOV-60)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["office", "at"], name="scan_office_at"),
            models.Index(fields=["challan", "at"], name="scan_challan_at"),
            models.Index(fields=["registration", "at"], name="scan_vehicle_at"),
            models.Index(
                fields=["id"],
                name="scan_device_unchecked",
                condition=models.Q(device_checked_at__isnull=True, challan__isnull=False, lat__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "mark"], condition=~models.Q(mark=""), name="one_check_a_phone_s_number"
            ),
        ]


class OfflinePass(models.Model):
    """One line of a gate's book: a pass that it issued in an outage with its own key, as it came and what became of it.

    ``chained`` is a line that is proven and next in the book; only one of a counter is.
    """

    TAKEN, HELD = "taken", "held"

    quota = models.CharField(max_length=40)
    counter = models.PositiveIntegerField()
    kid = models.CharField(max_length=16)
    lease = models.ForeignKey("leases.Lease", on_delete=models.PROTECT, related_name="offline_passes")
    number = models.CharField(max_length=24)
    pass_id = models.CharField(max_length=16, db_index=True)
    vehicle = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    chained = models.BooleanField()
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    line = FactsField(default=dict)
    outcome = models.CharField(max_length=5, choices=[(o, o) for o in (TAKEN, HELD)])
    codes = models.CharField(max_length=200, blank=True)
    challan = models.OneToOneField(Challan, null=True, on_delete=models.PROTECT, related_name="offline")

    class Meta:
        ordering = ["quota", "counter", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota", "counter"], condition=models.Q(chained=True), name="one_line_a_counter"
            ),
        ]
