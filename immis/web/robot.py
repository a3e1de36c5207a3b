"""A small sum in words against machines, where the department asks for one (AUC-83): readable by a screen reader."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.core import signing

from immis.rules.words import number_in_words
from immis.web import wording

_SALT = "immis.web.robot"
_VALID_S = 1800


@dataclass(frozen=True)
class Question:
    """Two numbers in the reader's words, and the signed token that says which they were."""

    first: str
    second: str
    token: str


def question(token: str = "") -> Question:
    """The question of a token, or a new one."""
    pair = _pair(token) or [secrets.randbelow(9) + 1, secrets.randbelow(9) + 1]
    words = [number_in_words(one, wording.lang()) for one in pair]
    return Question(*words, token=token if _pair(token) else signing.dumps(pair, salt=_SALT))


def answers(token: str, given: Any) -> bool:
    """Whether a number answers the question of a token that is not too old."""
    pair = _pair(token)
    return pair is not None and given == sum(pair)


def _pair(token: str) -> list[int] | None:
    try:
        return list(signing.loads(token, salt=_SALT, max_age=_VALID_S))
    except signing.BadSignature:
        return None
