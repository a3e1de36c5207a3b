"""The second factor as allauth keeps it: its secrets under the installation's key, its changes in the log."""

import base64
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.core.access.second_factor import needs_second_factor
from immis.core.services import log_action
from immis.registry.selectors import actor_of

_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def _vault() -> MultiFernet:
    """The key of these secrets, drawn from that of the installation; older keys still open what they closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    drawn = (HKDF(SHA256(), 32, salt=None, info=b"immis second factor").derive(key.encode()) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in drawn])


class FactorAdapter(DefaultMFAAdapter):
    """Apps for codes, passkeys and recovery codes of this installation."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right, or was used already."),
        "cannot_delete_authenticator": _("Your post needs a second factor: set up another one before this one goes."),
        "cannot_generate_recovery_codes": _("Set up an app or a key first."),
    }

    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def _get_site_name(self) -> str:
        return "IMMIS"

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """A name to begin with: the first key, the second, …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return str(_("Key %(n)s") % {"n": number})

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last factor of a post that must have one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=_FACTORS)
        must = settings.SECOND_FACTOR_ASKED and needs_second_factor(actor_of(authenticator.user), clock.now())
        return not must or others.exclude(pk=authenticator.pk).exists()


def _log(code: str, request: HttpRequest, user: Any, authenticator: Authenticator) -> None:
    with transaction.atomic():
        payload = {"kind": str(authenticator.type)}
        log_action(code, subject=("user", user.username), facts=payload, by=actor_of(request.user), at=clock.now())


@receiver(signals.authenticator_added)
def _added(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    """Whoever set it up has shown in this session that he holds it."""
    if authenticator.type in _FACTORS:
        record_authentication(request, user, method="mfa", id=authenticator.pk, type=str(authenticator.type))
    _log("factor.added", request, user, authenticator)


@receiver(signals.authenticator_removed)
def _removed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    _log("factor.removed", request, user, authenticator)


@receiver(signals.authenticator_reset)
def _renewed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    _log("factor.renewed", request, user, authenticator)


@receiver(signals.authentication_failed)
def _failed(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **_more: Any) -> None:
    _log("factor.failed", request, user, authenticator)
