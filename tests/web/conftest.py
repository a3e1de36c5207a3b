"""What walks over every address share."""

import copy

import pytest
from django.contrib.auth.backends import ModelBackend


@pytest.fixture
def few_people(monkeypatch, settings) -> None:
    """Thousands of pages are asked by a handful of people: who they are is read from the database once.

    Their sessions are in their cookies, so that a reader who puts the cookies back has the session of before, too.
    What waits for them is not counted beside each page: those figures are the same whatever was asked.
    """
    monkeypatch.setattr("immis.web.shell.nav._counter", lambda path: lambda actor: 0)
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    get_user, known = ModelBackend.get_user, {}

    def read_once(backend: ModelBackend, user_id: int):
        if user_id not in known:
            known[user_id] = get_user(backend, user_id)
        return copy.copy(known[user_id])

    monkeypatch.setattr(ModelBackend, "get_user", read_once)
