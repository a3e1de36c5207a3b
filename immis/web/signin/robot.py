"""A small sum in words against machines, where the department asks for one (AUC-83): readable by a screen reader."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from immis import clock
from immis.core.access.throttling import take
from immis.rules.writing.numbers import number_in_words
from immis.web.shell import wording

_SALT = "immis.web.signin.robot"
_VALID_S = 1800


@dataclass(frozen=True)
class Question:
    """Two numbers in the reader's words, and the signed token that says which they were."""

    first: str
    second: str
    token: str

    @property
    def label(self) -> str:
        """The question in the reader's language."""
        return _("How much is %(a)s plus %(b)s?") % {"a": self.first, "b": self.second}


def place_of(request: HttpRequest, purpose: str) -> str:
    """Where a question is asked: for one purpose, in one browser."""
    get_token(request)  # gives a browser that has none its cookie
    return f"{purpose}:{hashlib.sha256(request.META['CSRF_COOKIE'].encode()).hexdigest()}"


def question(token: str = "", *, place: str = "") -> Question:
    """The question of a token, or a new one; ``place`` is where alone it can be answered (``place_of``)."""
    pair = _pair(token, place)
    if pair is None:
        pair = [secrets.randbelow(9) + 1, secrets.randbelow(9) + 1]
        token = signing.dumps({"pair": pair, "mark": secrets.token_hex(8)}, salt=_SALT + place)
    words = [number_in_words(row, wording.lang()) for row in pair]
    return Question(*words, token=token)


def ask_anew(form: Any, *, place: str) -> None:
    """Put a new question into a form whose own one is used up."""
    asked = question(place=place)
    form.fields["sum"].label = asked.label
    form.data = form.data.copy()
    form.data["sum_token"], form.data["sum"] = asked.token, ""


def answers(token: str, given: Any, *, place: str = "", spend: bool = True) -> bool:
    """Whether a number answers the question of a token that is not too old, at its own place, for the first time.

    A wrong answer uses the question up. So does a right one, unless the form comes again for another reason.
    """
    pair = _pair(token, place)
    if pair is None:
        return False
    right = given == sum(pair)
    if right and not spend:
        return True
    spent = take({f"robot:{token}": 1}, within=timedelta(seconds=_VALID_S), at=clock.now())
    return right and spent


def _pair(token: str, place: str = "") -> list[int] | None:
    try:
        return [int(number) for number in signing.loads(token, salt=_SALT + place, max_age=_VALID_S)["pair"]]
    except signing.BadSignature:
        return None
