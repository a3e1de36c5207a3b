"""Entries of declared registers, what of them is searched, what was done to them, and the duties of posts."""

from django.db import models


class PublishedVersion(models.Model):
    """A version of a declaration that entries were made by: its body may not change any more."""

    register = models.CharField(max_length=40)
    version = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "version"], name="one_body_a_version")]


class Entry(models.Model):
    """One entry of a register, in the version of the declaration that it was made by."""

    register = models.CharField(max_length=40)
    version = models.CharField(max_length=10)
    number = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=40)
    office = models.ForeignKey("registry.Office", null=True, on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40, blank=True)
    party_id = models.BigIntegerField(null=True)  # whose matter it is, where it is a party's
    values = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    entered_by = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    next_rung_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=300, null=True, unique=True)  # the same key again answers this entry
    open_as = models.CharField(max_length=160, null=True, unique=True)  # while it is open no other has it

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["register", "id"], name="entry_of_register"),
            models.Index(fields=["register", "state", "id"], name="entry_state"),
            models.Index(fields=["register", "office", "id"], name="entry_office"),
            models.Index(fields=["register", "district", "id"], name="entry_district"),
            models.Index(fields=["register", "office", "state", "id"], name="entry_office_state"),
            models.Index(fields=["register", "district", "state", "id"], name="entry_district_state"),
            models.Index(fields=["register", "party_id", "id"], name="entry_party"),
            models.Index(fields=["next_rung_at"], name="entry_rung", condition=models.Q(next_rung_at__isnull=False)),
        ]


class EntryValue(models.Model):
    """What of an entry is searched, in small letters; a text stands here from each of its first words on.

    Written in the transaction that wrote the entry.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="found_by")
    register = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    text = models.CharField(max_length=200, blank=True)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    instant = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "field", "text"], name="one_text_a_field")]
        indexes = [
            models.Index(
                fields=["register", "field", "text", "entry"],
                name="entry_value_text",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["register", "field", "number", "entry"], name="entry_value_number"),
            models.Index(fields=["register", "field", "instant", "entry"], name="entry_value_instant"),
        ]


class EntryAct(models.Model):
    """One act on an entry: who, when, from which state to which, and what it changed; rows are only ever added."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="done")
    act = models.CharField(max_length=40)
    start = models.CharField(max_length=40, blank=True)
    to = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    by = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]


class DutyPeriod(models.Model):
    """What one office owes in one period, and how much of it counted."""

    register = models.CharField(max_length=40)
    duty = models.CharField(max_length=40)
    office = models.ForeignKey("registry.Office", on_delete=models.PROTECT, related_name="+")
    first_on = models.DateField()
    last_on = models.DateField()
    owes = models.PositiveIntegerField()
    met = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-first_on", "office_id"]
        constraints = [
            models.UniqueConstraint(fields=["register", "duty", "office", "first_on"], name="one_duty_a_period")
        ]


class FrozenRanking(models.Model):
    """A ranking as it was published: it does not change when entries do."""

    register = models.CharField(max_length=40)
    ranking = models.CharField(max_length=40)
    first_on = models.DateField()
    last_on = models.DateField()
    rows = models.JSONField()
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["-first_on"]
        constraints = [models.UniqueConstraint(fields=["register", "ranking", "first_on"], name="one_ranking_a_period")]
