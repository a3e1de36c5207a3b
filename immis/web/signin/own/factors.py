"""Second factors of the own account: an app for codes, passkeys, recovery codes; and the log-in that asks for them."""

import json
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.mfa.webauthn.internal import auth
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from immis.web.shell.views import PUBLIC, page, wants_json
from immis.web.signin import must
from immis.web.signin.answers import Answered
from immis.web.signin.forms import (
    AddKeyForm,
    CodeAgainForm,
    CodeForm,
    FirstCodeForm,
    KeyAgainForm,
    KeyForm,
    KeyLoginForm,
    RenameKeyForm,
)


class WithOptions:
    """What the browser needs to make or use a key, as text for an attribute of the form."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        if "js_data" in context:
            (options,) = context["js_data"].values()
            context["key_options"] = json.dumps(options, cls=DjangoJSONEncoder)
        return context


class _Index(factors.IndexView):
    template_name = "signin/factors.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"must": must.is_missing(self.request)}


class _Second(Answered, WithOptions, factors.AuthenticateView):
    form_class = CodeForm
    webauthn_form_class = KeyForm
    template_name = "signin/second.html"


class _CodeAgain(Answered, factors.ReauthenticateView):
    form_class = CodeAgainForm
    template_name = "signin/again.html"


class _KeyAgain(WithOptions, keys.ReauthenticateWebAuthnView):
    form_class = KeyAgainForm
    template_name = "signin/key_again.html"


class _AppOn(Answered, totp.ActivateTOTPView):
    form_class = FirstCodeForm
    template_name = "signin/app_on.html"


class _AppOff(totp.DeactivateTOTPView):
    template_name = "signin/app_off.html"


class _Codes(recovery.ViewRecoveryCodesView):
    template_name = "signin/codes.html"


class _NewCodes(recovery.GenerateRecoveryCodesView):
    template_name = "signin/new_codes.html"


class _AddKey(Answered, WithOptions, keys.AddWebAuthnView):
    form_class = AddKeyForm
    template_name = "signin/key_add.html"


class _RenameKey(Answered, keys.EditWebAuthnView):
    form_class = RenameKeyForm
    template_name = "signin/key_rename.html"


class _RemoveKey(keys.RemoveWebAuthnView):
    template_name = "signin/key_remove.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove the key, unless it is the last factor of a post that must have one."""
        if not get_adapter().can_delete_authenticator(self.get_object()):
            words = str(get_adapter().error_messages["cannot_delete_authenticator"])
            account_adapter().add_message(self.request, messages.ERROR, message=words)
            return redirect("mfa_index")
        return super().form_valid(form)


class _KeyLogin(Answered, keys.LoginWebAuthnView):
    form_class = KeyLoginForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the browser needs to ask for a key of anybody; as a page, the log-in."""
        if not wants_json(request):
            return redirect("login")
        return JsonResponse({"options": dict(auth.begin_authentication(None))}, encoder=DjangoJSONEncoder)


_index, _second, _code_again, _key_again, _app_on, _app_off, _codes, _new_codes, _add, _rename, _remove, _login = (
    view.as_view()
    for view in (
        _Index, _Second, _CodeAgain, _KeyAgain, _AppOn, _AppOff, _Codes, _NewCodes, _AddKey, _RenameKey, _RemoveKey,
        _KeyLogin,
    )
)  # fmt: skip


@page("password.change")
def index(request: HttpRequest) -> HttpResponse:
    """The second factors of this account, and what can be added."""
    return _index(request)


@page(PUBLIC)
def second(request: HttpRequest) -> HttpResponse:
    """The second step of a log-in: a code, or a key."""
    return _second(request)


@page("password.change")
def code_again(request: HttpRequest) -> HttpResponse:
    """A code once more, before something that matters is changed."""
    return _code_again(request)


@page("password.change")
def key_again(request: HttpRequest) -> HttpResponse:
    """A key once more, before something that matters is changed."""
    return _key_again(request)


@page("password.change")
def app_on(request: HttpRequest) -> HttpResponse:
    """Set up an app for codes: its picture, its secret in letters, and its first code."""
    return _app_on(request)


@page("password.change")
def app_off(request: HttpRequest) -> HttpResponse:
    return _app_off(request)


@page("password.change")
def codes(request: HttpRequest) -> HttpResponse:
    """The codes for a lost telephone, shown once."""
    return _codes(request)


@page("password.change")
def new_codes(request: HttpRequest) -> HttpResponse:
    return _new_codes(request)


@page("password.change")
def add_key(request: HttpRequest) -> HttpResponse:
    """Add a passkey of this device or a security key."""
    return _add(request)


@page("password.change")
def rename_key(request: HttpRequest, pk: int) -> HttpResponse:
    return _rename(request, pk=pk)


@page("password.change")
def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, pk=pk)


@page("password.change")
def list_keys(request: HttpRequest) -> HttpResponse:
    """The keys stand among the other factors."""
    return redirect("mfa_index")


@page(PUBLIC)
def key_login(request: HttpRequest) -> HttpResponse:
    """A log-in by a passkey alone."""
    return _login(request)
