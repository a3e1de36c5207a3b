"""The messages of sign-in: a link for a new password or for a new address, and what was changed on an account."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from immis.messaging.services import Recipient, send
from immis.rules.policy import book

_RESET, _CHANGED, _CONFIRM = "MSG-181", "MSG-182", "MSG-183"


def send_letter(prefix: str, email: str, context: dict[str, Any], *, at: datetime) -> None:
    """Send the link that allauth made; ``prefix`` is its name for the letter, ``context`` what it says in it.

    For an address that nobody has the same work is done and undone, so that the time of the answer tells nothing.
    """
    name = prefix.rpartition("/")[2]
    if name == "unknown_account":
        with transaction.atomic():
            _send_link(_RESET, "", email, settings.PUBLIC_URL, at=at)
            transaction.set_rollback(True)
    elif name == "password_reset_key":
        _send_link(_RESET, context["user"].username, email, context["password_reset_url"], at=at)
    elif name.startswith("email_confirmation"):
        _send_link(_CONFIRM, context["user"].username, email, context["activate_url"], at=at)


def _send_link(template: str, user_id: str, email: str, link: str, *, at: datetime) -> None:
    facts = {"user_id": user_id, "link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    send(template, to=Recipient("user", user_id, email=email), facts=facts, at=at, subject=("user", user_id))


def send_change(prefix: str, user: Any, email: str, *, at: datetime) -> None:
    """Tell a person what was changed on the account; nothing where no address is known."""
    change = book().entry(_CHANGED).words.get(prefix.rpartition("/")[2])
    if email and change:
        to = Recipient("user", user.username, email=email)
        facts = {"user_id": user.username, "change": change}
        send(_CHANGED, to=to, facts=facts, at=at, subject=("user", user.username))
