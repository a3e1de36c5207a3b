"""Entering offices and people, and giving them posts."""

from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.registry.models import Office, Post, User
from immis.registry.services.common import entered
from immis.rules.posts import chart


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


def appoint(*, user: User, office: Office, role: str) -> Post:
    """Give a user a post in an office, by the post's code.

    Raises LookupError for a code that no post has, and for an office of a kind in which the post is not held.
    """
    post = chart().post(role)
    if office.kind not in post.offices:
        held = f"offices of kind {', '.join(post.offices)}" if post.offices else "no office"
        raise LookupError(f"{post.code} is held in {held}; {office.code} is of kind {office.kind}")
    return Post.objects.update_or_create(user=user, office=office, role=post.code, defaults={"active": True})[0]
