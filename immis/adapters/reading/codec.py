"""Values across the border of a reading child: JSON with tags, never pickle, as the child may have been taken over.

Classes are rebuilt only from the modules that a reader names, and only dataclasses, enumerations and exceptions.
"""

import base64
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

_TAG = "~"


def to_bytes(value: Any) -> bytes:
    """A value as UTF-8 JSON. Raises TypeError for what no reader hands over."""
    return json.dumps(_plain(value), ensure_ascii=False).encode("utf8", "surrogatepass")


def from_bytes(raw: bytes, *, modules: Collection[str]) -> Any:
    """The value again; its classes come from ``modules``. Raises ValueError for anything else."""
    try:
        return _rebuilt(json.loads(raw.decode("utf8", "surrogatepass")), modules)
    except (KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not the answer of a reader: {type(error).__name__}") from error


def _class_name(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, list):
        return [_plain(part) for part in value]
    for kind, tag, convert in _TO_PLAIN:
        if isinstance(value, kind):
            return {_TAG: tag, "v": convert(value)}
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {_TAG: "class", "c": _class_name(value), "v": held}
    raise TypeError(f"{type(value).__name__} does not cross to or from a reading child")


def _exception(error: BaseException) -> dict[str, Any]:
    return {"c": _class_name(error), "args": _plain(error.args), "vars": _plain(vars(error))}


_TO_PLAIN: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (Enum, "enum", lambda value: [_class_name(value), value.name]),
    (bytes, "bytes", lambda value: base64.b64encode(value).decode("ascii")),
    (datetime, "at", datetime.isoformat),
    (date, "on", date.isoformat),
    (time, "time", time.isoformat),
    (Decimal, "decimal", str),
    (Path, "path", str),
    (str, "text", str),
    (tuple, "tuple", lambda value: [_plain(part) for part in value]),
    (frozenset, "set", lambda value: [_plain(part) for part in value]),
    (set, "set", lambda value: [_plain(part) for part in value]),
    (Mapping, "map", lambda value: [[_plain(name), _plain(part)] for name, part in value.items()]),
    (BaseException, "exception", _exception),
)


def _class_of(name: str, modules: Collection[str]) -> Any:
    module, _, qualname = name.partition(":")
    if module not in modules or "." in qualname:
        raise ValueError(f"{name} is no answer of this reader")
    kind = getattr(import_module(module), qualname)
    if not isinstance(kind, type) or not (is_dataclass(kind) or issubclass(kind, (Enum, Exception))):
        raise ValueError(f"{name} is no class of answers")
    return kind


def _rebuilt(value: Any, modules: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_rebuilt(part, modules) for part in value]
    if not isinstance(value, dict):
        return value
    tag = value[_TAG]
    if tag in _FROM_PLAIN:
        return _FROM_PLAIN[tag](value["v"])
    return _COMPOUND[tag](value, modules)


def _rebuilt_exception(value: Mapping[str, Any], modules: Collection[str]) -> Exception:
    kind = _class_of(value["v"]["c"], modules)
    if not issubclass(kind, Exception):
        raise ValueError("no exception")
    error: Exception = kind.__new__(kind)
    error.args = tuple(_rebuilt(value["v"]["args"], modules))
    vars(error).update(_rebuilt(value["v"]["vars"], modules))
    return error


_FROM_PLAIN: dict[str, Callable[[Any], Any]] = {
    "bytes": base64.b64decode,
    "at": datetime.fromisoformat,
    "on": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "path": Path,
    "text": str,
}

_COMPOUND: dict[str, Callable[[Mapping[str, Any], Collection[str]], Any]] = {
    "enum": lambda value, modules: _class_of(value["v"][0], modules)[value["v"][1]],
    "tuple": lambda value, modules: tuple(_rebuilt(value["v"], modules)),
    "set": lambda value, modules: frozenset(_rebuilt(value["v"], modules)),
    "map": lambda value, modules: {_rebuilt(name, modules): _rebuilt(part, modules) for name, part in value["v"]},
    "exception": _rebuilt_exception,
    "class": lambda value, modules: _class_of(value["c"], modules)(
        **{name: _rebuilt(part, modules) for name, part in value["v"].items()}
    ),
}
