"""How long a sign-in lasts without use, and at most (ACC-01); and that a post which must has its second factor."""

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from immis import clock
from immis.registry.selectors import actor_of
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.signin import must

_BEGAN, _SEEN = "began_s", "seen_s"
_NOTED_EVERY_S = 60  # a use is written down at most so often: pages that only read stay reads


@receiver(user_logged_in)
def _note_begin(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    request.session[_BEGAN] = request.session[_SEEN] = time.time()


class SessionMiddleware:
    """Sign out whoever has not used the pages for the time of ACC-01, by real time whatever the clock shows.

    Who must choose a password of his own (ACC-02) or give a second factor (ACC-10) sees nothing before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _check(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return must.turned_away(request) if request.user.is_authenticated else None


def _check(request: HttpRequest) -> None:
    terms, now_s = book().value("ACC-01", clock.now()), time.time()
    began_s = request.session.setdefault(_BEGAN, now_s)
    seen_s = request.session.setdefault(_SEEN, now_s)
    role = "party" if request.actor.is_party else "office"
    idle_minutes = int(terms[f"idle_minutes_{role}"])
    if now_s - seen_s > idle_minutes * 60 or now_s - began_s > int(terms["most_hours"]) * 3600:
        logout(request)
        request.actor = actor_of(request.user)
        messages.info(request, wording.say(("ACC-01", {"minutes": idle_minutes})))
    elif now_s - seen_s > _NOTED_EVERY_S:
        request.session[_SEEN] = now_s
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
