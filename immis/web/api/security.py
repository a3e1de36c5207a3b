"""Who may call: the session of a signed-in person, with the CSRF token that pages use too."""

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from pydantic import AfterValidator

from immis.core.permissions import Actor, Role, require


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("text holds no NUL")
    return text


#: Text in the body of a call, as the records can keep it.
Text = Annotated[str, AfterValidator(_without_nul)]


class Session(APIKeyCookie):
    """A signed-in session; state-changing calls need the CSRF header."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=True)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return request.user if request.user.is_authenticated else None


signed_in = Session()


def actor(request: HttpRequest, *roles: Role) -> Actor:
    """The caller in their post. Raises NotPermitted unless it is one of ``roles``."""
    who: Actor = request.actor  # type: ignore[attr-defined]
    if roles:
        require(who, *roles)
    return who
