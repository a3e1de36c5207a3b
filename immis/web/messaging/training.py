"""The phones of the training installation: every SMS as its reader sees it, code and all. Nowhere else."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.messaging import selectors
from immis.messaging.services.sms import shown_text
from immis.web.messaging import words
from immis.web.messaging.inbox import title_of
from immis.web.shell.views import page

_MOST_PHONES = 30


@page()
def phones(request: HttpRequest) -> HttpResponse:
    """A phone with its SMS, oldest first; what did not reach it is marked. 404 elsewhere than in training."""
    if not (settings.DEMO or settings.TRAINING):
        raise Http404
    numbers = selectors.phones(limit=_MOST_PHONES)
    asked = request.GET.get("phone", "")
    here = asked if asked in numbers else next(iter(numbers), "")
    context = {"numbers": numbers, "here": here, "bubbles": [_bubble(row) for row in selectors.sms_to(here)]}
    return render(request, "messaging/phones.html", context)


def _bubble(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "sender": f"{row.registered.header}-G" if row.registered else "—",
        "text": shown_text(row, at=clock.now()) or title_of(row.message),
        "chip": words.state_of(row),
        "reason": words.reason_of(row),
        "has_arrived": row.state in ("sent", "unknown", "delivered"),
    }
