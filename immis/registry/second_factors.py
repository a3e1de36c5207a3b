"""Second factors that are lost: taken off by the office, so that their owner can set up new ones."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.services import log_action
from immis.messaging.services import Recipient, send
from immis.registry.models import User
from immis.rules.policy import book


@transaction.atomic
def drop_factors(*, username: str, reason: str, by: Actor, at: datetime) -> int:
    """Take off every app, key and code of a person and end the sessions; answers how many factors there were.

    The person is told by e-mail. Raises NotPermitted for anybody but the installation itself, NotFound for an unknown
    account and for one without a second factor.
    """
    if not by.is_system:
        raise NotPermitted("a second factor is taken off on the installation itself")
    user = User.objects.select_for_update().filter(username=username).first()
    rows = Authenticator.objects.filter(user=user) if user else Authenticator.objects.none()
    kinds = sorted(rows.values_list("type", flat=True))
    if user is None or not kinds:
        raise NotFound(f"second factor of {username}")
    rows.delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    payload = {"kinds": kinds, "reason": reason.strip()[:300]}
    log_action("factor.dropped", subject=("user", user.username), by=by, at=at, facts=payload)
    if user.email:
        change = book().words("MSG-182", "factors_removed")
        to, facts = Recipient("user", user.username, email=user.email), {"user_id": user.username, "change": change}
        send("MSG-182", to=to, facts=facts, at=at, subject=("user", user.username))
    return len(kinds)
