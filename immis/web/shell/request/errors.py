"""When a page cannot be shown: said in both languages, with what to do next, never with a traceback."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from immis.rules.policy import LANGUAGES
from immis.web.shell.views import wants_json


def _answer(request: HttpRequest, status: int, error: str, template: str) -> HttpResponse:
    if wants_json(request) or request.path.startswith("/api/"):
        return JsonResponse({"error": error, "message": _message(status)}, status=status)
    try:
        return render(request, template, status=status)
    except Exception:  # the frame itself may be what failed (no database): the bare page needs nothing
        return HttpResponse(render_to_string("errors/500.html"), status=status)


_TITLES = {
    400: _("This request could not be read"),
    403: _("This page is not for your post"),
    404: _("This page does not exist"),
    429: _("Too many tries. Try again a little later."),
}


def _message(status: int) -> dict[str, str]:
    """The page's title in both languages, for programs that show it to a person."""
    words = {}
    for lang in LANGUAGES:
        with translation.override(lang):
            words[lang] = str(_TITLES[status])
    return words


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad request", "errors/400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "not permitted", "errors/403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not found", "errors/404.html")


def too_many(request: HttpRequest) -> HttpResponse:
    """Something was tried more often than is allowed; it is answered again a little later."""
    answer = _answer(request, 429, "too many", "errors/429.html")
    answer["Retry-After"] = "60"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    if wants_json(request) or request.path.startswith("/api/"):
        return JsonResponse({"error": "internal error"}, status=500)
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere: says so and sends back to the form."""
    return _answer(request, 403, "the form has expired; load the page again", "errors/csrf.html")
