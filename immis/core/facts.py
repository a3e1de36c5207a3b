"""Facts as records keep them: JSON in which a day, an instant and a decimal stay told apart from what a person typed.

Each is its usual text (ISO, digits), of a class of its own: hashes, exports and published files
read the text, whoever words a fact asks the class. Plain text is never guessed at.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models


class DayText(str):
    """A day as ISO text."""

    __slots__ = ()

    def read(self) -> date:
        """The day. Raises ValueError for another text."""
        return date.fromisoformat(self)


class InstantText(str):
    """An instant as ISO text."""

    __slots__ = ()

    def read(self) -> datetime:
        """The instant. Raises ValueError for another text."""
        return datetime.fromisoformat(self)


class DecimalText(str):
    """A decimal as its digits."""

    __slots__ = ()

    def read(self) -> Decimal:
        """The decimal. Raises ArithmeticError for another text."""
        return Decimal(self)


_KINDS: dict[str, type[str]] = {"_at": InstantText, "_on": DayText, "_ha": DecimalText, "_m3": DecimalText}
_TAGS: dict[str, type[str]] = {"$day": DayText, "$instant": InstantText, "$decimal": DecimalText}
_TAG_OF = {kind: tag for tag, kind in _TAGS.items()}
_UNKEPT = re.compile("[\0\ud800-\udfff]")
_ESCAPE = "$facts"  # a mapping that itself has one of these words as its only key


def storable(text: str) -> str:
    """Text as every database keeps it: a NUL or half a surrogate pair stands as a replacement mark."""
    return text if text.isascii() and "\0" not in text else _UNKEPT.sub("\ufffd", text)


def plain(facts: Any) -> Any:
    """Facts as JSON has them: instants and days as ISO text, decimals as text, each of its class; records by field.

    Text is as every database keeps it; a number that is none (infinite, not a number) is nothing.
    """
    if isinstance(facts, datetime):
        return InstantText(facts.isoformat())
    if isinstance(facts, date):
        return DayText(facts.isoformat())
    if isinstance(facts, Decimal):
        return DecimalText(facts)
    if isinstance(facts, Mapping):
        return {storable(str(name)): plain(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple | set | frozenset):
        return [plain(value) for value in facts]
    if type(facts) is str:
        return storable(facts)
    if isinstance(facts, float):
        return facts if math.isfinite(facts) else None
    fields = getattr(facts, "__dataclass_fields__", ())
    return {name: plain(getattr(facts, name)) for name in fields} if fields else facts


def typed(value: Any) -> Any:
    """A day, an instant or a decimal kept as text of its class, as itself; all else, and odd text, as it is."""
    if isinstance(value, DayText | InstantText | DecimalText):
        try:
            return value.read()
        except (ValueError, ArithmeticError):
            return str(value)
    return value


def typed_by_name(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts out of a published file, which holds plain JSON: their names say what they are (``named``)."""
    return {name: named(name, value) for name, value in facts.items()}


def named(name: str, value: Any) -> Any:
    """One fact in its type: as it was kept, else as its name says.

    ``…_at`` is an instant, ``…_on`` a day, ``…_ha`` and ``…_m3`` decimals.
    """
    kind = _KINDS.get(name[-3:])
    return typed(kind(value)) if kind and type(value) is str else typed(value)


def _tagged(value: Any) -> Any:
    if type(value) in _TAG_OF:
        return {_TAG_OF[type(value)]: str(value)}
    if isinstance(value, Mapping):
        inner = {name: _tagged(each) for name, each in value.items()}
        return {_ESCAPE: inner} if len(value) == 1 and next(iter(value)) in (*_TAGS, _ESCAPE) else inner
    if isinstance(value, list | tuple):
        return [_tagged(each) for each in value]
    return value


def _untagged(value: Any) -> Any:
    if isinstance(value, list):
        return [_untagged(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        tag, inner = next(iter(value.items()))
        if tag in _TAGS and isinstance(inner, str):
            return _TAGS[tag](inner)
        if tag == _ESCAPE and isinstance(inner, dict):
            value = inner
    return {name: _untagged(each) for name, each in value.items()}


class FactsField(models.JSONField):
    """Facts of a record: as they were kept, each value comes back in the type that it had."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(_tagged(plain(value)) if isinstance(value, Mapping | list | tuple) else value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return _untagged(super().from_db_value(value, expression, connection))
