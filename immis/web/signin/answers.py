"""How pages that allauth builds answer here: a form that does not fit with 422, one too many with 429."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from immis.web.signin.entering import next_of

_TOO_MANY = {"too_many_login_attempts", "rate_limited"}


def _status_of(form: Any) -> int:
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    return 429 if codes & _TOO_MANY else 422


class Answered:
    """Mixin before a view of allauth."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if response.status_code == 200:
            response.status_code = _status_of(form)
        return response

    def get_next_url(self) -> str | None:
        """Where it goes on, if that is a page of this installation."""
        return next_of(self.request, "") or None
