"""Who may not do what: holds that persons ordered, and the announced spells of holds that follow from facts."""

from django.db import models

from immis.core.facts import FactsField
from immis.rules.holds.orders import district_reached


class Hold(models.Model):
    """A hold that a person (or a trigger in the law's name) ordered by a document, until it is lifted or runs out."""

    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    stops = models.CharField(max_length=30)
    rule_code = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True)
    facts = FactsField(default=dict)
    reference = models.CharField(max_length=160)
    ordered_by = models.BigIntegerField(null=True)
    ordered_role = models.CharField(max_length=20)
    ordered_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)
    lift_reference = models.CharField(max_length=160, blank=True)
    key = models.CharField(max_length=160, null=True, unique=True)
    document = models.CharField(max_length=64, blank=True)
    lift_document = models.CharField(max_length=64, blank=True)

    @property
    def district(self) -> str:
        """The district that it reaches; empty for the State."""
        return district_reached((self.subject_kind, self.subject_id), self.facts)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "stops"], name="hold_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("since")),
                name="hold_ends_after_start",
            )
        ]


class HoldSpell(models.Model):
    """One announced stop of something, from its legal start to its end, with cause, rule and officer (A-19)."""

    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    stops = models.CharField(max_length=30)
    rule_code = models.CharField(max_length=20)
    cause_key = models.CharField(max_length=160, unique=True)
    since = models.DateTimeField()
    announced_at = models.DateTimeField()
    facts = FactsField(default=dict)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    end_cause = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="spell_subject"),
            models.Index(fields=["id"], name="spell_open", condition=models.Q(ended_at__isnull=True)),
        ]


class Suspension(models.Model):
    """An order of a court or the department that suspends one standing hold until its end; no switch opens anything."""

    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    rule_code = models.CharField(max_length=20)
    cause = models.CharField(max_length=160)
    authority = models.CharField(max_length=20)
    reference = models.CharField(max_length=160)
    reason = models.CharField(max_length=500, blank=True)
    document = models.CharField(max_length=64)
    facts = FactsField(default=dict)
    since = models.DateTimeField()
    until = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    entered_role = models.CharField(max_length=20)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)
    withdraw_reference = models.CharField(max_length=160, blank=True)
    over_told_at = models.DateTimeField(null=True)

    @property
    def district(self) -> str:
        """The district that it reaches; empty for the State."""
        return district_reached((self.subject_kind, self.subject_id), self.facts)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="suspension_subject"),
            models.Index(fields=["id"], name="suspension_untold", condition=models.Q(over_told_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="suspension_ends_after_start"),
            models.CheckConstraint(
                condition=~models.Q(document="") & ~models.Q(reference=""), name="suspension_has_its_order"
            ),
        ]
