"""Public pages that only the rule book, the language and the day decide: made once a day, then handed out.

Kept in each process, for readers who are not signed in; a page that was seen is answered with 304.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from immis import clock
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.web.shell.wording import lang

View = Callable[..., HttpResponse]
_MOST_BYTES, _LONGEST_QUERY = 16 * 1024 * 1024, 200


@dataclass(frozen=True)
class Kept:
    """An answer as it was made."""

    content: bytes
    headers: tuple[tuple[str, str], ...]
    etag: str


class _Shelf:
    """The pages that were asked for last."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Any, Kept] = OrderedDict()
        self._lock = Lock()
        self._bytes = 0

    def get(self, key: Any) -> Kept | None:
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
            return self._pages.get(key)

    def put(self, key: Any, page: Kept) -> None:
        with self._lock:
            self._drop(key)
            self._pages[key] = page
            self._bytes += len(page.content)
            while self._bytes > _MOST_BYTES:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: Any) -> None:
        if page := self._pages.pop(key, None):
            self._bytes -= len(page.content)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0


shelf = _Shelf()


def kept_for_the_day(*questions: str) -> Callable[[View], View]:
    """Make the page once for each address, language, day and rule book; stands below ``@page``.

    ``questions`` are what the page reads of its address; one that is asked for anything else is made anew.
    """
    return lambda view: _keeping(view, frozenset(questions))


def _keeping(view: View, questions: frozenset[str]) -> View:
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (_is_alike_for_all(request) and questions.issuperset(request.GET)):
            return view(request, *args, **kwargs)
        key = (request.get_full_path(), lang(), india_day(clock.now()), book())
        page = shelf.get(key)
        if page is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200 or response.cookies:
                return response
            page = _keep(key, response)
        response = HttpResponse(page.content, headers=dict(page.headers) | {"ETag": page.etag})
        return get_conditional_response(request, etag=page.etag, response=response) or response

    return shown


def _is_alike_for_all(request: HttpRequest) -> bool:
    """Whether all see the same: nobody is signed in, nothing is to be told, no demonstration's clock runs."""
    return (
        request.method in ("GET", "HEAD")
        and request.actor.user_id is None  # type: ignore[attr-defined]
        and not {"messages", settings.SESSION_COOKIE_NAME} & set(request.COOKIES)
        and len(request.META.get("QUERY_STRING", "")) <= _LONGEST_QUERY
        and clock.course() is None
    )


def _keep(key: Any, response: HttpResponse) -> Kept:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    page = Kept(response.content, tuple(response.headers.items()), etag)
    shelf.put(key, page)
    return page
