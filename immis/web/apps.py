import threading

from django.apps import AppConfig
from django.urls import base
from django.utils.translation import trans_real


class WebConfig(AppConfig):
    name = "immis.web"
    label = "web"

    def ready(self) -> None:
        from immis.web.shell import citations  # noqa: F401  its receiver begins each page, the first one too
        from immis.web.signin import sessions  # noqa: F401  its receiver notes every sign-in, the first one too

        _keep_by_thread()


def _keep_by_thread() -> None:
    """One thread answers a page from first to last, so what Django knows of it by task is kept by thread.

    A page asks some hundred times in which language it is, and each time there would be a lock and a context to read.
    """
    trans_real._active = threading.local()
    base._prefixes, base._urlconfs = threading.local(), threading.local()
