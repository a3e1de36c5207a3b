"""Where the own account and the way in stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

_FACTORS = {
    "mfa_index": _("Second factor"),
    "mfa_activate_totp": _("Codes of an app"),
    "mfa_deactivate_totp": _("Switch the app off"),
    "mfa_view_recovery_codes": _("Recovery codes"),
    "mfa_generate_recovery_codes": _("New recovery codes"),
    "mfa_list_webauthn": _("Passkeys"),
    "mfa_add_webauthn": _("Add a passkey"),
    "mfa_edit_webauthn": _("Rename a passkey"),
    "mfa_remove_webauthn": _("Remove a passkey"),
}
_OWN = {
    "sessions": _("Where I am signed in"),
    "account_email": _("E-mail"),
    "account_confirm_email": _("Prove the e-mail"),
    "account_phone": _("Phone"),
    "api_keys": _("Keys for programs"),
    "account_reauthenticate": _("Once more the password"),
    "mfa_reauthenticate": _("Once more a code"),
    "mfa_reauthenticate_webauthn": _("Once more the passkey"),
    "account_change_password": _("Password"),
    "password": _("Password"),
    "account_set_password": _("First password"),
}
_IN = {
    "account_login": _("Log in"),
    "demo_login": _("Log in"),
    "mfa_authenticate": _("Second factor"),
    "mfa_login_webauthn": _("Passkey"),
    "account_inactive": _("Log-in closed"),
    "openid_connect_login": _("Log in by another account"),
    "openid_connect_callback": _("Log in by another account"),
    "socialaccount_login_cancelled": _("Log-in broken off"),
    "sign_up": _("Register"),
    "account_signup": _("Register"),
    "recover": _("Find the account again"),
    "account_reset_password": _("Forgotten password"),
    "account_reset_password_done": _("Forgotten password"),
    "account_reset_password_from_key": _("New password"),
    "account_reset_password_from_key_done": _("New password"),
}

LISTS = (
    Way("account", _("My account"), "own.account", 10, parts={**_OWN, **_FACTORS}),
    Way("login", _("Log in"), "own.way", 90, parts=_IN),
)
