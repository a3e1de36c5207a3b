"""Entering offices and people; their charges are in ``registry.people.charges``."""

from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.registry.changes import entered
from immis.registry.models import Office, User


@transaction.atomic
def open_office(
    *,
    code: str,
    kind: str,
    name_en: str,
    name_hi: str,
    district: str = "",
    by: Actor = SYSTEM,
    at: datetime | None = None,
) -> Office:
    """Enter an office; entering it again changes it, with what it was before in the log."""
    fields = {"code": code, "kind": kind, "name_en": name_en, "name_hi": name_hi, "district": district}
    return entered(Office, fields, "office", by=by, at=at)[0]


@transaction.atomic
def add_user(*, username: str, name_en: str, name_hi: str, password: str | None = None, email: str = "") -> User:
    """Enter a person; without a password they cannot log in by password."""
    user, new = User.objects.get_or_create(username=username)
    user.name_en, user.name_hi, user.email = name_en, name_hi, email
    if password:
        user.set_password(password)
    elif new:
        user.set_unusable_password()
    user.save()
    return user
