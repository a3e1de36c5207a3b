"""Meetings with their minutes, the directions given there, who answers for them, and what was reported."""

from django.db import models
from django.db.models import Q

from immis.core.facts import FactsField


class Series(models.Model):
    """Meetings that follow one another, as the monthly review of one system."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ["name"]


class Meeting(models.Model):
    """One meeting, or letter with directions, as its paper states it (A-01, A-02, B-01).

    ``reading`` is what the reader found; nothing of it counts until an officer has confirmed it.
    """

    DRAFT, CONFIRMED, DISCARDED = "draft", "confirmed", "discarded"
    STATES = [(state, state) for state in (DRAFT, CONFIRMED, DISCARDED)]

    number = models.CharField(max_length=20, unique=True)
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=10)  # minutes or letter
    subject = models.CharField(max_length=600)
    held_on = models.DateField()
    chair = models.CharField(max_length=300, blank=True)  # in the words of the paper
    chair_post = models.CharField(max_length=20, blank=True)  # who closes its directions
    attendance = models.TextField(blank=True)
    memo_no = models.CharField(max_length=120, blank=True)
    issued_on = models.DateField(null=True)
    file_name = models.CharField(max_length=200)
    document = models.CharField(max_length=64)
    reading = FactsField(default=dict)
    state = models.CharField(max_length=10, choices=STATES, default=DRAFT)
    taken_in_at = models.DateTimeField()
    taken_in_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["-held_on", "-id"], name="meeting_held")]
        constraints = [
            # one paper is taken in once; what was discarded may be handed in again
            models.UniqueConstraint(fields=["document"], condition=~Q(state="discarded"), name="one_meeting_a_paper"),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(series__isnull=False, confirmed_at__isnull=False) & ~Q(chair_post=""),
                name="meeting_confirmed_with_chair",
            ),
        ]


class Direction(models.Model):
    """One point of a meeting: its text and number as in the paper, its days, its state (A-01, A-04, A-22, A-31)."""

    OPEN, REPORTED, CLOSED = "open", "reported", "closed"
    STATES = [(state, state) for state in (OPEN, REPORTED, CLOSED)]
    DIFFICULTIES = [(kind, kind) for kind in ("legal", "technical")]

    number = models.CharField(max_length=24, unique=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="directions")
    place = models.PositiveIntegerField()
    mark = models.CharField(max_length=40)  # as in the paper: xvi, 3.V.a
    text = models.TextField()
    owner = models.CharField(max_length=300, blank=True)  # in the words of the paper
    districts = FactsField(default=list)
    days = models.PositiveIntegerField(null=True)
    due_on = models.DateField(null=True)
    due_by_meeting = models.DateField(null=True)
    due_by_circulation = models.DateField(null=True)
    repeats = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeated_by")
    carried = models.PositiveIntegerField(default=0)  # how often it had been given before
    figure = models.CharField(max_length=20, blank=True)
    difficulty = models.CharField(max_length=10, choices=DIFFICULTIES, blank=True)
    difficulty_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    state_at = models.DateTimeField()
    closed_by_name = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["meeting_id", "place"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="direction_due", condition=~Q(state="closed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "place"], name="one_direction_a_place"),
        ]


class Assignment(models.Model):
    """Who answers for a direction: a post in one office; a direction to all districts has one for each."""

    OPEN, DONE = "open", "done"
    STATES = [(state, state) for state in (OPEN, DONE)]

    number = models.CharField(max_length=30, unique=True)
    direction = models.ForeignKey(Direction, on_delete=models.PROTECT, related_name="assignments")
    answerer = models.CharField(max_length=30)  # a key of DIR-02
    post = models.CharField(max_length=20)
    office = models.ForeignKey("registry.Office", null=True, on_delete=models.PROTECT, related_name="+")
    district = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    reported_at = models.DateTimeField(null=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering = ["direction_id", "id"]
        indexes = [models.Index(fields=["post", "district", "state"], name="assignment_post")]
        constraints = [
            models.UniqueConstraint(fields=["direction", "post", "district", "answerer"], name="one_assignment_a_post"),
        ]


class Update(models.Model):
    """What was written on a direction, by whom, with its evidence; nothing of it is ever changed."""

    direction = models.ForeignKey(Direction, on_delete=models.PROTECT, related_name="updates")
    kind = models.CharField(max_length=12)  # progress, done, difficulty, settled, returned, closed, remark
    text = models.TextField()
    document = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=120)
    by_post = models.CharField(max_length=20)
    district = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["at", "id"]


class Copy(models.Model):
    """Somebody who got a copy of the minutes, as the paper names him, and the post that he is (A-32)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="copies")
    name = models.CharField(max_length=300)
    post = models.CharField(max_length=20, blank=True)  # empty: nobody of this house, told by letter

    class Meta:
        ordering = ["meeting_id", "id"]


class Acknowledgement(models.Model):
    """Somebody said that he has read the minutes, for his post."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="acknowledgements")
    post = models.CharField(max_length=20)
    user_id = models.BigIntegerField()
    name = models.CharField(max_length=120)
    district = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["meeting", "user_id"], name="one_acknowledgement_a_reader")]
