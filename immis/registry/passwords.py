"""Passwords: changed by their owner, or set anew for who forgot (clause 2(iv), E-018)."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.services import log_action
from immis.registry.models import User


@transaction.atomic
def change_password(*, username: str, new: str, by: Actor, at: datetime) -> User:
    """Give a person a new password; every session that began with the old one ends.

    Raises NotFound for an unknown or closed account, ValidationError for a password that is none.
    """
    user = User.objects.select_for_update().filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"user {username}")
    validate_password(new, user)
    user.set_password(new)
    user.save(update_fields=["password"])
    log_action("password.changed", subject=("user", user.username), by=by, at=at, facts={})
    return user
