"""Notices, lots, bidders, technical bids and the chained events of an e-auction."""

from django.db import models

from immis.auctions.sealing import new_seal
from immis.core.facts import FactsField


class Notice(models.Model):
    """One notice inviting e-auction as it was taken in: its programme, its fees and what was found in it.

    ``code`` is its own number here (``MUN-2026``, ``MUN-2026-2``): its corrigenda have it too, no other notice has.
    ``parts`` are the papers of its tender document (E-013), ``changes`` the corrigenda of its programme (E-060).
    """

    code = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=40)
    district = models.CharField(max_length=40)
    title = models.CharField(max_length=300, blank=True)
    programme = models.JSONField(default=dict)
    fees = models.JSONField(default=dict)
    contacts = models.JSONField(default=list)
    findings = FactsField(default=list)
    source_name = models.CharField(max_length=200)
    source_sha256 = models.CharField(max_length=64, unique=True)
    imported_at = models.DateTimeField()
    replaced_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replaces")
    clearances_by = models.CharField(max_length=12, blank=True)
    release = models.CharField(max_length=120, blank=True)
    release_url = models.CharField(max_length=300, blank=True)
    issued_by = models.CharField(max_length=200, blank=True)
    parts = models.JSONField(default=list)
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=models.Q(replaced_by__isnull=True) & ~models.Q(code=""),
                name="one_notice_in_force_a_code",
            )
        ]


class Bidder(models.Model):
    """A party registered for e-auctions for a year (E-014…E-017); its row is locked while one of its bids is judged."""

    party = models.OneToOneField("registry.Party", on_delete=models.PROTECT, related_name="bidder")
    registered_at = models.DateTimeField()
    terms_accepted_at = models.DateTimeField()
    valid_until = models.DateField()
    particulars = models.JSONField(default=dict)
    aadhaar_last4 = models.CharField(max_length=4, blank=True)
    aadhaar_hash = models.CharField(max_length=100, blank=True)
    fee_demand = models.CharField(max_length=40, blank=True)


class RealLots(models.Manager):
    """Lots of real auctions: the copies of a mock auction stay out of every list, job and count."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(mock=False)


class Lot(models.Model):
    """One block up for auction. Its phase is computed from its times; the row is locked while a bid is judged.

    Until it is closed the row knows who leads by alias only (``sealing``); ``highest_bidder`` is written at the close.
    """

    RESULTS = [(word, word) for word in ("open", "sold", "single_bid", "no_bids", "aborted")]

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="lots")
    block = models.ForeignKey("registry.Block", on_delete=models.PROTECT, related_name="lots")
    code = models.CharField(max_length=32, unique=True)
    venue = models.CharField(max_length=6, choices=[("immis", "immis"), ("eproc", "eproc")], default="immis")
    serial = models.PositiveIntegerField()
    reserve_rupees = models.BigIntegerField()
    emd_rupees = models.BigIntegerField()
    document_fee_rupees = models.BigIntegerField(default=0)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    seq = models.BigIntegerField(default=0)
    changes = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_hash = models.CharField(max_length=64, default="0" * 64)
    highest_rupees = models.BigIntegerField(null=True)
    seal = models.CharField(max_length=40, default=new_seal)
    highest_alias = models.CharField(max_length=12, blank=True)
    highest_bidder = models.ForeignKey(Bidder, null=True, on_delete=models.PROTECT, related_name="leading")
    result = models.CharField(max_length=12, choices=RESULTS, default="open")
    result_announced_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    anchored_at = models.DateTimeField(null=True)
    anchor_hash = models.CharField(max_length=64, blank=True)
    signed_head = models.JSONField(default=dict)
    mock = models.BooleanField(default=False)

    objects = RealLots()
    every = models.Manager()

    @property
    def district(self) -> str:
        """The district of its notice."""
        return str(self.notice.district)

    class Meta:
        ordering = ["code"]
        base_manager_name = "every"
        indexes = [models.Index(fields=["result", "ends_at"])]


class TechnicalBid(models.Model):
    """A bidder's application for one lot: payments, documents and what the tender committee decided (E-019, E-056).

    ``alias``, under which the bidder stands in the lot's chain, is written when the lot is over (``sealing``).
    """

    STATES = [(word, word) for word in ("applied", "passed", "failed")]

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="technical_bids")
    bidder = models.ForeignKey(Bidder, on_delete=models.PROTECT, related_name="technical_bids")
    alias = models.CharField(max_length=12, null=True)
    applied_at = models.DateTimeField()
    fee_demand = models.CharField(max_length=40, blank=True)
    emd_demand = models.CharField(max_length=40, blank=True)
    processing_demand = models.CharField(max_length=40, blank=True)
    form = models.JSONField(default=dict)
    members = models.JSONField(default=list)
    bank_account = models.CharField(max_length=30)
    turnover_rupees = models.JSONField(default=list)
    documents = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=STATES, default="applied")
    reasons = models.CharField(max_length=600, blank=True)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    @property
    def district(self) -> str:
        """The district of its lot's notice."""
        return str(self.lot.district)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "bidder"], name="one_technical_bid_a_lot"),
            models.UniqueConstraint(fields=["lot", "alias"], name="one_alias_a_lot"),
        ]


class LotEvent(models.Model):
    """What happened in a lot, in one order, in a chain of hashes; rows are only ever added (see the migration).

    Whose a bid is stands here as the alias that is under the hash too, never as the bidder.
    """

    KINDS = [
        (word, word)
        for word in (
            "bid_accepted",
            "bid_refused",
            "extended",
            "paused",
            "resumed",
            "rescheduled",
            "aborted",
            "anchored",
            "closed",
        )
    ]

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="events")
    seq = models.BigIntegerField()
    change_no = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=14, choices=KINDS)
    amount_rupees = models.BigIntegerField(null=True)
    alias = models.CharField(max_length=12, null=True)
    key = models.CharField(max_length=64, null=True)
    body = models.JSONField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["lot_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "seq"], name="one_order_a_lot"),
            models.UniqueConstraint(fields=["lot", "alias", "key"], name="one_answer_a_key"),
            models.UniqueConstraint(fields=["lot"], condition=models.Q(kind="extended"), name="one_extension_a_lot"),
            models.UniqueConstraint(fields=["lot"], condition=models.Q(kind="closed"), name="one_close_a_lot"),
            models.UniqueConstraint(fields=["lot"], condition=models.Q(kind="aborted"), name="one_abort_a_lot"),
            models.UniqueConstraint(
                fields=["lot", "amount_rupees"],
                condition=models.Q(kind="bid_accepted"),
                name="one_bid_an_amount",
            ),
        ]


class AuctionOrder(models.Model):
    """An order on a lot or on all lots of a notice: asked by one officer, in effect when a second one confirms it.

    In effect it stands in the chain of every lot it touched; a change of times is the corrigendum of clause 11.
    """

    ACTS = [(word, word) for word in ("pause", "resume", "abort", "reschedule")]
    STATES = [(word, word) for word in ("asked", "effective", "withdrawn")]

    act = models.CharField(max_length=10, choices=ACTS)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="orders")
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT, related_name="orders")
    reason = models.CharField(max_length=600)
    new_opens_at = models.DateTimeField(null=True)
    new_closes_at = models.DateTimeField(null=True)
    asked_by = models.BigIntegerField()
    asked_role = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_role = models.CharField(max_length=20, blank=True)
    effective_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="asked")
    lots_touched = models.JSONField(default=list)

    @property
    def district(self) -> str:
        """The district of its notice."""
        return str(self.notice.district)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("asked_by")),
                name="order_by_two_persons",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="effective")
                | models.Q(confirmed_by__isnull=False, effective_at__isnull=False),
                name="effective_order_is_confirmed",
            ),
        ]


class RoomPresence(models.Model):
    """A stretch of time in which one of a bidder's devices had an auction room open: evidence kept by heartbeats."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="presences")
    party = models.ForeignKey("registry.Party", on_delete=models.PROTECT, related_name="+")
    device = models.CharField(max_length=16)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    beats = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["lot_id", "from_at", "id"]
        indexes = [models.Index(fields=["lot", "party", "device", "-until_at"], name="room_presence")]
