"""The pages and the API as a WSGI application."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from immis import keep_loaded, loading, setup_django
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
    alone = connection.vendor == "sqlite" and not settings.MAY_WAIT  # one thread, for nothing that waits comes here
    return made if alone or connection.vendor != "sqlite" else in_turns(made)


with loading():
    application = _made()
    import_module(settings.ROOT_URLCONF)  # pages and API are loaded before the first question, not with it
    book(), chart(), load_all()  # so are law and posts
keep_loaded()
