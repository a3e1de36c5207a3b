"""Log-ins of people: entered, disabled and restored by order, and the register of who has which (A-28).

``disable_login`` and ``restore_login`` are the one place where a log-in changes its state, however people sign in.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import reach_of, require_grant
from immis.core.scope import EVERYTHING, NOTHING
from immis.core.services import log_action
from immis.registry.changes import changed, log_changes
from immis.registry.models import LoginOrder, Post, User
from immis.registry.people.charges import district_of, is_last, standing
from immis.rules.catalogue import find
from immis.rules.people import LoginFacts
from immis.rules.policy import book


def people(viewer: Actor, *, at: datetime, **filters: Any) -> QuerySet[User]:
    """The log-ins that the viewer's post reaches, with their charges and the last order on each.

    A district's office sees who holds or held charges in it; headquarters see everybody, parties' log-ins too.
    """
    last = LoginOrder.objects.filter(user=OuterRef("pk"))
    now = Post.objects.filter(standing(at)).select_related("office").order_by("additional", "id")
    rows = User.objects.filter(_reached(viewer), **filters).order_by("username")
    return rows.prefetch_related(Prefetch("posts", queryset=now, to_attr="held")).annotate(
        order_state=Subquery(last.values("state")[:1]),
        order_reason=Subquery(last.values("reason")[:1]),
        order_reference=Subquery(last.values("reference")[:1]),
        order_at=Subquery(last.values("at")[:1]),
        order_by_name=Subquery(last.values("by_name")[:1]),
    )


def _reached(viewer: Actor) -> Q:
    reach = reach_of(viewer, "user.read")
    if reach == "state":
        return EVERYTHING
    offices = {"district": Q(office__district=viewer.district), "division": Q(office__district__in=viewer.districts)}
    if reach not in offices or not (viewer.district or viewer.districts):
        return NOTHING
    return Q(pk__in=Post.objects.filter(offices[reach]).values("user_id"))


def of_parties(rows: QuerySet[User], *, wanted: bool) -> QuerySet[User]:
    """Of some people those who act for parties, or those who do not."""
    theirs = Q(parties__isnull=False) | Q(authorities__isnull=False)
    chosen = Q(pk__in=User.objects.filter(theirs).values("pk"))
    return rows.filter(chosen if wanted else ~chosen)


def named_like(rows: QuerySet[User], text: str) -> QuerySet[User]:
    """Of some people those whose user name or name holds a text."""
    return rows.filter(Q(username__icontains=text) | Q(name_en__icontains=text) | Q(name_hi__icontains=text))


def person_of(viewer: Actor, username: str, *, at: datetime) -> User:
    """One person with his log-in; everybody sees himself. Raises NotFound unless the viewer may see him."""
    row = people(viewer, at=at).filter(username=username).first()
    if row is None:
        raise NotFound(f"user {username}")
    return row


def orders_on(user: User) -> QuerySet[LoginOrder]:
    """The orders that disabled and restored a log-in, the newest first. The caller may see the person."""
    return LoginOrder.objects.filter(user=user)


def by_number(ids: Iterable[int | None]) -> dict[int, User]:
    """People by their numbers, whose log-in works or not."""
    return User.objects.in_bulk([pk for pk in ids if pk])


def like(text: str) -> QuerySet[User]:
    """People whose user name holds a text. The caller shows no more of them than the viewer may see."""
    return User.objects.filter(username__icontains=text.strip())


def named(username: str) -> User | None:
    """The person of a user name, whose log-in works or not."""
    return User.objects.filter(username=username.strip()).first()


def login_facts(user: User, by: Actor, at: datetime) -> LoginFacts:
    """What speaks against disabling or restoring a log-in."""
    return LoginFacts(user.username, active=user.is_active, own=user.pk == by.user_id, last=is_last(user.pk, at))


def require_over(by: Actor, grant: str, user: User) -> None:
    """Raises NotPermitted unless the grant reaches all that a person holds or held; a party's log-in is the State's."""
    require_grant(by, grant, district=district_of(user))


@transaction.atomic
def enter_person(*, username: str, name_en: str, name_hi: str, email: str = "", by: Actor, at: datetime) -> User:
    """Enter a person of an office; without a password until they set one or are given one.

    Raises NotPermitted; ValueError in words for a user name that is none or that somebody has.
    """
    require_grant(by, "user.enter")
    user = User(username=username, name_en=name_en, name_hi=name_hi, email=email)
    user.set_unusable_password()
    user.save(force_insert=True)
    log_action("user.entered", subject=("user", username[:60]), by=by, at=at, facts={"name_en": name_en})
    return user


def username_fault(username: str) -> str:
    """What is wrong with a new user name: ``form`` or ``taken``; empty for a good one."""
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        return "form"
    return "taken" if username == "new" or not 2 <= len(username) <= 60 or named(username) else ""


@transaction.atomic
def change_person(
    *, user: User, name_en: str, name_hi: str, email: str, by: Actor, at: datetime, reason: str = ""
) -> User:
    """Correct a person's names and address, with what they were before in the log. Raises NotPermitted."""
    if user.pk != by.user_id:
        require_over(by, "user.change", user)
    row = User.objects.select_for_update().get(pk=user.pk)
    before = changed(row, {"name_en": name_en, "name_hi": name_hi, "email": email})
    log_changes("user", row.username, before, row, by=by, at=at, reason=reason)
    return row


@dataclass(frozen=True)
class FirstPassword:
    """A password that was made for somebody; it is shown once and kept as a hash only."""

    username: str
    password: str = field(repr=False)


@transaction.atomic
def give_password(*, user: User, reason: str, by: Actor, at: datetime) -> FirstPassword:
    """Give a person a first password, made at random, where no mail reaches him; all sessions with the old one end.

    Raises NotPermitted.
    """
    require_over(by, "user.give_password", user)
    return made_password(user, reason=reason, by=by, at=at)


def made_password(user: User, *, reason: str, by: Actor, at: datetime) -> FirstPassword:
    """A random password for a person, to be changed at the first log-in (ACC-02). The caller has checked the right."""
    user = User.objects.select_for_update().get(pk=user.pk)
    given = FirstPassword(user.username, secrets.token_urlsafe(12))
    user.set_password(given.password)
    user.password_given_at = at
    user.save(update_fields=["password", "password_given_at"])
    _end_sessions(user)
    log_action("password.given", subject=("user", user.username[:60]), by=by, at=at, facts={"reason": reason})
    return given


def _end_sessions(user: User) -> None:
    """Take every log-in of a person off the list of sessions; what holds one has changed already."""
    for session in UserSession.objects.filter(user=user):
        session.end()


@transaction.atomic
def disable_login(*, user: User, reason: str, reference: str, by: Actor, at: datetime) -> LoginOrder:
    """Disable a log-in by an order: every session is over at its next request, and no new one begins.

    Charges stay as they are and count again once the log-in is restored. Raises NotPermitted, Refusal (PPL-04).
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    require_over(by, "user.disable_login", user)
    if findings := find("user.disable_login", login_facts(user, by, at), policy=book(), at=at):
        raise Refusal(findings)
    user.is_active, user.ended_logins = False, user.ended_logins + 1
    user.save(update_fields=["is_active", "ended_logins"])
    _end_sessions(user)
    return _ordered(user, LoginOrder.DISABLED, reason=reason, reference=reference, by=by, at=at)


@transaction.atomic
def restore_login(*, user: User, reason: str, reference: str, by: Actor, at: datetime) -> LoginOrder:
    """Restore a disabled log-in by an order (A-28); sessions from before stay over.

    Raises NotPermitted, Refusal (PPL-05).
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    require_over(by, "user.restore_login", user)
    if findings := find("user.restore_login", login_facts(user, by, at), policy=book(), at=at):
        raise Refusal(findings)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return _ordered(user, LoginOrder.RESTORED, reason=reason, reference=reference, by=by, at=at)


def _ordered(user: User, state: str, *, reason: str, reference: str, by: Actor, at: datetime) -> LoginOrder:
    facts = {"reason": reason, "reference": reference}
    log_action(f"user.login_{state}", subject=("user", user.username[:60]), by=by, at=at, facts=facts)
    order = {"reason": reason, "reference": reference, "at": at, "by": by.user_id, "by_name": by.name[:120]}
    return LoginOrder.objects.create(user=user, state=state, **order)
