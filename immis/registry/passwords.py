"""Passwords: changed by their owner, or set anew for who forgot (clause 2(iv), E-018)."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.services import log_action
from immis.registry.models import User
from immis.rules.policy import book


def is_given(user: User, new: str) -> bool:
    """Whether a new password is the very one that somebody else made for a person (ACC-02)."""
    return user.password_given_at is not None and user.check_password(new)


@transaction.atomic
def change_password(*, username: str, new: str, by: Actor, at: datetime, given: bool = False) -> User:
    """Give a person a new password; every session that began with the old one ends.

    ``given``: it was made for them, and is to be changed at the first log-in (ACC-02). Raises NotFound for an unknown
    or closed account, ValidationError for a password that is none or that is the given one again.
    """
    user = User.objects.select_for_update().filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"user {username}")
    validate_password(new, user)
    if is_given(user, new):
        raise ValidationError(book().words("ACC-02", "same")[user.language])
    user.set_password(new)
    user.password_given_at = at if given else None
    user.save(update_fields=["password", "password_given_at"])
    log_action("password.changed", subject=("user", user.username), by=by, at=at, facts={})
    return user
