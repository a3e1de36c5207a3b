"""Who may call: a signed-in person's session with the CSRF token that pages use too, or a person's key for programs."""

from collections.abc import Callable
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from pydantic import AfterValidator

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.reading import is_kept_text


def _kept(text: str) -> str:
    if not is_kept_text(text):
        raise ValueError("text holds no NUL and no half of a character")
    return text


#: Text in the body of a call, as the records can keep it.
Text = Annotated[str, AfterValidator(_kept)]


class Session(APIKeyCookie):
    """A signed-in session, whose state-changing calls need the CSRF header; or ``Authorization: Bearer`` and a key."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, first: Callable[[HttpRequest], None] | None = None) -> None:
        """``first`` refuses a signed-in caller, by NotPermitted or NotFound, before the body is read."""
        super().__init__(csrf=True)
        self.first = first

    def __call__(self, request: HttpRequest) -> Any:
        """Nobody's browser sends a key by itself, so it needs no CSRF token."""
        if getattr(request, "by_key", False):
            return self._answer(request)
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return self._answer(request) if request.user.is_authenticated else None

    def _answer(self, request: HttpRequest) -> Any:
        if self.first is not None:
            self.first(request)
        return request.actor  # type: ignore[attr-defined]


signed_in = Session()


def actor(request: HttpRequest, grant: str = "") -> Actor:
    """The caller in their post. Raises NotPermitted unless the post holds the grant."""
    who: Actor = request.actor  # type: ignore[attr-defined]
    if grant:
        require_grant(who, grant)
    return who
