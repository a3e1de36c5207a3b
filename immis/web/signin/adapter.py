"""How allauth works here: our limits, our log, our messages, our pages to land on."""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.core.access.permissions import SYSTEM
from immis.core.access.throttling import give_back, take
from immis.core.services import log_action
from immis.registry.passwords import change_password, is_given
from immis.registry.selectors import actor_of, users
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from immis.web.shell.views import client_ip
from immis.web.signin import letters
from immis.web.signin.entering import LOCK, is_own, keep_language, landing_of, login_limits

#: What is told after something is done; allauth asks for it by the name of a file.
_TOLD: Mapping[str, str | Promise] = {
    "account/messages/password_changed.txt": _("Your password is changed; your other sessions have ended."),
    "account/messages/password_set.txt": _("Your password is changed; your other sessions have ended."),
    "account/messages/email_confirmation_sent.txt": _("A link is on its way to the new address."),
    "account/messages/email_confirmed.txt": _("The e-mail address is proved."),
    "account/messages/email_confirmation_failed.txt": _("This address cannot be proved."),
    "mfa/messages/totp_activated.txt": _("The app is set up. From now on a log-in asks for its code."),
    "mfa/messages/totp_deactivated.txt": _("The app is no longer asked for."),
    "mfa/messages/webauthn_added.txt": _("The key is added."),
    "mfa/messages/webauthn_removed.txt": _("The key is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("Write the new codes down now: they are shown only once."),
    "socialaccount/messages/account_connected.txt": _("The service is connected with your account."),
    "socialaccount/messages/account_disconnected.txt": _("The service is no longer connected."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in of this installation."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("User name or password is not right."),
        "enter_current_password": _("This is not your password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or was used already."),
        "invalid_password_reset": _("This link is too old or was used already."),
        "duplicate_email": _("This is your address already."),
        "rate_limited": _("Too many tries. Try again a little later."),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """An error in our words; that of too many tries with its time."""
        if code != "too_many_login_attempts":
            return super().validation_error(code, *args)
        words = _("Too many wrong tries. Try again in %(n)s minutes.") % {"n": LOCK // timedelta(minutes=1)}
        return ValidationError(words, code=code)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Tries are counted in ``authenticate``."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person of a name and a password. Raises ValidationError where no tries are left."""
        limits = login_limits(request, str(credentials.get("username", "")))
        if not take(limits, within=LOCK, at=clock.now()):
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        if user:
            give_back(limits)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write it into the log; only names that exist: what else stands in that box may be somebody's password."""
        known = users(username=str(credentials.get("username", ""))).first()
        self._log("login.failed", known.username[:60] if known else "", SYSTEM, {"address": client_ip(request)})

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Note the log-in, and go on in the person's language."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        methods = [row["method"] for row in get_authentication_records(request, user)]
        self._log("login", user.username, actor_of(user), {"address": client_ip(request), "by": methods})
        if LANGUAGE_COOKIE not in request.COOKIES and user.language in {"hi", "en"}:
            keep_language(response, user.language)
        return response

    @staticmethod
    def _log(code: str, username: str, by: Any, payload: dict[str, Any]) -> None:
        with transaction.atomic():
            log_action(code, subject=("user", username), facts=payload, by=by, at=clock.now())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where the day of the person's post begins."""
        return landing_of(actor_of(request.user).post)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        return reverse("account_email" if self.request.user.is_authenticated else "login")

    def is_safe_url(self, url: str) -> bool:
        return is_own(allauth_context.request, url)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages answer as pages; programs have the API."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "127.0.0.1"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within a quarter of an hour of the log-in itself."""
        request = allauth_context.request
        records = get_authentication_records(request, request.user)
        newest_s = max((row["at"] for row in records), default=0)
        return bool(time.time() - newest_s > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def clean_password(self, password: str, user: Any = None) -> str:
        """A password that is good enough, and not the one that somebody else made (ACC-02)."""
        good: str = super().clean_password(password, user=user)
        if user is not None and is_given(user, good):
            raise ValidationError(book().words("ACC-02", "same")[wording.lang()])
        return good

    def set_password(self, user: Any, password: str) -> None:
        """Change a password by the one service that does; whoever followed the link acts as the person himself."""
        changed = change_password(username=user.username, new=password, by=actor_of(user), at=clock.now())
        user.password, user.password_given_at = changed.password, changed.password_given_at

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Tell what was done, in our words; what we have no words for is not told."""
        words = kwargs.get("message") or _TOLD.get(message_template or "")
        if words:
            messages.add_message(request, level, str(words))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail, under the public address of the installation whatever host was asked."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.PUBLIC_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send what allauth has to tell as a message of the rule book."""
        letters.send_letter(template_prefix, email, context, at=clock.now())

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person that the account was changed, by the address that he had before."""
        letters.send_change(template_prefix, user, email or user.email, at=clock.now())
