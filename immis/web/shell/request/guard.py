"""What is turned away before any page sees it: methods that nobody uses, and letters that no text has."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from immis.reading import is_kept_text
from immis.web.shell.request.errors import bad_request

METHODS = ("GET", "HEAD", "POST")
_API = "/api/"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
Respond = Callable[[HttpRequest], HttpResponse]


class RequestGuardMiddleware:
    """405 for any other method than GET, HEAD and POST; 400 for letters that no text has: a NUL, half a character.

    The API says itself which methods each of its addresses has.
    """

    def __init__(self, get_response: Respond):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return self._not_allowed(request)
        if not (is_kept_text(request.path) and _is_kept(request.GET)):
            return bad_request(request)
        return self.get_response(request)

    def _not_allowed(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_API):
            answer = self.get_response(request)
            return answer if answer.status_code == 405 else HttpResponseNotAllowed(METHODS[:2])
        return HttpResponseNotAllowed(METHODS)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Forms of pages; what comes signed or as JSON is checked by who reads it."""
        form = request.method == "POST" and request.content_type in _FORMS and not getattr(view, "csrf_exempt", False)
        return bad_request(request) if form and not _is_kept(request.POST) else None


def _is_kept(form_data: Any) -> bool:
    return all(is_kept_text(text) for name, values in form_data.lists() for text in (name, *values))
