"""Transit passes of other States: the orders that switch them, the parties that take them, and the passes."""

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField


class SwitchOrder(models.Model):
    """An order of headquarters that puts transit passes in force from a day on, or ends them; rows are only added."""

    ON, OFF = "on", "off"

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=3, choices=[(kind, kind) for kind in (ON, OFF)])
    starts_on = models.DateField()
    order_no = models.CharField(max_length=120, unique=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-starts_on", "-id"]


class Registration(models.Model):
    """A party of another State that takes passes: whose it is there, by which paper; an officer may stop it."""

    STANDS, STOPPED = "stands", "stopped"
    KINDS = [(kind, kind) for kind in ("lessee", "crusher", "dealer", "transporter")]

    number = models.CharField(max_length=24, unique=True)
    party = models.OneToOneField("registry.Party", on_delete=models.PROTECT, related_name="transit_registration")
    state_code = models.CharField(max_length=2)
    kind = models.CharField(max_length=12, choices=KINDS)
    licence_no = models.CharField(max_length=60)
    district = models.CharField(max_length=40)
    document = models.CharField(max_length=64)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, default=STANDS)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["district", "state"], name="transit_party_district")]


class TransitPass(models.Model):
    """The transit pass (ISTP) of one load that comes from another State under one challan of that State.

    ``due_at`` is the last instant at which it can be paid; ``pass_text`` stands from the issue on and never changes.
    """

    APPLIED, ISSUED, LATE, LAPSED, WITHDRAWN = "applied", "issued", "late", "lapsed", "withdrawn"
    STATES = [(state, state) for state in (APPLIED, ISSUED, LATE, LAPSED, WITHDRAWN)]

    number = models.CharField(max_length=24, unique=True)
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="transit_passes")
    vehicle = models.ForeignKey("registry.Vehicle", on_delete=models.PROTECT, related_name="transit_passes")
    district = models.CharField(max_length=40)  # where the load goes: whose list it stands in
    origin_state = models.CharField(max_length=2)
    origin_number = models.CharField(max_length=40)
    origin_key = models.CharField(max_length=40, null=True)  # of the number: what all its writings share
    origin_issued_at = models.DateTimeField()
    origin_until = models.DateTimeField()
    consignor = models.CharField(max_length=160)
    mineral = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=2)
    driver_name = models.CharField(max_length=120)
    driver_phone = models.CharField(max_length=15, blank=True)
    consignee = models.CharField(max_length=160)
    destination = models.CharField(max_length=160)
    checked_how = models.CharField(max_length=10)  # signature, portal or paper
    checked_facts = FactsField(default=dict)
    document = models.CharField(max_length=64, blank=True)
    demand = models.CharField(max_length=40)
    fee_paise = models.BigIntegerField()
    applied_at = models.DateTimeField()
    applied_by = models.BigIntegerField(null=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default=APPLIED)
    state_at = models.DateTimeField()
    pass_id = models.CharField(max_length=16, blank=True)
    pass_text = models.TextField(blank=True)
    paid_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    entered_by = models.BigIntegerField(null=True)
    entered_office = models.ForeignKey("registry.Office", null=True, on_delete=models.PROTECT, related_name="+")
    entered_late = models.BooleanField(default=False)
    withdrawn_order = models.CharField(max_length=120, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-applied_at", "-id"]
        indexes = [
            models.Index(fields=["applied_at", "id"], name="transit_applied"),
            models.Index(fields=["district", "applied_at", "id"], name="transit_district"),
            models.Index(fields=["party", "applied_at", "id"], name="transit_party"),
            models.Index(fields=["vehicle", "applied_at"], name="transit_vehicle"),
            # what the worker asks each second: passes that wait for their money, and their last instants
            models.Index(fields=["due_at"], name="transit_due", condition=Q(state="applied")),
            models.Index(fields=["origin_until"], name="transit_withdrawn", condition=Q(state="withdrawn")),
        ]
        constraints = [
            # IST-05 in the database: whatever the services do, one challan of another State carries one pass
            models.UniqueConstraint(
                fields=["origin_state", "origin_key"],
                condition=Q(state__in=["applied", "issued"]),
                name="one_transit_pass_a_challan",
            ),
            models.UniqueConstraint(fields=["pass_id"], condition=~Q(pass_id=""), name="one_transit_pass_an_id"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="transit_quantity_positive"),
            models.CheckConstraint(condition=Q(fee_paise__gt=0), name="transit_fee_positive"),
            models.CheckConstraint(
                condition=~Q(state="issued") | ~Q(pass_text="") & Q(issued_at__isnull=False, paid_at__isnull=False),
                name="transit_issued_when_paid",
            ),
        ]
