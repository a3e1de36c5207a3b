"""What walks over every address share."""

import copy
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import QueryDict

from immis.web.signin import backend


@pytest.fixture
def few_people(monkeypatch, settings) -> None:
    """Thousands of pages are asked by a handful of people: who they are is read from the database once.

    Their sessions are in their cookies, so that a reader who puts the cookies back has the session of before, too.
    What waits for them is not counted beside each page: those figures are the same whatever was asked.
    """
    monkeypatch.setattr("immis.web.shell.nav._counter", lambda path: lambda actor: 0)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    person_of, known = backend.person_of, {}

    def read_once(user_id: int):
        if user_id not in known:
            known[user_id] = person_of(user_id)
        return copy.copy(known[user_id])

    monkeypatch.setattr(backend, "person_of", read_once)


@pytest.fixture
def read_names(monkeypatch) -> set[str]:
    """The names that a page looks for in its address or in its form, as it looks for them."""
    names: set[str] = set()

    def watched(method: Any) -> Any:
        def look(self: QueryDict, name: Any, *more: Any) -> Any:
            names.add(str(name))
            return method(self, name, *more)

        return look

    for name in ("__getitem__", "__contains__", "get", "getlist"):
        monkeypatch.setattr(QueryDict, name, watched(getattr(QueryDict, name)), raising=False)
    return names


@pytest.fixture
def nothing_logged() -> Iterator[None]:
    """A refusal is a line of the log, and each is kept for the report: some walks are refused thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
