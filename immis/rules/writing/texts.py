"""Texts shown in both languages that no rule fills: names, labels, papers (``immis/policy/words/<noun>/<name>.yaml``).

Each file is a table of key and ``{en, hi}``, read once. What readers look for in
other offices' papers stands beside them, directly in ``words/`` (``office_words``).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from immis.rules.policy import POLICY_DIR, PolicyError, fill, read_yaml, table_of_words

Words = Mapping[str, str]


@cache
def texts(name: str) -> Mapping[str, Words]:
    """The texts of one file (``leases/steps``) by key, in the order of the file.

    Raises PolicyError where there is no such file, or a text lacks a language.
    """
    path = POLICY_DIR / "words" / f"{name}.yaml"
    if not path.is_file():
        raise PolicyError(f"no texts {name}: there is no file {path.name} in words/{name.rpartition('/')[0]}")
    return MappingProxyType(table_of_words(path, read_yaml(path)))


def text(name: str, key: str, /, **facts: Any) -> dict[str, str]:
    """One text in both languages, with its facts filled in. Raises PolicyError for a key that the file lacks."""
    table = texts(name)
    if key not in table:
        raise PolicyError(f"{name}.yaml has no text {key}; it has {', '.join(table)}")
    return fill(table[key], **facts)
