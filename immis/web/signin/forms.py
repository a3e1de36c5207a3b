"""The forms of sign-in: allauth's own, in our words and by our components."""

import json
from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as factors
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MOST = 200
_HINT = _("At least ten characters.")
#: Every field that a form of sign-in can have, in our words.
_LABELS: dict[str, str | Promise] = {
    "username": _("User name"),
    "password": _("Password"),
    "oldpassword": _("Your password until now"),
    "password1": _("New password"),
    "password2": _("New password once more"),
    "email": _("E-mail"),
    "code": _("Code"),
    "name": _("A name for this key"),
    "passwordless": _("Log in with this key alone, without a password"),
}
_HINTS: dict[str, str | Promise] = {"password1": _HINT}


class Worded:
    """Our labels and hints in place of allauth's, and no words inside the boxes, which vanish as one types."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = _LABELS.get(name, field.label)
            field.help_text = _HINTS.get(name, "")
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.CharField) and not isinstance(field, forms.JSONField):
                _bound(field)


def _bound(field: forms.CharField) -> None:
    """No text of sign-in is longer than this."""
    if field.max_length is None:
        field.max_length = _MOST
        field.validators.append(MaxLengthValidator(_MOST))
        field.widget.attrs["maxlength"] = str(_MOST)


class TwiceTheSame:
    """The new password stands there twice."""

    def clean(self) -> dict[str, Any]:
        sent = forms.Form.clean(self) or {}  # type: ignore[arg-type]
        if sent.get("password1") and sent.get("password2") and sent["password1"] != sent["password2"]:
            self.add_error("password2", _("The two new passwords differ."))  # type: ignore[attr-defined]
        return sent


class LoginForm(Worded, account.LoginForm):
    """Name and password."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        del self.fields["login"]
        name = forms.CharField(label=_LABELS["username"], max_length=150)
        name.widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")
        self.fields = {"username": name, "password": self.fields["password"]}

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["login"] = self.cleaned_data.get("username", "")
        return super().clean()


class PasswordForm(Worded, TwiceTheSame, account.ChangePasswordForm):
    """The old password, and the new one twice."""


class NewPasswordForm(Worded, TwiceTheSame, account.SetPasswordForm):
    """A first password of one's own, for who came in another way until now."""


class ForgottenForm(Worded, account.ResetPasswordForm):
    """Where the link for a new password is sent."""


class ResetForm(Worded, TwiceTheSame, account.ResetPasswordKeyForm):
    """The new password of who followed the link."""


class AgainForm(Worded, account.ReauthenticateForm):
    """The password once more, before something that matters is changed."""


class EmailForm(Worded, account.AddEmailForm):
    """A new e-mail address, which counts once its link was followed."""


class CodeForm(Worded, factors.AuthenticateForm):
    """The code of the app, or one of the codes kept for a lost telephone."""


class CodeAgainForm(Worded, factors.ReauthenticateForm):
    """The code once more, before something that matters is changed."""


class FirstCodeForm(Worded, totp.ActivateTOTPForm):
    """The first code of an app, which shows that it was set up rightly."""


class _Decoder(json.JSONDecoder):
    """JSON that a stranger sent: what is nested too deep to be read is no JSON."""

    def decode(self, s: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().decode(s, *args, **kwargs)
        except RecursionError:
            raise json.JSONDecodeError("nested too deep", "", 0) from None


def _credential() -> forms.JSONField:
    return forms.JSONField(required=True, decoder=_Decoder, widget=forms.HiddenInput)


class AddKeyForm(Worded, webauthn.AddWebAuthnForm):
    """A passkey or security key, with what the browser answered for it."""

    credential = _credential()


class KeyForm(webauthn.AuthenticateWebAuthnForm):
    """The answer of a key in the second step of a log-in."""

    credential = _credential()


class KeyAgainForm(webauthn.ReauthenticateWebAuthnForm):
    """The answer of a key once more, before something that matters is changed."""

    credential = _credential()


class KeyLoginForm(webauthn.LoginWebAuthnForm):
    """The answer of a passkey that is the whole log-in."""

    credential = _credential()


class RenameKeyForm(Worded, webauthn.EditWebAuthnForm):
    """Another name of a key."""
