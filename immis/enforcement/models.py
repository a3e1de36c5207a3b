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
    consequences = FactsField(default=list)  # with the mode ``report``: what would have followed
    mode = models.CharField(max_length=10, null=True)  # stopped or report by an order (TRM-01); None: in force
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

    STATES = [(k, k) for k in ("opened", "noticed", "ordered", "paid", "closed", "dropped", "set_aside")]

    number = models.CharField(max_length=30, unique=True)
    offence = models.CharField(max_length=30)
    trigger_code = models.CharField(max_length=20, blank=True)
    office = models.ForeignKey("registry.Office", on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40)
    vehicle = models.ForeignKey("registry.Vehicle", null=True, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("registry.Party", null=True, on_delete=models.PROTECT, related_name="+")
    lease_code = models.CharField(max_length=30, blank=True)
    challan_number = models.CharField(max_length=40, blank=True)
    #: As what the party is accused: settlee, owner, driver or buyer; empty in cases from before it was kept.
    actor = models.CharField(max_length=10, blank=True)
    evidence = FactsField(default=dict)
    #: What the penalty is reckoned of beside offence, actor and day: {vehicle, quantity_m3, river, add_ons}.
    measured = FactsField(default=dict)
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
    ordered_role = models.CharField(max_length=20, blank=True)  # the post that ordered it: it hears no appeal of it
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


class CasePaper(models.Model):
    """A numbered paper of a case (notice, order), with all that it shows as it stood when it was made.

    The PDF is set from ``facts`` alone, so that a paper shows the same whenever it is asked for.
    """

    KINDS = [(k, k) for k in ("notice", "order", "decision")]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=KINDS)
    facts = FactsField(default=dict)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=120, blank=True)


class CaseReply(models.Model):
    """What the accused answered to a notice: by his log-in, by the link of his SMS, or on paper to the office."""

    WAYS = [(k, k) for k in ("login", "link", "office")]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="replies")
    way = models.CharField(max_length=10, choices=WAYS)
    text = models.TextField()
    documents = models.JSONField(default=list)  # SHA-256 of each
    is_late = models.BooleanField(default=False)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120, blank=True)


class CaseService(models.Model):
    """Proof that a paper of a case reached the accused by post or by hand."""

    WAYS = [(k, k) for k in ("post", "hand", "affixed")]

    paper = models.ForeignKey(CasePaper, on_delete=models.PROTECT, related_name="services")
    way = models.CharField(max_length=10, choices=WAYS)
    served_on = models.DateField()
    reference = models.CharField(max_length=120)
    document = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120, blank=True)


class CaseHearing(models.Model):
    """A hearing of a case: fixed for a time and place; put off with a reason, or held with who came and its minutes."""

    CAME = [(k, k) for k in ("accused", "representative", "nobody")]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hearings")
    fixed_at = models.DateTimeField()
    place = models.CharField(max_length=200)
    put_off_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    held_at = models.DateTimeField(null=True)
    came = models.CharField(max_length=20, choices=CAME, blank=True)
    minutes = models.TextField(blank=True)
    by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(put_off_at__isnull=True, held_at__isnull=True),
                name="one_hearing_of_a_case_stands",
            )
        ]


class CaseAppeal(models.Model):
    """An appeal or a revision against the order of a case: filed, perhaps staying it, decided by a higher post."""

    KINDS = [(k, k) for k in ("appeal", "revision")]
    OUTCOMES = [(k, k) for k in ("dismissed", "set_aside", "remanded")]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=KINDS)
    grounds = models.TextField()
    document = models.CharField(max_length=64, blank=True)
    against = models.CharField(max_length=20)  # the post whose act it is against
    filed_at = models.DateTimeField()
    filed_by_name = models.CharField(max_length=120, blank=True)
    stay_until = models.DateField(null=True)
    stay_reference = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=10, choices=OUTCOMES, blank=True)
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_role = models.CharField(max_length=20, blank=True)
    decided_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(decided_at__isnull=True), name="one_appeal_of_a_case_waits"
            )
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

    @property
    def subject_number(self) -> str:
        """The number of the record that it is about, as people call it."""
        own = {"deadline": "number", "proposal": "lease", "contact": "ending"}.get(self.subject_kind, "")
        return str(self.facts.get(own) or self.subject_id)

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
