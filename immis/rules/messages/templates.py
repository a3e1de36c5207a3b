"""Texts as they are registered with the operators (DLT): their variables, and whether a text is one of them.

A variable is written with its tag, ``#numeric#`` or ``{#numeric#}``; ``{#var#}`` alone is the old form.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

_TAG = re.compile(r"\{#(?P<braced>\w+)#\}|#(?P<bare>\w+)#")
#: What may stand in the place of a tag; alphanumeric takes any letter of a line, as names in Hindi need it.
_KINDS = {
    "numeric": r"[0-9]",
    "number": r"[0-9]",
    "alphanumeric": r"[^\r\n]",
    "cbn": r"[0-9+ -]",
    "email": r"[^\s]",
    "url": r"[^\s]",
    "urlott": r"[^\s]",
}
TAGS = tuple(_KINDS)


@dataclass(frozen=True)
class Variable:
    """One variable of a registered text: its tag, and where it stands in the text."""

    tag: str
    begin: int
    end: int


def variables(text: str) -> list[Variable]:
    """The variables of a registered text, in their order, tagged or not."""
    return [Variable(row["braced"] or row["bare"], *row.span()) for row in _TAG.finditer(text)]


def literals(text: str) -> list[str]:
    """What stands before, between and after the variables of a registered text."""
    parts, begin = [], 0
    for variable in variables(text):
        parts.append(text[begin : variable.begin])
        begin = variable.end
    return [*parts, text[begin:]]


def _pattern(text: str, most: int | None) -> str:
    """A registered text as a pattern; ``most`` letters stand for a variable, any number where it is None."""
    length = f"{{1,{most}}}" if most else "+"
    kinds = [_KINDS.get(variable.tag, _KINDS["alphanumeric"]) + length for variable in variables(text)]
    parts = [re.escape(part) for part in literals(text)]
    return "".join(part + kind for part, kind in zip(parts, [*kinds, ""], strict=True))


def difference(text: str, registered: str, *, most: int) -> str:
    """Why a text is not the registered one: ``text``, or ``long`` for a variable that is too long; empty if it is."""
    if re.fullmatch(_pattern(registered, most), text):
        return ""
    return "long" if re.fullmatch(_pattern(registered, None), text) else "text"


def proposed(words: str, numeric: Collection[str]) -> str:
    """Words of the rule book (``{ghat}``) as they are registered (``{#alphanumeric#}``)."""
    parts = []
    for literal, name, _spec, _conversion in Formatter().parse(words):
        tag = f"{{#{'numeric' if name in numeric else 'alphanumeric'}#}}" if name else ""
        parts.append(literal + tag)
    return "".join(parts)


def filled(words: str, facts: Mapping[str, Any], *, most: int) -> str:
    """Words of the rule book with their facts, each cut to what a variable may hold."""
    cut = {name: str(value)[:most].rstrip() or "-" for name, value in facts.items()}
    names = [name for _literal, name, _spec, _conversion in Formatter().parse(words) if name]
    return words.format_map({name: cut.get(name, "-") for name in names})


def is_gsm(text: str) -> bool:
    """Whether every letter is of the alphabet of the telephone network (Latin), so that 160 fit into one SMS."""
    return all(letter in _GSM for letter in text)


_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)


def parts_of(text: str) -> int:
    """How many SMS a text takes: 160 letters of the network's alphabet or 70 of any other, a little less in several."""
    whole, each = (160, 153) if is_gsm(text) else (70, 67)
    units = len(text.encode("utf-16-be")) // 2 if whole == 70 else len(text)
    return 1 if units <= whole else -(-units // each)
