"""What every part leans on: the action log, the outbox of events, numbering and decisions."""

from django.db import models

from immis.core.facts import FactsField


class ChainHead(models.Model):
    """The last link of a hash chain; its row is locked while a link is added."""

    name = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class ActionLog(models.Model):
    """Who did what to which record, when, in a chain of hashes; never changed, never deleted."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    code = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    user_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    facts = FactsField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(fields=["code"]),
            models.Index(fields=["user_id"], name="action_log_user", condition=models.Q(user_id__isnull=False)),
        ]


class OutboxEvent(models.Model):
    """News for a higher layer, written in the transaction that made it true."""

    kind = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    facts = FactsField(default=dict)
    at = models.DateTimeField()
    key = models.CharField(max_length=160, null=True, unique=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="outbox_unhandled", condition=models.Q(handled_at__isnull=True)),
            models.Index(fields=["kind", "subject_id"]),
            models.Index(fields=["at"], name="outbox_at"),
        ]


class Cursor(models.Model):
    """How far a reader has come in a log that lies outside this database."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)


class DeadLetter(models.Model):
    """A row that a reader of news could not take in: kept as it was told, with the fault, for headquarters."""

    reader = models.CharField(max_length=40)
    position = models.BigIntegerField()
    kind = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=60, blank=True)
    told = models.TextField()  # the row as JSON of plain letters
    error = models.TextField()
    failed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["reader", "position"], name="one_dead_letter_a_row")]


class Counter(models.Model):
    """The last number given out in a series; gapless because it is taken inside the transaction that uses it."""

    series = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)


class Decision(models.Model):
    """What a rule decided, with the policy date and the facts, so that it can be replayed at an appeal."""

    rule_code = models.CharField(max_length=20)
    policy_on = models.DateField()
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    facts = FactsField(default=dict)
    outcome = models.CharField(max_length=20)
    at = models.DateTimeField()
    basis = FactsField(null=True)  # the facts that the rule was asked with, where ``facts`` are others
    word = FactsField(null=True)  # what it found; none in decisions of before December 2026

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"])]


class Throttle(models.Model):
    """Tries that may go wrong, counted under a name (kept as its hash only) until an instant."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["until"], name="throttle_until")]


class Cached(models.Model):
    """What sign-in counts or remembers for a moment, seen by all processes; the columns are those of Django's cache."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "core_cached"


class Upload(models.Model):
    """One file that was handed in: its content by hash, whose it is (a party; none for an office), its one place."""

    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    party_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=80, blank=True)
    kept_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="upload_content"),
            models.Index(fields=["party_id", "place"], name="upload_place"),
            models.Index(
                fields=["replaced_at"],
                name="upload_replaced",
                condition=models.Q(replaced_at__isnull=False, removed_at__isnull=True),
            ),
        ]


class Installation(models.Model):
    """The department that this installation was set up for: one row, made once by the first run.

    ``training`` says of the data what they are for: nothing of an installation to practise on ever serves as real.
    """

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    state = models.CharField(max_length=40)
    districts = models.JSONField(default=list)
    language = models.CharField(max_length=2)
    training = models.BooleanField(default=False)
    set_up_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_installation")]
