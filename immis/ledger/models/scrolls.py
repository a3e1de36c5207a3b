"""Bank scrolls and their lines."""

from django.db import models
from django.db.models import Q

from immis.ledger.models.receipts import Receipt


class Scroll(models.Model):
    """A scroll file of the treasury: what it received on a day, with control totals; refused files are kept too."""

    STATES = [(s, s) for s in ("taken", "refused")]

    number = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=160)
    scroll_on = models.DateField(null=True)
    district = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=STATES)
    reason = models.CharField(max_length=300, blank=True)
    findings = models.JSONField(default=list)  # the first of them, as the reader gave them
    line_count = models.PositiveIntegerField(default=0)
    sum_paise = models.BigIntegerField(default=0)
    imported_at = models.DateTimeField()
    imported_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=Q(state="taken"), name="one_scroll_a_number")
        ]


class ScrollLine(models.Model):
    """One line of a scroll, and what it was found to be; what does not match waits on the desk with its reason."""

    OUTCOMES = [
        (o, o)
        for o in (
            *("matched", "waiting", "reversed", "duplicate"),
            *("unknown", "wrong_amount", "wrong_account", "refused_receipt", "contradicts"),
        )
    ]

    scroll = models.ForeignKey(Scroll, on_delete=models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    kind = models.CharField(max_length=1)  # C credit, R reversal
    grn = models.CharField(max_length=40, blank=True)
    bank_ref = models.CharField(max_length=60, blank=True)
    amount_paise = models.BigIntegerField()
    paid_on = models.DateField()
    payer_account = models.CharField(max_length=40, blank=True)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="scroll_lines")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.BigIntegerField(null=True)
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["scroll_id", "line_no"]
        indexes = [
            models.Index(fields=["grn"], name="scroll_line_grn"),
            models.Index(fields=["outcome"], name="scroll_line_open", condition=Q(resolved_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(fields=["scroll", "line_no"], name="one_scroll_line_a_number")]
