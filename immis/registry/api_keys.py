"""Keys by which a person's program calls the API: with some of the person's grants, until a day, shown once (ACC-11).

A key is ``immis_<mark>_<secret>``: the mark finds its row, of the secret (256 bits at random) only the hash is kept.
What it may do is what the person may do now, cut down to the grants of the key: whoever loses a post takes it from
the key as well.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from immis.core.access.permissions import PUBLIC, Actor
from immis.core.access.second_factor import guarded_grants
from immis.core.errors import NotFound, Refusal
from immis.core.grants import may, require_grant
from immis.core.services import log_action
from immis.registry.models import ApiKey, User
from immis.registry.selectors import actor_of
from immis.rules.catalogue import Finding
from immis.rules.policy import book

_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewKey:
    """What a key is to be called, what it may do, and for how many days."""

    name: str
    grants: frozenset[str]
    days: int


def keyable_grants(who: Actor, at: datetime) -> list[str]:
    """The grants that the person may give to a key: the own ones but those that need a second factor."""
    guarded = guarded_grants(at)
    return [grant for grant in who.post.grants if may(who, grant) and grant not in guarded]


def own_keys(who: Actor) -> list[ApiKey]:
    """All keys of the person, also those that have ended, newest first."""
    return list(ApiKey.objects.filter(user_id=who.user_id))


@transaction.atomic
def make_key(wanted: NewKey, *, by: Actor, at: datetime) -> tuple[ApiKey, str]:
    """Make a key for the person who asks; answers its row and its text, which is told nowhere again.

    Raises NotPermitted without an account of one's own, Refusal (ACC-11).
    """
    require_grant(by, "api_key.make")
    user = User.objects.select_for_update().get(pk=by.user_id)
    if problem := _problem(wanted, user, by=by, at=at):
        raise Refusal(Finding("ACC-11", {"problem": book().words("ACC-11", problem)}))
    mark, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = ApiKey.objects.create(
        user=user,
        name=wanted.name.strip(),
        mark=mark,
        secret_hash=_hashed(secret),
        grants=sorted(wanted.grants),
        made_at=at,
        ends_at=at + timedelta(days=wanted.days),
    )
    payload = {"key": mark, "name": row.name, "grants": row.grants, "ends_at": row.ends_at}
    log_action("api_key.made", subject=("user", user.username), by=by, at=at, facts=payload)
    return row, f"immis_{mark}_{secret}"


def _problem(wanted: NewKey, user: User, *, by: Actor, at: datetime) -> str:
    terms = book().value("ACC-11", at)
    if not wanted.grants or not wanted.name.strip():
        return "none"
    if wanted.grants.intersection(guarded_grants(at)):
        return "guarded"
    if not all(grant in by.post.grants and may(by, grant) for grant in wanted.grants):
        return "other"
    if not 1 <= wanted.days <= int(terms["longest_days"]):
        return "days"
    open_count = ApiKey.objects.filter(user=user, ended_at=None, ends_at__gt=at).count()
    return "many" if open_count >= int(terms["most_keys"]) else ""


@transaction.atomic
def end_key(pk: int, *, by: Actor, at: datetime) -> ApiKey:
    """End an own key at once. Raises NotFound for any other, and for one that ended already."""
    row = ApiKey.objects.select_for_update(of=("self",)).filter(pk=pk, user_id=by.user_id, ended_at=None).first()
    if row is None:
        raise NotFound(f"key {pk}")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    payload = {"key": row.mark, "name": row.name}
    log_action("api_key.ended", subject=("user", row.user.username), by=by, at=at, facts=payload)
    return row


def actor_of_key(text: str, *, at: datetime) -> Actor:
    """Who calls with a key; the public for a text that is none, or one that has ended."""
    kind, _, rest = text.partition("_")
    mark, _, secret = rest.partition("_")
    row = ApiKey.objects.select_related("user").filter(mark=mark[:12]).first() if kind == "immis" else None
    if row is None or not hmac.compare_digest(row.secret_hash, _hashed(secret)):
        return PUBLIC
    if not (row.is_open(at) and row.user.is_active):
        return PUBLIC
    if row.used_at is None or at - row.used_at >= _NOTED_EVERY:
        ApiKey.objects.filter(pk=row.pk).update(used_at=at)
    who = actor_of(row.user)
    return replace(who, only=_allowed(row.grants, at) if who.only is None else _allowed(row.grants, at) & who.only)


def _allowed(grants: Collection[str], at: datetime) -> frozenset[str]:
    """The key's grants but those that came to need a second factor since."""
    return frozenset(grants).difference(guarded_grants(at))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
