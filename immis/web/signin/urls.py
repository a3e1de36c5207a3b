"""Addresses of the way in, and of the own account."""

from django.urls import path, re_path

from immis.web.signin import (
    oidc,
    public_login,
    public_password,
    public_sign_up,
)
from immis.web.signin.own import account, factors, keys, phone

_ENTRY = [
    path("login", public_login.log_in, name="login"),
    path("login", public_login.log_in, name="account_login"),
    path("login/demo", public_login.demo_login, name="demo_login"),
    path("login/second", factors.second, name="mfa_authenticate"),
    path("login/key", factors.key_login, name="mfa_login_webauthn"),
    path("login/closed", public_login.closed, name="account_inactive"),
    path("login/by/<slug:provider_id>", oidc.start, name="openid_connect_login"),
    path("login/by/<slug:provider_id>/back", oidc.callback, name="openid_connect_callback"),
    path("login/cancelled", oidc.cancelled, name="socialaccount_login_cancelled"),
    path("signup", public_sign_up.sign_up, name="sign_up"),
    path("signup", public_sign_up.sign_up, name="account_signup"),
    path("recover", public_sign_up.recover, name="recover"),
    path("logout", public_login.log_out, name="logout"),
    path("logout", public_login.log_out, name="account_logout"),
    path("language", public_login.language, name="language"),
]
_PASSWORD = [
    path("password", public_password.own_password, name="password"),
    path("password", public_password.own_password, name="account_change_password"),
    path("password/first", public_password.first_password, name="account_set_password"),
    path("password/reset", public_password.forgotten, name="account_reset_password"),
    path("password/reset/sent", public_password.link_sent, name="account_reset_password_done"),
    path("password/reset/done", public_password.reset_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        public_password.reset,
        name="account_reset_password_from_key",
    ),
]
_ACCOUNT = [
    path("account/", account.account, name="account"),
    path("account/sessions", account.sessions, name="sessions"),
    path("account/email", account.email, name="account_email"),
    path("account/email/<str:key>", account.prove_email, name="account_confirm_email"),
    path("account/phone", phone.phone, name="account_phone"),
    path("account/keys", keys.keys, name="api_keys"),
    path("account/again", public_password.again, name="account_reauthenticate"),
    path("account/again/code", factors.code_again, name="mfa_reauthenticate"),
    path("account/again/key", factors.key_again, name="mfa_reauthenticate_webauthn"),
    path("account/second", factors.index, name="mfa_index"),
    path("account/second/app", factors.app_on, name="mfa_activate_totp"),
    path("account/second/app/off", factors.app_off, name="mfa_deactivate_totp"),
    path("account/second/codes", factors.codes, name="mfa_view_recovery_codes"),
    path("account/second/codes/new", factors.new_codes, name="mfa_generate_recovery_codes"),
    path("account/second/keys", factors.list_keys, name="mfa_list_webauthn"),
    path("account/second/keys/add", factors.add_key, name="mfa_add_webauthn"),
    path("account/second/keys/<id:pk>", factors.rename_key, name="mfa_edit_webauthn"),
    path("account/second/keys/<id:pk>/remove", factors.remove_key, name="mfa_remove_webauthn"),
]
urlpatterns = [*_ENTRY, *_PASSWORD, *_ACCOUNT]
