"""What must be done before anything else: a given password changed (ACC-02), a second factor set up (ACC-10)."""

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from immis import clock
from immis.core.access.second_factor import needs_second_factor
from immis.core.grants import may
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


#: Pages that are open to who came in by a password that somebody else made.
_OPEN_TO_GIVEN = frozenset({"password", "account_change_password", "logout", "language", "help", "law", "law_code"})


def has_given_password(request: HttpRequest) -> bool:
    """Whether this session began by a password that somebody else made; who holds no charge yet is led once he does."""
    user, actor = request.user, request.actor  # type: ignore[attr-defined]
    if user.password_given_at is None or not may(actor, "password.change"):  # type: ignore[union-attr]
        return False
    began = {row["method"] for row in get_authentication_records(request, request.user)}
    return "password" in began and bool(book().value("ACC-02", clock.now())["change_first"])


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


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """Where a request is sent that must do something else first; None for who may go on."""
    match = request.resolver_match
    if match is None:
        return None
    if has_given_password(request):
        return None if match.url_name in _OPEN_TO_GIVEN else _sent(request, "own-password", "ACC-02", "password")
    if match.url_name in _OPEN or not is_missing(request):
        return None
    return _sent(request, "second-factor", "ACC-10", "mfa_index")


def _sent(request: HttpRequest, error: str, code: str, page: str) -> HttpResponse:
    """A program reads what must be done first; a person is led to its page."""
    if request.path.startswith("/api/") or wants_json(request):
        message = {lang: book().say(code, {}, lang) for lang in LANGUAGES}
        return JsonResponse({"error": error, "message": message}, status=403)
    return redirect(page)
