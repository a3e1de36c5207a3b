"""Who may call: the session of a signed-in person, with the CSRF token that pages use too."""

from typing import Any

from django.http import HttpRequest
from ninja.security import APIKeyCookie

from immis.core.permissions import Actor, Role, require


class Session(APIKeyCookie):
    """A signed-in session; state-changing calls need the CSRF header."""

    param_name = "sessionid"

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
