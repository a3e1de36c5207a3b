"""The pages and the API as a WSGI application."""

from collections.abc import Callable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connection

from immis import keep_loaded, setup_django
from immis.core.access.turns import in_turns
from immis.private import require_private_data
from immis.rules.catalogue import load_all
from immis.rules.policy import book
from immis.rules.posts import chart


def _made() -> Callable[..., Any]:
    """The application, once the data are known to be those of this installation. Raises NotPrivate, OtherKind."""
    require_private_data()
    setup_django()
    made = get_wsgi_application()
    from immis.core.installation.kind import require_own_kind

    require_own_kind()
    return in_turns(made) if connection.vendor == "sqlite" else made


application = _made()
book(), chart(), load_all()  # law and posts are read before the first question, not with it
keep_loaded()
