"""What triggers did, the tasks on the desks, and the cases."""

from datetime import datetime

from django.db import models

from immis.core.facts import FactsField


class Outcome(models.Model):
    """What one trigger made of one event, with policy day and facts, so that it can be replayed at an appeal."""

    trigger_code = models.CharField(max_length=20)
    event = models.ForeignKey("core.OutboxEvent", on_delete=models.PROTECT, related_name="+")
    policy_on = models.DateField()
    facts = FactsField(default=dict)
    consequences = FactsField(default=list)
    word = FactsField(null=True)  # what the law named, before it was carried out; none before December 2026
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="outcome_at")]
        constraints = [
            models.UniqueConstraint(fields=["trigger_code", "event"], name="one_outcome_a_trigger_and_event")
        ]


class FailedEvent(models.Model):
    """An event whose triggers could not be carried out: kept with its error and tried again, seen by headquarters."""

    MOST_ATTEMPTS = 20  # some three days: then it stays for somebody to look at

    event = models.OneToOneField("core.OutboxEvent", on_delete=models.PROTECT, related_name="failure")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField()
    failed_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    @property
    def is_given_up(self) -> bool:
        return self.attempts >= self.MOST_ATTEMPTS

    def rests(self, at: datetime) -> bool:
        """Whether the event is not tried at this instant: not due again, or given up."""
        return self.is_given_up or self.next_try_at > at


class Case(models.Model):
    """A case against a vehicle, party or settlee: evidence, notice, order, amount, payment, outcome (A-15, A-24)."""

    STATES = [(k, k) for k in ("opened", "noticed", "ordered", "paid", "closed", "dropped")]

    number = models.CharField(max_length=30, unique=True)
    offence = models.CharField(max_length=30)
    trigger_code = models.CharField(max_length=20, blank=True)
    office = models.ForeignKey("registry.Office", on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40)
    vehicle = models.ForeignKey("registry.Vehicle", null=True, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="+")
    lease_code = models.CharField(max_length=30, blank=True)
    challan_number = models.CharField(max_length=40, blank=True)
    evidence = FactsField(default=dict)
    occurred_at = models.DateTimeField()
    proposed_paise = models.BigIntegerField(default=0)
    ordered_paise = models.BigIntegerField(null=True)
    order_reason = models.TextField(blank=True)
    demand_number = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default="opened")
    opened_at = models.DateTimeField()
    noticed_at = models.DateTimeField(null=True)
    reply_due_at = models.DateTimeField(null=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    ordered_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["district", "state", "-opened_at"]),
            models.Index(fields=["demand_number"]),
            models.Index(fields=["challan_number"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle"],
                condition=models.Q(offence="gps_tamper", state__in=["opened", "noticed"]),
                name="one_open_tamper_case_a_vehicle",
            ),
            models.UniqueConstraint(
                fields=["offence", "challan_number"],
                condition=models.Q(state__in=["opened", "noticed"])
                & ~models.Q(challan_number="")
                & ~models.Q(offence="gps_tamper"),
                name="one_open_case_a_challan",
            ),
        ]


class Task(models.Model):
    """One thing that an office has to decide by a due instant, with the act that is proposed (A-12)."""

    STATES = [(k, k) for k in ("open", "done", "dismissed")]

    office = models.ForeignKey("registry.Office", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    code = models.CharField(max_length=20)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=60)
    facts = FactsField(default=dict)
    act = models.CharField(max_length=30, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="tasks")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    @property
    def district(self) -> str:
        """The district of the office on whose desk it is; empty for the State."""
        return str(self.office.district)

    class Meta:
        indexes = [
            models.Index(fields=["office", "state", "due_at"]),
            models.Index(fields=["subject_kind", "subject_id"]),
            models.Index(
                fields=["due_at"],
                name="task_overdue",
                condition=models.Q(state="open", escalated_at__isnull=True),
            ),
            models.Index(fields=["due_at", "id"], name="task_waiting", condition=models.Q(state="open")),
            models.Index(fields=["decided_at"], name="task_decided"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["office", "role", "code", "subject_kind", "subject_id"],
                condition=models.Q(state="open"),
                name="one_open_task_a_subject",
            )
        ]
