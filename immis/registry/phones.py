"""The telephone of a person, proved by a code that was sent to it (clause 2(i))."""

from datetime import datetime

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.messaging.services import check_code, send_code
from immis.registry.models import User

_SHOWN = 4  # digits that the log keeps


def _purpose(by: Actor) -> str:
    return f"account:{by.user_id}"


def ask_phone_code(*, phone: str, by: Actor, network: str, at: datetime) -> None:
    """Send a code to a phone (ten digits) that the person says is his; ``network`` is where he asks from.

    Raises NotPermitted, Refusal (OTP-01 asked too often, OTP-03 no SMS service). Call outside a transaction.
    """
    require_grant(by, "password.change")
    send_code(phone=phone, purpose=_purpose(by), network=network, at=at, lang=by.language)


def prove_phone(*, phone: str, code: str, by: Actor, at: datetime) -> User:
    """Keep a phone as the person's own, by the code that came to it; the log keeps its last digits.

    Raises NotPermitted, Refusal (OTP-02: another code, too late, used). Call outside a transaction.
    """
    require_grant(by, "password.change")
    check_code(phone=phone, purpose=_purpose(by), code=code, at=at)
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",)).get(pk=by.user_id)
        payload = {"before": user.phone[-_SHOWN:], "phone": phone[-_SHOWN:]}
        user.phone, user.phone_proved_at = phone, at
        user.save(update_fields=["phone", "phone_proved_at"])
        log_action("phone.proved", subject=("user", user.username), by=by, at=at, facts=payload)
    return user
