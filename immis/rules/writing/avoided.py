"""Hindi words that must not stand on screen or paper, because the glossary has another one for the same thing.

The list is ``policy/words/avoided.yaml``: pattern and what to write instead.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from immis.rules.policy import POLICY_DIR, read_yaml
from immis.rules.writing.offices import words_of

_DEVANAGARI = re.compile("[\u0900-\u097f]")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(row["never"]), row["write"]) for row in words_of("avoided")["words"])


def faults_in(text: str) -> list[tuple[str, str]]:
    """The words of a Hindi text that must not stand there, each with what to write; ``[]`` for a good one."""
    if not _DEVANAGARI.search(text):
        return []
    return [(hit[0], instead) for pattern, instead in _patterns() if (hit := pattern.search(text))]


def hindi_of_the_law() -> Iterator[tuple[str, str]]:
    """Every text of the rule book with a Hindi letter, and the file it stands in.

    Left out are lists of what others write, which readers look for (``readers`` of the list).
    """
    left_out = {POLICY_DIR / name for name in words_of("avoided")["readers"]}
    for path in sorted(POLICY_DIR.rglob("*.yaml")):
        if path not in left_out:
            for text in _texts_of(read_yaml(path)):
                if _DEVANAGARI.search(text):
                    yield str(path.relative_to(POLICY_DIR.parent)), text


def _texts_of(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        for value in body.values():
            yield from _texts_of(value)
    elif isinstance(body, list):
        for value in body:
            yield from _texts_of(value)
    elif isinstance(body, str):
        yield body
