"""Offices in their tree, people who log in, and the posts that they hold."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

from immis.rules.posts import OFFICE_KINDS


class Office(models.Model):
    """An office in the tree of offices: headquarters, division, district, sub-division, block, cell or check post."""

    KINDS = [(kind, kind) for kind in OFFICE_KINDS]

    code = models.SlugField(max_length=40, unique=True)
    name_en = models.CharField(max_length=120)
    name_hi = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=KINDS)
    district = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="below")
    lgd_code = models.PositiveIntegerField(null=True)  # its number in the Local Government Directory
    closed_at = models.DateTimeField(null=True)


class User(AbstractUser):
    """A person who can log in; what they may do comes from the posts or the parties they act for.

    ``acting`` is the charge in which who has several of them acts; ``ended_logins`` counts how often all log-ins of the
    person were ended at once, and is part of what holds a session; ``password_given_at`` is when somebody else made the
    password, until the person has chosen another (ACC-02).
    """

    name_en = models.CharField(max_length=120, blank=True)
    name_hi = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, default="hi")
    acting = models.ForeignKey("Post", null=True, on_delete=models.SET_NULL, related_name="+")
    ended_logins = models.PositiveIntegerField(default=0)
    password_given_at = models.DateTimeField(null=True)
    phone = models.CharField(max_length=15, blank=True)  # proved by a code that was sent to it
    phone_proved_at = models.DateTimeField(null=True)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        held_by = f"{self.password}:{self.ended_logins}"
        return salted_hmac("immis.registry.User.session", held_by, secret=secret, algorithm="sha256").hexdigest()


class Post(models.Model):
    """The charge of a post in an office, held by one person from an instant on, perhaps until another.

    ``active`` is false for one that was ended by hand; one whose ``ends_at`` is past is over without anybody's doing.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=20)
    active = models.BooleanField(default=True)
    additional = models.BooleanField(default=False)
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    given_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "office", "role"], condition=models.Q(active=True), name="one_post_once"
            )
        ]

    @property
    def district(self) -> str:
        """The district of the office; empty for the State."""
        return str(self.office.district)
