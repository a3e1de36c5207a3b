"""Which posts must have a second factor, by their grants (ACC-10), and that they get no further without."""

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from immis import clock
from immis.core.access.second_factor import needs_second_factor
from immis.rules.policy import LANGUAGES, book
from immis.web.shell.views import wants_json

#: Pages that are open before: to set a factor up, to go, to read in the other language.
_OPEN = frozenset(
    {
        "account", "logout", "language", "help", "law", "law_code", "password", "account_reauthenticate", "mfa_index",
        "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)  # fmt: skip


def was_given(request: HttpRequest) -> bool:
    """Whether this session began with, or was raised by, a code or a key."""
    return any(row["method"] == "mfa" for row in get_authentication_records(request, request.user))


def is_missing(request: HttpRequest) -> bool:
    """Whether the person's post must have a second factor that this session has not seen."""
    return (
        settings.SECOND_FACTOR_ASKED
        and needs_second_factor(request.actor, clock.now())  # type: ignore[attr-defined]
        and not was_given(request)
    )


def turned_to_factors(request: HttpRequest) -> HttpResponse | None:
    """Where a request is sent that lacks the second factor; None for who may go on."""
    match = request.resolver_match
    if match is None or match.url_name in _OPEN or not is_missing(request):
        return None
    if request.path.startswith("/api/") or wants_json(request):
        message = {lang: book().say("ACC-10", {}, lang) for lang in LANGUAGES}
        return JsonResponse({"error": "second-factor", "message": message}, status=403)
    return redirect("mfa_index")
