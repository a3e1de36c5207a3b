"""A settlement from the close of the auction to the end of the deed's five years, and its clearances."""

from django.db import models

from immis.core.facts import FactsField
from immis.rules.holds.stops import LAW, STOPS


class Lease(models.Model):
    """The settlement of one block with one party: dates of its path; ``number`` is fit for addresses.

    ``members`` are the directors, members or partners of a body as listed after the auction: name, pan, capacity, and
    what each owns (movable, immovable, in rupees); ``assets`` is what the body owns.
    ``terms`` are those of the tender as the settlee accepted them: notice, hash, the ticked clauses with their version.
    ``own_terms`` are the deed's (``rules.leases.by_deed``) where it is older than the law of the rule book, else empty;
    ``unpaid_stops`` says whether that deed lets an unpaid instalment stop e-challans.
    """

    number = models.SlugField(max_length=40, unique=True)
    lot_code = models.CharField(max_length=40, unique=True)
    block = models.ForeignKey("registry.Block", on_delete=models.PROTECT, related_name="leases")
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="leases")
    district = models.CharField(max_length=40)
    bid_rupees = models.BigIntegerField()
    auction_closed_at = models.DateTimeField()
    security_paise = models.BigIntegerField()
    emd_adjusted_paise = models.BigIntegerField(default=0)
    documents_received_on = models.DateField(null=True)
    assets_received_on = models.DateField(null=True)
    members = models.JSONField(default=list)
    assets = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    loi_number = models.CharField(max_length=60, blank=True)
    loi_on = models.DateField(null=True)
    deed_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    registration_number = models.CharField(max_length=60, blank=True)
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    gst_registered_on = models.DateField(null=True)
    permission_number = models.CharField(max_length=60, blank=True)
    permitted_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    ended_kind = models.CharField(max_length=12, blank=True)
    reauction_at = models.DateTimeField(null=True)
    clearances_by = models.CharField(max_length=12, default="settlee")
    demarcated_on = models.DateField(null=True)
    demarcated_version = models.PositiveIntegerField(null=True)
    own_terms = models.JSONField(default=dict)
    unpaid_stops = models.CharField(max_length=6, choices=[(k, k) for k in STOPS], default=LAW)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["district"], name="lease_district")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deed_on__isnull=True) | models.Q(loi_on__isnull=False), name="deed_after_loi"
            ),
            models.CheckConstraint(
                condition=models.Q(permitted_at__isnull=True) | models.Q(deed_on__isnull=False),
                name="permission_after_deed",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_kind="") | models.Q(cancelled_at__isnull=False), name="ended_when"
            ),
            models.CheckConstraint(
                condition=models.Q(clearances_by__in=["settlee", "department"]), name="clearances_by_one_side"
            ),
        ]


class Clearance(models.Model):
    """One clearance as its newest version says: mining plan, environmental clearance, consents, water permission.

    ``version`` counts the orders that were recorded (``ClearanceVersion``); 0 while none is.
    """

    KINDS = [(k, k) for k in ("plan", "ec", "cte_cto", "water")]

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="clearances")
    kind = models.CharField(max_length=10, choices=KINDS)
    applied_on = models.DateField()
    granted_on = models.DateField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    prepared_by = models.CharField(max_length=40, blank=True)  # a plan's: number in the register of RQPs
    quantity_m3 = models.PositiveIntegerField(null=True)
    month_m3 = models.PositiveIntegerField(null=True)  # of a month and a day, where the order names them
    day_m3 = models.PositiveIntegerField(null=True)
    valid_until = models.DateField(null=True)
    refused_on = models.DateField(null=True)
    closed_months = models.JSONField(null=True)  # what an EC itself closes; None where it names no months
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["valid_until"], name="clearance_ends", condition=models.Q(valid_until__isnull=False)),
            models.Index(
                fields=["applied_on"],
                name="clearance_water_open",
                condition=models.Q(kind="water", granted_on__isnull=True, refused_on__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["lease", "kind"], name="one_clearance_a_kind"),
            models.CheckConstraint(
                condition=models.Q(granted_on__isnull=True) | models.Q(granted_on__gte=models.F("applied_on")),
                name="granted_after_applied",
            ),
        ]


class ClearanceVersion(models.Model):
    """One order of a clearance with its document, as it was recorded; superseded by the next, never changed."""

    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=120, blank=True)
    granted_on = models.DateField()
    valid_until = models.DateField(null=True)
    quantity_m3 = models.PositiveIntegerField(null=True)
    month_m3 = models.PositiveIntegerField(null=True)  # of a month and a day, where the order names them
    day_m3 = models.PositiveIntegerField(null=True)
    closed_months = models.JSONField(null=True)
    rule_code = models.CharField(max_length=20, blank=True)
    carried = models.JSONField(null=True)  # names of what its order does not say and stays from the one before
    document = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["clearance_id", "number"]
        constraints = [models.UniqueConstraint(fields=["clearance", "number"], name="one_version_a_number")]


class ProposalWatch(models.Model):
    """A proposal on PARIVESH that is followed for a clearance: how it stood when it was last asked for."""

    clearance = models.OneToOneField(Clearance, on_delete=models.PROTECT, related_name="proposal")
    number = models.CharField(max_length=80)
    status = models.CharField(max_length=120, blank=True)
    status_on = models.DateField(null=True)
    changed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    next_ask_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_ask_at"], name="proposal_to_ask", condition=models.Q(next_ask_at__isnull=False))
        ]


class ProposalChange(models.Model):
    """One change of a followed proposal as the portal told it; rows are only ever added."""

    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="proposal_changes")
    number = models.CharField(max_length=80)
    at = models.DateTimeField()
    was = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=120)
    status_on = models.DateField(null=True)
    body = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]


class ProposalHint(models.Model):
    """A proposal of a settlee that the portal's register shows and that nobody has named yet for its clearance."""

    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="hints")
    number = models.CharField(max_length=80)
    status = models.CharField(max_length=120, blank=True)
    status_on = models.DateField(null=True)
    agency = models.CharField(max_length=160)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["clearance", "number"], name="one_hint_a_proposal")]


class PriceOrder(models.Model):
    """A price of sand fixed by order for a district or one ghat, with the parts it is made of; rows are only added.

    Amounts in paise a cubic metre; ``price_paise`` None gives the price back to the market.
    """

    number = models.CharField(max_length=120, unique=True)
    district = models.CharField(max_length=40)
    block = models.ForeignKey("registry.Block", null=True, on_delete=models.PROTECT, related_name="price_orders")
    from_on = models.DateField()
    price_paise = models.BigIntegerField(null=True)
    amount_paise = models.BigIntegerField(default=0)
    costs_paise = models.BigIntegerField(default=0)
    margin_paise = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500)
    by = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-from_on", "-id"]
        indexes = [models.Index(fields=["district", "from_on"], name="price_order_district")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price_paise__isnull=True) | models.Q(price_paise__gt=0), name="price_positive"
            )
        ]


class LeaseAct(models.Model):
    """An order or record in the life of a settlement, with document and reason; rows are only ever added."""

    KINDS = [
        (k, k)
        for k in (
            "obtainer", "extension", "valid_reason", "demarcation", "forfeiture", "surrender_asked",
            "surrendered", "cancelled", "certificate", "increase", "refund", "carried", "stored_sand", "royalty",
            "plan_check", "pits_refilled", "proposal", "annulled", "returned",
        )
    ]  # fmt: skip

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="acts")
    kind = models.CharField(max_length=16, choices=KINDS)
    on = models.DateField()
    reference = models.CharField(max_length=160, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    facts = FactsField(default=dict)
    by = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    at = models.DateTimeField()
    key = models.CharField(max_length=160, null=True, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["lease", "kind"], name="lease_act_kind")]


class LeaseNotice(models.Model):
    """A notice to the settlee with its last day: to show cause, to pay dues, or the dues of a surrender."""

    KINDS = [(k, k) for k in ("show_cause", "non_payment", "surrender_dues")]

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="notices")
    number = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=16, choices=KINDS)
    grounds = models.CharField(max_length=1000)
    demands = models.JSONField(default=list)
    amount_paise = models.BigIntegerField(default=0)
    other_paise = models.BigIntegerField(default=0)  # of it, dues that no demand holds
    issued_at = models.DateTimeField()
    issued_by = models.BigIntegerField(null=True)
    due_on = models.DateField()
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    outcome_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind"], condition=models.Q(closed_at__isnull=True), name="one_open_notice_a_kind"
            )
        ]


class Takeover(models.Model):
    """A signed file of settlements in force that was taken over, with its sums; the file itself is kept by its hash."""

    reference = models.CharField(max_length=60, unique=True)
    district = models.CharField(max_length=40)
    balances_on = models.DateField()
    sha256 = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=160)
    signed_by = models.CharField(max_length=200)
    settlements = models.JSONField(default=list)
    paid_paise = models.BigIntegerField()
    balances = models.JSONField(default=dict)
    taken_at = models.DateTimeField()
    taken_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-taken_at", "-id"]
        indexes = [models.Index(fields=["district"], name="takeover_district")]
